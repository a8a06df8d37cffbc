#include "domain/tag/tag_store.h"

const char *const tag_kind_names[] = { "manual", "system", "segment", NULL };

static Str manual_key(Ctx *c, Str name) { return arena_print(c->arena, "m:%.*s", (int)name.len, name.at); }

Err tag_need(Ctx *c, int64_t tag_id, Tag *ret_tag) {
    bool is_found = false;
    TRY(tag_read(c, tag_id, ret_tag, &is_found));
    return is_found ? OK : fail(c, E_NOT_FOUND, "tag.not_found", "没有这个标签", "no such tag");
}

static Err refuse_name(Ctx *c) {
    return fail(c, E_CONFLICT, "tag.name_taken", "已有同名标签", "a tag of this name exists");
}

static Err insert_new(Ctx *c, Tag *tag, bool *ret_is_new) {
    int64_t count = 0;
    TRY(tag_count(c, &count));
    if (count >= TAGS_MAX) {
        return fail(c, E_CONFLICT, "tag.many", "标签最多 %lld 个", "at most %lld tags", (long long)TAGS_MAX);
    }
    tag->tag_id = id_new(c);
    tag->version = 1;
    tag->created_at = tag->updated_at = c->now;
    return tag_insert(c, tag, ret_is_new);
}

/* Finds or makes. A twin may win between look and insert; then its tag is the one. */
static Err find_or_make(Ctx *c, Tag *tag, int64_t *ret_tag_id) {
    bool is_new = false;
    TRY(tag_id_by_key(c, tag->key, ret_tag_id));
    if (*ret_tag_id != 0) return OK;
    TRY(insert_new(c, tag, &is_new));
    *ret_tag_id = tag->tag_id;
    return is_new ? OK : tag_id_by_key(c, tag->key, ret_tag_id);
}

Err tag_system(Ctx *c, Str key, Str name, int64_t *ret_tag_id) {
    Tag tag = { .key = key, .name = name, .kind = TAG_SYSTEM };
    TRY(find_or_make(c, &tag, ret_tag_id));
    return tag_rename(c, *ret_tag_id, name);
}

Err tag_named(Ctx *c, Str name, int64_t *ret_tag_id) {
    Tag tag = { .key = manual_key(c, name), .name = name, .kind = TAG_MANUAL };
    return find_or_make(c, &tag, ret_tag_id);
}

Err tag_create(Ctx *c, const Tag *tag, Tag *ret_tag) {
    Tag made = *tag;
    bool is_new = false;
    made.kind = TAG_MANUAL;
    made.key = manual_key(c, made.name);
    TRY(insert_new(c, &made, &is_new));
    if (!is_new) return refuse_name(c);
    *ret_tag = made;
    return audit(c, &(AuditNote){ .action = "tag.create",
                                  .subject = "tag",
                                  .subject_id = made.tag_id,
                                  .fields = &tag_fields,
                                  .after = &made });
}

static Err need_manual(Ctx *c, const Tag *tag) {
    if (tag->kind == TAG_MANUAL) return OK;
    return fail(c, E_CONFLICT, "tag.is_system", "标签“%.*s”由系统维护，不能手工改动",
                "tag \"%.*s\" is kept by the system and not changed by hand", (int)tag->name.len, tag->name.at);
}

Err tag_need_manual(Ctx *c, int64_t tag_id) {
    Tag tag = { 0 };
    TRY(tag_need(c, tag_id, &tag));
    return need_manual(c, &tag);
}

Err tag_update(Ctx *c, const Tag *after, int64_t version, Tag *ret_tag) {
    Tag before = { 0 }, made = *after;
    int64_t owner = 0;
    bool is_written = false;
    TRY(tag_need(c, after->tag_id, &before));
    TRY(need_manual(c, &before));
    made.key = manual_key(c, made.name);
    made.version = version;
    TRY(tag_id_by_key(c, made.key, &owner));
    if (owner != 0 && owner != made.tag_id) return refuse_name(c);
    TRY(tag_write(c, &made, &is_written));
    if (!is_written) return fail(c, E_STALE, "tag.stale", "标签已被别人修改，请刷新", "the tag was changed meanwhile");
    made.version = version + 1;
    made.updated_at = c->now;
    *ret_tag = made;
    return audit(c, &(AuditNote){ .action = "tag.update",
                                  .subject = "tag",
                                  .subject_id = made.tag_id,
                                  .fields = &tag_fields,
                                  .before = &before,
                                  .after = &made });
}

