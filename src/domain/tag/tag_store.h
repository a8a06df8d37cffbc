/* tag_store - every SQL statement of the tag slice; private to the folder. */
#pragma once
#include "domain/tag/tag.h"

/* key: "m:" + name of manual and segment tags, so that one unique index serves names and the keys of slices. */
Err tag_insert(Ctx *c, const Tag *tag, bool *ret_is_new);
Err tag_write(Ctx *c, const Tag *tag, bool *ret_written);            /* where the version is still tag->version */
Err tag_rename(Ctx *c, int64_t tag_id, Str name);
Err tag_read(Ctx *c, int64_t tag_id, Tag *ret_tag, bool *ret_found);
Err tag_id_by_key(Ctx *c, Str key, int64_t *ret_tag_id);
Err tag_read_all(Ctx *c, TagList *ret_tags);
Err tag_count(Ctx *c, int64_t *ret_count);
Err tag_member_count(Ctx *c, int64_t tag_id, int64_t *ret_count);
Err tag_delete(Ctx *c, int64_t tag_id);
Err tag_members_delete(Ctx *c, int64_t tag_id, int64_t most, int64_t *ret_deleted);

Err member_tag_insert(Ctx *c, int64_t member_id, int64_t tag_id, Str source, int64_t *ret_changed);
Err member_tag_delete(Ctx *c, int64_t member_id, int64_t tag_id, int64_t *ret_changed);
Err member_tags_delete(Ctx *c, int64_t member_id);

typedef struct TagMove { int64_t tag_id; Str source; bool is_added; } TagMove;
typedef LIST_OF(TagMove) TagMoves;
Err tag_move_insert(Ctx *c, int64_t merge_id, const TagMove *move);
Err tag_moves(Ctx *c, int64_t merge_id, TagMoves *ret_moves);

/* ---- rules and hooks, in tag.c ---- */
Err tag_create(Ctx *c, const Tag *tag, Tag *ret_tag);
Err tag_update(Ctx *c, const Tag *after, int64_t version, Tag *ret_tag);
Err tag_remove_all(Ctx *c, int64_t tag_id);
Err tag_merge(Ctx *c, const MergeInfo *m);
Err tag_unmerge(Ctx *c, const MergeInfo *m);
Err tag_erase(Ctx *c, int64_t member_id);
Err tag_export(Ctx *c, int64_t member_id, Buf *json);
