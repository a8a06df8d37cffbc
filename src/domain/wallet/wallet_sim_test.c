#include "domain/member/member_inside.h"
#include "domain/wallet/wallet_card.h"
#include "test/sim.h"
#include "test/test.h"
#include <stdio.h>

/* Some members have money time and again, so that what needs money finds it. */
enum { SAVERS_MAX = 8 };
static int64_t saver(Sim *s) {
    bool is_any = sim_size(s, "wallet.saver") < SAVERS_MAX || rng_below(s->rng, 4) == 0;
    return sim_pick(s, is_any ? "member" : "wallet.saver");
}

static Err sim_recharge(Sim *s) {
    int64_t member = saver(s), amount = 1 + rng_below(s->rng, 20000), no = rng_below(s->rng, 1000000);
    if (member == 0) return OK;
    sim_post(s, "/v1/wallet/recharges",
             "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"amount_fen\":%lld,\"tender\":\"cash\",\"recharge_no\":\"R%"
             "lld\"}",
             (long long)s->w->shop_id, (long long)member, (long long)amount, (long long)no);
    if (sim_was_done(s) && sim_size(s, "wallet.saver") < SAVERS_MAX) sim_keep(s, "wallet.saver", member);
    return OK;
}

static Err sim_request(Sim *s) {
    int64_t member = sim_pick(s, "member");
    if (member == 0) return OK;
    sim_post(s, "/v1/wallet/refund-requests", "{\"member_id\":\"%lld\",\"reason\":\"sim\"}", (long long)member);
    if (sim_was_done(s)) sim_keep(s, "wallet.request", world_int(s->w, "/request_id"));
    return OK;
}

static Err sim_reject(Sim *s) {
    int64_t request = sim_pick(s, "wallet.request");
    char path[90];
    if (request == 0) return OK;
    snprintf(path, sizeof path, "/v1/approvals/%lld/withdraw", (long long)request);
    sim_post(s, path, "{}");
    if (sim_was_done(s)) sim_drop(s, "wallet.request", request);
    return OK;
}

static Err sim_bad_spend(Sim *s) {
    int64_t member = sim_pick(s, "member"), amount = 1 + rng_below(s->rng, 5000), no = rng_below(s->rng, 1000);
    if (member == 0) return OK;
    sim_post(
        s, "/v1/wallet/spends",
        "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"amount_fen\":%lld,\"spend_no\":\"S%lld\",\"pin\":\"000000\"}",
        (long long)s->w->shop_id, (long long)member, (long long)amount, (long long)no);
    if (sim_was_done(s)) sim_fail(s, "a wrong PIN paid");
    return OK;
}

typedef struct Show {
    int64_t member;
    Str code;
} Show;
static Err show_code(Ctx *c, void *arg) {
    Show *show = arg;
    MemberCard card;
    TRY(member_card(c, show->member, &card));
    show->code = member_code(c, &card, c->now / MEMBER_CODE_STEP_MS);
    return OK;
}

/* The member holds up the phone; a code that was used before, or more money than is there, is refused. */
static Err sim_spend(Sim *s) {
    Show show = { .member = saver(s) };
    int64_t amount = 1 + rng_below(s->rng, 6000), no = rng_below(s->rng, 1000000);
    if (show.member == 0) return OK;
    Ctx c = world_ctx(s->w, s->w->merchant_id);
    if (app_read(&c, show_code, &show) != OK) return OK;
    sim_post(
        s, "/v1/wallet/spends",
        "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"amount_fen\":%lld,\"spend_no\":\"C%lld\",\"code\":\"%.*s\"}",
        (long long)s->w->shop_id, (long long)show.member, (long long)amount, (long long)no, (int)show.code.len,
        show.code.at);
    if (sim_was_done(s)) sim_keep(s, "wallet.spend", world_int(s->w, "/spend_id"));
    return OK;
}

static Err sim_return(Sim *s) {
    int64_t spend = sim_pick(s, "wallet.spend"), amount = rng_below(s->rng, 3000), no = rng_below(s->rng, 100);
    char path[90];
    if (spend == 0) return OK;
    snprintf(path, sizeof path, "/v1/wallet/spends/%lld/returns", (long long)spend);
    sim_post(s, path, "{\"restore_no\":\"B%lld\",\"amount_fen\":%lld}", (long long)no, (long long)amount);
    return OK;
}

