#include "app/auth.h"
#include "domain/member/member_inside.h"

static Err refuse_not_living(Ctx *c) {
    return fail(c, E_CONFLICT, "member.not_living", "会员已合并或注销，不能再改", "this member was merged or erased");
}

/* ---- the profile's own part ---- */

static void fill(MemberMerge *merge, const char *what) { merge->filled.items[merge->filled.count++] = str_of(what); }

/* What the surviving member lacks comes from the other one, and is remembered for the way back. */
static Err fill_profile(Ctx *c, const MemberRow *from, MemberRow *into, MemberMerge *merge) {
    bool is_written = false;
    merge->filled.items = NEW_LIST(c->arena, Str, 8);
    if (into->card.name.len == 0 && from->card.name.len > 0) {
        into->card.name = from->card.name;
        TRY(member_words_keep(c, into->card.member_id, into->card.name));
        fill(merge, "name");
    }
    if (into->gender == GENDER_UNKNOWN && from->gender != GENDER_UNKNOWN) {
        into->gender = from->gender;
        fill(merge, "gender");
    }
    if (into->card.birth_month == 0 && from->card.birth_month != 0) {
        into->birth_year = from->birth_year;
        into->card.birth_month = from->card.birth_month;
        into->card.birth_day = from->card.birth_day;
        into->card.birth_is_lunar = from->card.birth_is_lunar;
        fill(merge, "birthday");
    }
    if (into->region.len == 0 && from->region.len > 0) {
        into->region = from->region;
        fill(merge, "region");
    }
    if (merge->filled.count == 0) return OK;
    return member_profile_write(c, into, into->version, &is_written);
}

static Err empty_filled(Ctx *c, const MemberMerge *merge) {
    MemberRow row = { 0 };
    bool is_written = false;
    if (merge->filled.count == 0) return OK;
    TRY(member_row(c, merge->into_id, &row));
    for (int64_t i = 0; i < merge->filled.count; i++) {
        Str what = merge->filled.items[i];
        if (str_is(what, "name")) {
            TRY(member_words_forget(c, merge->into_id, row.card.name));
            row.card.name = (Str){ 0 };
        } else if (str_is(what, "gender")) {
            row.gender = GENDER_UNKNOWN;
        } else if (str_is(what, "region")) {
            row.region = (Str){ 0 };
        } else {
            row.birth_year = row.card.birth_month = row.card.birth_day = 0;
            row.card.birth_is_lunar = false;
        }
    }
    return member_profile_write(c, &row, row.version, &is_written);
}

Err member_own_merge(Ctx *c, const MergeInfo *m) {
    MemberCard from = { 0 };
    TRY(member_card(c, m->from_id, &from));
    TRY(member_orders_add(c, m->into_id, &from, 1));
    TRY(member_orders_add(c, m->from_id, &from, -1));
    TRY(member_words_forget(c, m->from_id, from.name));
    TRY(member_merged_write(c, m->from_id, m->into_id));
    merge_note(m, "member", "orders", from.orders);
    return auth_sessions_close(c, 0, m->from_id, 0);
}

Err member_own_unmerge(Ctx *c, const MergeInfo *m) {
    MemberMerge merge = { 0 };
    bool is_found = false;
    MemberCard from = { 0 };
    TRY(member_merge_read(c, m->merge_id, &merge, &is_found));
    TRY(member_card(c, m->from_id, &from));
    MemberCard share = { .orders = merge.from_orders, .spend_fen = merge.from_spend_fen };
    TRY(member_orders_add(c, m->into_id, &share, -1));
    TRY(member_orders_add(c, m->from_id, &share, 1));
    TRY(empty_filled(c, &merge));
    TRY(member_words_keep(c, m->from_id, from.name));
    merge_note(m, "member", "orders", merge.from_orders);
    return member_status_write(c, m->from_id, MEMBER_ACTIVE, 0);
}

/* ---- the whole: every slice's hook in floor order, in this one transaction ---- */

static Err run_hooks(Ctx *c, const MergeInfo *m, bool is_undo) {
    for (int64_t i = 0; i < slice_count; i++) {
        Err (*hook)(Ctx *, const MergeInfo *) = is_undo ? slices[i]->unmerge : slices[i]->merge;
        if (hook != NULL) TRY(hook(c, m));
    }
    return OK;
}

