#include "domain/member/member_store.h"

static const Field note_field[] = { FIELD(MergeNote, slice), FIELD(MergeNote, what), FIELD(MergeNote, count) };
const Fields merge_note_fields = FIELDS(MergeNote, note_field);

static const Field merge_field[] = {
    FIELD_ID(MemberMerge, merge_id),
    FIELD_ID(MemberMerge, from_id),
    FIELD_ID(MemberMerge, into_id),
    FIELD(MemberMerge, reason),
    FIELD_ID(MemberMerge, staff_id),
    FIELD_LIST(MemberMerge, moved, merge_note_fields, .about = "what each slice moved"),
    FIELD(MemberMerge, filled, .about = "profile fields that were empty and taken over"),
    FIELD(MemberMerge, from_orders),
    FIELD(MemberMerge, from_spend_fen),
    FIELD(MemberMerge, created_at),
    FIELD(MemberMerge, undone_at),
    FIELD_ID(MemberMerge, undone_by),
};
const Fields member_merge_fields = FIELDS(MemberMerge, merge_field);
#define MERGE_COLUMNS \
    "merge_id, from_id, into_id, reason, staff_id, moved, filled, from_orders, from_spend_fen, created_at, undone_at," \
    " undone_by"

static Str notes_json(Ctx *c, const MemberMerge *merge) {
    Buf b = { .arena = c->arena };
    json_print_list(&b, &merge_note_fields, (ListAny){ merge->moved.items, merge->moved.count });
    return buf_str(&b);
}

Err member_merge_insert(Ctx *c, const MemberMerge *merge) {
    return db_exec(c,
                   "INSERT INTO member_merge (merchant_id, merge_id, from_id, into_id, reason, staff_id, moved, "
                   "filled, from_orders,"
                   " from_spend_fen, created_at, undone_at, undone_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, "
                   "$10, $11, 0, 0)",
                   ARGS(merge->merge_id, merge->from_id, merge->into_id, merge->reason, merge->staff_id,
                        notes_json(c, merge), json_strs(c->arena, &merge->filled), merge->from_orders,
                        merge->from_spend_fen, c->now));
}

Err member_merge_read(Ctx *c, int64_t merge_id, MemberMerge *ret_merge, bool *ret_found) {
    return db_find(
        c,
        "SELECT " MERGE_COLUMNS " FROM member_merge WHERE merchant_id = $1 AND merge_id = $2",
        ARGS(merge_id), &member_merge_fields, ret_merge, ret_found);
}

Err member_merge_undo_write(Ctx *c, int64_t merge_id, bool *ret_written) {
    int64_t changed = 0;
    TRY(db_change(c,
                  "UPDATE member_merge SET undone_at = $3, undone_by = $4 WHERE merchant_id = $1 AND merge_id = $2 AND "
                  "undone_at = 0",
                  ARGS(merge_id, c->now, c->actor.id), &changed));
    *ret_written = changed == 1;
    return OK;
}

Err member_merge_page(Ctx *c, int64_t member_id, int64_t below_id, int64_t most, MemberMerges *ret_merges) {
    return db_rows(
        c,
        "SELECT " MERGE_COLUMNS " FROM member_merge WHERE merchant_id = $1 AND merge_id < $2"
        " AND ($3 = 0 OR into_id = $3 OR from_id = $3) ORDER BY merge_id DESC LIMIT $4",
        ARGS(below_id, member_id, most), &member_merge_fields, most, (ListAny *)ret_merges);
}

Err member_orders_add(Ctx *c, int64_t into_id, const MemberCard *from, int64_t sign) {
    return db_exec(c,
                   "UPDATE member_card SET orders = orders + $3, spend_fen = spend_fen + $4,"
                   " first_order_at = CASE WHEN $5 > 0 AND (first_order_at = 0 OR first_order_at > $5) THEN $5 ELSE "
                   "first_order_at END,"
                   " last_order_at = CASE WHEN $6 > last_order_at THEN $6 ELSE last_order_at END"
                   " WHERE merchant_id = $1 AND member_id = $2",
                   ARGS(into_id, sign * from->orders, sign * from->spend_fen, sign > 0 ? from->first_order_at : 0,
                        sign > 0 ? from->last_order_at : 0));
}

/* ---- the daily walk ---- */

Err member_stage_run_read(Ctx *c, int64_t due_at, int64_t *ret_above_id) {
    return db_int(c, "SELECT above_member_id FROM member_stage_run WHERE merchant_id = $1 AND due_at = $2",
                  ARGS(due_at), ret_above_id);
}

Err member_stage_run_write(Ctx *c, int64_t due_at, int64_t above_id, int64_t changed) {
    return db_exec(
        c,
        "INSERT INTO member_stage_run (merchant_id, due_at, above_member_id, changed) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (merchant_id, due_at) DO UPDATE SET above_member_id = excluded.above_member_id,"
        " changed = member_stage_run.changed + excluded.changed",
        ARGS(due_at, above_id, changed));
}

Err member_stage_run_purge(Ctx *c, int64_t before) {
    return db_exec(c, "DELETE FROM member_stage_run WHERE merchant_id = $1 AND due_at < $2", ARGS(before));
}
