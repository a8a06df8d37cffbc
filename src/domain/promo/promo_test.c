/* Each rule and each action by an example that a cashier would recognise. */
#include "domain/promo/promo.h"
#include "test/test.h"

static const int64_t one[] = { 1 }, two[] = { 2 }, monday[] = { 1 }, eighth[] = { 8, 18, 28 };
static const Str drinks[] = { S_INIT("drinks") }, till[] = { S_INIT("till") }, web[] = { S_INIT("web") };
#define IDS(list)                                                                                                      \
    { (int64_t *)(uintptr_t)(list), sizeof(list) / sizeof((list)[0]) }
#define STRS(list)                                                                                                     \
    { (Str *)(uintptr_t)(list), sizeof(list) / sizeof((list)[0]) }

/* Two cakes of 30.00 (category 1) and three teas of 10.00 (category 2): 90.00, on Thursday 8 January, at 11:40. */
static void basket(Arena *a, PromoAsk *ask) {
    *ask = (PromoAsk){ .now = 1767843600000,
                       .day = 20260108,
                       .weekday = 4,
                       .minute = 700,
                       .shop_id = 1,
                       .channel = S("till"),
                       .member = { .member_id = 7, .tier_id = 2, .birthday = 108 } };
    ask->lines.items = NEW_LIST(a, PromoLine, 2);
    ask->lines.count = 2;
    ask->lines.items[0] = (PromoLine){
        .line_no = 1, .item_id = 1, .category_id = 1, .quantity = 2, .unit_price_fen = 3000, .member_price_fen = 2700
    };
    ask->lines.items[1] = (PromoLine){
        .line_no = 2, .item_id = 2, .category_id = 2, .quantity = 3, .unit_price_fen = 1000, .tags = STRS(drinks)
    };
}

static PromoDecision price(Arena *a, const PromoAsk *ask) {
    PromoDecision d;
    Ctx c = { .arena = a };
    assert_int_equal(promo_decide(&c, ask, &d), OK);
    assert_true(d.optimal);
    assert_int_equal(promo_verify(&c, ask, d.certificate), OK);
    return d;
}

