#include "domain/order/order.h"
#include "base/fen.h"
#include "domain/order/order_plan.h"
#include "domain/order/order_store.h"
#include "domain/tag/tag.h"
#include <assert.h>

const char *const order_status_names[] = { "placed", "completed", "cancelled", NULL };

/* ---- pricing: from a read snapshot, before the unit ---- */

static bool has_item(const OrderLineNew *in) { return in->item_id != 0 || in->barcode.len > 0 || in->sku.len > 0; }

static Err find_items(Ctx *c, const OrderNew *in, ItemFacts *ret_facts) {
    ItemKeys keys = { NEW_LIST(c->arena, ItemKey, in->lines.count), 0 };
    ItemFacts facts = { NEW_LIST(c->arena, ItemFact, in->lines.count), in->lines.count };
    int64_t *line_of = NEW_LIST(c->arena, int64_t, in->lines.count);
    for (int64_t i = 0; i < in->lines.count; i++) {
        const OrderLineNew *line = &in->lines.items[i];
        if (!has_item(line)) continue;
        line_of[keys.count] = i;
        keys.items[keys.count++] = (ItemKey){ line->item_id, line->barcode, line->sku, i };
    }
    ItemFacts found = { 0 };
    if (keys.count > 0) TRY(item_facts(c, in->shop_id, keys, &found));
    for (int64_t i = 0; i < found.count; i++) facts.items[line_of[i]] = found.items[i];
    *ret_facts = facts;
    return OK;
}

/* A till that repeats the shop's price names none. */
bool order_names_price(const OrderLineNew *in, const ItemFact *item) {
    if (in->free || (in->unit_price_fen > 0 && in->unit_price_fen != item->price_fen)) return true;
    return in->amount_fen > 0 && in->weight_g == 0;
}

static void check_line(Ctx *c, const OrderLineNew *in, const ItemFact *item, int64_t index) {
    Str place = arena_print(c->arena, "/lines/%lld", (long long)index);
    bool has_price = in->unit_price_fen > 0 || in->amount_fen > 0;
    if (in->free && has_price)
        complain(c, place, "order.line_price", "赠送的行不能再写价格", "a line that is given away carries no price");
    if (!has_item(in) && (in->name.len == 0 || !(has_price || in->free)))
        complain(c, place, "order.line_price", "没有商品的行要写明名称和价格",
                 "a line without an item needs a name and a price");
    if (has_item(in) && order_names_price(in, item) && !auth_may(c, "order.price"))
        complain(c, place, "order.price_denied", "没有改价权限", "no permission to name a price");
}

static Err refuse_too_large(Ctx *c) {
    fail_number(c, "most_fen", ORDER_AMOUNT_MAX_FEN);
    return fail(c, E_INVALID, "order.too_large", "金额过大", "the amount is too large");
}

static Err price_line(Ctx *c, const OrderLineNew *in, const ItemFact *item, OrderLine *ret_line) {
    OrderLine line = {
        .item_id = item->item_id,
        .category_id = item->category_id,
        .brand_id = item->brand_id,
        .name = item->item_id != 0 ? item->name : in->name,
        .quantity = in->quantity,
        .weight_g = in->weight_g,
        .unit_price_fen = in->free                 ? 0
                          : in->unit_price_fen > 0 ? in->unit_price_fen
                                                   : item->price_fen,
    };
    if (in->amount_fen > 0) {
        line.amount_fen = in->amount_fen;
        if (line.unit_price_fen == 0) line.unit_price_fen = in->amount_fen / in->quantity;
    } else if (!fen_mul(line.unit_price_fen, in->quantity, &line.amount_fen)) {
        return refuse_too_large(c);
    }
    if (line.amount_fen > ORDER_AMOUNT_MAX_FEN) return refuse_too_large(c);
    *ret_line = line;
    return OK;
}

