/* promo: plan, search, and telling what came of it. */
#include <assert.h>
#include "domain/promo/promo_plan.h"

/* ---- why not ---- */

typedef struct Reason { const char *code, *zh, *en; } Reason;
static const Reason reasons[] = {
    { "cashier.forbidden", "收银员指定不用", "the cashier said not to" },
    { "when.early", "还没开始", "not yet" },
    { "when.ended", "已经结束", "over" },
    { "when.blackout", "今天不能用", "not on this day" },
    { "when.weekday", "今天（星期）不适用", "not on this weekday" },
    { "when.month_day", "今天不是会员日", "not a member day" },
    { "when.minute", "现在这个时段不适用", "not at this hour" },
    { "place.shop", "本店不适用", "not in this shop" },
    { "place.channel", "这个渠道不适用", "not in this channel" },
    { "who.member", "需要会员", "for members" },
    { "who.tier", "会员等级不符", "not for this tier" },
    { "who.tag", "不在这类会员里", "not for this member" },
    { "who.birthday", "不在生日期间", "not the birthday" },
    { "who.first_order", "只限首单", "for the first order" },
    { "scope.none", "没有适用的商品", "no goods it is for" },
    { "scope.no_delivery", "没有运费", "no delivery fee" },
    { "threshold.amount", "金额不够", "amount too small" },
    { "threshold.pieces", "件数不够", "too few pieces" },
    { "stack.alone", "不能和已用的优惠同用", "cannot combine with what is used" },
    { "stack.group_alone", "不能和同组优惠同用", "alone in its group" },
    { "stack.class", "同类优惠只能用一个", "one of its class is used" },
    { "stack.discount", "折扣不能叠加折扣", "one discount only" },
    { "stack.lines", "同一商品已参加别的活动", "its goods are in another offer" },
    { "stack.coupons_max", "券的张数到上限了", "no more coupons" },
    { "better.without", "不用更划算，或用了也不再便宜", "it would not make the order cheaper" },
};

static const Reason *reason_of(const char *code) {
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (str_is(str_of(code), reasons[i].code)) return &reasons[i];
    assert(false && "a reason without words");
    return NULL;
}

static Str name_of(const Plan *plan, const Deal *deal) {
    if (deal->promo->name.len > 0) return deal->promo->name;
    return arena_print(plan->arena, "#%lld", (long long)deal->promo->id);
}

static void tell_refusal(const Plan *plan, const bool *in, const Goods *goods, int64_t i, PromoDecision *out) {
    const Deal *deal = &plan->deals[i];
    Str name = name_of(plan, deal);
    PromoRefusal *r = &out->refusals.items[out->refusals.count++];
    const char *code = deal->code;
    int64_t fen = 0, pieces = 0, room;
    *r = (PromoRefusal){ .id = deal->promo->id, .coupon = deal->is_coupon, .name = deal->promo->name,
                         .short_fen = deal->short_fen, .short_pieces = deal->short_pieces };
    if (code == NULL && deal->action->group != GROUP_LINE) {
        goods_scope(plan, deal, goods, &fen, &pieces, &room);
        if (!promo_threshold_reached(deal->promo, fen, pieces, &r->short_fen, &r->short_pieces))
            code = r->short_fen > 0 ? "threshold.amount" : "threshold.pieces";
    }
    if (code == NULL) code = deal_clash(plan, in, i);
    if (code == NULL) code = "better.without";
    const Reason *reason = reason_of(code);
    r->code = str_of(code);
    r->zh = arena_print(plan->arena, "%.*s：%s", (int)name.len, name.at, reason->zh);
    r->en = arena_print(plan->arena, "%.*s: %s", (int)name.len, name.at, reason->en);
    if (r->short_fen == 0 && r->short_pieces == 0) return;
    Str money = fen_text(plan->arena, r->short_fen);
    Str more = r->short_pieces == 0
                   ? arena_print(plan->arena, "%.*s 元", (int)money.len, money.at)
               : r->short_fen == 0 ? arena_print(plan->arena, "%lld 件", (long long)r->short_pieces)
                                   : arena_print(plan->arena, "%.*s 元、%lld 件", (int)money.len, money.at,
                                                 (long long)r->short_pieces);
    r->zh = arena_print(plan->arena, "再买 %.*s可用 %.*s", (int)more.len, more.at, (int)name.len, name.at);
    r->en = arena_print(plan->arena, "%.*s: %.*s yuan and %lld pieces more", (int)name.len, name.at, (int)money.len,
                        money.at, (long long)r->short_pieces);
}