Err tag_remove_all(Ctx *c, int64_t tag_id) {
    Tag tag = { 0 };
    int64_t deleted = TAG_DELETE_MAX;
    TRY(tag_need(c, tag_id, &tag));
    TRY(need_manual(c, &tag));
    TRY(tag_members_delete(c, tag_id, TAG_DELETE_MAX, &deleted));
    if (deleted == TAG_DELETE_MAX) {
        return fail(c, E_CONFLICT, "tag.in_use", "标签下超过 %lld 位会员，请先批量移除",
                    "more than %lld members have this tag; take it from them first", (long long)TAG_DELETE_MAX);
    }
    TRY(tag_delete(c, tag_id));
    return audit(
        c, &(AuditNote){
               .action = "tag.delete", .subject = "tag", .subject_id = tag_id, .fields = &tag_fields, .before = &tag });
}

/* ---- membership ---- */

Err tag_add(Ctx *c, int64_t tag_id, const IntList *member_ids, Str source, int64_t *ret_changed) {
    int64_t sum = 0;
    for (int64_t i = 0; i < member_ids->count; i++) {
        int64_t changed = 0;
        TRY(member_tag_insert(c, member_ids->items[i], tag_id, source, &changed));
        sum += changed;
    }
    if (ret_changed != NULL) *ret_changed = sum;
    return OK;
}

Err tag_remove(Ctx *c, int64_t tag_id, const IntList *member_ids, int64_t *ret_changed) {
    int64_t sum = 0;
    for (int64_t i = 0; i < member_ids->count; i++) {
        int64_t changed = 0;
        TRY(member_tag_delete(c, member_ids->items[i], tag_id, &changed));
        sum += changed;
    }
    if (ret_changed != NULL) *ret_changed = sum;
    return OK;
}

Err tag_swap(Ctx *c, int64_t member_id, int64_t from_tag_id, int64_t to_tag_id, Str source) {
    int64_t changed = 0;
    if (from_tag_id == to_tag_id) return OK;
    if (from_tag_id != 0) TRY(member_tag_delete(c, member_id, from_tag_id, &changed));
    if (to_tag_id == 0) return OK;
    return member_tag_insert(c, member_id, to_tag_id, source, &changed);
}

/* ---- members' data ---- */

/* Manual and segment tags move; a system tag leaves the merged member and its own slice decides for the other one. */
Err tag_merge(Ctx *c, const MergeInfo *m) {
    MemberTags from = { 0 };
    TRY(member_tags(c, m->from_id, &from));
    for (int64_t i = 0; i < from.count; i++) {
        TagMove move = { .tag_id = from.items[i].tag_id, .source = from.items[i].source };
        int64_t changed = 0;
        TRY(member_tag_delete(c, m->from_id, move.tag_id, &changed));
        changed = 0;
        if (from.items[i].kind != TAG_SYSTEM) {
            TRY(member_tag_insert(c, m->into_id, move.tag_id, move.source, &changed));
        }
        move.is_added = changed == 1;
        TRY(tag_move_insert(c, m->merge_id, &move));
    }
    merge_note(m, "tag", "tags", from.count);
    return OK;
}

Err tag_unmerge(Ctx *c, const MergeInfo *m) {
    TagMoves moves = { 0 };
    TRY(tag_moves(c, m->merge_id, &moves));
    for (int64_t i = 0; i < moves.count; i++) {
        const TagMove *move = &moves.items[i];
        int64_t changed = 0;
        Tag tag = { 0 };
        bool is_there = false;
        TRY(tag_read(c, move->tag_id, &tag, &is_there));
        if (!is_there) continue;
        if (move->is_added) TRY(member_tag_delete(c, m->into_id, move->tag_id, &changed));
        TRY(member_tag_insert(c, m->from_id, move->tag_id, move->source, &changed));
    }
    merge_note(m, "tag", "tags", moves.count);
    return OK;
}

Err tag_erase(Ctx *c, int64_t member_id) { return member_tags_delete(c, member_id); }

Err tag_export(Ctx *c, int64_t member_id, Buf *json) {
    MemberTags tags = { 0 };
    TRY(member_tags(c, member_id, &tags));
    buf_cstr(json, "\"tags\":");
    json_print_list(json, &member_tag_fields, (ListAny){ tags.items, tags.count });
    return OK;
}
