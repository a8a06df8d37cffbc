#include "domain/ledger/ledger_merge.h"
#include "domain/ledger/ledger_proof.h"
#include "domain/ledger/ledger_store.h"

/* ---- why: every line of a balance, in words ---- */

typedef struct WhyAsk {
    int64_t member_id;
    Str account;
    int64_t at;
} WhyAsk;
static const Field why_ask_field[] = {
    FIELD_ID(WhyAsk, member_id),
    FIELD(WhyAsk, account, .max = LEDGER_SOURCE_MAX,
          .about = "points (default), growth, principal, gift, times (all cards), times:CARD_ID, points:KEY"),
    FIELD(WhyAsk, at, .about = "unix ms; 0 = now"),
};
static const Fields why_ask_fields = FIELDS(WhyAsk, why_ask_field);

static const Field my_why_field[] = {
    FIELD(WhyAsk, account, .max = LEDGER_SOURCE_MAX,
          .about = "points (default), growth, principal, gift, times (all cards), times:CARD_ID, points:KEY"),
    FIELD(WhyAsk, at, .about = "unix ms; 0 = now"),
};
static const Fields my_why_fields = {
    .name = "MyWhyAsk", .size = sizeof(WhyAsk), .field = my_why_field, .count = COUNT_OF(my_why_field), .given_at = -1
};

typedef struct WhyLine {
    Str account; /* where the answer joins several */
    int64_t seq, at, delta, delta_debt, balance_after, source_id;
    Str source, words, actor;
    int64_t actor_id, shop_id;
    Str detail, reason;
} WhyLine;
static const Field why_line_field[] = {
    FIELD(WhyLine, seq),
    FIELD(WhyLine, at),
    FIELD(WhyLine, account, .skip_zero = true),
    FIELD(WhyLine, words),
    FIELD(WhyLine, delta),
    FIELD(WhyLine, delta_debt, .skip_zero = true),
    FIELD(WhyLine, balance_after),
    FIELD(WhyLine, source),
    FIELD_ID(WhyLine, source_id),
    FIELD(WhyLine, actor),
    FIELD_ID(WhyLine, actor_id, .skip_zero = true),
    FIELD_ID(WhyLine, shop_id, .skip_zero = true),
    FIELD_JSON(WhyLine, detail, .skip_zero = true),
    FIELD(WhyLine, reason, .skip_zero = true, .is_personal = true),
};
static const Fields why_line_fields = FIELDS(WhyLine, why_line_field);

typedef struct WhyAnswer {
    int64_t member_id;
    Str account;
    int64_t at, before_count, before_balance, balance, debt;
    LIST_OF(WhyLine) lines;
} WhyAnswer;
static const Field why_answer_field[] = {
    FIELD_ID(WhyAnswer, member_id),
    FIELD(WhyAnswer, account),
    FIELD(WhyAnswer, at),
    FIELD(WhyAnswer, before_count, .about = "older lines that are summed in before_balance"),
    FIELD(WhyAnswer, before_balance),
    FIELD(WhyAnswer, balance),
    FIELD(WhyAnswer, debt),
    FIELD_LIST(WhyAnswer, lines, why_line_fields, .max = LEDGER_WHY_MAX),
};
static const Fields why_answer_fields = FIELDS(WhyAnswer, why_answer_field);