/* Goods for some alone: a level, a plan, a group of members, by their tags. */
static Err need_tags(Ctx *c, int64_t member_id, const ItemFacts *facts) {
    TagList tags = { 0 };
    bool is_read = false;
    for (int64_t i = 0; i < facts->count; i++) {
        const ItemFact *f = &facts->items[i];
        bool has = f->only_tags.count == 0;
        if (!has && member_id != 0 && !is_read) TRY(tag_list(c, member_id, &tags));
        is_read = is_read || !has;
        for (int64_t k = 0; k < tags.count * f->only_tags.count && !has; k++)
            has = str_equal(tags.items[k % tags.count].name, f->only_tags.items[k / tags.count]);
        if (has) continue;
        Str whose = f->only_tags.items[0];
        fail_number(c, "item_id", f->item_id);
        return fail(c, E_CONFLICT, "order.not_for_all", "%.*s 仅限 %.*s 购买", "%.*s is for %.*s alone",
                    (int)f->name.len, f->name.at, (int)whose.len, whose.at);
    }
    return OK;
}

static Err price_lines(Ctx *c, const OrderNew *in, OrderPlan *plan) {
    int64_t n = in->lines.count;
    ItemFacts facts = { 0 };
    if (n == 0) complain(c, S("/lines"), "order.no_lines", "订单没有商品", "an order has lines");
    TRY(complaints_refuse(c));
    TRY(find_items(c, in, &facts));
    for (int64_t i = 0; i < n; i++) check_line(c, &in->lines.items[i], &facts.items[i], i);
    TRY(complaints_refuse(c));
    Order *order = &plan->order;
    order->lines = (OrderLines){ NEW_LIST(c->arena, OrderLine, n), n };
    for (int64_t i = 0; i < n; i++) {
        OrderLine *line = &order->lines.items[i];
        TRY(price_line(c, &in->lines.items[i], &facts.items[i], line));
        line->line_no = i + 1;
        order->amount_fen += line->amount_fen;
        plan->has_limits = plan->has_limits || facts.items[i].most_per_member > 0;
        if (order->amount_fen > ORDER_AMOUNT_MAX_FEN) return refuse_too_large(c);
    }
    plan->facts = facts;
    TRY(need_tags(c, order->member_id, &facts));
    if (plan->has_limits && order->member_id == 0)
        return fail(c, E_INVALID, "order.limit_member", "限购商品要先认会员",
                    "goods with a limit per member need a member");
    return order_plan_promo(c, in, plan);
}

/* What earns: goods at what they cost in the end; what is given on top earns nothing. */
static void plan_points_lines(Ctx *c, OrderPlan *plan) {
    const Order *order = &plan->order;
    PointsLine *lines = NEW_LIST(c->arena, PointsLine, order->lines.count);
    for (int64_t i = 0; i < order->lines.count; i++) {
        const OrderLine *l = &order->lines.items[i];
        int64_t bonus = l->gift_step == 0 ? plan->facts.items[i].points_bonus : 0;
        lines[i] = (PointsLine){ l->item_id, l->category_id, l->brand_id, l->quantity, l->payable_fen, bonus };
    }
    plan->points_order.lines = lines;
    plan->points_order.line_count = order->lines.count;
}

/* Points pay first; their worth is shared over the lines by what each is worth. */
static Err offset_points(Ctx *c, OrderPlan *plan) {
    Order *order = &plan->order;
    if (plan->points == 0) return OK;
    if (order->member_id == 0)
        return fail(c, E_INVALID, "order.points_need_member", "使用积分要先登记会员",
                    "paying with points needs a member");
    TRY(member_card_need_right(c, &plan->card, RIGHT_SPEND_POINTS));
    TRY(points_offset_check(c, &plan->points_setting, plan->points, order->payable_fen, &order->offset_fen));
    int64_t n = order->lines.count;
    int64_t *weights = NEW_LIST(c->arena, int64_t, n), *shares = NEW_LIST(c->arena, int64_t, n);
    for (int64_t i = 0; i < n; i++) weights[i] = order->lines.items[i].payable_fen;
    fen_share(c->arena, order->offset_fen, weights, n, shares);
    for (int64_t i = 0; i < n; i++) order->lines.items[i].offset_fen = shares[i];
    order->points_spent = plan->points;
    return OK;
}

Err order_need_money_tender(Ctx *c, const PaymentNew *tender, Tender *ret_kind) {
    if (str_is(tender->tender, "points"))
        return fail(c, E_INVALID, "order.points_place", "积分请写在 points 字段",
                    "points to pay with go into the field \"points\"");
    return payment_tender(c, tender->tender, ret_kind);
}