/* ---- the certificate ---- */

static uint64_t mix(uint64_t hash, int64_t value) {
    hash = (hash ^ (uint64_t)value) * 0x9e3779b97f4a7c15u;
    return hash ^ (hash >> 29);
}

static uint64_t hash_deal(uint64_t h, const Deal *deal) {
    const Promo *p = deal->promo;
    const int64_t numbers[] = { p->id, deal->is_coupon, p->kind, p->stack, deal->class_no, p->rank, deal->is_out,
                                p->forced, p->scope.skips_discounted, p->threshold_fen, p->threshold_pieces, p->every,
                                p->rate_bp, p->off_fen, p->price_fen, p->cap_fen, p->nth, p->pieces, p->times_max,
                                p->gift_item_id, p->gift_quantity, p->gift_worth_fen, deal->life_ms };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) h = mix(h, numbers[i]);
    for (int64_t i = 0; i < deal->line_count; i++)
        h = mix(mix(h, deal->lines[i]), deal->unit == NULL ? 0 : deal->unit[i]);
    for (int64_t i = 0; i < p->steps.count; i++)
        h = mix(mix(h, p->steps.items[i].threshold_fen), p->steps.items[i].off_fen);
    for (int64_t i = 0; i < p->parts.count; i++)
        h = mix(mix(h, p->parts.items[i].item_id), p->parts.items[i].quantity);
    return h;
}

/* Of the plan, not of the text it came from: the order of the input does not matter. */
static uint64_t hash_plan(const Plan *plan) {
    uint64_t h = mix(mix(0, plan->line_count), plan->deal_count);
    h = mix(mix(h, plan->coupons_max), plan->ask->delivery_fen);
    for (int64_t l = 0; l < plan->line_count; l++) {
        const PromoLine *line = &plan->lines[l];
        h = mix(mix(mix(h, line->line_no), line->quantity), line->unit_price_fen);
        h = mix(mix(mix(h, plan->floor[l]), line->discounted), line->item_id);
    }
    for (int64_t i = 0; i < plan->deal_count; i++) h = hash_deal(h, &plan->deals[i]);
    return h;
}

static Str certificate(const Plan *plan, const bool *in, const PromoDecision *d) {
    Buf b = { .arena = plan->arena };
    buf_print(&b, "p1.%016llx.%lld.%lld.%s%s.", (unsigned long long)hash_plan(plan), (long long)d->payable_fen,
              (long long)d->bound_fen, d->optimal ? "best" : "cut", d->forced_failed ? "-unforced" : "");
    for (int64_t i = 0; i < plan->deal_count; i++)
        if (in[i]) buf_print(&b, "%s%lld,", plan->deals[i].is_coupon ? "c" : "o", (long long)plan->deals[i].promo->id);
    return buf_str(&b);
}

/* ---- deciding ---- */

static void keep_effective(const Plan *plan, bool *in, PromoDecision *out) {
    for (int64_t i = 0; i < plan->deal_count; i++) {
        bool is_found = false;
        for (int64_t k = 0; in[i] && k < out->adjustments.count && !is_found; k++)
            is_found = out->adjustments.items[k].id == plan->deals[i].promo->id &&
                       out->adjustments.items[k].coupon == plan->deals[i].is_coupon;
        in[i] = in[i] && (is_found || plan->deals[i].promo->forced);
    }
}

static void tell(Plan *plan, bool *in, PromoDecision *out) {
    Score score;
    Goods goods;
    out->lines.items = NEW_LIST(plan->arena, PromoPriced, plan->line_count + 1);
    out->lines.count = plan->line_count;
    out->adjustments.items = NEW_LIST(plan->arena, PromoAdjustment, plan->deal_count + 1);
    out->refusals.items = NEW_LIST(plan->arena, PromoRefusal, plan->deal_count + 1);
    for (int64_t l = 0; l < plan->line_count; l++)
        out->lines.items[l] = (PromoPriced){ .line_no = plan->lines[l].line_no,
                                             .amount_fen = plan->lines[l].unit_price_fen * plan->lines[l].quantity };
    set_price(plan, in, &score, out);
    keep_effective(plan, in, out);
    for (int64_t l = 0; l < plan->line_count; l++) {
        PromoPriced *line = &out->lines.items[l];
        line->payable_fen = line->amount_fen - line->off_fen;
        assert(line->payable_fen >= plan->floor[l] * plan->lines[l].quantity);
    }
    out->amount_fen = plan->amount_fen;
    out->delivery_fen = plan->ask->delivery_fen;
    out->payable_fen = score.payable_fen;
    out->off_fen = out->amount_fen + out->delivery_fen - score.payable_fen;
    out->gift_worth_fen = score.worth_fen;
    out->coupons_used = score.coupons;
    out->life_used_ms = score.life_ms;
    goods_new(plan, &goods);
    goods_price(plan, in, &goods);
    for (int64_t i = 0; i < plan->deal_count; i++)
        if (!in[i]) tell_refusal(plan, in, &goods, i, out);
}

