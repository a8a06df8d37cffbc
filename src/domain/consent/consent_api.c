#include "domain/consent/consent_store.h"

static const Field consent_field[] = {
    FIELD_ENUM(Consent, purpose, consent_purpose_names),
    FIELD(Consent, is_granted),
    FIELD(Consent, version, .about = "of the text that was shown; 0 = there was none"),
    FIELD(Consent, granted_at),
    FIELD(Consent, withdrawn_at),
    FIELD(Consent, channel),
};
const Fields consent_fields = FIELDS(Consent, consent_field);

static const Field text_field[] = {
    FIELD_ENUM(ConsentText, purpose, consent_purpose_names, .need = true),
    FIELD(ConsentText, version, .is_out = true),
    FIELD(ConsentText, title, .need = true, .max = 100),
    FIELD(ConsentText, body, .need = true, .max = CONSENT_TEXT_MAX),
    FIELD(ConsentText, created_at, .is_out = true),
};
const Fields consent_text_fields = FIELDS(ConsentText, text_field);

static const Field entry_field[] = {
    FIELD_ID(ConsentEntry, entry_id), FIELD_ENUM(ConsentEntry, purpose, consent_purpose_names),
    FIELD(ConsentEntry, is_granted),  FIELD(ConsentEntry, version),
    FIELD(ConsentEntry, channel),     FIELD(ConsentEntry, actor),
    FIELD_ID(ConsentEntry, actor_id), FIELD(ConsentEntry, at),
};
const Fields consent_entry_fields = FIELDS(ConsentEntry, entry_field);

/* ---- texts ---- */

typedef struct TextQuery {
    bool all_versions;
} TextQuery;
static const Field text_query_field[] = { FIELD(TextQuery, all_versions) };
static const Fields text_query_fields = FIELDS(TextQuery, text_query_field);

typedef struct TextPage {
    ConsentTexts items;
    Str next_cursor;
} TextPage;
static const Field text_page_field[] = {
    FIELD_LIST(TextPage, items, consent_text_fields),
    FIELD(TextPage, next_cursor),
};
static const Fields text_page_fields = FIELDS(TextPage, text_page_field);

static Err get_texts(Ctx *c, const void *body, void *ret) {
    const TextQuery *in = body;
    TextPage *out = ret;
    return consent_texts(c, in->all_versions, &out->items);
}

/* A text is never changed: a new one is a new version, and old consents keep naming what was agreed to. */
static Err post_text(Ctx *c, const void *body, void *ret) {
    ConsentText *out = ret;
    *out = *(const ConsentText *)body;
    TRY(consent_text_newest(c, out->purpose, &out->version));
    out->version++;
    out->created_at = c->now;
    TRY(consent_text_insert(c, out));
    return audit(c, &(AuditNote){ .action = "consent.text",
                                  .subject = "consent_text",
                                  .subject_id = out->version,
                                  .fields = &consent_text_fields,
                                  .after = out });
}

/* ---- the member's own ---- */

typedef struct ConsentPage {
    ConsentList items;
    Str next_cursor;
} ConsentPage;
static const Field page_field[] = { FIELD_LIST(ConsentPage, items, consent_fields), FIELD(ConsentPage, next_cursor) };
static const Fields page_fields = FIELDS(ConsentPage, page_field);

typedef struct OwnChange {
    ConsentPurpose purpose;
    bool is_granted;
    int64_t version;
    Str channel;
} OwnChange;
static const Field own_change_field[] = {
    FIELD_ENUM(OwnChange, purpose, consent_purpose_names, .need = true),
    FIELD(OwnChange, is_granted),
    FIELD(OwnChange, version),
    FIELD(OwnChange, channel, .max = 20),
};
static const Fields own_change_fields = FIELDS(OwnChange, own_change_field);

static Err get_mine(Ctx *c, const void *body, void *ret) {
    (void)body;
    ConsentPage *out = ret;
    return consent_list(c, auth_member(c), &out->items);
}

static Err put_mine(Ctx *c, const void *body, void *ret) {
    const OwnChange *in = body;
    ConsentPage *out = ret;
    ConsentChange change = { .member_id = auth_member(c),
                             .purpose = in->purpose,
                             .version = in->version,
                             .is_granted = in->is_granted,
                             .channel = in->channel.len > 0 ? in->channel : S("h5") };
    TRY(consent_put(c, &change));
    return consent_list(c, change.member_id, &out->items);
}

static Err hold_newest_entry(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM consent WHERE merchant_id = $1",
        "SELECT s.member_id AS id, s.is_granted AS want, COALESCE(e.is_granted, 2) AS have FROM consent s"
        " LEFT JOIN consent_entry e ON e.merchant_id = s.merchant_id AND e.member_id = s.member_id"
        " AND e.entry_id = (SELECT MAX(n.entry_id) FROM consent_entry n WHERE n.merchant_id = $1"
        " AND n.member_id = s.member_id AND n.purpose = s.purpose)"
        " WHERE s.merchant_id = $1 AND COALESCE(e.is_granted, 2) <> s.is_granted");
}

static const Route routes[] = {
    { "GET", "/v1/consent-texts", "List the texts members agree to", WHO_PUBLIC | WHO_STAFF | WHO_MEMBER, NULL,
      &text_query_fields, &text_page_fields, .run = get_texts, .flags = ROUTE_LIST },
    { "POST", "/v1/consent-texts", "Publish a new version of a text", WHO_STAFF, "consent.text", &consent_text_fields,
      &consent_text_fields, .run = post_text, .flags = ROUTE_CREATED },
    { "GET", "/v1/me/consents", "What I agreed to", WHO_MEMBER, NULL, NULL, &page_fields, .run = get_mine,
      .flags = ROUTE_LIST },
    { "PUT", "/v1/me/consents", "Agree or withdraw", WHO_MEMBER, NULL, &own_change_fields, &page_fields,
      .run = put_mine },
};
static const Hold holds[] = { { "consent.stands_as_its_newest_entry_says", hold_newest_entry } };

const Slice consent_slice = {
    .name = "consent",
    .routes = routes,
    .route_count = COUNT_OF(routes),
    .holds = holds,
    .hold_count = COUNT_OF(holds),
    .merge = consent_merge,
    .unmerge = consent_unmerge,
    .erase = consent_erase,
    .export_member = consent_export,
};
