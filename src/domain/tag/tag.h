/* tag - 标签: who is in. Tags by people, by tier and plan, by segments; gates read only tags.
 * Owns:    tag, member_tag, member_tag_merge
 * Units:   *_at unix ms
 * Calls:   nobody
 * Emits:   nobody
 * Holds:   every membership is of a tag that exists
 * Errors:  tag.not_found, tag.name_taken, tag.is_system, tag.many, tag.in_use, tag.stale */
#pragma once
#include "app/app.h"

enum { TAG_NAME_MAX = 40, TAGS_MAX = 2000, TAG_BULK_MAX = 500, TAG_DELETE_MAX = 20000, TAGS_PER_MEMBER_MAX = 200 };

typedef enum TagKind { TAG_MANUAL, TAG_SYSTEM, TAG_SEGMENT } TagKind;
extern const char *const tag_kind_names[];

typedef struct Tag {
    int64_t tag_id; Str key, name, group_name, color; TagKind kind; int64_t members, created_at, updated_at, version;
    uint64_t given;
} Tag;
typedef LIST_OF(Tag) TagList;
extern const Fields tag_fields;

/* Finds or makes a system tag by its key ("tier:3"), and keeps its name up to date. For slices. */
Err tag_system(Ctx *c, Str key, Str name, int64_t *ret_tag_id);
/* Finds or makes a manual tag by its name. For import. */
Err tag_named(Ctx *c, Str name, int64_t *ret_tag_id);
Err tag_need(Ctx *c, int64_t tag_id, Tag *ret_tag);                 /* E_NOT_FOUND tag.not_found */
/* The tag exists and people may give it: E_NOT_FOUND tag.not_found, E_CONFLICT tag.is_system. */
Err tag_need_manual(Ctx *c, int64_t tag_id);
/* Membership; `source` says who did it ("staff", "tier", "import"). ret_changed: how many changed; may be NULL. */
Err tag_add(Ctx *c, int64_t tag_id, const IntList *member_ids, Str source, int64_t *ret_changed);
Err tag_remove(Ctx *c, int64_t tag_id, const IntList *member_ids, int64_t *ret_changed);
/* One member leaves one tag and enters another (0 = none): the way of a tier. */
Err tag_swap(Ctx *c, int64_t member_id, int64_t from_tag_id, int64_t to_tag_id, Str source);
Err tag_has(Ctx *c, int64_t member_id, int64_t tag_id, bool *ret_has);
/* With the moment since when. */
typedef struct MemberTag { int64_t tag_id; TagKind kind; Str name, source; int64_t created_at; } MemberTag;
typedef LIST_OF(MemberTag) MemberTags;
extern const Fields member_tag_fields;
Err member_tags(Ctx *c, int64_t member_id, MemberTags *ret_tags);
Err tag_ids(Ctx *c, int64_t member_id, IntList *ret_tag_ids);
Err tag_list(Ctx *c, int64_t member_id, TagList *ret_tags);
/* Members of a tag by descending id, below `below_member_id` (0 = from the newest). */
Err tag_members(Ctx *c, int64_t tag_id, int64_t below_member_id, int64_t most, IntList *ret_member_ids);