/* Balance is the member's own money: what of it was paid in earns, what was given on top does not. */
static Err plan_balance(Ctx *c, const PaymentNew *tender, int64_t number, OrderPlan *plan) {
    WalletParts parts;
    if (plan->order.member_id == 0)
        return fail(c, E_INVALID, "order.balance_member", "余额支付要先认会员", "balance is a member's: say whose");
    if (plan->balance_fen > 0)
        return fail(c, E_INVALID, "order.balance_twice", "余额支付只写一行", "one tender with balance, not two");
    TRY(member_card_need_right(c, &plan->card, RIGHT_USE_BALANCE));
    TRY(wallet_foresee(c, plan->order.member_id, tender->amount_fen, &parts));
    plan->balance_number = number;
    plan->balance_fen = tender->amount_fen;
    plan->balance_principal_fen = parts.principal_fen;
    plan->proof = (WalletProof){ tender->code, tender->pin };
    plan->order.cash_fen += parts.principal_fen;
    return OK;
}

/* Sums the tenders, finds the cash part (what earns), and puts the points tender before the others. */
static Err plan_tenders(Ctx *c, const OrderNew *in, OrderPlan *plan) {
    Order *order = &plan->order;
    PaymentNew *list = NEW_LIST(c->arena, PaymentNew, in->tenders.count + 1);
    bool *is_pending = NEW_LIST(c->arena, bool, in->tenders.count + 1);
    int64_t count = 0, sum = 0, at_once = 0;
    if (order->offset_fen > 0) {
        list[count++] = (PaymentNew){ .tender = S("points"), .amount_fen = order->offset_fen, .points = plan->points };
        sum = at_once = order->offset_fen;
    }
    for (int64_t i = 0; i < in->tenders.count; i++) {
        const PaymentNew *tender = &in->tenders.items[i];
        Tender kind;
        TRY(order_need_money_tender(c, tender, &kind));
        is_pending[count] = kind.is_channel && tender->external_no.len == 0;
        if (!is_pending[count]) at_once += tender->amount_fen;
        if (kind.earns) order->cash_fen += tender->amount_fen;
        list[count++] = *tender;
        if (str_is(tender->tender, "balance")) TRY(plan_balance(c, tender, count, plan));
        sum += tender->amount_fen;
        if (sum > ORDER_AMOUNT_MAX_FEN) return refuse_too_large(c);
    }
    plan->tenders = (PaymentNews){ list, count };
    plan->is_pending = is_pending;
    plan->tender_fen = sum;
    order->paid_fen = at_once;
    bool differs = plan->settle ? at_once != order->payable_fen : sum > order->payable_fen;
    return differs ? order_refuse_tenders(c, order->payable_fen, plan->settle ? at_once : sum) : OK;
}

Err order_refuse_tenders(Ctx *c, int64_t payable_fen, int64_t tender_fen) {
    fail_number(c, "payable_fen", payable_fen);
    fail_number(c, "tenders_fen", tender_fen);
    fail_number(c, "missing_fen", payable_fen - tender_fen);
    return fail(c, E_CONFLICT, "order.tenders_differ", "应付 %s 元，各种支付合计 %s 元",
                "payable is %s, the tenders add up to %s", fen_text(c->arena, payable_fen).at,
                fen_text(c->arena, tender_fen).at);
}

static Err plan_member(Ctx *c, OrderPlan *plan) {
    Order *order = &plan->order;
    if (order->member_id == 0) return OK;
    TRY(member_card(c, order->member_id, &plan->card));
    if (plan->card.status == MEMBER_MERGED) {
        TRY(member_living(c, order->member_id, &order->member_id));
        TRY(member_card(c, order->member_id, &plan->card));
    }
    TRY(member_card_need_right(c, &plan->card, RIGHT_BUY));
    TRY(tier_of(c, order->member_id, &plan->tier));
    order->tier_id = plan->tier.tier_id;
    return OK;
}

