#include "domain/consent/consent_store.h"

Err consent_text_newest(Ctx *c, ConsentPurpose purpose, int64_t *ret_version) {
    return db_int(c, "SELECT COALESCE(MAX(version), 0) FROM consent_text WHERE merchant_id = $1 AND purpose = $2",
                  ARGS(consent_purpose_names[purpose]), ret_version);
}

Err consent_text_exists(Ctx *c, ConsentPurpose purpose, int64_t version, bool *ret_exists) {
    int64_t found = 0;
    TRY(db_int(c, "SELECT COUNT(*) FROM consent_text WHERE merchant_id = $1 AND purpose = $2 AND version = $3",
               ARGS(consent_purpose_names[purpose], version), &found));
    *ret_exists = found == 1;
    return OK;
}

Err consent_text_insert(Ctx *c, const ConsentText *text) {
    return db_exec(c,
                   "INSERT INTO consent_text (merchant_id, purpose, version, title, body, created_at)"
                   " VALUES ($1, $2, $3, $4, $5, $6)",
                   ARGS(consent_purpose_names[text->purpose], text->version, text->title, text->body, c->now));
}

Err consent_texts(Ctx *c, bool all_versions, ConsentTexts *ret_texts) {
    return db_rows(c,
                   "SELECT t.purpose, t.version, t.title, t.body, t.created_at FROM consent_text t"
                   " WHERE t.merchant_id = $1 AND ($2 = 1 OR t.version = (SELECT MAX(n.version) FROM consent_text n"
                   " WHERE n.merchant_id = $1 AND n.purpose = t.purpose)) ORDER BY t.purpose, t.version DESC",
                   ARGS(all_versions), &consent_text_fields, LIST_MAX, (ListAny *)ret_texts);
}

Err consent_read(Ctx *c, int64_t member_id, ConsentPurpose purpose, Consent *ret_consent, bool *ret_found) {
    return db_find(c,
                   "SELECT purpose, is_granted, version, granted_at, withdrawn_at, channel FROM consent"
                   " WHERE merchant_id = $1 AND member_id = $2 AND purpose = $3",
                   ARGS(member_id, consent_purpose_names[purpose]), &consent_fields, ret_consent, ret_found);
}

Err consent_list(Ctx *c, int64_t member_id, ConsentList *ret_list) {
    return db_rows(c,
                   "SELECT purpose, is_granted, version, granted_at, withdrawn_at, channel FROM consent"
                   " WHERE merchant_id = $1 AND member_id = $2 ORDER BY purpose",
                   ARGS(member_id), &consent_fields, LIST_MAX, (ListAny *)ret_list);
}

Err consent_write(Ctx *c, int64_t member_id, const Consent *consent) {
    return db_exec(
        c,
        "INSERT INTO consent (merchant_id, member_id, purpose, is_granted, version, granted_at, withdrawn_at,"
        " channel) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
        " ON CONFLICT (merchant_id, member_id, purpose) DO UPDATE SET is_granted = excluded.is_granted,"
        " version = excluded.version, granted_at = excluded.granted_at,"
        " withdrawn_at = excluded.withdrawn_at, channel = excluded.channel",
        ARGS(member_id, consent_purpose_names[consent->purpose], consent->is_granted, consent->version,
             consent->granted_at, consent->withdrawn_at, consent->channel));
}

Err consent_entry_insert(Ctx *c, int64_t member_id, const Consent *consent, int64_t merge_id) {
    return db_exec(c,
                   "INSERT INTO consent_entry (merchant_id, member_id, entry_id, purpose, is_granted, version, channel,"
                   " actor, actor_id, merge_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
                   ARGS(member_id, id_new(c), consent_purpose_names[consent->purpose], consent->is_granted,
                        consent->version, consent->channel, actor_names[c->actor.kind], c->actor.id, merge_id, c->now));
}

Err consent_entries(Ctx *c, int64_t member_id, ConsentEntries *ret_entries) {
    return db_rows(c,
                   "SELECT entry_id, purpose, is_granted, version, channel, actor, actor_id, at FROM consent_entry"
                   " WHERE merchant_id = $1 AND member_id = $2 ORDER BY entry_id DESC",
                   ARGS(member_id), &consent_entry_fields, LIST_MAX, (ListAny *)ret_entries);
}

Err consent_entries_of_merge(Ctx *c, int64_t member_id, int64_t merge_id, ConsentEntries *ret_entries) {
    return db_rows(c,
                   "SELECT entry_id, purpose, is_granted, version, channel, actor, actor_id, at FROM consent_entry"
                   " WHERE merchant_id = $1 AND member_id = $2 AND merge_id = $3 ORDER BY entry_id",
                   ARGS(member_id, merge_id), &consent_entry_fields, LIST_MAX, (ListAny *)ret_entries);
}

Err consent_entry_before(Ctx *c, int64_t member_id, ConsentPurpose purpose, int64_t merge_id, ConsentEntry *ret_entry,
                         bool *ret_found) {
    return db_find(c,
                   "SELECT entry_id, purpose, is_granted, version, channel, actor, actor_id, at FROM consent_entry"
                   " WHERE merchant_id = $1 AND member_id = $2 AND purpose = $3 AND merge_id <> $4"
                   " ORDER BY entry_id DESC LIMIT 1",
                   ARGS(member_id, consent_purpose_names[purpose], merge_id), &consent_entry_fields, ret_entry,
                   ret_found);
}

Err consent_newest_entry_id(Ctx *c, int64_t member_id, ConsentPurpose purpose, int64_t *ret_entry_id) {
    return db_int(c,
                  "SELECT COALESCE(MAX(entry_id), 0) FROM consent_entry"
                  " WHERE merchant_id = $1 AND member_id = $2 AND purpose = $3",
                  ARGS(member_id, consent_purpose_names[purpose]), ret_entry_id);
}
