/* order_import - past orders in bulk: history, growth and tier without gifts; points only when asked. */
#include "domain/order/order_plan.h"
#include <assert.h>

/* What the orders of one batch add to one member: written once per member, not once per order. */
typedef struct MemberSum {
    int64_t member_id, orders, spend_fen, first_at, last_at;
    unsigned set; /* which balances were posted last, and what they are now */
    int64_t points, growth;
} MemberSum;
typedef struct Batch {
    MemberSum *sums;
    int64_t sum_room; /* open addressing by member_id */
    TierFact *facts;
    int64_t fact_count;
    GrowthSetting growth;
    PointsSetting points;
    int64_t shop_id;
    const Zone *zone; /* of the last order's shop */
    bool earn;
} Batch;

static MemberSum *sum_of(Batch *batch, int64_t member_id) {
    uint64_t place = (uint64_t)member_id * UINT64_C(0x9E3779B97F4A7C15) >> 20;
    for (;; place++) {
        MemberSum *sum = &batch->sums[place & (uint64_t)(batch->sum_room - 1)];
        if (sum->member_id != 0 && sum->member_id != member_id) continue;
        sum->member_id = member_id;
        return sum;
    }
}

static Err find_zone(Ctx *c, Batch *batch, int64_t shop_id) {
    Str zone_name;
    if (batch->zone != NULL && batch->shop_id == shop_id) return OK;
    TRY(shop_zone(c, shop_id, &zone_name));
    batch->shop_id = shop_id;
    batch->zone = app_zone(c, zone_name);
    return OK;
}

static Err price(Ctx *c, const OrderImport *in, Order *order) {
    assert(in->lines.count >= 1 && in->lines.count <= ORDER_LINES_MAX);
    order->lines = (OrderLines){ NEW_LIST(c->arena, OrderLine, in->lines.count), in->lines.count };
    for (int64_t i = 0; i < in->lines.count; i++) {
        const OrderImportLine *line = &in->lines.items[i];
        assert(line->quantity > 0 && line->amount_fen >= 0 && line->amount_fen <= ORDER_AMOUNT_MAX_FEN);
        order->lines.items[i] = (OrderLine){ .line_no = i + 1,
                                             .item_id = line->item_id,
                                             .category_id = line->category_id,
                                             .name = line->name,
                                             .quantity = line->quantity,
                                             .unit_price_fen = line->unit_price_fen,
                                             .amount_fen = line->amount_fen,
                                             .payable_fen = line->amount_fen };
        order->amount_fen += line->amount_fen;
    }
    order->payable_fen = order->cash_fen = order->paid_fen = order->amount_fen;
    return OK;
}

/* What it gives, before anything is written: pure. */
static void compute(Ctx *c, const Batch *batch, Order *order, PointsOrder *points, PointsEarned *earned) {
    if (order->member_id == 0) return;
    order->growth_earned = growth_compute(&batch->growth, order->payable_fen, order->cash_fen);
    if (!batch->earn) return;
    PointsLine *lines = NEW_LIST(c->arena, PointsLine, order->lines.count);
    for (int64_t i = 0; i < order->lines.count; i++) {
        const OrderLine *l = &order->lines.items[i];
        lines[i] = (PointsLine){ l->item_id, l->category_id, l->brand_id, l->quantity, l->payable_fen, 0 };
    }
    *points = (PointsOrder){ .member_id = order->member_id,
                             .order_id = order->order_id,
                             .zone = batch->zone,
                             .at = order->occurred_at,
                             .day = order->day,
                             .channel = order->channel,
                             .payable_fen = order->payable_fen,
                             .cash_fen = order->cash_fen,
                             .lines = lines,
                             .line_count = order->lines.count };
    points_compute(c->arena, &batch->points, points, earned);
    order->points_earned = earned->points;
    for (int64_t i = 0; i < earned->line_count; i++) order->lines.items[i].points_earned = earned->line_points[i];
}

/* Growth and, when asked, points of one order through the one ledger: natural keys make a second import count once. */
/* Points for an order of years ago would be past their time at once: whoever pays them out may let them live from
 * today. */
static Err renew_expiry(Ctx *c, const Batch *batch, int64_t points_at, LedgerPost *post) {
    LedgerKind kind;
    const PointsType *type;
    if (points_at == 0 || post->amount <= 0) return OK;
    TRY(points_kind_of(c, &batch->points, S(""), &kind, &type));
    post->expires_at = points_expires_at(type, batch->zone, points_at);
    return OK;
}

static Err post_value(Ctx *c, Batch *batch, Order *order, const OrderImport *in, const PointsOrder *points,
                      PointsEarned *earned) {
    enum { EARN, GROW, POSTS };
    LedgerPost posts[POSTS] = { 0 };
    LedgerPosted posted[POSTS] = { 0 };
    MemberSum *sum = sum_of(batch, order->member_id);
    int64_t first = batch->earn ? EARN : GROW, planned_points = order->points_earned;
    if (batch->earn) TRY(points_order_post(c, &batch->points, points, earned, &posts[EARN]));
    TRY(renew_expiry(c, batch, in->points_at, &posts[EARN]));
    growth_order_post(order->member_id, order->order_id, order->growth_earned, &posts[GROW]);
    if (first == GROW && order->growth_earned == 0) return OK;
    TRY(ledger_post_many(c, posts + first, POSTS - first, posted + first));
    sum->growth = posted[GROW].balance;
    sum->set |= SUMMARY_GROWTH;
    if (!batch->earn) return OK;
    sum->points = posted[EARN].balance;
    sum->set |= SUMMARY_POINTS;
    order->points_earned = earned->points;
    for (int64_t i = 0; i < earned->line_count; i++) order->lines.items[i].points_earned = earned->line_points[i];
    return order->points_earned == planned_points ? OK : order_mark_completed(c, order);
}