static Err plan_time(Ctx *c, const OrderNew *in, OrderPlan *plan) {
    Order *order = &plan->order;
    OrderSetting setting;
    TRY(setting_get(c, &order_setting, &setting));
    Str zone_name;
    TRY(shop_open_zone(c, order->shop_id, order->till_no, &zone_name));
    plan->zone = app_zone(c, zone_name);
    order->occurred_at = in->occurred_at != 0 ? in->occurred_at : c->now;
    if (order->occurred_at > c->now + ORDER_FUTURE_MS)
        return fail(c, E_INVALID, "order.future", "订单时间晚于现在", "the order's time lies ahead");
    if (order->occurred_at < c->now - setting.backdate_days * DAY_MS) {
        fail_number(c, "most_days", setting.backdate_days);
        return fail(c, E_INVALID, "order.backdated", "订单时间早于 %lld 天前，不能补录",
                    "the order is older than %lld days", (long long)setting.backdate_days);
    }
    order->day = day_at(plan->zone, order->occurred_at);
    order->placed_at = c->now;
    order->expires_at = c->now + setting.expire_minutes * MINUTE_MS;
    return OK;
}

static Err price(Ctx *c, const OrderNew *in, OrderPlan *plan) {
    TRY(plan_time(c, in, plan));
    TRY(plan_member(c, plan));
    TRY(points_setting_read(c, &plan->points_setting));
    TRY(price_lines(c, in, plan));
    TRY(order_plan_reward(c, plan));
    plan_points_lines(c, plan);
    TRY(offset_points(c, plan));
    TRY(plan_tenders(c, in, plan));
    return order_plan_earning(c, plan);
}

/* What makes two orders of one number the same: the order as the till sent it, spelled in our own way. */
static Bytes content_of(Ctx *c, const OrderNew *in) {
    Buf text = { .arena = c->arena };
    OrderNew order = *in; /* a proof is another one each time */
    order.tenders.items = NEW_LIST(c->arena, PaymentNew, in->tenders.count + 1);
    for (int64_t i = 0; i < in->tenders.count; i++) {
        order.tenders.items[i] = in->tenders.items[i];
        order.tenders.items[i].code = order.tenders.items[i].pin = (Str){ 0 };
    }
    json_print(&text, &order_new_fields, &order);
    unsigned char *hash = NEW_LIST(c->arena, unsigned char, HASH_LEN);
    sha256(text.at, text.len, hash);
    return (Bytes){ hash, ORDER_CONTENT_LEN };
}

Err order_refuse_number(Ctx *c, const OrderPlan *plan, const OrderTaken *taken) {
    fail_number(c, "order_id", taken->order_id);
    return fail(c, E_CONFLICT, "order.number_used", "单号 %.*s 已被另一笔内容不同的订单使用",
                "number %.*s belongs to an order of other content", (int)plan->order.order_no.len,
                plan->order.order_no.at);
}

/* A refusal of today may concern an order that went through yesterday: a till that repeats itself hears of that one. */
static Err find_twin(Ctx *c, OrderPlan *plan) {
    Problem refusal = c->problem;
    if (plan->order.order_no.len == 0 || refusal.err == E_BUSY || refusal.err == E_INTERNAL) return refusal.err;
    problem_clear(c);
    OrderTaken taken = { 0 };
    bool found;
    TRY(order_by_number(c, plan->order.shop_id, plan->order.order_no, plan->order.kind, &taken, &found));
    if (found && !bytes_equal(taken.content, plan->content)) return order_refuse_number(c, plan, &taken);
    plan->twin_id = taken.order_id;
    if (found) return OK;
    c->problem = refusal;
    return refusal.err;
}

/* What the unit would refuse after its first statement is refused here, as far as the snapshot can tell: a refusal
 * before the writer costs nobody anything. */
static Err foresee(Ctx *c, const OrderPlan *plan) {
    const OrderLines *lines = &plan->order.lines;
    if (plan->points > plan->card.points) return points_kind.refuse_short(c, plan->points, plan->card.points);
    int64_t *quantities = NEW_LIST(c->arena, int64_t, lines->count);
    for (int64_t i = 0; i < lines->count; i++) quantities[i] = lines->items[i].quantity;
    return item_need_stock(c, plan->facts, quantities);
}

static Err prepare(Ctx *c, const OrderNew *in, OrderPlan **ret_plan) {
    OrderPlan *plan = NEW(c->arena, OrderPlan);
    plan->settle = in->settle;
    plan->points = in->points;
    plan->order = (Order){ .shop_id = in->shop_id,
                           .till_no = in->till_no,
                           .member_id = in->member_id,
                           .order_no = in->order_no,
                           .kind = S("sale"),
                           .channel = in->channel.len > 0 ? in->channel : S("till"),
                           .staff_id = c->actor.kind == ACTOR_STAFF ? c->actor.id : 0 };
    *ret_plan = plan;
    TRY(auth_need_shop(c, in->shop_id));
    return price(c, in, plan);
}

