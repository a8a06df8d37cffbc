/* laoke quote: prices a basket from a file. */
#include <stdio.h>
#include "domain/promo/promo.h"
#include "main/cli.h"

enum { QUOTE_TEXT_MAX = 16 << 20 };

static const CliOption options[] = {
    { "explain", NULL, "逐步列出", "print the steps as a table", false },
    { "verify", "CERT", "核对凭证", "re-check a certificate against the file", false },
    { NULL, NULL, NULL, NULL, false },
};

static bool read_file(Cli *cli, Str path, Str *ret_text) {
    FILE *file = fopen(arena_cstr(cli->arena, cli_path(cli, path)), "rbe");
    Buf b = { .arena = cli->arena };
    char part[16384];
    size_t got;
    if (file == NULL) return false;
    while (b.len <= QUOTE_TEXT_MAX && (got = fread(part, 1, sizeof part, file)) > 0)
        buf_add(&b, (Str){ part, (int64_t)got });
    bool is_read = ferror(file) == 0 && b.len <= QUOTE_TEXT_MAX;
    fclose(file);
    *ret_text = buf_str(&b);
    return is_read;
}

static void money(Buf *b, int64_t fen) {
    int64_t at = b->len;
    fen_print(b, fen);
    Str text = str_slice(buf_str(b), at, b->len);
    int64_t len = text.len;
    Str copy = arena_str(b->arena, text);
    b->len = at;
    for (; len < 12; len++) buf_char(b, ' ');
    buf_add(b, copy);
}

static void explain(Cli *cli, const PromoDecision *d) {
    Buf b = { .arena = cli->arena };
    int64_t left = d->amount_fen + d->delivery_fen;
    buf_cstr(&b, "步骤 step      减 off        余 left       优惠 promotion\n");
    buf_cstr(&b, "list      ");
    money(&b, 0);
    money(&b, left);
    buf_cstr(&b, "     原价（含运费） list price and delivery\n");
    for (int64_t i = 0; i < d->adjustments.count; i++) {
        const PromoAdjustment *step = &d->adjustments.items[i];
        left -= step->off_fen;
        buf_print(&b, "%-10.*s", (int)step->group.len, step->group.at);
        money(&b, step->off_fen);
        money(&b, left);
        buf_print(&b, "     %s#%lld %.*s", step->coupon ? "券 coupon " : "活动 offer ", (long long)step->id,
                  (int)step->name.len, step->name.at);
        if (step->gift_quantity > 0)
            buf_print(&b, " 赠 gift %lld x %lld", (long long)step->gift_item_id, (long long)step->gift_quantity);
        buf_char(&b, '\n');
    }
    buf_cstr(&b, "\n行 line      价 amount      减 off      付 payable\n");
    for (int64_t l = 0; l < d->lines.count; l++) {
        buf_print(&b, "%-6lld", (long long)d->lines.items[l].line_no);
        money(&b, d->lines.items[l].amount_fen);
        money(&b, d->lines.items[l].off_fen);
        money(&b, d->lines.items[l].payable_fen);
        buf_char(&b, '\n');
    }
    buf_cstr(&b, "\n没用上 not used\n");
    for (int64_t i = 0; i < d->refusals.count; i++) {
        const PromoRefusal *r = &d->refusals.items[i];
        buf_print(&b, "  %-20.*s %.*s / %.*s\n", (int)r->code.len, r->code.at, (int)r->zh.len, r->zh.at, (int)r->en.len,
                  r->en.at);
    }
    buf_cstr(&b, "\n应付 payable ");
    fen_print(&b, d->payable_fen);
    buf_print(&b, "  %s\n凭证 certificate %.*s\n", d->optimal ? "（已证最优 proven best）" : "（未证最优 not proven）",
              (int)d->certificate.len, d->certificate.at);
    cli_text(cli, buf_str(&b));
}

static CliExit run_quote(Cli *cli) {
    Ctx c = { .arena = cli->arena, .rng = &cli->rng };
    PromoAsk ask;
    PromoDecision decision;
    Str text = S("");
    if (cli->words.count != 1) return cli_usage(cli, "要一个文件 / one file, please");
    if (!read_file(cli, cli->words.items[0], &text)) {
        cli_error(cli, "读不了文件 / cannot read: %.*s", (int)cli->words.items[0].len, cli->words.items[0].at);
        return CLI_USAGE;
    }
    if (json_parse(&c, text, &promo_ask_fields, &ask) != OK) return cli_refused(cli, &c);
    if (cli_has(cli, "verify")) {
        if (promo_verify(&c, &ask, cli_option(cli, "verify")) != OK) return cli_refused(cli, &c);
        cli_print(cli, "凭证成立 / the certificate holds\n");
        return CLI_OK;
    }
    if (promo_decide(&c, &ask, &decision) != OK) return cli_refused(cli, &c);
    if (cli_has(cli, "explain")) {
        explain(cli, &decision);
        return CLI_OK;
    }
    Buf b = { .arena = cli->arena };
    json_print(&b, &promo_decision_fields, &decision);
    buf_char(&b, '\n');
    cli_text(cli, buf_str(&b));
    return CLI_OK;
}

const Command command_quote = {
    .name = "quote",
    .words = "FILE.json",
    .zh = "试算一单",
    .en = "price a basket with offers and coupons",
    .need = CLI_NOTHING,
    .options = options,
    .run = run_quote,
    .more =
        "FILE.json: {\"lines\":[{\"line_no\":1,\"quantity\":2,\"unit_price_fen\":1900}],\"offers\":[…],\"coupons\":\n"
        "[{\"id\":\"1\",\"kind\":\"cash\",\"name\":\"满50减10\",\"threshold_fen\":5000,\"off_fen\":1000}]}\n"
        "Kinds: rate price member_price nth bundle piece discount cash gift delivery.",
};
