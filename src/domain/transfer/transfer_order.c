/* Past orders. Rows of one number make one order; a number with the return prefix is a credit note, each of its rows a
 * return that is matched against the same member's earlier lines of the same item. Members and items that a row names
 * and nobody knows yet are made from what the row says. */
#include "domain/transfer/transfer_work.h"
#include "domain/item/item.h"
#include "domain/member/member.h"
#include "domain/refund/refund.h"
#include <string.h>

enum {
    LINES_FIRST = 8,
    GROUP_SLOTS = 16384,
    KEY_MAX = 128,
    NAME_BYTES_MAX = 360,
    SKU_CHARS_MAX = 64,
    NAME_CHARS_MAX = 100
};

typedef struct Line {
    Str sku, name, category;
    int64_t quantity, price_fen, amount_fen;
    int64_t row, hash; /* its first row; of sku, to find equal lines */
    int64_t number;    /* credit notes: position in the note */
} Line;
typedef struct Group {
    Str order_no, who, channel, tender, shop;
    IdentityValue identities[4];
    int64_t identity_count;
    Str name, region;
    int64_t at;
    bool is_return, is_too_large;
    Line *lines;
    int64_t line_count, line_room;
    int64_t row_count;
    int64_t shop_id, member_id; /* set in the unit */
    OrderImport *order;
} Group;
typedef struct Work {
    Group **groups;
    int64_t room;
    int32_t *slots; /* open groups by hash of their number; index + 1 */
} Work;

static void begin(Transfer *t) {
    Work *w = NEW(&t->batch, Work);
    w->room = 256;
    w->groups = NEW_LIST(&t->batch, Group *, w->room);
    w->slots = NEW_LIST(&t->batch, int32_t, GROUP_SLOTS);
    t->work = w;
}

static int32_t *slot_of(Work *w, Str order_no) {
    uint64_t at = str_hash(order_no) % GROUP_SLOTS;
    while (w->slots[at] != 0 && !str_equal(w->groups[w->slots[at] - 1]->order_no, order_no))
        at = (at + 1) % GROUP_SLOTS;
    return &w->slots[at];
}

