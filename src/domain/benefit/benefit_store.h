/* SQL of benefit, and what its files share; private to this folder. */
#pragma once
#include "domain/benefit/benefit.h"

/* Quota of an allowance without limit: more than anybody uses. */
#define BENEFIT_NO_LIMIT 1000000000000000
extern const char benefit_term_source[];            /* "term" */

Err benefit_insert(Ctx *c, const Benefit *b, bool *ret_new);
Err benefit_find(Ctx *c, int64_t benefit_id, Str key, Benefit *ret_benefit, bool *ret_found);    /* by one of them */
Err benefit_list(Ctx *c, bool with_retired, Benefits *ret_list);
Err benefit_retire(Ctx *c, int64_t benefit_id, bool *ret_done);

Err benefit_term_upsert(Ctx *c, const BenefitTerm *term, BenefitTerm *ret_term);
Err benefit_term_end(Ctx *c, int64_t term_id, bool *ret_done);
Err benefit_term_list(Ctx *c, int64_t benefit_id, BenefitTerms *ret_list);      /* living ones; benefit_id 0 = of all */

/* What a member may use out of one source. */
typedef struct Allowance {
    int64_t allowance_id, benefit_id; Str source; int64_t source_id, starts_at, ends_at, quota, used;
    bool is_own;                            /* the row this member's uses go to; others came with a merge */
} Allowance;
typedef LIST_OF(Allowance) Allowances;
/* Whose end has not come; benefit_id 0 = of all. */
Err benefit_allowance_list(Ctx *c, int64_t member_id, int64_t benefit_id, Allowances *ret_list);
Err benefit_allowance_grant(Ctx *c, int64_t member_id, const Allowance *a, bool *ret_new);
/* Adds to what is used of a term's period, making the row; ret_id 0: the quota stood in the way. */
Err benefit_allowance_use_term(Ctx *c, int64_t member_id, const Allowance *a, int64_t count, int64_t *ret_id);
/* count < 0 gives back */
Err benefit_allowance_use(Ctx *c, int64_t allowance_id, int64_t count, bool *ret_done);
Err benefit_allowance_close(Ctx *c, int64_t member_id, Str source, int64_t source_id, int64_t *ret_count);

Err benefit_use_insert(Ctx *c, const BenefitUse *use, bool *ret_new);
Err benefit_use_find(Ctx *c, int64_t use_id, BenefitUse *ret_use, bool *ret_found);
Err benefit_use_by_no(Ctx *c, int64_t shop_id, Str use_no, BenefitUse *ret_use, bool *ret_found);
Err benefit_use_undo(Ctx *c, int64_t use_id, Str reason, bool *ret_done);
Err benefit_use_page(Ctx *c, int64_t member_id, int64_t before, int64_t most, BenefitUses *ret_list);
Err benefit_use_blank(Ctx *c, int64_t member_id);
typedef struct Part { int64_t allowance_id, count; } Part;
typedef LIST_OF(Part) Parts;
Err benefit_part_insert(Ctx *c, int64_t use_id, const Part *part);
Err benefit_part_list(Ctx *c, int64_t use_id, Parts *ret_list);

Err benefit_move(Ctx *c, const MergeInfo *m, int64_t *ret_moved);
Err benefit_move_back(Ctx *c, const MergeInfo *m, int64_t *ret_moved);
enum { BENEFIT_HOLDS = 2 };
extern const Hold benefit_holds[BENEFIT_HOLDS];

Err benefit_add(Ctx *c, const Benefit *benefit, Benefit *ret_benefit);