Err promo_decide(Ctx *c, const PromoAsk *ask, PromoDecision *out) {
    Plan plan;
    Score score = { 0 };
    TRY(promo_plan_make(c, ask, &plan));
    *out = (PromoDecision){ 0 };
    bool *best = NEW_LIST(c->arena, bool, plan.deal_count + 1), is_found;
    is_found = promo_search(&plan, best, false, &score, &out->bound_fen);
    out->work = plan.work;
    if (!is_found && plan.is_forced) {
        plan.is_forced = false;
        out->forced_failed = true;
        is_found = promo_search(&plan, best, false, &score, &out->bound_fen);
        out->work += plan.work;
    }
    out->optimal = !plan.is_over;
    tell(&plan, best, out);
    if (out->bound_fen > out->payable_fen) out->bound_fen = out->payable_fen; /* cut short before the first set */
    out->certificate = certificate(&plan, best, out);
    return OK;
}

static bool read_keys(const Plan *plan, Str keys, bool *in) {
    Str key;
    int64_t id;
    while (str_cut(keys, ',', &key, &keys)) {
        bool is_coupon = str_starts(key, S("c")), is_known = false;
        if (!str_to_int(str_slice(key, 1, key.len), &id)) return false;
        for (int64_t i = 0; i < plan->deal_count && !is_known; i++) {
            is_known = plan->deals[i].promo->id == id && plan->deals[i].is_coupon == is_coupon && !in[i];
            in[i] = in[i] || is_known;
        }
        if (!is_known) return false;
    }
    return keys.len == 0;
}

static Err refuse(Ctx *c, const char *what) {
    return fail(c, E_CONFLICT, "promo.certificate", "凭证不成立（%s）", "the certificate does not hold (%s)", what);
}

Err promo_verify(Ctx *c, const PromoAsk *ask, Str text) {
    Plan plan;
    Score score, again;
    Str version, hash, payable, bound, how, rest = text;
    int64_t payable_fen, bound_fen, found_fen;
    TRY(promo_plan_make(c, ask, &plan));
    bool is_read = str_cut(rest, '.', &version, &rest) && str_cut(rest, '.', &hash, &rest) &&
                   str_cut(rest, '.', &payable, &rest) && str_cut(rest, '.', &bound, &rest) &&
                   str_cut(rest, '.', &how, &rest) && str_is(version, "p1") && str_to_int(payable, &payable_fen) &&
                   str_to_int(bound, &bound_fen);
    if (!is_read) return refuse(c, "unreadable");
    Str mine = arena_print(c->arena, "%016llx", (unsigned long long)hash_plan(&plan));
    if (!str_equal(hash, mine)) return refuse(c, "another basket");
    if (str_ends(how, S("-unforced"))) plan.is_forced = false;
    bool *in = NEW_LIST(c->arena, bool, plan.deal_count + 1);
    if (!read_keys(&plan, rest, in) || !set_is_legal(&plan, in) || !set_price(&plan, in, &score, NULL))
        return refuse(c, "not a legal set");
    if (score.payable_fen != payable_fen) return refuse(c, "another amount");
    again = score;
    /* With a set to beat from the start each node asks for its bound. */
    if (plan.work_max < INT64_MAX / 2) plan.work_max *= 2;
    promo_search(&plan, in, true, &again, &found_fen);
    if (again.payable_fen < bound_fen) return refuse(c, "below the bound");
    if (!str_starts(how, S("best"))) return OK;
    if (plan.is_over) return refuse(c, "not proven within the work limit");
    if (score_compare(&again, &score) < 0 || bound_fen != payable_fen)
        return refuse(c, "there is a better set");
    return OK;
}
