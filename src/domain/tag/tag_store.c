#include "domain/tag/tag_store.h"

typedef struct IdRow {
    int64_t id;
} IdRow;
static const Field id_row_field[] = { FIELD_ID(IdRow, id) };
static const Fields id_row_fields = FIELDS(IdRow, id_row_field);

Err tag_insert(Ctx *c, const Tag *tag, bool *ret_is_new) {
    int64_t changed = 0;
    TRY(db_change(
        c,
        "INSERT INTO tag (merchant_id, tag_id, key, name, group_name, color, kind, created_at, updated_at, version)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, 1) ON CONFLICT DO NOTHING",
        ARGS(tag->tag_id, tag->key, tag->name, tag->group_name, tag->color, tag_kind_names[tag->kind], c->now),
        &changed));
    *ret_is_new = changed == 1;
    return OK;
}

Err tag_write(Ctx *c, const Tag *tag, bool *ret_written) {
    int64_t changed = 0;
    TRY(db_change(
        c,
        "UPDATE tag SET key = $3, name = $4, group_name = $5, color = $6, updated_at = $7, version = version + 1"
        " WHERE merchant_id = $1 AND tag_id = $2 AND version = $8",
        ARGS(tag->tag_id, tag->key, tag->name, tag->group_name, tag->color, c->now, tag->version), &changed));
    *ret_written = changed == 1;
    return OK;
}

Err tag_rename(Ctx *c, int64_t tag_id, Str name) {
    return db_exec(c,
                   "UPDATE tag SET name = $3, updated_at = $4, version = version + 1"
                   " WHERE merchant_id = $1 AND tag_id = $2 AND name <> $3",
                   ARGS(tag_id, name, c->now));
}

Err tag_read(Ctx *c, int64_t tag_id, Tag *ret_tag, bool *ret_found) {
    return db_find(c,
                   "SELECT tag_id, key, name, group_name, color, kind, created_at, updated_at, version FROM tag"
                   " WHERE merchant_id = $1 AND tag_id = $2",
                   ARGS(tag_id), &tag_fields, ret_tag, ret_found);
}

Err tag_id_by_key(Ctx *c, Str key, int64_t *ret_tag_id) {
    return db_int(c, "SELECT tag_id FROM tag WHERE merchant_id = $1 AND key = $2", ARGS(key), ret_tag_id);
}

Err tag_read_all(Ctx *c, TagList *ret_tags) {
    return db_rows(c,
                   "SELECT tag_id, key, name, group_name, color, kind, created_at, updated_at, version FROM tag"
                   " WHERE merchant_id = $1 ORDER BY group_name, name, tag_id",
                   NO_ARGS, &tag_fields, TAGS_MAX, (ListAny *)ret_tags);
}

Err tag_count(Ctx *c, int64_t *ret_count) {
    return db_int(c, "SELECT COUNT(*) FROM tag WHERE merchant_id = $1", NO_ARGS, ret_count);
}

Err tag_member_count(Ctx *c, int64_t tag_id, int64_t *ret_count) {
    return db_int(c, "SELECT COUNT(*) FROM member_tag WHERE merchant_id = $1 AND tag_id = $2", ARGS(tag_id), ret_count);
}

Err tag_delete(Ctx *c, int64_t tag_id) {
    return db_exec(c, "DELETE FROM tag WHERE merchant_id = $1 AND tag_id = $2", ARGS(tag_id));
}

Err tag_members_delete(Ctx *c, int64_t tag_id, int64_t most, int64_t *ret_deleted) {
    return db_change(
        c,
        "DELETE FROM member_tag WHERE merchant_id = $1 AND tag_id = $2 AND member_id IN (SELECT m.member_id"
        " FROM member_tag m WHERE m.merchant_id = $1 AND m.tag_id = $2 ORDER BY m.member_id LIMIT $3)",
        ARGS(tag_id, most), ret_deleted);
}

Err member_tag_insert(Ctx *c, int64_t member_id, int64_t tag_id, Str source, int64_t *ret_changed) {
    return db_change(
        c,
        "INSERT INTO member_tag (merchant_id, member_id, tag_id, source, created_at) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT DO NOTHING",
        ARGS(member_id, tag_id, source, c->now), ret_changed);
}

Err member_tag_delete(Ctx *c, int64_t member_id, int64_t tag_id, int64_t *ret_changed) {
    return db_change(c, "DELETE FROM member_tag WHERE merchant_id = $1 AND member_id = $2 AND tag_id = $3",
                     ARGS(member_id, tag_id), ret_changed);
}

