/* growth - 成长值: earned with orders and behaviours like points, never spent; tiers climb by it.
 *
 * Owns:   nothing
 * Units:  growth is whole; *_fen
 * Calls:  approval, member, ledger, points
 * Emits:  growth.moved
 * Holds:  a member's card shows the growth of the books
 * Errors: growth.short, growth.needs_approval */
#pragma once
#include "domain/points/points.h"

enum { GROWTH_BEHAVIOURS_MAX = 100 };
/* caps and streaks are those of the behaviour in "points" */
typedef struct GrowthBehaviour { Str name; int64_t growth; } GrowthBehaviour;
typedef struct GrowthSetting {
    bool no_order_growth;
    int64_t fen_per_growth, min_order_fen, order_cap;
    PointsEarnOn earn_on;
    LIST_OF(GrowthBehaviour) behaviours;
    int64_t approval_growth;                /* manual changes above it need a second person; 0 = none do */
} GrowthSetting;
extern const Setting growth_setting;
Err growth_setting_read(Ctx *c, GrowthSetting *ret_setting);
extern const LedgerKind growth_kind;

/* Pure: what an order of this worth gives. */
int64_t growth_compute(const GrowthSetting *s, int64_t payable_fen, int64_t cash_fen);
/* Fills the posting for ledger_post_many, beside that of points. */
void growth_order_post(int64_t member_id, int64_t order_id, int64_t growth, LedgerPost *ret_post);
/* Taken back with a refund, natural key refund_id; what is not there any more is recorded as debt. ret_taken
 * includes it. */
Err growth_take_back(Ctx *c, int64_t member_id, int64_t order_id, int64_t refund_id, int64_t growth,
                     int64_t *ret_taken);

/* A gift of a slice above (reward). (source, source_id) counts once per member: again moves nothing. */
Err growth_grant(Ctx *c, int64_t member_id, int64_t growth, const char *source, int64_t source_id);

Err growth_balance(Ctx *c, int64_t member_id, int64_t *ret_growth);

/* Opening values of imports: natural key ("opening", source_id); no events, no gifts. */
typedef struct GrowthOpening { int64_t member_id, growth, source_id; bool is_new; } GrowthOpening;
typedef LIST_OF(GrowthOpening) GrowthOpenings;
Err growth_import_batch(Ctx *c, GrowthOpenings openings);