typedef struct Example {
    const char *what;
    Promo promo;
    int64_t payable_fen;
    const char *code;
} Example;
static const Example examples[] = {
    { "tier price 9折", { .kind = PROMO_RATE, .rate_bp = 9000, .who.tier_ids = IDS(two) }, 8100, NULL },
    { "other tier", { .kind = PROMO_RATE, .rate_bp = 9000, .who.tier_ids = IDS(one) }, 9000, "who.tier" },
    { "member price", { .kind = PROMO_MEMBER_PRICE }, 8400, NULL },
    { "category price", { .kind = PROMO_PRICE, .price_fen = 800, .scope.category_ids = IDS(two) }, 8400, NULL },
    { "tag", { .kind = PROMO_PRICE, .price_fen = 800, .scope.tags = STRS(drinks) }, 8400, NULL },
    { "not that tag", { .kind = PROMO_PRICE, .price_fen = 800, .scope.not_tags = STRS(drinks) }, 4600, NULL },
    { "Mondays", { .kind = PROMO_RATE, .rate_bp = 8000, .when.weekdays = IDS(monday) }, 9000, "when.weekday" },
    { "member day", { .kind = PROMO_RATE, .rate_bp = 8800, .when.month_days = IDS(eighth) }, 7920, NULL },
    { "happy hour over", { .kind = PROMO_RATE, .rate_bp = 5000, .when = { .to_minute = 700 } }, 9000, "when.minute" },
    { "over midnight",
      { .kind = PROMO_RATE, .rate_bp = 5000, .when = { .from_minute = 690, .to_minute = 60 } },
      4500,
      NULL },
    { "not yet", { .kind = PROMO_RATE, .rate_bp = 5000, .when = { .from_day = 20260109 } }, 9000, "when.early" },
    { "ended", { .kind = PROMO_RATE, .rate_bp = 5000, .when = { .to_day = 20260107 } }, 9000, "when.ended" },
    { "birthday 8折", { .kind = PROMO_RATE, .rate_bp = 8000, .who.birthday = PROMO_BIRTHDAY_DAY }, 7200, NULL },
    { "birthday month", { .kind = PROMO_RATE, .rate_bp = 8000, .who.birthday = PROMO_BIRTHDAY_MONTH }, 7200, NULL },
    { "first order", { .kind = PROMO_CASH, .off_fen = 500, .who.first_order = true }, 8500, NULL },
    { "who has a tag", { .kind = PROMO_CASH, .off_fen = 500, .who.tags = STRS(drinks) }, 9000, "who.tag" },
    { "another shop", { .kind = PROMO_CASH, .off_fen = 500, .shop_ids = IDS(two) }, 9000, "place.shop" },
    { "this channel", { .kind = PROMO_CASH, .off_fen = 500, .channels = STRS(till) }, 8500, NULL },
    { "another channel", { .kind = PROMO_CASH, .off_fen = 500, .channels = STRS(web) }, 9000, "place.channel" },
    { "second half price",
      { .kind = PROMO_NTH, .nth = 2, .rate_bp = 5000, .scope.category_ids = IDS(one) },
      7500,
      NULL },
    { "buy two get one", { .kind = PROMO_NTH, .nth = 3, .rate_bp = 0, .scope.category_ids = IDS(two) }, 8000, NULL },
    { "exchange a cake", { .kind = PROMO_PIECE, .scope.item_ids = IDS(one) }, 6000, NULL },
    { "cake for 9.90", { .kind = PROMO_PIECE, .price_fen = 990, .scope.item_ids = IDS(one) }, 6990, NULL },
    { "满50减10", { .kind = PROMO_CASH, .threshold_fen = 5000, .off_fen = 1000 }, 8000, NULL },
    { "满100减10", { .kind = PROMO_CASH, .threshold_fen = 10000, .off_fen = 1000 }, 9000, "threshold.amount" },
    { "six pieces", { .kind = PROMO_CASH, .threshold_pieces = 6, .off_fen = 1000 }, 9000, "threshold.pieces" },
    { "每30减3", { .kind = PROMO_CASH, .threshold_fen = 3000, .every = true, .off_fen = 300 }, 8100, NULL },
    { "每30减3 two times",
      { .kind = PROMO_CASH, .threshold_fen = 3000, .every = true, .off_fen = 300, .times_max = 2 },
      8400,
      NULL },
    { "more than it costs", { .kind = PROMO_CASH, .off_fen = 100000 }, 0, NULL },
    { "85折 at most 10", { .kind = PROMO_DISCOUNT, .rate_bp = 8500, .cap_fen = 1000 }, 8000, NULL },
    { "gift",
      { .kind = PROMO_GIFT, .threshold_fen = 5000, .gift_item_id = 5, .gift_quantity = 1, .gift_worth_fen = 1 },
      9000,
      NULL },
    { "no delivery", { .kind = PROMO_DELIVERY }, 9000, "scope.no_delivery" },
    { "forbidden", { .kind = PROMO_CASH, .off_fen = 500, .forbidden = true }, 9000, "cashier.forbidden" },
};

TEST_PURE(promo_rules_and_actions_by_example) {
    Arena a;
    arena_init(&a, ARENA_HARD_MAX);
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        PromoAsk ask;
        Promo promo = examples[i].promo;
        arena_reset(&a);
        basket(&a, &ask);
        promo.id = 1;
        ask.offers = (Promos){ &promo, 1 };
        PromoDecision d = price(&a, &ask);
        bool is_same =
            d.payable_fen == examples[i].payable_fen &&
            (examples[i].code == NULL ? d.refusals.count == 0 && d.adjustments.count == 1
                                      : d.refusals.count == 1 && str_is(d.refusals.items[0].code, examples[i].code));
        if (!is_same) fail_msg("%s: pays %lld", examples[i].what, (long long)d.payable_fen);
    }
    arena_free(&a);
}