Err member_merge_two(Ctx *c, int64_t from_id, int64_t into_id, Str reason, MemberMerge *ret_merge) {
    MemberRow from = { 0 }, into = { 0 };
    MergeNotes *notes = NEW(c->arena, MergeNotes);
    if (from_id == into_id) {
        return fail(c, E_INVALID, "member.merge_same", "不能和自己合并", "a member cannot be merged with itself");
    }
    TRY(db_give_way(c)); /* cards before accounts; everybody else takes them the other way round */
    TRY(member_lock_two(c, from_id, into_id));
    TRY(member_row(c, from_id, &from));
    TRY(member_row(c, into_id, &into));
    bool is_living = from.card.status <= MEMBER_FROZEN && into.card.status <= MEMBER_FROZEN;
    if (!is_living) return refuse_not_living(c);
    MemberMerge merge = { .merge_id = id_new(c),
                          .from_id = from_id,
                          .into_id = into_id,
                          .reason = reason,
                          .staff_id = c->actor.id,
                          .from_orders = from.card.orders,
                          .from_spend_fen = from.card.spend_fen,
                          .created_at = c->now };
    MergeInfo info = { .merge_id = merge.merge_id, .from_id = from_id, .into_id = into_id, .notes = notes };
    TRY(fill_profile(c, &from, &into, &merge));
    TRY(run_hooks(c, &info, false));
    merge.moved.items = notes->items;
    merge.moved.count = notes->count;
    TRY(member_merge_insert(c, &merge));
    TRY(audit(c, &(AuditNote){ .action = "member.merge",
                               .subject = "member",
                               .subject_id = into_id,
                               .reason = reason,
                               .fields = &member_merge_fields,
                               .after = &merge }));
    *ret_merge = merge;
    return emit(c, &member_merged, into_id, &(MemberMergedEvent){ merge.merge_id, from_id, into_id, false });
}

/* A slice whose moved value has been spent refuses with what is missing; then nothing is undone. */
Err member_merge_undo(Ctx *c, int64_t merge_id, MemberMerge *ret_merge) {
    MemberMerge merge = { 0 };
    MemberCard from = { 0 }, into = { 0 };
    MergeNotes *notes = NEW(c->arena, MergeNotes);
    bool is_found = false, is_written = false;
    int64_t now_into = 0;
    TRY(db_give_way(c));
    TRY(member_merge_read(c, merge_id, &merge, &is_found));
    if (!is_found) return fail(c, E_NOT_FOUND, "member.merge_not_found", "没有这次合并", "no such merge");
    if (merge.undone_at != 0)
        return fail(c, E_CONFLICT, "member.merge_undone", "这次合并已撤销", "this merge has been undone");
    TRY(member_lock_two(c, merge.from_id, merge.into_id));
    TRY(member_card(c, merge.from_id, &from));
    TRY(member_card(c, merge.into_id, &into));
    TRY(member_merged_into(c, merge.from_id, &now_into, &is_found));
    if (from.status != MEMBER_MERGED || now_into != merge.into_id || into.status > MEMBER_FROZEN) {
        return fail(c, E_CONFLICT, "member.merge_deeper", "之后又有合并或注销，请先撤销较晚的一次",
                    "a later merge or erasure stands in the way; undo the later one first");
    }
    MergeInfo info = { .merge_id = merge_id, .from_id = merge.from_id, .into_id = merge.into_id, .notes = notes };
    TRY(run_hooks(c, &info, true));
    TRY(member_merge_undo_write(c, merge_id, &is_written));
    if (!is_written) return fail(c, E_CONFLICT, "member.merge_undone", "这次合并已撤销", "this merge has been undone");
    merge.undone_at = c->now;
    merge.undone_by = c->actor.id;
    merge.moved.items = notes->items;
    merge.moved.count = notes->count;
    TRY(audit(c, &(AuditNote){ .action = "member.unmerge",
                               .subject = "member",
                               .subject_id = merge.into_id,
                               .fields = &member_merge_fields,
                               .after = &merge }));
    *ret_merge = merge;
    return emit(c, &member_merged, merge.into_id, &(MemberMergedEvent){ merge_id, merge.from_id, merge.into_id, true });
}

