/* Everything out again: pages of each slice, each from a snapshot of its own, written as they come. */
#include "domain/transfer/transfer_store.h"
#include "app/sheet.h"
#include "domain/item/item.h"
#include "domain/member/member.h"
#include "domain/order/order.h"
#include <stdio.h>
#include <unistd.h>

enum { EXPORT_PAGE = 200, EXPORT_TIME_MAX = 20 };

typedef struct Sink {
    const TransferExport *export;
    const Fields *fields;
    const Zone *zone;
    FILE *file;
    SheetWriter *sheet;
    int64_t rows;
    Arena arena; /* of one page */
} Sink;

static Err cannot_write(Ctx *c) {
    return fail(c, E_BUSY, "transfer.report", "写不了报告文件 %.*s", "cannot write the report file %.*s", 0, "");
}

static Err put(Ctx *c, Sink *s, const void *row) {
    s->rows++;
    if (s->sheet) return sheet_add(c, s->sheet, row);
    Buf line = { .arena = c->arena };
    csv_row(&line, s->fields, row);
    return fwrite(line.at, 1, (size_t)line.len, s->file) == (size_t)line.len ? OK : cannot_write(c);
}

/* "2026-01-31 08:30:00" by the clock of the merchant; empty for 0. */
static Str time_text(Ctx *c, const Sink *s, int64_t at) {
    if (at == 0) return S("");
    int64_t day = day_at(s->zone, at), minute = minute_at(s->zone, at);
    return arena_print(c->arena, "%04d-%02d-%02d %02d:%02d:%02d", (int)day_year(day), (int)day_month(day),
                       (int)day_of_month(day), (int)(minute / 60), (int)(minute % 60), (int)(at / 1000 % 60));
}

/* ---- members ---- */

typedef struct MemberOut {
    int64_t member_id;
    Str member_no, name, phone, status, stage, tier;
    int64_t points, growth, orders, spend_fen, first_order, last_order, birth_month, birth_day;
    bool birth_is_lunar;
    Str joined;
} MemberOut;
static const Field member_out_field[] = {
    FIELD_ID(MemberOut, member_id),   FIELD(MemberOut, member_no),   FIELD(MemberOut, name),
    FIELD(MemberOut, phone),          FIELD(MemberOut, status),      FIELD(MemberOut, stage),
    FIELD(MemberOut, tier),           FIELD(MemberOut, points),      FIELD(MemberOut, growth),
    FIELD(MemberOut, orders),         FIELD(MemberOut, spend_fen),   FIELD_DAY(MemberOut, first_order),
    FIELD_DAY(MemberOut, last_order), FIELD(MemberOut, birth_month), FIELD(MemberOut, birth_day),
    FIELD(MemberOut, birth_is_lunar), FIELD(MemberOut, joined),
};
static const Fields member_out_fields = FIELDS(MemberOut, member_out_field);

typedef struct Walk {
    Sink *sink;
    int64_t above_id, member_id, before_seq;
    int64_t kind;
    Str cursor;
    bool is_over;
} Walk;

static Err phone_of(Ctx *c, const Sink *s, int64_t member_id, Str *ret_phone) {
    if (!s->export->does_reveal) return identity_phone_mask(c, member_id, ret_phone);
    Err err = identity_open(c, member_id, IDENTITY_PHONE, ret_phone);
    if (err != E_NOT_FOUND) return err;
    problem_clear(c);
    *ret_phone = S("");
    return OK;
}

static Err member_page(Ctx *c, void *arg) {
    Walk *w = arg;
    MemberCards cards;
    TRY(member_walk(c, w->above_id, EXPORT_PAGE, &cards));
    for (int64_t i = 0; i < cards.count; i++) {
        const MemberCard *card = &cards.items[i];
        MemberOut out = {
            .member_id = card->member_id,
            .member_no = card->member_no,
            .name = card->name,
            .status = str_of(member_status_names[card->status]),
            .stage = str_of(member_stage_names[card->stage]),
            .tier = card->tier_name,
            .points = card->points,
            .growth = card->growth,
            .orders = card->orders,
            .spend_fen = card->spend_fen,
            .birth_month = card->birth_month,
            .birth_day = card->birth_day,
            .birth_is_lunar = card->birth_is_lunar,
            .joined = time_text(c, w->sink, card->joined_at),
        };
        if (card->first_order_at != 0) out.first_order = day_at(w->sink->zone, card->first_order_at);
        if (card->last_order_at != 0) out.last_order = day_at(w->sink->zone, card->last_order_at);
        TRY(phone_of(c, w->sink, card->member_id, &out.phone));
        TRY(put(c, w->sink, &out));
        w->above_id = card->member_id;
    }
    w->is_over = cards.count < EXPORT_PAGE;
    return OK;
}

/* ---- items ---- */