static Group *group_add(Transfer *t, Str order_no) {
    Work *w = t->work;
    if (t->group_count == w->room) {
        Group **groups = NEW_LIST(&t->batch, Group *, w->room * 2);
        memcpy(groups, w->groups, (size_t)w->room * sizeof *groups);
        w->groups = groups;
        w->room *= 2;
    }
    Group *g = NEW(&t->batch, Group);
    g->order_no = work_str(t, order_no);
    w->groups[t->group_count++] = g;
    return g;
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

static bool is_return(const Transfer *t, Str order_no) {
    return t->run.map.return_prefix.len > 0 && str_starts(order_no, t->run.map.return_prefix);
}

/* A batch may end where another number begins: the rows of an order stand together. */
static bool may_end(const Transfer *t, const TableRow *row) {
    Str order_no = column_cell(&t->columns, row, MAP_ORDER_NO);
    return *slot_of(t->work, order_no) == 0;
}

static void take_identity(Transfer *t, const TableRow *row, MapField field, IdentityKind kind, Group *g) {
    Str value = column_cell(&t->columns, row, field);
    if (value.len == 0) return;
    Str provider = t->run.map.provider.len > 0 ? t->run.map.provider : S("import");
    g->identities[g->identity_count++] = (IdentityValue){ .kind = kind,
                                                          .value = work_str(t, value),
                                                          .provider = kind == IDENTITY_EXTERNAL ? provider : S("") };
}

/* Who bought, as one text: the first identity the row has. */
static Str who_of(const Transfer *t, const TableRow *row) {
    static const MapField fields[] = { MAP_EXTERNAL, MAP_PHONE, MAP_CARD, MAP_EMAIL };
    for (int64_t i = 0; i < 4; i++) {
        Str value = column_cell(&t->columns, row, fields[i]);
        if (value.len > 0) return value;
    }
    return S("");
}

static void begin_group(Transfer *t, const TableRow *row, Group *g) {
    g->who = work_str(t, who_of(t, row));
    take_identity(t, row, MAP_EXTERNAL, IDENTITY_EXTERNAL, g);
    take_identity(t, row, MAP_PHONE, IDENTITY_PHONE, g);
    take_identity(t, row, MAP_CARD, IDENTITY_CARD, g);
    take_identity(t, row, MAP_EMAIL, IDENTITY_EMAIL, g);
    g->name = work_str(t, column_cell(&t->columns, row, MAP_NAME));
    g->region = work_str(t, column_cell(&t->columns, row, MAP_REGION));
    g->channel = work_str(t, column_cell(&t->columns, row, MAP_CHANNEL));
    g->tender = work_str(t, column_cell(&t->columns, row, MAP_TENDER));
    g->shop = work_str(t, column_cell(&t->columns, row, MAP_SHOP));
    g->is_return = is_return(t, g->order_no);
}

/* The numbers of a row; NULL or why it cannot be. */
static const char *read_line(const Transfer *t, const TableRow *row, Line *line) {
    bool is_fen = str_is(t->run.map.money, "fen"),
         is_credit = is_return(t, column_cell(&t->columns, row, MAP_ORDER_NO));
    Str quantity = column_cell(&t->columns, row, MAP_QUANTITY), price = column_cell(&t->columns, row, MAP_PRICE);
    Str amount = column_cell(&t->columns, row, MAP_AMOUNT);
    line->sku = column_cell(&t->columns, row, MAP_SKU);
    line->name = column_cell(&t->columns, row, MAP_ITEM);
    line->category = column_cell(&t->columns, row, MAP_CATEGORY);
    if (line->sku.len == 0 && line->name.len == 0) return "row.no_item";
    if (line->sku.len > SKU_CHARS_MAX || line->name.len > NAME_BYTES_MAX) return "row.long";
    line->quantity = 1;
    if (quantity.len > 0 && !value_int(quantity, &line->quantity)) return "row.quantity";
    if (line->quantity == 0) return "row.quantity";
    if (price.len == 0 && amount.len == 0) return "row.price";
    if (price.len > 0 && !value_fen(price, is_fen, &line->price_fen)) return "row.price";
    if (amount.len > 0 && !value_fen(amount, is_fen, &line->amount_fen)) return "row.price";
    if (line->price_fen < 0 || (line->quantity > 0 && line->amount_fen < 0)) return "order.price_negative";
    if (line->quantity < 0 && !is_credit) return "order.negative";
    if (line->quantity < 0) line->quantity = -line->quantity;
    if (line->amount_fen < 0) line->amount_fen = -line->amount_fen;
    if (line->quantity > ORDER_QUANTITY_MAX) return "row.quantity";
    if (line->price_fen > ORDER_AMOUNT_MAX_FEN / line->quantity || line->amount_fen > ORDER_AMOUNT_MAX_FEN)
        return "order.amount";
    if (amount.len == 0) line->amount_fen = line->price_fen * line->quantity;
    if (price.len == 0) line->price_fen = line->amount_fen / line->quantity;
    return NULL;
}

/* Same item, same price: the quantities add up, as a till would print it. */
static Line *equal_line(const Group *g, const Line *line) {
    for (int64_t i = g->line_count - 1; i >= 0; i--) {
        Line *one = &g->lines[i];
        bool is_same = one->hash == line->hash && one->price_fen == line->price_fen && str_equal(one->sku, line->sku) &&
                       str_equal(one->name, line->name) && one->quantity + line->quantity <= ORDER_QUANTITY_MAX;
        if (is_same) return one;
    }
    return NULL;
}

static void line_add(Transfer *t, Group *g, const Line *line) {
    if (g->line_count == g->line_room) {
        int64_t room = g->line_room == 0 ? LINES_FIRST : g->line_room * 2;
        Line *lines = NEW_LIST(&t->batch, Line, room);
        if (g->line_count > 0) memcpy(lines, g->lines, (size_t)g->line_count * sizeof *lines);
        g->lines = lines;
        g->line_room = room;
    }
    Line *kept = &g->lines[g->line_count++];
    *kept = *line;
    kept->sku = work_str(t, line->sku);
    kept->name = work_str(t, line->name);
    kept->category = work_str(t, line->category);
}

/* A row alone: it is listed, and belongs to no order. */
static void list_alone(Transfer *t, const TableRow *row, const char *code) {
    group_add(t, S(""));
    row_add(t, row->line, t->group_count - 1, ROW_LISTED, code);
}

/* ret_at: the time of the row, needed of the first row of an order only. NULL, or why the row cannot join the order. */
static const char *check_group(Transfer *t, const TableRow *row, const Group *g, int64_t *ret_at) {
    bool is_first = g->row_count == 0;
    if (!value_time(column_cell(&t->columns, row, MAP_TIME), t->run.map.day_order, t->zone, ret_at)) return "row.time";
    Str who = is_first ? g->who : who_of(t, row);
    if (!str_equal(g->who, who)) return "order.two_members";
    if (g->is_return && g->who.len == 0) return "refund.no_member";
    return NULL;
}

static Err take(Ctx *c, Transfer *t, const TableRow *row) {
    (void)c;
    Work *w = t->work;
    Str order_no = column_cell(&t->columns, row, MAP_ORDER_NO);
    if (order_no.len == 0 || order_no.len > KEY_MAX) {
        list_alone(t, row, order_no.len == 0 ? "row.no_number" : "row.long");
        return OK;
    }
    int32_t *slot = slot_of(w, order_no);
    Group *g;
    if (*slot == 0) {
        g = group_add(t, order_no);
        *slot = (int32_t)t->group_count;
        begin_group(t, row, g);
    } else {
        g = w->groups[*slot - 1];
    }
    int64_t group = *slot - 1, at = 0;
    Line line = { 0 };
    const char *code = read_line(t, row, &line);
    if (!code) code = check_group(t, row, g, &at);
    g->row_count++;
    if (code) {
        row_add(t, row->line, group, ROW_LISTED, code);
        return OK;
    }
    if (g->at == 0) g->at = at;
    line.hash = (int64_t)str_hash(line.sku);
    line.number = g->row_count;
    Line *equal = g->is_return ? NULL : equal_line(g, &line);
    if (equal) {
        equal->quantity += line.quantity;
        equal->amount_fen += line.amount_fen;
        row_add(t, row->line, group, ROW_MERGED, "line.merged");
        return OK;
    }
    line.row = row_add(t, row->line, group, ROW_ACCEPTED, "");
    g->is_too_large |= g->line_count >= ORDER_LINES_MAX;
    if (!g->is_too_large) line_add(t, g, &line);
    return OK;
}

/* ---- writing ---------------------------------------------------------------------------------------------------- */

/* All rows of the group that reading had not listed. */
static void end_group(Transfer *t, int64_t group, RowEnd end, const char *code, Str zh, Str en) {
    for (int64_t i = 0; i < t->row_count; i++) {
        if (t->rows[i].group == group && t->rows[i].read_end != ROW_LISTED) row_set(t, i, end, code, zh, en);
    }
}

static Err find_member(Ctx *c, Transfer *t, Group *g, const char **ret_code, Str *ret_zh, Str *ret_en) {
    g->member_id = 0;
    if (g->who.len == 0) return OK;
    g->member_id = cache_get(&t->members, g->who);
    if (g->member_id != 0) return OK;
    if (g->is_return) {
        /* A stranger has nothing to return, and need not become a member for it. */
        IdentityValue value;
        TRY(identity_normalise(c, &g->identities[0], &value));
        return identity_find(c, &value, &g->member_id);
    }
    MemberImportRow row = { .join = { .identity_count = g->identity_count,
                                      .name = g->name,
                                      .region = g->region,
                                      .channel = S("import"),
                                      .shop_id = g->shop_id,
                                      .joined_at = g->at,
                                      .is_import = true } };
    memcpy(row.join.identities, g->identities, sizeof g->identities);
    TRY(member_import_batch(c, &row, 1));
    *ret_code = row.code;
    *ret_zh = row.zh;
    *ret_en = row.en;
    if (row.code) return OK;
    g->member_id = row.member_id;
    cache_put(&t->members, g->who, row.member_id);
    return OK;
}

/* Items are looked up by number; one that is new is made from this line, one that is there stays as it is. */
static Err find_item(Ctx *c, Transfer *t, const Line *line, bool may_make, int64_t *ret_item_id) {
    *ret_item_id = 0;
    if (line->sku.len == 0) return OK;
    *ret_item_id = cache_get(&t->items, line->sku);
    if (*ret_item_id != 0) return OK;
    TRY(item_find_sku(c, line->sku, ret_item_id));
    if (*ret_item_id == 0 && may_make) {
        Str name = text_head(line->name.len > 0 ? line->name : line->sku, NAME_CHARS_MAX);
        ItemImport item = { .sku = line->sku, .name = name, .category = line->category, .price_fen = line->price_fen };
        TRY(item_import_batch(c, (ItemImports){ &item, 1 }));
        *ret_item_id = item.item_id;
    }
    if (*ret_item_id != 0) cache_put(&t->items, line->sku, *ret_item_id);
    return OK;
}

/* What a group needs before it can be written; false: its rows are listed. */
static Err prepare(Ctx *c, Transfer *t, int64_t group, bool *ret_is_ready) {
    Group *g = ((Work *)t->work)->groups[group];
    *ret_is_ready = false;
    if (g->line_count == 0 || g->is_too_large) {
        if (g->is_too_large) end_group(t, group, ROW_LISTED, "order.too_large", S(""), S(""));
        return OK;
    }
    TRY(work_shop(c, t, g->shop, &g->shop_id));
    if (g->shop_id == 0) {
        end_group(t, group, ROW_LISTED, "row.shop", S(""), S(""));
        return OK;
    }
    const char *code = NULL;
    Str zh = S(""), en = S("");
    TRY(find_member(c, t, g, &code, &zh, &en));
    if (code) end_group(t, group, ROW_LISTED, code, zh, en);
    *ret_is_ready = code == NULL;
    return OK;
}

static Err fill_order(Ctx *c, Transfer *t, Group *g, OrderImport *order) {
    *order = (OrderImport){ .shop_id = g->shop_id,
                            .member_id = g->member_id,
                            .order_no = g->order_no,
                            .channel = g->channel,
                            .tender = g->tender.len > 0 ? g->tender : S("external"),
                            .completed_at = g->at,
                            .points_at = c->now };
    order->lines.items = NEW_LIST(c->arena, OrderImportLine, g->line_count);
    order->lines.count = g->line_count;
    for (int64_t i = 0; i < g->line_count; i++) {
        const Line *line = &g->lines[i];
        int64_t item_id;
        TRY(find_item(c, t, line, true, &item_id));
        Str name = text_head(line->name.len > 0 ? line->name : line->sku, NAME_CHARS_MAX);
        order->lines.items[i] = (OrderImportLine){ .item_id = item_id,
                                                   .name = name,
                                                   .quantity = line->quantity,
                                                   .unit_price_fen = line->price_fen,
                                                   .amount_fen = line->amount_fen };
    }
    return OK;
}

static void end_order(Transfer *t, int64_t group, const Group *g) {
    if (g->order->is_new) return;
    int64_t total_fen = 0;
    for (int64_t i = 0; i < g->line_count; i++) total_fen += g->lines[i].amount_fen;
    bool is_same = total_fen == g->order->found_fen;
    end_group(t, group, is_same ? ROW_MERGED : ROW_LISTED, is_same ? "order.exists" : "order.differs", S(""), S(""));
}

static Err write_orders(Ctx *c, Transfer *t, int64_t from, int64_t to, const bool *is_ready) {
    Work *w = t->work;
    OrderImports orders = { NEW_LIST(c->arena, OrderImport, to - from), 0 };
    for (int64_t i = from; i < to; i++) {
        Group *g = w->groups[i];
        if (!is_ready[i - from] || g->is_return) continue;
        g->order = &orders.items[orders.count++];
        TRY(fill_order(c, t, g, g->order));
    }
    if (orders.count == 0) return OK;
    TRY(order_import_batch(c, orders, t->run.does_earn));
    for (int64_t i = from; i < to; i++) {
        if (is_ready[i - from] && !w->groups[i]->is_return) end_order(t, i, w->groups[i]);
    }
    return OK;
}

/* A dry run takes the orders of earlier batches back, so that it cannot say that an origin is missing. */
static void end_unmatched(Transfer *t, int64_t row, const char *code) {
    if (t->is_dry)
        row_set(t, row, ROW_ACCEPTED, "refund.unchecked", S(""), S(""));
    else
        row_set(t, row, ROW_LISTED, code, S(""), S(""));
}

static void end_return(Transfer *t, int64_t row, const RefundImport *note) {
    if (note->is_matched && note->is_new) return;
    if (note->is_matched)
        row_set(t, row, ROW_MERGED, "refund.exists", S(""), S(""));
    else
        end_unmatched(t, row, note->is_over ? "refund.over" : "refund.no_origin");
}

/* In the order of the file: an earlier note takes before a later one. */
static Err write_returns(Ctx *c, Transfer *t, int64_t from, int64_t to, const bool *is_ready) {
    Work *w = t->work;
    int64_t count = 0;
    for (int64_t i = from; i < to; i++) {
        if (is_ready[i - from] && w->groups[i]->is_return) count += w->groups[i]->line_count;
    }
    RefundImports notes = { NEW_LIST(c->arena, RefundImport, count), 0 };
    int64_t *rows = NEW_LIST(c->arena, int64_t, count);
    for (int64_t i = from; i < to; i++) {
        const Group *g = w->groups[i];
        if (!is_ready[i - from] || !g->is_return) continue;
        for (int64_t k = 0; k < g->line_count; k++) {
            const Line *line = &g->lines[k];
            int64_t item_id;
            TRY(find_item(c, t, line, false, &item_id));
            if (g->member_id == 0 || item_id == 0) {
                end_unmatched(t, line->row, "refund.no_origin");
                continue;
            }
            rows[notes.count] = line->row;
            notes.items[notes.count++] = (RefundImport){
                .shop_id = g->shop_id,
                .member_id = g->member_id,
                .refund_no = g->order_no,
                .item_id = item_id,
                .quantity = line->quantity,
                .amount_fen = line->amount_fen,
                .at = g->at,
                .line_in_note = line->number,
            };
        }
    }
    if (notes.count == 0) return OK;
    TRY(refund_import_batch(c, notes));
    for (int64_t i = 0; i < notes.count; i++) end_return(t, rows[i], &notes.items[i]);
    return OK;
}

/* Levels of the members whose history grew, without gifts: history is not an occasion. */
static Err judge(Ctx *c, Transfer *t, int64_t from, int64_t to) {
    Work *w = t->work;
    for (int64_t i = from; i < to; i++) {
        const Group *g = w->groups[i];
        if (g->member_id == 0 || !g->order || !g->order->is_new) continue;
        bool is_later = false; /* judged once, with the member's last order of this unit */
        for (int64_t k = i + 1; k < to && !is_later; k++) {
            is_later = w->groups[k]->member_id == g->member_id && w->groups[k]->order && w->groups[k]->order->is_new;
        }
        if (!is_later) TRY(tier_evaluate(c, g->member_id, true));
    }
    return OK;
}

static Err write(Ctx *c, Transfer *t, int64_t from, int64_t to) {
    Work *w = t->work;
    bool *is_ready = NEW_LIST(c->arena, bool, to - from);
    for (int64_t i = from; i < to; i++) {
        w->groups[i]->order = NULL;
        w->groups[i]->member_id = 0;
        TRY(prepare(c, t, i, &is_ready[i - from]));
    }
    TRY(write_orders(c, t, from, to, is_ready));
    TRY(write_returns(c, t, from, to, is_ready));
    return judge(c, t, from, to);
}

const Importer order_importer = { begin, take, may_end, write };