TEST_PURE(promo_says_what_is_missing_and_how_a_bundle_ladder_and_delivery_work) {
    Arena a;
    arena_init(&a, ARENA_HARD_MAX);
    PromoAsk ask;
    basket(&a, &ask);
    PromoPart parts[] = { { 1, 1 }, { 2, 1 } };
    PromoStep steps[] = { { 5000, 500 }, { 9000, 1200 }, { 10000, 3000 } };
    Promo offers[] = {
        { .id = 1, .kind = PROMO_BUNDLE, .price_fen = 3500, .parts = { parts, 2 } },
        { .id = 2, .kind = PROMO_CASH, .steps = { steps, 3 } },
        { .id = 3, .kind = PROMO_DELIVERY, .threshold_fen = 5000 },
        { .id = 4, .name = S("满102减20"), .kind = PROMO_CASH, .threshold_fen = 10200, .off_fen = 2000 },
    };
    ask.delivery_fen = 600;
    ask.offers = (Promos){ offers, 4 };
    PromoDecision d = price(&a, &ask); /* two bundles save 10.00, then 80.00 reach 满50减5: 75.00; or 90.00 - 12.00 */
    assert_int_equal(d.payable_fen, 7500);
    assert_int_equal(d.refusals.count, 1);
    assert_int_equal(d.refusals.items[0].short_fen, 2200);
    assert_true(str_is(d.refusals.items[0].zh, "再买 22.00 元可用 满102减20"));
    assert_true(d.adjustments.count == 3);
    arena_free(&a);
}

TEST_PURE(promo_gives_up_a_lower_price_where_a_threshold_is_worth_more) {
    Arena a;
    arena_init(&a, ARENA_HARD_MAX);
    PromoAsk ask;
    basket(&a, &ask);
    Promo offers[] = { { .id = 1, .kind = PROMO_RATE, .rate_bp = 9900 },
                       { .id = 2, .kind = PROMO_CASH, .threshold_fen = 9000, .off_fen = 2000 } };
    ask.offers = (Promos){ offers, 2 };
    assert_int_equal(price(&a, &ask).payable_fen, 7000);
    offers[0].forced = true;
    assert_int_equal(price(&a, &ask).payable_fen, 8910);
    offers[1].forced = true; /* both at once cannot be: told, and decided without force */
    PromoDecision d = price(&a, &ask);
    assert_true(d.forced_failed);
    assert_int_equal(d.payable_fen, 7000);
    arena_free(&a);
}

TEST_PURE(promo_keeps_the_coupon_that_expires_later_and_never_goes_below_the_floor) {
    Arena a;
    arena_init(&a, ARENA_HARD_MAX);
    PromoAsk ask;
    basket(&a, &ask);
    Promo coupons[] = {
        { .id = 1, .kind = PROMO_CASH, .off_fen = 1000, .stack_class = S("red"), .expires_at = ask.now + 9000 },
        { .id = 2, .kind = PROMO_CASH, .off_fen = 1000, .stack_class = S("red"), .expires_at = ask.now + 5000 },
        { .id = 3, .kind = PROMO_DISCOUNT, .rate_bp = 1000 }
    };
    ask.coupons = (Promos){ coupons, 3 };
    ask.lines.items[0].floor_price_fen = 2500;
    PromoDecision d = price(&a, &ask);
    assert_int_equal(d.payable_fen, 5000); /* the cakes' floor; the discount alone reaches it for everything else */
    assert_int_equal(d.lines.items[0].payable_fen, 5000);
    assert_int_equal(d.lines.items[1].payable_fen, 0);
    coupons[2].forbidden = true;
    d = price(&a, &ask);
    assert_int_equal(d.payable_fen, 8000);
    assert_int_equal(d.adjustments.items[0].id, 2);
    assert_true(str_is(d.refusals.items[1].code, "stack.class"));
    arena_free(&a);
}

