/* SQL of times, and what its files share; private to this folder. */
#pragma once
#include "domain/times/times.h"
#include "event/times.h"

typedef struct TimesSetting { int64_t warn_days, undo_days, approval_fen; } TimesSetting;
extern const Setting times_setting;

Err times_template_insert(Ctx *c, const TimesTemplate *t);
Err times_template_find(Ctx *c, int64_t template_id, TimesTemplate *ret_template, bool *ret_found);
Err times_template_list(Ctx *c, bool with_retired, TimesTemplates *ret_list);
Err times_template_retire(Ctx *c, int64_t template_id, bool *ret_done);

/* number: of the card within its issue; given_to: whoever it was given to at first */
Err times_card_insert(Ctx *c, const TimesCard *card, int64_t number, bool *ret_new);
Err times_card_find(Ctx *c, int64_t card_id, TimesCard *ret_card, bool *ret_found);
Err times_card_of_issue(Ctx *c, const TimesIssue *issue, int64_t number, TimesCard *ret_card, bool *ret_found);
Err times_card_list_of_source(Ctx *c, Str source, int64_t source_id, TimesCards *ret_list);
/* of a member, newest first */
Err times_card_page(Ctx *c, int64_t member_id, int64_t before, int64_t most, TimesCards *ret_list);
/* active ones alone, what expires first before the others */
Err times_card_list_good(Ctx *c, int64_t member_id, int64_t most, TimesCards *ret_list);
Err times_card_start(Ctx *c, int64_t card_id, int64_t expires_at);
Err times_card_put_status(Ctx *c, int64_t card_id, TimesStatus status, int64_t expires_at);
/* Active or frozen to closed; ret_done false: it is closed, or more would go back than was paid. */
Err times_card_close(Ctx *c, int64_t card_id, int64_t uses, int64_t returned_fen, bool *ret_done);
/* Whose time is over and that were not looked at since; what is not used is written off. */
Err times_card_due(Ctx *c, int64_t now, int64_t most, TimesCards *ret_list);
Err times_card_expire(Ctx *c, int64_t card_id);
Err times_card_to_warn(Ctx *c, int64_t now, int64_t until, int64_t most, TimesCards *ret_list);
Err times_card_mark_warned(Ctx *c, int64_t card_id);

Err times_use_insert(Ctx *c, const TimesUse *use, bool *ret_new);
Err times_use_find(Ctx *c, int64_t use_id, TimesUse *ret_use, bool *ret_found);
Err times_use_by_no(Ctx *c, int64_t shop_id, Str use_no, TimesUse *ret_use, bool *ret_found);
Err times_use_undo(Ctx *c, const TimesUse *use, bool *ret_done);
Err times_use_page(Ctx *c, int64_t card_id, int64_t before, int64_t most, TimesUses *ret_list);
Err times_use_blank(Ctx *c, int64_t member_id);

Err times_move(Ctx *c, const MergeInfo *m, int64_t *ret_moved);
Err times_move_back(Ctx *c, const MergeInfo *m, int64_t *ret_moved);

/* What was sold, is owed, and lapsed, by template. */
typedef struct TimesLine {
    int64_t template_id; Str name; int64_t cards, uses, left_uses, expired_uses, paid_fen, returned_fen, liability_fen,
        breakage_fen;
} TimesLine;
typedef LIST_OF(TimesLine) TimesLines;
extern const Fields times_line_fields;
Err times_report(Ctx *c, TimesLines *ret_list);
enum { TIMES_HOLDS = 3 };
extern const Hold times_holds[TIMES_HOLDS];

/* ---- rules (times.c, times_use.c) ---- */
LedgerKind times_kind(Ctx *c, int64_t card_id);
/* The card as it stands, its account locked for the rest of the unit. */
Err times_lock(Ctx *c, int64_t card_id, TimesCard *ret_card);
Err times_fill_left(Ctx *c, TimesCards list);
/* The last moment of a card that begins to run now; 0 = never. */
Err times_end(Ctx *c, const TimesTemplate *t, int64_t *ret_expires_at);
Err times_add_template(Ctx *c, const TimesTemplate *t, TimesTemplate *ret_template);
Err times_freeze(Ctx *c, int64_t card_id, bool is_frozen, Str reason, TimesCard *ret_card);
/* What is not used lapses, on the ledger and on the card. */
Err times_run_out(Ctx *c, int64_t card_id);
Err times_job_expire(Ctx *c, int64_t due_at, bool *ret_more);
Err times_job_warn(Ctx *c, int64_t due_at, bool *ret_more);
/* Pure: what goes back of a card, and each step of the way. */
int64_t times_refund_compute(Arena *a, const TimesTemplate *t, const TimesCard *card, Steps *ret_steps);