typedef struct ItemOut {
    Str sku, item, category, brand, barcode, unit;
    int64_t price_fen, member_price_fen, points_bonus;
    Str status;
} ItemOut;
static const Field item_out_field[] = {
    FIELD(ItemOut, sku),          FIELD(ItemOut, item),   FIELD(ItemOut, category),  FIELD(ItemOut, brand),
    FIELD(ItemOut, barcode),      FIELD(ItemOut, unit),   FIELD(ItemOut, price_fen), FIELD(ItemOut, member_price_fen),
    FIELD(ItemOut, points_bonus), FIELD(ItemOut, status),
};
static const Fields item_out_fields = FIELDS(ItemOut, item_out_field);

static Err item_page(Ctx *c, void *arg) {
    Walk *w = arg;
    Items items;
    Str next = S("");
    TRY(item_list(c, &(ItemQuery){ .with_removed = true, .cursor = w->cursor, .limit = EXPORT_PAGE }, &items, &next));
    for (int64_t i = 0; i < items.count; i++) {
        const Item *item = &items.items[i];
        TRY(put(c, w->sink,
                &(ItemOut){ .sku = item->sku,
                            .item = item->name,
                            .category = item->category,
                            .brand = item->brand,
                            .unit = item->unit,
                            .barcode = item->barcodes.count > 0 ? item->barcodes.items[0] : S(""),
                            .price_fen = item->price_fen,
                            .member_price_fen = item->member_price_fen,
                            .points_bonus = item->points_bonus,
                            .status = str_of(item_status_names[item->status]) }));
    }
    w->cursor = next;
    w->is_over = next.len == 0;
    return OK;
}

/* ---- orders: a row for each line ---- */

typedef struct LineOut {
    Str order_no, time;
    int64_t shop_id, member_id;
    Str status, channel;
    int64_t line_no, item_id;
    Str item;
    int64_t quantity, price_fen, amount_fen, discount_fen, payable_fen, points_earned, refunded_quantity, refunded_fen;
} LineOut;
static const Field line_out_field[] = {
    FIELD(LineOut, order_no),          FIELD(LineOut, time),         FIELD_ID(LineOut, shop_id),
    FIELD_ID(LineOut, member_id),      FIELD(LineOut, status),       FIELD(LineOut, channel),
    FIELD(LineOut, line_no),           FIELD_ID(LineOut, item_id),   FIELD(LineOut, item),
    FIELD(LineOut, quantity),          FIELD(LineOut, price_fen),    FIELD(LineOut, amount_fen),
    FIELD(LineOut, discount_fen),      FIELD(LineOut, payable_fen),  FIELD(LineOut, points_earned),
    FIELD(LineOut, refunded_quantity), FIELD(LineOut, refunded_fen),
};
static const Fields line_out_fields = FIELDS(LineOut, line_out_field);

static Err put_order(Ctx *c, Sink *s, const Order *order) {
    OrderLines lines;
    TRY(order_read_lines(c, order->order_id, &lines));
    for (int64_t i = 0; i < lines.count; i++) {
        const OrderLine *line = &lines.items[i];
        TRY(put(c, s,
                &(LineOut){ .order_no = order->order_no,
                            .time = time_text(c, s, order->occurred_at),
                            .shop_id = order->shop_id,
                            .member_id = order->member_id,
                            .status = str_of(order_status_names[order->status]),
                            .channel = order->channel,
                            .line_no = line->line_no,
                            .item_id = line->item_id,
                            .item = line->name,
                            .quantity = line->quantity,
                            .price_fen = line->unit_price_fen,
                            .amount_fen = line->amount_fen,
                            .discount_fen = line->discount_fen,
                            .payable_fen = line->payable_fen,
                            .points_earned = line->points_earned,
                            .refunded_quantity = line->refunded_quantity,
                            .refunded_fen = line->refunded_fen }));
    }
    return OK;
}

static Err order_page(Ctx *c, void *arg) {
    Walk *w = arg;
    Orders orders;
    TRY(order_walk(c, w->above_id, EXPORT_PAGE, &orders));
    for (int64_t i = 0; i < orders.count; i++) {
        ArenaMark mark = arena_mark(c->arena);
        TRY(put_order(c, w->sink, &orders.items[i]));
        w->above_id = orders.items[i].order_id;
        arena_back(c->arena, mark);
    }
    w->is_over = orders.count < EXPORT_PAGE;
    return OK;
}

/* ---- entries of the ledger: by member, newest first ---- */

typedef struct EntryOut {
    int64_t member_id;
    Str kind;
    int64_t seq;
    Str time;
    int64_t delta, delta_debt, balance_after;
    Str source;
    int64_t source_id;
    Str detail;
} EntryOut;
static const Field entry_out_field[] = {
    FIELD_ID(EntryOut, member_id), FIELD(EntryOut, kind),       FIELD(EntryOut, seq),           FIELD(EntryOut, time),
    FIELD(EntryOut, delta),        FIELD(EntryOut, delta_debt), FIELD(EntryOut, balance_after), FIELD(EntryOut, source),
    FIELD_ID(EntryOut, source_id), FIELD(EntryOut, detail),
};
static const Fields entry_out_fields = FIELDS(EntryOut, entry_out_field);