TEST_PURE(promo_refuses_amounts_out_of_range_and_certificates_that_lie) {
    Arena a;
    arena_init(&a, ARENA_HARD_MAX);
    PromoAsk ask;
    PromoDecision d;
    Ctx c = { .arena = &a };
    basket(&a, &ask);
    Promo offers[] = { { .id = 1, .kind = PROMO_CASH, .off_fen = 500 } };
    ask.offers = (Promos){ offers, 1 };
    d = price(&a, &ask);
    assert_int_equal(promo_verify(&c, &ask, S("p1.0.8500.8500.best.o1,")), E_CONFLICT);
    assert_int_equal(promo_verify(&c, &ask, S("nonsense")), E_CONFLICT);
    assert_string_equal(c.problem.code, "promo.certificate");
    Str head = str_slice(d.certificate, 0, 3 + 16);
    Str lie = arena_print(&a, "%.*s.9000.9000.best.", (int)head.len, head.at);
    assert_int_equal(promo_verify(&c, &ask, lie), E_CONFLICT);
    offers[0].off_fen = 501; /* another offer than the one that was certified */
    assert_int_equal(promo_verify(&c, &ask, d.certificate), E_CONFLICT);
    const int64_t bad[] = { 0, -1, 1000000000 };
    for (int i = 0; i < 3; i++) {
        ask.lines.items[0].quantity = bad[i];
        assert_int_equal(promo_decide(&c, &ask, &d), E_INVALID);
        assert_string_equal(c.problem.code, "promo.amount");
    }
    ask.lines.items[0].quantity = 1;
    ask.lines.items[0].unit_price_fen = INT64_MAX;
    assert_int_equal(promo_decide(&c, &ask, &d), E_INVALID);
    arena_free(&a);
}

/* Weekday x category x segment as one offer; and what each kind of threshold says is missing. */
TEST_PURE(promo_weekday_category_segment_and_every_hint_in_words) {
    static const int64_t thursday[] = { 4 };
    Arena a;
    arena_init(&a, ARENA_HARD_MAX);
    PromoAsk ask;
    basket(&a, &ask);
    PromoStep steps[] = { { 10000, 1000 }, { 20000, 3000 } };
    Promo offers[] = {
        { .id = 1,
          .kind = PROMO_RATE,
          .rate_bp = 5000,
          .when.weekdays = IDS(thursday),
          .scope.category_ids = IDS(two),
          .who.tags = STRS(drinks) },
        { .id = 2, .name = S("阶梯"), .kind = PROMO_CASH, .steps = { steps, 2 } },
        { .id = 3, .name = S("满赠"), .kind = PROMO_GIFT, .threshold_fen = 8000, .gift_item_id = 5 },
        { .id = 4, .name = S("第二件半价"), .kind = PROMO_NTH, .nth = 2, .rate_bp = 5000, .threshold_pieces = 6 },
    };
    ask.member.tags = (StrList)STRS(drinks);
    ask.offers = (Promos){ offers, 4 };
    PromoDecision d = price(&a, &ask); /* three teas at half price: 75.00 */
    assert_int_equal(d.payable_fen, 7500);
    assert_int_equal(d.refusals.count, 3);
    for (int64_t i = 0; i < 3; i++) {
        static const char *const words[] = { "再买 1 件可用 第二件半价", "再买 25.00 元可用 阶梯",
                                             "再买 5.00 元可用 满赠" };
        bool is_said = false;
        for (int64_t k = 0; k < 3; k++) is_said = is_said || str_is(d.refusals.items[k].zh, words[i]);
        if (!is_said) fail_msg("not said: %s", words[i]);
    }
    ask.weekday = 5;
    assert_int_equal(price(&a, &ask).payable_fen, 9000);
    arena_free(&a);
}
