/* identity - 身份: phone, e-mail, card, WeChat ids, external ids of members; sealed, found by HMAC; one-time codes.
 * One identity belongs to one living member of a merchant. Binding, unbinding and changes are entries; only this slice
 * opens a sealed value, and each opening by staff is audited.
 * Owns:    identity, identity_owner, identity_entry, identity_code
 * Units:   *_at unix ms
 * Calls:   nobody
 * Emits:   nobody
 * Holds:   every living identity has its entry and its owner; of each kind a member has exactly one main identity
 * Errors:  identity.phone, identity.email, identity.value, identity.taken, identity.taken_other, identity.not_found,
 *          identity.last_one, identity.cool_down, code.wrong, code.used_up, code.rejected, code.unavailable */
#pragma once
#include "app/app.h"

enum { IDENTITY_VALUE_MAX = 128, CODE_DIGITS = 6, CODE_TRIES_MAX = 5, CODE_LIFE_MS = 5 * 60 * 1000 };

typedef enum IdentityKind {
    IDENTITY_PHONE, IDENTITY_EMAIL, IDENTITY_CARD, IDENTITY_OPENID, IDENTITY_UNIONID, IDENTITY_EXTERNAL,
} IdentityKind;
extern const char *const identity_kind_names[];

/* One identity in clear, as it comes from outside. provider and app for openid, unionid, external ("wx", "wx12ab…"). */
typedef struct IdentityValue { IdentityKind kind; Str provider, app, value; } IdentityValue;

typedef struct Identity {
    int64_t identity_id, member_id;
    IdentityKind kind;
    Str provider, app;
    Str shown;                            /* masked: 138****0001 */
    bool is_main;                         /* the one of its kind that messages go to */
    int64_t verified_at;                  /* 0 = not proven by its owner */
    int64_t created_at;
} Identity;
typedef LIST_OF(Identity) IdentityList;
extern const Fields identity_fields;

/* Brings a value into its one form: phones to digits ("+86 138-0000-0001" = "13800000001", others "+4915…"), e-mail to
 * lower case, cards without blanks. E_INVALID identity.phone / identity.email / identity.value. Pure. */
Err identity_normalise(Ctx *c, const IdentityValue *in, IdentityValue *ret_value);
Str identity_mask(Arena *a, IdentityKind kind, Str normalised);

/* 0 when nobody has it. One statement. */
Err identity_find(Ctx *c, const IdentityValue *value, int64_t *ret_member_id);
/* The same as a part of somebody's own statement, which saves one on the way every till takes: the key, the member it
 * belongs to (put the key's argument behind it), the sealed main phone of a member (put the member behind it), and that
 * phone masked. */
Err identity_key(Ctx *c, const IdentityValue *value, Bytes *ret_key);
#define IDENTITY_OWNER_SQL "SELECT member_id FROM identity_owner WHERE merchant_id = $1 AND mac = "
#define IDENTITY_PHONE_SQL \
    "SELECT sealed FROM identity WHERE merchant_id = $1 AND kind = 'phone' AND is_main = 1 AND member_id = "
Str identity_sealed_phone_mask(Ctx *c, Bytes sealed);
/* Members whose phone ends in these four digits, newest first, at most `most`. */
Err identity_find_tail(Ctx *c, Str four_digits, int64_t below_member_id, int64_t most, IntList *ret_member_ids);
Err identity_list(Ctx *c, int64_t member_id, IdentityList *ret_list);
/* What was bound, moved and taken away, newest first; values masked. */
typedef struct IdentityEntry {
    int64_t entry_id, identity_id; IdentityKind kind; Str action; Bytes sealed; Str shown;
    int64_t merge_id; Str actor; int64_t actor_id; Str reason; int64_t at;
} IdentityEntry;
typedef LIST_OF(IdentityEntry) IdentityEntries;
extern const Fields identity_entry_fields;
Err identity_history(Ctx *c, int64_t member_id, IdentityEntries *ret_entries);
/* The member's phone, masked; empty when there is none. One statement. */
Err identity_phone_mask(Ctx *c, int64_t member_id, Str *ret_mask);
/* In clear. For messages (jobs, events) and for the member who asks; staff needs member.reveal and is audited. */
Err identity_open(Ctx *c, int64_t member_id, IdentityKind kind, Str *ret_value);

/* Binds. Refuses identity.taken when another living member has it (same member again: nothing happens). */
Err identity_bind(Ctx *c, int64_t member_id, const IdentityValue *value, bool is_verified);
/* For a member that has just been made: normalised input, no look-ups; is_main: the first of its kind. Refuses
 * identity.taken. */
Err identity_bind_new(Ctx *c, int64_t member_id, const IdentityValue *value, bool is_verified, bool is_main);
Err identity_unbind(Ctx *c, int64_t member_id, int64_t identity_id, Str reason);
/* Replaces the member's phone. The caller has proof of the new number (a code) or is staff with identity.write;
 * cool-down by setting "identity" (phone_change_days), which staff may pass with a reason. */
Err identity_change_phone(Ctx *c, int64_t member_id, Str new_phone, bool is_proven, Str reason);

/* ---- one-time codes: 6 digits, 5 minutes, 5 tries, one use; budgets per number, IP and device ---- */
typedef enum CodePurpose { CODE_LOGIN, CODE_CHANGE_PHONE, CODE_RESET_PASSWORD, CODE_BIND } CodePurpose;
extern const char *const code_purpose_names[];
typedef struct CodeSend { IdentityKind kind; Str to; CodePurpose purpose; Str device; } CodeSend;
/* In prepare() only: counts, stores and sends; the same answer and work for known and unknown numbers. */
Err code_send(Ctx *c, const CodeSend *send);
typedef struct CodeProof { IdentityKind kind; Str to, code; CodePurpose purpose; } CodeProof;
/* In prepare(): takes one try in a transaction of its own, which a refusal cannot give back. E_INVALID code.wrong. */
Err code_try(Ctx *c, const CodeProof *proof);
/* In the unit, after code_try(): uses the code up; E_CONFLICT code.used_up when a twin was faster. */
Err code_use(Ctx *c, const CodeProof *proof);