/* The vocabulary of sources, for people. A source that is not here is shown by its name. */
static const struct {
    const char *source, *zh, *en;
} source_words[] = {
    { "order.earn", "消费所得", "earned with an order" },
    { "order.spend", "抵扣现金", "paid with" },
    { "order.spend.release", "订单取消，退回冻结", "order cancelled, given back" },
    { "refund.restore", "退货，退回所用", "returned goods, given back" },
    { "refund.take_back", "退货，收回所得", "returned goods, earnings taken back" },
    { "behaviour", "行为奖励", "for what you did" },
    { "grant", "人工增加", "granted by staff" },
    { "deduct", "人工扣减", "deducted by staff" },
    { "gift.out", "转赠给他人", "given to a friend" },
    { "gift.in", "收到转赠", "received from a friend" },
    { "reward", "活动奖励", "a gift" },
    { "reward.back", "收回奖励", "a gift taken back" },
    { "tier.gift", "升级礼", "gift of a new level" },
    { "opening", "期初余额", "opening balance" },
    { "wallet.recharge", "储值充值", "recharged" },
    { "wallet.part", "按月到账的赠送金", "monthly part of a recharge gift" },
    { "wallet.spend", "余额支付", "paid with balance" },
    { "wallet.restore", "退货，退回余额", "returned goods, balance given back" },
    { "wallet.adjust", "人工调整", "corrected by staff" },
    { "wallet.out", "转给他人", "moved to another member" },
    { "wallet.in", "他人转入", "moved from another member" },
    { "wallet.card", "礼品卡兑入", "gift card redeemed" },
    { "wallet.card_refund", "退卡", "card refunded" },
    { "wallet.points", "充值送积分", "points of a recharge" },
    { "times.issue", "次卡开卡", "times card given" },
    { "times.use", "次卡核销", "times card used" },
    { "times.undo", "撤销核销", "use undone" },
    { "times.start.out", "首次使用，开始计有效期", "first use, validity begins" },
    { "times.start.in", "首次使用，开始计有效期", "first use, validity begins" },
    { "times.refund", "退次卡", "times card refunded" },
    { "times.revoke", "收回次卡", "times card taken back" },
    { "expire", "到期清零", "expired" },
    { "merge.out", "会员合并，转出", "members merged, moved out" },
    { "merge.in", "会员合并，转入", "members merged, moved in" },
    { "unmerge.out", "会员拆分，转出", "merge undone, moved out" },
    { "unmerge.in", "会员拆分，转回", "merge undone, moved back" },
};

static Str words_of(Ctx *c, Str source) {
    /* "wallet.part.3", "wallet.points.77": numbered ones are of their kind */
    Str kind = source;
    while (kind.len > 0 && kind.at[kind.len - 1] >= '0' && kind.at[kind.len - 1] <= '9') kind.len--;
    if (kind.len > 0 && kind.len < source.len && kind.at[kind.len - 1] == '.') kind.len--;
    for (int64_t i = 0; i < COUNT_OF(source_words); i++)
        if (str_is(kind, source_words[i].source))
            return str_of(c->lang == LANG_ZH ? source_words[i].zh : source_words[i].en);
    return source;
}

static WhyLine line_of(Ctx *c, const LedgerEntry *e) {
    return (WhyLine){ .seq = e->seq,
                      .at = e->at,
                      .delta = e->delta,
                      .delta_debt = e->delta_debt,
                      .balance_after = e->balance_after,
                      .source_id = e->source_id,
                      .source = e->source,
                      .words = words_of(c, e->source),
                      .actor = e->actor,
                      .actor_id = e->actor_id,
                      .shop_id = e->shop_id,
                      .detail = e->detail,
                      .reason = e->reason };
}

/* "times" is "times:17" and "times:18": one account for each card. "points:star" is a kind of its own. */
static bool is_of_family(Str kind, Str name) {
    if (kind.len < name.len + 2 || !str_starts(kind, name) || kind.at[name.len] != ':') return false;
    for (int64_t i = name.len + 1; i < kind.len; i++)
        if (kind.at[i] < '0' || kind.at[i] > '9') return false;
    return true;
}

/* Puts the lines of one more account into those that are there, in the order of time. */
static void merge_lines(Ctx *c, WhyAnswer *out, const LedgerWhy *why, Str account) {
    WhyLine *lines = NEW_LIST(c->arena, WhyLine, out->lines.count + why->lines.count + 1);
    int64_t count = 0, have = 0;
    for (int64_t i = 0; i < why->lines.count; i++) {
        const LedgerEntry *e = &why->lines.items[i];
        while (have < out->lines.count && out->lines.items[have].at <= e->at) lines[count++] = out->lines.items[have++];
        lines[count] = line_of(c, e);
        lines[count++].account = account;
    }
    while (have < out->lines.count) lines[count++] = out->lines.items[have++];
    out->lines.items = lines;
    out->lines.count = count;
}

static Err add_account(Ctx *c, int64_t at, Str account, bool is_one_of_many, WhyAnswer *out) {
    LedgerWhy why;
    LedgerKind kind = { .name = account };
    TRY(ledger_why(c, out->member_id, &kind, at, &why));
    out->at = why.at;
    out->before_count += why.before_count;
    out->before_balance += why.before_balance;
    out->balance += why.balance;
    out->debt += why.debt;
    merge_lines(c, out, &why, is_one_of_many ? account : S(""));
    return OK;
}