static Err sim_adjust(Sim *s) {
    int64_t member = sim_pick(s, "member"), principal = rng_below(s->rng, 4000) - 2000, gift = rng_below(s->rng, 900);
    char path[90];
    if (member == 0) return OK;
    snprintf(path, sizeof path, "/v1/members/%lld/wallet/adjustments", (long long)member);
    sim_post(s, path,
             "{\"principal_fen\":%lld,\"gift_fen\":%lld,\"expires_day\":\"2026-%02lld-11\",\"reason\":\"sim\"}",
             (long long)principal, (long long)gift, (long long)(3 + rng_below(s->rng, 9)));
    return OK;
}

static Err sim_transfer(Sim *s) {
    int64_t from = saver(s), to = sim_pick(s, "member");
    if (from == 0) return OK;
    sim_post(s, "/v1/wallet/transfers",
             "{\"from_member_id\":\"%lld\",\"to_member_id\":\"%lld\",\"principal_fen\":%lld,\"gift_fen\":%lld,"
             "\"reason\":\"sim\"}",
             (long long)from, (long long)to, (long long)rng_below(s->rng, 3000), (long long)rng_below(s->rng, 500));
    return OK;
}

static Err sim_card_issue(Sim *s) {
    bool is_sold = rng_below(s->rng, 2) == 1;
    sim_post(s, "/v1/wallet/card-batches",
             "{\"shop_id\":\"%lld\",\"name\":\"sim\",\"value_fen\":%lld,\"cards\":2,\"is_sold\":%s}",
             (long long)s->w->shop_id, (long long)(1 + rng_below(s->rng, 5000)), is_sold ? "true" : "false");
    if (sim_was_done(s)) sim_keep(s, "wallet.batch", world_int(s->w, "/batch_id"));
    return OK;
}

static Err sim_card_look(Sim *s) {
    int64_t batch = sim_pick(s, "wallet.batch");
    char path[90];
    if (batch == 0) return OK;
    snprintf(path, sizeof path, "/v1/wallet/card-batches/%lld/codes", (long long)batch);
    sim_post(s, path, "{}");
    if (!sim_was_done(s)) return OK;
    for (int64_t i = 0; i < world_count(s->w, "/items"); i++) {
        snprintf(path, sizeof path, "/items/%lld/card_id", (long long)i);
        sim_keep(s, "wallet.card", world_int(s->w, path));
    }
    sim_drop(s, "wallet.batch", batch);
    return OK;
}

static Err sim_card_sell(Sim *s) {
    int64_t card = sim_pick(s, "wallet.card");
    if (card == 0) return OK;
    sim_post(s, "/v1/wallet/cards/sell", "{\"shop_id\":\"%lld\",\"card_id\":\"%lld\",\"tender\":\"cash\"}",
             (long long)s->w->shop_id, (long long)card);
    return OK;
}

static Err redeem_unit(Ctx *c, void *arg) {
    const int64_t *ids = arg;
    WalletCard card;
    return wallet_card_redeem(c, ids[0], ids[1], &card);
}

static Err sim_card_redeem(Sim *s) {
    int64_t ids[2] = { sim_pick(s, "member"), sim_pick(s, "wallet.card") };
    if (ids[0] != 0 && ids[1] != 0) world_unit(s->w, redeem_unit, ids);
    return OK;
}

static Err sim_card_void(Sim *s) {
    int64_t card = sim_pick(s, "wallet.card");
    char path[90];
    if (card == 0) return OK;
    snprintf(path, sizeof path, "/v1/wallet/cards/%lld/void", (long long)card);
    sim_post(s, path, "{\"reason\":\"sim\"}");
    return OK;
}

/* Without sessions in the model: what members do by phone goes through the rules. */
typedef struct Kin {
    int64_t owner, member, what;
} Kin;
static Err kin_unit(Ctx *c, void *arg) {
    const Kin *k = arg;
    WalletFamily f = { .member_id = k->member, .owner_id = k->owner, .day_most_fen = 3000, .month_most_fen = 20000 };
    if (k->what == 0) return wallet_family_invite(c, &f, &f);
    if (k->what == 1) return wallet_family_answer(c, k->member, k->owner % 4 != 0, &f);
    if (k->what == 2) return wallet_family_choose(c, k->member, k->owner % 2 == 0, &f);
    return wallet_family_leave(c, k->member, 0, &f);
}

