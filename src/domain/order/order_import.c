/* order_import - past orders in bulk: history, growth and tier without gifts; points only when asked. */
#include "domain/order/order_plan.h"
#include "domain/order/order_store.h"
#include <assert.h>

/* What the orders of one batch add to one member: written once per member, not once per order. */
typedef struct MemberSum { int64_t member_id, orders, spend_fen, growth, first_at, last_at; } MemberSum;
typedef struct Batch {
    MemberSum *sums; int64_t sum_count;
    TierFact *facts; int64_t fact_count;
    GrowthSetting growth;
    PointsSetting points;
    bool earn;
} Batch;

static MemberSum *sum_of(Batch *batch, int64_t member_id)
{
    for (int64_t i = batch->sum_count - 1; i >= 0; i--)
        if (batch->sums[i].member_id == member_id) return &batch->sums[i];
    MemberSum *sum = &batch->sums[batch->sum_count++];
    *sum = (MemberSum){ .member_id = member_id };
    return sum;
}

static void price(Ctx *c, const OrderImport *in, Order *order)
{
    order->lines = (OrderLines){ NEW_LIST(c->arena, OrderLine, in->lines.count), in->lines.count };
    for (int64_t i = 0; i < in->lines.count; i++) {
        const OrderImportLine *line = &in->lines.items[i];
        assert(line->quantity > 0 && line->amount_fen >= 0);
        order->lines.items[i] = (OrderLine){
            .line_no = i + 1, .item_id = line->item_id, .category_id = line->category_id, .name = line->name,
            .quantity = line->quantity, .unit_price_fen = line->unit_price_fen, .amount_fen = line->amount_fen,
            .payable_fen = line->amount_fen };
        order->amount_fen += line->amount_fen;
    }
    order->payable_fen = order->cash_fen = order->paid_fen = order->amount_fen;
}

/* Growth and, when asked, points of one order through the one ledger: natural keys make a second import count once. */
static Err post_value(Ctx *c, const Batch *batch, const Zone *zone, Order *order)
{
    LedgerPost posts[2] = { 0 };
    LedgerPosted posted[2] = { 0 };
    int64_t count = 0;
    if (batch->earn) {
        PointsLine *lines = NEW_LIST(c->arena, PointsLine, order->lines.count);
        for (int64_t i = 0; i < order->lines.count; i++) {
            const OrderLine *l = &order->lines.items[i];
            lines[i] = (PointsLine){ l->item_id, l->category_id, l->brand_id, l->quantity, l->payable_fen, 0 };
        }
        PointsOrder points = { .member_id = order->member_id, .order_id = order->order_id, .zone = zone,
                               .at = order->occurred_at, .day = order->day, .channel = order->channel,
                               .payable_fen = order->payable_fen, .cash_fen = order->cash_fen,
                               .lines = lines, .line_count = order->lines.count };
        PointsEarned earned = { 0 };
        points_compute(c->arena, &batch->points, &points, &earned);
        TRY(points_order_post(c, &batch->points, &points, &earned, &posts[count++]));
        order->points_earned = earned.points;
        for (int64_t i = 0; i < earned.line_count; i++) order->lines.items[i].points_earned = earned.line_points[i];
    }
    if (order->growth_earned > 0) growth_order_post(order->member_id, order->order_id, order->growth_earned, &posts[count++]);
    return count > 0 ? ledger_post_many(c, posts, count, posted) : OK;
}

static Err add_tender(Ctx *c, const Order *order, Str tender)
{
    if (order->payable_fen == 0) return OK;
    return payment_add(c, order->order_id, 1,
                       &(PaymentNew){ .tender = tender.len > 0 ? tender : S("cash"), .amount_fen = order->payable_fen }, false);
}

