#include "domain/tag/tag_store.h"

static const Field tag_field[] = {
    FIELD_ID(Tag, tag_id),
    FIELD(Tag, key, .is_out = true),
    FIELD(Tag, name, .need = true, .max = TAG_NAME_MAX),
    FIELD(Tag, group_name, .max = 40),
    FIELD(Tag, color, .max = 20),
    FIELD_ENUM(Tag, kind, tag_kind_names, .is_out = true),
    FIELD(Tag, members, .is_out = true, .skip_zero = true, .about = "only when one tag is read"),
    FIELD(Tag, created_at, .is_out = true),
    FIELD(Tag, updated_at, .is_out = true),
    FIELD(Tag, version, .is_out = true),
};
const Fields tag_fields = FIELDS_GIVEN(Tag, tag_field);

static const Field change_field[] = {
    FIELD_ID(Tag, tag_id, .need = true),
    FIELD(Tag, name, .max = TAG_NAME_MAX),
    FIELD(Tag, group_name, .max = 40),
    FIELD(Tag, color, .max = 20),
    FIELD(Tag, version),
};
static const Fields change_fields = { .name = "TagChange",
                                      .size = sizeof(Tag),
                                      .field = change_field,
                                      .count = COUNT_OF(change_field),
                                      .given_at = (int64_t)offsetof(Tag, given) };

typedef struct TagRef {
    int64_t tag_id;
} TagRef;
static const Field ref_field[] = { FIELD_ID(TagRef, tag_id, .need = true) };
static const Fields ref_fields = FIELDS(TagRef, ref_field);

typedef struct TagPage {
    TagList items;
    Str next_cursor;
} TagPage;
static const Field page_field[] = {
    FIELD_LIST(TagPage, items, tag_fields, .max = TAGS_MAX),
    FIELD(TagPage, next_cursor),
};
static const Fields page_fields = FIELDS(TagPage, page_field);

static Err get_tags(Ctx *c, const void *body, void *ret) {
    (void)body;
    TagPage *out = ret;
    return tag_read_all(c, &out->items);
}

static Err post_tag(Ctx *c, const void *body, void *ret) { return tag_create(c, body, ret); }

static Err get_tag(Ctx *c, const void *body, void *ret) {
    const TagRef *in = body;
    Tag *out = ret;
    TRY(tag_need(c, in->tag_id, out));
    return tag_member_count(c, in->tag_id, &out->members);
}

static Err patch_tag(Ctx *c, const void *body, void *ret) {
    const Tag *in = body;
    Tag after = { 0 };
    TRY(tag_need(c, in->tag_id, &after));
    int64_t version = field_is_given(&change_fields, in, "version") ? in->version : after.version;
    fields_overlay(&change_fields, in, &tag_fields, &after);
    TRY(fields_check(c, &tag_fields, &after));
    return tag_update(c, &after, version, ret);
}

static Err delete_tag(Ctx *c, const void *body, void *ret) {
    (void)ret;
    const TagRef *in = body;
    return tag_remove_all(c, in->tag_id);
}

static Err hold_tags(Ctx *c, HoldReport *report) {
    return hold_by_sql(c, report, "SELECT COUNT(*) FROM member_tag WHERE merchant_id = $1",
                       "SELECT m.member_id AS id, m.tag_id AS want, 0 AS have FROM member_tag m WHERE m.merchant_id = "
                       "$1 AND NOT EXISTS"
                       " (SELECT 1 FROM tag t WHERE t.merchant_id = m.merchant_id AND t.tag_id = m.tag_id)");
}

static const Route routes[] = {
    { "GET", "/v1/tags", "List tags", WHO_STAFF | WHO_POS | WHO_PARTNER, "tag.read", NULL, &page_fields,
      .run = get_tags, .flags = ROUTE_LIST },
    { "POST", "/v1/tags", "Make a tag", WHO_STAFF, "tag.write", &tag_fields, &tag_fields, .run = post_tag,
      .flags = ROUTE_CREATED },
    { "GET", "/v1/tags/{tag_id}", "Read a tag and how many members have it", WHO_STAFF, "tag.read", &ref_fields,
      &tag_fields, .run = get_tag, .flags = ROUTE_EDIT },
    { "PATCH", "/v1/tags/{tag_id}", "Change a tag", WHO_STAFF, "tag.write", &change_fields, &tag_fields,
      .run = patch_tag, .flags = ROUTE_EDIT },
    { "DELETE", "/v1/tags/{tag_id}", "Remove a tag", WHO_STAFF, "tag.write", &ref_fields, NULL, .run = delete_tag },
};
static const Hold holds[] = { { "tag.every_membership_is_of_a_tag", hold_tags } };
const Slice tag_slice = {
    .name = "tag",
    .routes = routes,
    .route_count = COUNT_OF(routes),
    .holds = holds,
    .hold_count = COUNT_OF(holds),
    .merge = tag_merge,
    .unmerge = tag_unmerge,
    .erase = tag_erase,
    .export_member = tag_export,
};