static Err sim_family(Sim *s) {
    static const char weights[] = { 0, 0, 0, 1, 1, 1, 1, 2, 3 };
    Kin kin = { saver(s), sim_pick(s, "member"), weights[rng_below(s->rng, (int64_t)sizeof weights)] };
    if (kin.what > 0) kin.member = sim_pick(s, "wallet.invited");
    if (kin.owner == 0 || kin.member == 0) return OK;
    Err err = world_unit(s->w, kin_unit, &kin);
    if (err == OK && kin.what == 0) sim_keep(s, "wallet.invited", kin.member);
    if (err == OK && kin.what == 1) sim_keep(s, "wallet.saver", kin.member); /* he has his owner's money */
    return OK;
}

static Err decide_unit(Ctx *c, void *arg) {
    const int64_t *what = arg;
    Approval a;
    return approval_decide(c, what[0], what[1] == 1, S("sim"), &a);
}

/* A second person of the staff, whom the model has no session for. */
static Err sim_second_person(Sim *s) {
    int64_t what[2] = { sim_pick(s, rng_below(s->rng, 2) == 0 ? "approval" : "wallet.request"), rng_below(s->rng, 2) };
    Ctx c = world_ctx(s->w, s->w->merchant_id);
    c.actor = (Actor){ ACTOR_STAFF, 99 };
    if (what[0] != 0) app_unit(&c, decide_unit, what);
    return OK;
}

/* An order with balance, the code on the member's phone, the rest in cash; points earned on what was paid in. */
static Err sim_order(Sim *s) {
    Show show = { .member = saver(s) };
    int64_t price = 2 + rng_below(s->rng, 3000), no = rng_below(s->rng, 1000000), part = rng_below(s->rng, 1000000);
    if (show.member == 0) return OK;
    Ctx c = world_ctx(s->w, s->w->merchant_id);
    if (app_read(&c, show_code, &show) != OK) return OK;
    sim_post(s, "/v1/quotes",
             "{\"shop_id\":\"%lld\",\"member_id\":\"%lld\",\"lines\":[{\"name\":\"x\",\"quantity\":1,"
             "\"unit_price_fen\":%lld}]}",
             (long long)s->w->shop_id, (long long)show.member, (long long)price);
    int64_t payable = sim_was_done(s) ? world_int(s->w, "/order/payable_fen") : 0;
    if (payable < 2) return OK;
    int64_t balance = 1 + part % (payable - 1);
    sim_post(s, "/v1/orders",
             "{\"shop_id\":\"%lld\",\"order_no\":\"W%lld\",\"member_id\":\"%lld\",\"settle\":true,"
             "\"lines\":[{\"name\":\"x\",\"quantity\":1,\"unit_price_fen\":%lld}],\"tenders\":["
             "{\"tender\":\"balance\",\"amount_fen\":%lld,\"code\":\"%.*s\"},{\"tender\":\"cash\","
             "\"amount_fen\":%lld}]}",
             (long long)s->w->shop_id, (long long)no, (long long)show.member, (long long)price, (long long)balance,
             (int)show.code.len, show.code.at, (long long)(payable - balance));
    if (sim_was_done(s)) sim_keep(s, "wallet.order", world_int(s->w, "/order_id"));
    return OK;
}

static Err sim_order_refund(Sim *s) {
    int64_t order = sim_pick(s, "wallet.order"), amount = rng_below(s->rng, 2000);
    char path[90];
    if (order == 0) return OK;
    snprintf(path, sizeof path, "/v1/orders/%lld/refunds", (long long)order);
    sim_post(s, path, "{\"amount_fen\":%lld}", (long long)amount);
    return OK;
}

const SimAction wallet_sim[] = {
    { "wallet.recharge", 5, sim_recharge },
    { "wallet.request", 1, sim_request },
    { "wallet.reject", 1, sim_reject },
    { "wallet.bad_spend", 1, sim_bad_spend },
    { "wallet.spend", 6, sim_spend },
    { "wallet.return", 3, sim_return },
    { "wallet.adjust", 3, sim_adjust },
    { "wallet.transfer", 2, sim_transfer },
    { "wallet.card_issue", 1, sim_card_issue },
    { "wallet.card_look", 1, sim_card_look },
    { "wallet.card_sell", 2, sim_card_sell },
    { "wallet.card_redeem", 3, sim_card_redeem },
    { "wallet.card_void", 1, sim_card_void },
    { "wallet.family", 2, sim_family },
    { "wallet.second_person", 2, sim_second_person },
    { "wallet.order", 4, sim_order },
    { "wallet.order_refund", 3, sim_order_refund },
    { NULL },
};