static void count_member(Batch *batch, const Order *order)
{
    MemberSum *sum = sum_of(batch, order->member_id);
    sum->orders++;
    sum->spend_fen += order->payable_fen;
    sum->growth += order->growth_earned;
    if (sum->last_at < order->occurred_at) sum->last_at = order->occurred_at;
    if (sum->first_at == 0 || sum->first_at > order->occurred_at) sum->first_at = order->occurred_at;
    batch->facts[batch->fact_count++] = (TierFact){ .member_id = order->member_id, .day = order->day,
                                                    .spend_fen = order->payable_fen, .orders = 1 };
}

static Err import_one(Ctx *c, Batch *batch, OrderImport *in)
{
    Str zone_name;
    TRY(shop_zone(c, in->shop_id, &zone_name));
    const Zone *zone = app_zone(c, zone_name);
    Order order = { .order_id = id_new(c), .shop_id = in->shop_id, .member_id = in->member_id, .order_no = in->order_no,
                    .kind = S("import"), .channel = in->channel.len > 0 ? in->channel : S("import"),
                    .status = ORDER_COMPLETED, .occurred_at = in->completed_at, .placed_at = in->completed_at,
                    .completed_at = in->completed_at, .day = day_at(zone, in->completed_at) };
    price(c, in, &order);
    if (order.member_id != 0) order.growth_earned = growth_compute(&batch->growth, order.payable_fen, order.cash_fen);
    if (batch->earn && order.member_id != 0) {
        /* The head carries the points, and these are known only after the posting: the number is looked up first. */
        OrderTaken taken = { 0 };
        if (order_by_number(c, in->shop_id, in->order_no, order.kind, &taken) == OK) {
            in->order_id = taken.order_id;
            in->found_fen = taken.amount_fen;
            in->is_new = false;
            return OK;
        }
        problem_clear(c);
        TRY(post_value(c, batch, zone, &order));
    }
    TRY(order_insert(c, &order, (Bytes){ 0 }, &in->is_new));
    if (!in->is_new) {
        OrderTaken taken = { 0 };
        TRY(order_by_number(c, in->shop_id, in->order_no, order.kind, &taken));
        in->order_id = taken.order_id;
        in->found_fen = taken.amount_fen;
        return OK;
    }
    in->order_id = order.order_id;
    if (!batch->earn && order.member_id != 0) TRY(post_value(c, batch, zone, &order));
    for (int64_t i = 0; i < order.lines.count; i++) TRY(order_line_insert(c, order.order_id, &order.lines.items[i]));
    TRY(add_tender(c, &order, in->tender));
    if (order.member_id != 0) count_member(batch, &order);
    return OK;
}

Err order_import_batch(Ctx *c, OrderImports orders, bool earn)
{
    Batch batch = { .sums = NEW_LIST(c->arena, MemberSum, orders.count), .facts = NEW_LIST(c->arena, TierFact, orders.count),
                    .earn = earn };
    TRY(growth_setting_read(c, &batch.growth));
    TRY(points_setting_read(c, &batch.points));
    for (int64_t i = 0; i < orders.count; i++) TRY(import_one(c, &batch, &orders.items[i]));
    for (int64_t i = 0; i < batch.sum_count; i++) {
        const MemberSum *sum = &batch.sums[i];
        LedgerAccount points, growth;
        TRY(ledger_account(c, sum->member_id, &points_kind, &points));
        TRY(ledger_account(c, sum->member_id, &growth_kind, &growth));
        TRY(member_summary_put(c, sum->member_id, &(MemberSummary){
            .set = SUMMARY_POINTS | SUMMARY_GROWTH, .points = points.balance, .growth = growth.balance,
            .add_orders = sum->orders, .add_spend_fen = sum->spend_fen, .order_at = sum->first_at }));
        if (sum->last_at != sum->first_at)
            TRY(member_summary_put(c, sum->member_id, &(MemberSummary){ .order_at = sum->last_at }));
    }
    return batch.fact_count > 0 ? tier_add_facts(c, (TierFacts){ batch.facts, batch.fact_count }, true) : OK;
}