Err member_tags_delete(Ctx *c, int64_t member_id) {
    return db_exec(c, "DELETE FROM member_tag WHERE merchant_id = $1 AND member_id = $2", ARGS(member_id));
}

static const Field member_tag_field[] = {
    FIELD_ID(MemberTag, tag_id),  FIELD_ENUM(MemberTag, kind, tag_kind_names),
    FIELD(MemberTag, name),       FIELD(MemberTag, source),
    FIELD(MemberTag, created_at),
};
const Fields member_tag_fields = FIELDS(MemberTag, member_tag_field);

Err member_tags(Ctx *c, int64_t member_id, MemberTags *ret_tags) {
    return db_rows(c,
                   "SELECT m.tag_id, t.kind, t.name, m.source, m.created_at FROM member_tag m"
                   " JOIN tag t ON t.merchant_id = m.merchant_id AND t.tag_id = m.tag_id"
                   " WHERE m.merchant_id = $1 AND m.member_id = $2 ORDER BY m.tag_id",
                   ARGS(member_id), &member_tag_fields, TAGS_PER_MEMBER_MAX, (ListAny *)ret_tags);
}

Err tag_list(Ctx *c, int64_t member_id, TagList *ret_tags) {
    return db_rows(
        c,
        "SELECT t.tag_id, t.key, t.name, t.group_name, t.color, t.kind, t.created_at, t.updated_at, t.version"
        " FROM member_tag m JOIN tag t ON t.merchant_id = m.merchant_id AND t.tag_id = m.tag_id"
        " WHERE m.merchant_id = $1 AND m.member_id = $2 ORDER BY m.tag_id",
        ARGS(member_id), &tag_fields, TAGS_PER_MEMBER_MAX, (ListAny *)ret_tags);
}

Err tag_has(Ctx *c, int64_t member_id, int64_t tag_id, bool *ret_has) {
    int64_t count = 0;
    TRY(db_int(c, "SELECT COUNT(*) FROM member_tag WHERE merchant_id = $1 AND member_id = $2 AND tag_id = $3",
               ARGS(member_id, tag_id), &count));
    *ret_has = count == 1;
    return OK;
}

static void ids_of(Ctx *c, const IdRow *rows, int64_t count, IntList *ret_ids) {
    ret_ids->items = NEW_LIST(c->arena, int64_t, count + 1);
    ret_ids->count = count;
    for (int64_t i = 0; i < count; i++) ret_ids->items[i] = rows[i].id;
}

Err tag_ids(Ctx *c, int64_t member_id, IntList *ret_tag_ids) {
    LIST_OF(IdRow) rows = { 0 };
    TRY(db_rows(c, "SELECT tag_id AS id FROM member_tag WHERE merchant_id = $1 AND member_id = $2 ORDER BY tag_id",
                ARGS(member_id), &id_row_fields, TAGS_PER_MEMBER_MAX, (ListAny *)&rows));
    ids_of(c, rows.items, rows.count, ret_tag_ids);
    return OK;
}

Err tag_members(Ctx *c, int64_t tag_id, int64_t below_member_id, int64_t most, IntList *ret_member_ids) {
    LIST_OF(IdRow) rows = { 0 };
    int64_t below = below_member_id == 0 ? INT64_MAX : below_member_id;
    TRY(db_rows(c,
                "SELECT member_id AS id FROM member_tag WHERE merchant_id = $1 AND tag_id = $2 AND member_id < $3"
                " ORDER BY member_id DESC LIMIT $4",
                ARGS(tag_id, below, most), &id_row_fields, most, (ListAny *)&rows));
    ids_of(c, rows.items, rows.count, ret_member_ids);
    return OK;
}

Err tag_move_insert(Ctx *c, int64_t merge_id, const TagMove *move) {
    return db_exec(
        c, "INSERT INTO member_tag_merge (merchant_id, merge_id, tag_id, source, is_added) VALUES ($1, $2, $3, $4, $5)",
        ARGS(merge_id, move->tag_id, move->source, move->is_added));
}

static const Field tag_move_field[] = {
    FIELD_ID(TagMove, tag_id),
    FIELD(TagMove, source),
    FIELD(TagMove, is_added),
};
static const Fields tag_move_fields = FIELDS(TagMove, tag_move_field);

Err tag_moves(Ctx *c, int64_t merge_id, TagMoves *ret_moves) {
    return db_rows(c,
                   "SELECT tag_id, source, is_added FROM member_tag_merge WHERE merchant_id = $1 AND merge_id = $2 "
                   "ORDER BY tag_id",
                   ARGS(merge_id), &tag_move_fields, TAGS_PER_MEMBER_MAX, (ListAny *)ret_moves);
}