/* ---- my data, forget me ---- */

Err member_own_export(Ctx *c, int64_t member_id, Buf *json) {
    MemberRow row = { 0 };
    TRY(member_row(c, member_id, &row));
    buf_cstr(json, "\"card\":");
    json_print(json, &member_card_fields, &row.card);
    buf_print(
        json,
        ",\"profile\":{\"gender\":\"%s\",\"birthday\":{\"year\":%lld,\"month\":%lld,\"day\":%lld,\"is_lunar\":%s}",
        member_gender_names[row.gender], (long long)row.birth_year, (long long)row.card.birth_month,
        (long long)row.card.birth_day, row.card.birth_is_lunar ? "true" : "false");
    buf_cstr(json, ",\"region\":");
    json_print_str(json, row.region);
    buf_cstr(json, ",\"channel\":");
    json_print_str(json, row.channel);
    buf_cstr(json, ",\"hobbies\":[");
    for (int64_t i = 0; i < row.hobbies.count; i++) {
        if (i > 0) buf_char(json, ',');
        json_print_str(json, row.hobbies.items[i]);
    }
    buf_cstr(json, "],\"addresses\":");
    json_print_list(json, &member_address_fields, (ListAny){ row.addresses.items, row.addresses.count });
    buf_print(json, ",\"custom\":%.*s}", (int)row.custom.len, row.custom.at);
    return OK;
}

Err member_export(Ctx *c, int64_t member_id, Str *ret_json) {
    Buf json = { .arena = c->arena };
    buf_print(&json, "{\"exported_at\":%lld,\"member_id\":\"%lld\"", (long long)c->now, (long long)member_id);
    for (int64_t i = 0; i < slice_count; i++) {
        if (slices[i]->export_member == NULL) continue;
        Buf part = { .arena = c->arena };
        TRY(slices[i]->export_member(c, member_id, &part));
        if (part.len == 0) continue;
        buf_char(&json, ',');
        buf_add(&json, buf_str(&part));
    }
    buf_char(&json, '}');
    *ret_json = buf_str(&json);
    return audit(c, &(AuditNote){ .action = "member.export", .subject = "member", .subject_id = member_id });
}

Err member_own_erase(Ctx *c, int64_t member_id) {
    MemberCard card = { 0 };
    TRY(member_card(c, member_id, &card));
    TRY(member_words_forget(c, member_id, card.name));
    TRY(member_password_delete(c, member_id));
    TRY(member_blocks_blank(c, member_id));
    TRY(member_erase_write(c, member_id));
    return auth_sessions_close(c, 0, member_id, 0);
}

static Err forget(Ctx *c, int64_t member_id) {
    for (int64_t i = 0; i < slice_count; i++) {
        if (slices[i]->erase != NULL) TRY(slices[i]->erase(c, member_id));
    }
    return OK;
}

/* Once more behind the erasure: events of before it (the level of a newcomer, its tag) were still on their way. */
static Err forget_again(Ctx *c, [[maybe_unused]] int64_t event_id, const void *payload) {
    const MemberErasedEvent *event = payload;
    MemberCard card = { 0 };
    TRY(db_give_way(c));
    TRY(member_lock(c, event->member_id, &card));
    return forget(c, event->member_id);
}
const Handler member_handlers[MEMBER_HANDLERS] = { { &member_erased, "member.forget_again", forget_again, NULL } };

Err member_erase(Ctx *c, int64_t member_id, Str reason) {
    MemberCard card = { 0 };
    TRY(db_give_way(c));
    TRY(member_lock(c, member_id, &card));
    if (card.status > MEMBER_FROZEN) return refuse_not_living(c);
    TRY(forget(c, member_id));
    TRY(audit(
        c, &(AuditNote){ .action = "member.erase", .subject = "member", .subject_id = member_id, .reason = reason }));
    return emit(c, &member_erased, member_id, &(MemberErasedEvent){ member_id });
}