/* A twin is answered without: its proof has run out meanwhile. */
static Err prove(Ctx *c, OrderPlan *plan) {
    OrderTaken taken = { 0 };
    bool found = false;
    if (plan->order.order_no.len > 0)
        TRY(order_by_number(c, plan->order.shop_id, plan->order.order_no, plan->order.kind, &taken, &found));
    if (found && !bytes_equal(taken.content, plan->content)) return order_refuse_number(c, plan, &taken);
    plan->twin_id = taken.order_id;
    return found ? OK : wallet_prove(c, plan->order.member_id, &plan->proof, &plan->proven);
}

/* What was named and takes nothing off (or gives nothing) is not used up for it either: the till has to know. */
static bool misses_named(const OrderPlan *plan) {
    const OrderAdjustments *steps = &plan->order.adjustments;
    for (int64_t i = 0; i < plan->named_ids.count; i++) {
        int64_t at = 0;
        while (at < steps->count && steps->items[at].source_id != plan->named_ids.items[i]) at++;
        if (at == steps->count) return true;
    }
    return false;
}

/* In the engine's words; both languages take the same two texts, and each prints its own. */
static Err refuse_forced(Ctx *c, const OrderPlan *plan) {
    const PromoDecision *decision = &plan->decision;
    Str zh = S("指定的优惠不能一起用"), en = S("what was asked for cannot be combined");
    for (int64_t i = 0; i < decision->refusals.count; i++)
        for (int64_t k = 0; k < plan->named_ids.count; k++)
            if (decision->refusals.items[i].id == plan->named_ids.items[k]) {
                zh = decision->refusals.items[i].zh;
                en = decision->refusals.items[i].en;
            }
    return fail(c, E_CONFLICT, "order.promo_unusable", "%s%.0s", "%.0s%s", arena_cstr(c->arena, zh),
                arena_cstr(c->arena, en));
}

Err order_prepare(Ctx *c, const OrderNew *in, OrderPlan **ret_plan) {
    Err err = prepare(c, in, ret_plan);
    if (err == E_DENIED) return err;
    OrderPlan *plan = *ret_plan;
    plan->content = content_of(c, in);
    if (err == OK && misses_named(plan)) err = refuse_forced(c, plan);
    if (err == OK) err = foresee(c, plan);
    if (err == OK && plan->balance_fen > 0) err = prove(c, plan);
    return err == OK ? OK : find_twin(c, plan);
}

Err order_prepare_quote(Ctx *c, const OrderNew *in, OrderPlan **ret_plan) {
    OrderNew order = *in;
    order.settle = false;
    return prepare(c, &order, ret_plan);
}

Err order_quote(Ctx *c, OrderPlan *plan, Quote *ret_quote) {
    Order *order = &plan->order;
    order->cash_fen += order->payable_fen - plan->tender_fen;
    TRY(order_plan_earning(c, plan));
    Quote quote = { .tier = plan->tier };
    if (order->member_id != 0) {
        LedgerAccount account;
        TRY(ledger_account(c, order->member_id, &points_kind, &account));
        if (plan->points > account.balance) return points_kind.refuse_short(c, plan->points, account.balance);
        points_offset_most(&plan->points_setting, account.balance, order->payable_fen, &quote.offset);
    }
    quote.order = *order;
    int64_t judged = plan->decision.refusals.count, unasked = plan->coupon_refusals.count;
    quote.refusals.items = NEW_LIST(c->arena, PromoRefusal, judged + unasked);
    quote.refusals.count = judged + unasked;
    for (int64_t i = 0; i < judged + unasked; i++)
        quote.refusals.items[i] =
            i < judged ? plan->decision.refusals.items[i] : plan->coupon_refusals.items[i - judged];
    quote.optimal = plan->decision.optimal;
    quote.forced_failed = plan->decision.forced_failed;
    quote.certificate = plan->decision.certificate;
    quote.order.points_steps = plan->earned.steps;
    quote.order.expires_at = 0;
    *ret_quote = quote;
    return OK;
}