static Err add_tender(Ctx *c, const Order *order, Str tender) {
    if (order->payable_fen == 0) return OK;
    Payment payment;
    PaymentNew paid = { .tender = tender.len > 0 ? tender : S("external"), .amount_fen = order->payable_fen };
    return payment_add(c, order->order_id, 1, &paid, false, &payment);
}

/* Orders of one member and day are one fact. */
static void count_member(Batch *batch, const Order *order) {
    MemberSum *sum = sum_of(batch, order->member_id);
    sum->orders++;
    sum->spend_fen += order->payable_fen;
    if (sum->last_at < order->occurred_at) sum->last_at = order->occurred_at;
    if (sum->first_at == 0 || sum->first_at > order->occurred_at) sum->first_at = order->occurred_at;
    TierFact *fact = batch->fact_count > 0 ? &batch->facts[batch->fact_count - 1] : NULL;
    if (fact == NULL || fact->member_id != order->member_id || fact->day != order->day) {
        fact = &batch->facts[batch->fact_count++];
        *fact = (TierFact){ .member_id = order->member_id, .day = order->day };
    }
    fact->spend_fen += order->payable_fen;
    fact->orders++;
}

static Err answer_taken(Ctx *c, OrderImport *in, Str kind) {
    OrderTaken taken = { 0 };
    bool found;
    TRY(order_by_number(c, in->shop_id, in->order_no, kind, &taken, &found));
    assert(found);
    in->order_id = taken.order_id;
    in->found_fen = taken.amount_fen;
    return OK;
}

static Err import_one(Ctx *c, Batch *batch, OrderImport *in) {
    TRY(find_zone(c, batch, in->shop_id));
    c->shop_id = in->shop_id;
    Order order = { .order_id = id_new(c),
                    .shop_id = in->shop_id,
                    .member_id = in->member_id,
                    .order_no = in->order_no,
                    .kind = S("sale"),
                    .channel = in->channel.len > 0 ? in->channel : S("import"),
                    .status = ORDER_COMPLETED,
                    .occurred_at = in->completed_at,
                    .placed_at = in->completed_at,
                    .completed_at = in->completed_at,
                    .day = day_at(batch->zone, in->completed_at) };
    PointsOrder points = { 0 };
    PointsEarned earned = { 0 };
    TRY(price(c, in, &order));
    compute(c, batch, &order, &points, &earned);
    TRY(order_insert(c, &order, (Bytes){ 0 }, &in->is_new));
    if (!in->is_new) return answer_taken(c, in, order.kind);
    in->order_id = order.order_id;
    if (order.member_id != 0) TRY(post_value(c, batch, &order, in, &points, &earned));
    TRY(order_lines_import(c, order.order_id, order.lines.items, order.lines.count));
    TRY(add_tender(c, &order, in->tender));
    if (order.member_id != 0) count_member(batch, &order);
    return OK;
}

static Err write_sums(Ctx *c, const Batch *batch) {
    for (int64_t i = 0; i < batch->sum_room; i++) {
        const MemberSum *sum = &batch->sums[i];
        if (sum->orders == 0) continue;
        TRY(member_summary_put(c, sum->member_id,
                               &(MemberSummary){ .set = sum->set,
                                                 .points = sum->points,
                                                 .growth = sum->growth,
                                                 .add_orders = sum->orders,
                                                 .add_spend_fen = sum->spend_fen,
                                                 .order_at = sum->first_at }));
        if (sum->last_at != sum->first_at)
            TRY(member_summary_put(c, sum->member_id, &(MemberSummary){ .order_at = sum->last_at }));
    }
    return batch->fact_count > 0 ? tier_add_facts(c, (TierFacts){ batch->facts, batch->fact_count }, true) : OK;
}

Err order_import_batch(Ctx *c, OrderImports orders, bool earn) {
    Batch batch = { .facts = NEW_LIST(c->arena, TierFact, orders.count + 1), .sum_room = 16, .earn = earn };
    while (batch.sum_room < 2 * orders.count) batch.sum_room *= 2;
    batch.sums = NEW_LIST(c->arena, MemberSum, batch.sum_room);
    TRY(growth_setting_read(c, &batch.growth));
    TRY(points_setting_read(c, &batch.points));
    for (int64_t i = 0; i < orders.count; i++) TRY(import_one(c, &batch, &orders.items[i]));
    return write_sums(c, &batch);
}

Err order_find_no(Ctx *c, int64_t shop_id, Str order_no, int64_t *ret_order_id) {
    OrderTaken taken = { 0 };
    bool found;
    TRY(order_by_number(c, shop_id, order_no, S("sale"), &taken, &found));
    *ret_order_id = taken.order_id;
    return OK;
}
