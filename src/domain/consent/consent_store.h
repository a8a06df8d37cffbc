/* consent_store - every SQL statement of the consent slice; private to the folder. */
#pragma once
#include "domain/consent/consent.h"

typedef struct ConsentText {
    ConsentPurpose purpose; int64_t version; Str title, body; int64_t created_at;
} ConsentText;
typedef LIST_OF(ConsentText) ConsentTexts;
extern const Fields consent_text_fields;

typedef struct ConsentEntry {
    int64_t entry_id; ConsentPurpose purpose; bool is_granted; int64_t version; Str channel, actor;
    int64_t actor_id, at;
} ConsentEntry;
typedef LIST_OF(ConsentEntry) ConsentEntries;
extern const Fields consent_entry_fields;

Err consent_text_newest(Ctx *c, ConsentPurpose purpose, int64_t *ret_version);
Err consent_text_exists(Ctx *c, ConsentPurpose purpose, int64_t version, bool *ret_exists);
Err consent_text_insert(Ctx *c, const ConsentText *text);
Err consent_texts(Ctx *c, bool all_versions, ConsentTexts *ret_texts);

Err consent_read(Ctx *c, int64_t member_id, ConsentPurpose purpose, Consent *ret_consent, bool *ret_found);
Err consent_write(Ctx *c, int64_t member_id, const Consent *consent);
Err consent_entry_insert(Ctx *c, int64_t member_id, const Consent *consent, int64_t merge_id);
Err consent_entries(Ctx *c, int64_t member_id, ConsentEntries *ret_entries);
/* What the merge wrote into the member, for taking it back. */
Err consent_entries_of_merge(Ctx *c, int64_t member_id, int64_t merge_id, ConsentEntries *ret_entries);
Err consent_entry_before(Ctx *c, int64_t member_id, ConsentPurpose purpose, int64_t merge_id, ConsentEntry *ret_entry,
                         bool *ret_found);
Err consent_newest_entry_id(Ctx *c, int64_t member_id, ConsentPurpose purpose, int64_t *ret_entry_id);

/* ---- hooks, in consent.c ---- */
Err consent_merge(Ctx *c, const MergeInfo *m);
Err consent_unmerge(Ctx *c, const MergeInfo *m);
Err consent_erase(Ctx *c, int64_t member_id);
Err consent_export(Ctx *c, int64_t member_id, Buf *json);
