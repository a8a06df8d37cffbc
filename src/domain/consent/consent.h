/* consent - 授权: which text a member agreed to, for which purpose, when, where; withdrawn when.
 *          No consent, no marketing message.
 * Owns:    consent_text, consent, consent_entry
 * Units:   *_at unix ms
 * Calls:   nobody
 * Emits:   nobody
 * Holds:   a consent stands exactly when its newest entry is a grant
 * Errors:  consent.no_text */
#pragma once
#include "app/app.h"

enum { CONSENT_TEXT_MAX = 20000 };

typedef enum ConsentPurpose {
    CONSENT_PRIVACY,                      /* the privacy terms of joining */
    CONSENT_PROFILE,                      /* analysis of purchases for own offers */
    CONSENT_MARKETING_SMS, CONSENT_MARKETING_EMAIL, CONSENT_MARKETING_WECHAT,
    CONSENT_SHARING,                      /* passing data on to partners */
} ConsentPurpose;
extern const char *const consent_purpose_names[];

typedef struct ConsentChange {
    int64_t member_id;
    ConsentPurpose purpose;
    int64_t version;                      /* of the text shown; 0 = the newest */
    bool is_granted;
    Str channel;                          /* "till", "h5", "mini", "import", … */
} ConsentChange;

/* True when the member granted this purpose and has not withdrawn it. */
Err consent_has(Ctx *c, int64_t member_id, ConsentPurpose purpose, bool *ret_has);
/* Grants or withdraws; the same state again changes nothing. Refuses consent.no_text when a grant names a text version
 * that does not exist (a purpose without any text yet is granted as version 0). */
Err consent_put(Ctx *c, const ConsentChange *change);

typedef struct Consent {
    ConsentPurpose purpose; bool is_granted; int64_t version, granted_at, withdrawn_at; Str channel;
} Consent;
typedef LIST_OF(Consent) ConsentList;
extern const Fields consent_fields;
/* Every purpose the member ever said something about. */
Err consent_list(Ctx *c, int64_t member_id, ConsentList *ret_list);