/* The oldest lines go into the sum before the rest; over several accounts the running balance is that of all. */
static void run_balance(WhyAnswer *out) {
    int64_t over = out->lines.count > LEDGER_WHY_MAX ? out->lines.count - LEDGER_WHY_MAX : 0;
    int64_t balance = out->before_balance;
    for (int64_t i = 0; i < out->lines.count; i++) {
        balance += out->lines.items[i].delta;
        out->lines.items[i].balance_after = balance;
        if (i < over) out->before_balance = balance;
    }
    out->before_count += over;
    out->lines.items += over;
    out->lines.count -= over;
}

static Err answer_why(Ctx *c, int64_t member_id, const WhyAsk *in, WhyAnswer *out) {
    *out = (WhyAnswer){ .member_id = member_id, .account = in->account.len > 0 ? in->account : S("points") };
    TRY(add_account(c, in->at, out->account, false, out));
    if (out->lines.count > 0) return OK;
    LedgerAccounts accounts = { 0 };
    TRY(ledger_accounts(c, member_id, &accounts));
    for (int64_t i = 0; i < accounts.count; i++)
        if (is_of_family(accounts.items[i].kind, out->account))
            TRY(add_account(c, in->at, accounts.items[i].kind, true, out));
    run_balance(out);
    return OK;
}

static Err get_why(Ctx *c, const void *body, void *ret) {
    const WhyAsk *in = body;
    return answer_why(c, in->member_id, in, ret);
}

static Err get_my_why(Ctx *c, const void *body, void *ret) { return answer_why(c, auth_member(c), body, ret); }

/* ---- accounts of a member, whatever their kind ---- */

typedef struct AccountsAsk {
    int64_t member_id;
} AccountsAsk;
static const Field accounts_ask_field[] = { FIELD_ID(AccountsAsk, member_id) };
static const Fields accounts_ask_fields = FIELDS(AccountsAsk, accounts_ask_field);
typedef struct AccountsAnswer {
    LedgerAccounts items;
} AccountsAnswer;
static const Field accounts_answer_field[] = { FIELD_LIST(AccountsAnswer, items, ledger_account_fields) };
static const Fields accounts_answer_fields = FIELDS(AccountsAnswer, accounts_answer_field);

static Err get_accounts(Ctx *c, const void *body, void *ret) {
    const AccountsAsk *in = body;
    AccountsAnswer *out = ret;
    return ledger_accounts(c, in->member_id, &out->items);
}

/* ---- members' data ---- */

static Err erase_words(Ctx *c, int64_t member_id) { return entry_blank_reasons(c, member_id); }

static Err export_accounts(Ctx *c, int64_t member_id, Buf *json) {
    LedgerAccounts accounts = { 0 };
    TRY(ledger_accounts(c, member_id, &accounts));
    buf_cstr(json, "\"accounts\":");
    json_print_list(json, &ledger_account_fields, (ListAny){ accounts.items, accounts.count });
    buf_cstr(json, ",\"account_entries\":[");
    bool is_first = true;
    for (int64_t i = 0; i < accounts.count; i++) {
        LedgerEntries entries = { 0 };
        TRY(entry_page(c, member_id, accounts.items[i].kind, 0, EXPORT_ROWS_MAX, &entries));
        for (int64_t k = 0; k < entries.count; k++, is_first = false) {
            if (!is_first) buf_char(json, ',');
            json_print(json, &ledger_entry_fields, &entries.items[k]);
        }
    }
    buf_char(json, ']');
    return OK;
}

static const Route routes[] = {
    { "GET", "/v1/members/{member_id}/why", "Why an account stands where it stands, line by line, for any past moment",
      WHO_STAFF | WHO_POS | WHO_PARTNER, "ledger.read", &why_ask_fields, &why_answer_fields, NULL, get_why, 0 },
    { "GET", "/v1/me/why", "Why my account stands where it stands", WHO_MEMBER, NULL, &my_why_fields,
      &why_answer_fields, NULL, get_my_why, 0 },
    { "GET", "/v1/members/{member_id}/accounts", "Every account of a member", WHO_STAFF | WHO_POS | WHO_PARTNER,
      "ledger.read", &accounts_ask_fields, &accounts_answer_fields, NULL, get_accounts, 0 },
};

const Slice ledger_slice = {
    .name = "ledger",
    .routes = routes,
    .route_count = COUNT_OF(routes),
    .holds = ledger_holds,
    .hold_count = LEDGER_HOLD_COUNT,
    .merge = ledger_merge,
    .unmerge = ledger_unmerge,
    .erase = erase_words,
    .export_member = export_accounts,
};