static Err put_account(Ctx *c, Walk *w, int64_t member_id, Str kind_name) {
    LedgerKind kind = { .name = kind_name };
    for (int64_t before = 0;;) {
        LedgerEntries entries;
        TRY(ledger_entries(c, member_id, &kind, before, EXPORT_PAGE, &entries));
        for (int64_t i = 0; i < entries.count; i++) {
            const LedgerEntry *e = &entries.items[i];
            TRY(put(c, w->sink,
                    &(EntryOut){ member_id, kind_name, e->seq, time_text(c, w->sink, e->at), e->delta, e->delta_debt,
                                 e->balance_after, e->source, e->source_id, e->detail }));
            before = e->seq;
        }
        if (entries.count < EXPORT_PAGE) return OK;
    }
}

static Err entry_page(Ctx *c, void *arg) {
    Walk *w = arg;
    MemberCards cards;
    TRY(member_walk(c, w->above_id, EXPORT_PAGE, &cards));
    for (int64_t i = 0; i < cards.count; i++) {
        ArenaMark mark = arena_mark(c->arena);
        LedgerAccounts accounts;
        w->above_id = cards.items[i].member_id;
        TRY(ledger_accounts(c, w->above_id, &accounts));
        for (int64_t k = 0; k < accounts.count; k++) TRY(put_account(c, w, w->above_id, accounts.items[k].kind));
        arena_back(c->arena, mark);
    }
    w->is_over = cards.count < EXPORT_PAGE;
    return OK;
}

/* ---- all together ---- */

typedef struct Way {
    const Fields *fields;
    UnitRun page;
} Way;
static const Way ways[] = {
    [TRANSFER_MEMBERS] = { &member_out_fields, member_page },
    [TRANSFER_ITEMS] = { &item_out_fields, item_page },
    [TRANSFER_ORDERS] = { &line_out_fields, order_page },
    [TRANSFER_ENTRIES] = { &entry_out_fields, entry_page },
};

/* Page after page; the cursor moves out of the page's arena before that is dropped. */
static Err walk(Ctx *c, Sink *s) {
    char cursor[256];
    Walk w = { .sink = s };
    Arena *outer = c->arena;
    Err err = OK;
    while (err == OK && !w.is_over) {
        arena_reset(&s->arena);
        c->arena = &s->arena;
        err = c->tx ? ways[s->export->kind].page(c, &w) : app_read(c, ways[s->export->kind].page, &w);
        c->arena = outer;
        if (w.cursor.len > (int64_t)sizeof cursor) w.is_over = true;
        for (int64_t i = 0; i < w.cursor.len && !w.is_over; i++) cursor[i] = w.cursor.at[i];
        w.cursor.at = cursor;
        if (s->export->progress) s->export->progress(s->export->user, s->rows);
    }
    if (err != OK) c->problem.zh = arena_str(outer, c->problem.zh), c->problem.en = arena_str(outer, c->problem.en);
    return err;
}

static Err sheet_rows(Ctx *c, SheetWriter *w, void *arg) {
    Sink *s = arg;
    s->sheet = w;
    return walk(c, s);
}

static Err write_csv(Ctx *c, Sink *s, const char *path) {
    s->file = fopen(path, "wbe");
    if (!s->file) return cannot_write(c);
    Buf head = { .arena = c->arena };
    csv_bom(&head);
    csv_head(&head, s->fields);
    Err err = fwrite(head.at, 1, (size_t)head.len, s->file) == (size_t)head.len ? walk(c, s) : cannot_write(c);
    if (fclose(s->file) != 0 && err == OK) err = cannot_write(c);
    if (err != OK) unlink(path);
    return err;
}

static Err read_zone(Ctx *c, void *arg) {
    Str name;
    TRY(shop_zone(c, 0, &name));
    *(const Zone **)arg = app_zone(c, name);
    return OK;
}

Err transfer_export(Ctx *c, const TransferExport *export, int64_t *ret_rows) {
    Sink s = { .export = export, .fields = ways[export->kind].fields };
    TRY(c->tx ? read_zone(c, &s.zone) : app_read(c, read_zone, &s.zone));
    arena_init(&s.arena, ARENA_BUDGET * 2);
    bool is_sheet = str_ends(export->path, S(".xlsx"));
    Err err = is_sheet ? sheet_write(c, export->path, transfer_kind_names[export->kind], s.fields, sheet_rows, &s)
                       : write_csv(c, &s, arena_cstr(c->arena, export->path));
    arena_free(&s.arena);
    *ret_rows = s.rows;
    return err;
}
