#include "domain/consent/consent_store.h"

const char *const consent_purpose_names[] = {
    "privacy", "profile", "marketing_sms", "marketing_email", "marketing_wechat", "sharing", NULL,
};

Err consent_has(Ctx *c, int64_t member_id, ConsentPurpose purpose, bool *ret_has) {
    Consent consent = { 0 };
    bool is_found = false;
    TRY(consent_read(c, member_id, purpose, &consent, &is_found));
    *ret_has = is_found && consent.is_granted;
    return OK;
}

static Err change_to(Ctx *c, int64_t member_id, const Consent *next, int64_t merge_id) {
    TRY(consent_write(c, member_id, next));
    return consent_entry_insert(c, member_id, next, merge_id);
}

Err consent_put(Ctx *c, const ConsentChange *change) {
    Consent consent = { 0 };
    bool is_found = false, is_there = true;
    int64_t version = change->version;
    if (version == 0)
        TRY(consent_text_newest(c, change->purpose, &version));
    else if (change->is_granted)
        TRY(consent_text_exists(c, change->purpose, version, &is_there));
    if (!is_there) {
        return fail(c, E_INVALID, "consent.no_text", "没有第 %lld 版的授权文本", "there is no text version %lld",
                    (long long)version);
    }
    TRY(consent_read(c, change->member_id, change->purpose, &consent, &is_found));
    if (is_found && consent.is_granted == change->is_granted && (!change->is_granted || consent.version == version)) {
        return OK;
    }
    if (!is_found && !change->is_granted) consent.version = version;
    consent.purpose = change->purpose;
    consent.is_granted = change->is_granted;
    consent.channel = change->channel;
    if (change->is_granted) {
        consent.version = version;
        consent.granted_at = c->now;
        consent.withdrawn_at = 0;
    } else {
        consent.withdrawn_at = c->now;
    }
    return change_to(c, change->member_id, &consent, 0);
}

/* ---- members' data ---- */

/* A withdrawal on either side wins: nobody may be written to because of a merge. */
Err consent_merge(Ctx *c, const MergeInfo *m) {
    ConsentList from = { 0 };
    int64_t moved = 0;
    TRY(consent_list(c, m->from_id, &from));
    for (int64_t i = 0; i < from.count; i++) {
        Consent mine = { 0 };
        bool is_found = false;
        TRY(consent_read(c, m->into_id, from.items[i].purpose, &mine, &is_found));
        bool wins = !is_found || (mine.is_granted && !from.items[i].is_granted);
        if (!wins) continue;
        TRY(change_to(c, m->into_id, &from.items[i], m->merge_id));
        moved++;
    }
    merge_note(m, "consent", "consents", moved);
    return OK;
}

/* Back to what was said before the merge; what the member said since stands. The other's own rows never moved. */
Err consent_unmerge(Ctx *c, const MergeInfo *m) {
    ConsentEntries entries = { 0 };
    TRY(consent_entries_of_merge(c, m->into_id, m->merge_id, &entries));
    for (int64_t i = 0; i < entries.count; i++) {
        const ConsentEntry *entry = &entries.items[i];
        int64_t newest = 0;
        ConsentEntry before = { 0 };
        bool is_found = false;
        TRY(consent_newest_entry_id(c, m->into_id, entry->purpose, &newest));
        if (newest != entry->entry_id) continue;
        TRY(consent_entry_before(c, m->into_id, entry->purpose, m->merge_id, &before, &is_found));
        Consent back = { .purpose = entry->purpose,
                         .is_granted = is_found && before.is_granted,
                         .version = before.version,
                         .channel = before.channel };
        if (back.is_granted)
            back.granted_at = before.at;
        else
            back.withdrawn_at = c->now;
        TRY(change_to(c, m->into_id, &back, 0));
    }
    merge_note(m, "consent", "consents", entries.count);
    return OK;
}

Err consent_erase(Ctx *c, int64_t member_id) {
    ConsentList list = { 0 };
    TRY(consent_list(c, member_id, &list));
    for (int64_t i = 0; i < list.count; i++) {
        ConsentChange change = { .member_id = member_id, .purpose = list.items[i].purpose, .channel = S("erased") };
        TRY(consent_put(c, &change));
    }
    return OK;
}

Err consent_export(Ctx *c, int64_t member_id, Buf *json) {
    ConsentEntries entries = { 0 };
    TRY(consent_entries(c, member_id, &entries));
    buf_cstr(json, "\"consents\":");
    json_print_list(json, &consent_entry_fields, (ListAny){ entries.items, entries.count });
    return OK;
}
