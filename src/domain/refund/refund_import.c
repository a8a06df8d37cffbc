/* refund_import - credit notes that do not name the order they return: matched by member and item, newest line first.
 * */
#include "domain/refund/refund_store.h"
#include <assert.h>

/* Most notes are about the newest line; only the odd one looks through years. */
enum { REFUND_MATCH_FIRST = 1, REFUND_MATCH_GROWTH = 16, REFUND_MATCH_MAX = 16 * 16 * 16 };

int64_t refund_choose(const OrderOpenLines *open, int64_t quantity, int64_t *ret_take) {
    int64_t left = 0;
    for (int64_t i = 0; i < open->count; i++) {
        ret_take[i] = 0;
        left += open->items[i].left_quantity;
    }
    for (int64_t i = 0; i < open->count; i++) {
        if (open->items[i].left_quantity < quantity) continue;
        ret_take[i] = quantity;
        return left;
    }
    if (left < quantity) return left;
    for (int64_t i = 0, need = quantity; need > 0; i++) {
        ret_take[i] = need < open->items[i].left_quantity ? need : open->items[i].left_quantity;
        need -= ret_take[i];
    }
    return left;
}

static bool has_one_with(const OrderOpenLines *open, int64_t quantity) {
    for (int64_t i = 0; i < open->count; i++)
        if (open->items[i].left_quantity >= quantity) return true;
    return false;
}

static Err find_open(Ctx *c, const RefundImport *note, OrderOpenLines *ret_open) {
    OrderOpenAsk ask = {
        .shop_id = note->shop_id, .member_id = note->member_id, .item_id = note->item_id, .before_at = note->at
    };
    for (ask.most = REFUND_MATCH_FIRST; ask.most <= REFUND_MATCH_MAX; ask.most *= REFUND_MATCH_GROWTH) {
        TRY(order_open_lines(c, &ask, ret_open));
        if (ret_open->count < ask.most || has_one_with(ret_open, note->quantity)) break;
    }
    return OK;
}

/* One refund per order that the note reaches into; a note over several orders gives "NO/LINE", "NO/LINE.2", … */
typedef struct Part {
    int64_t quantity, amount_fen, number;
} Part;
static Err write_one(Ctx *c, RefundImport *note, const OrderOpenLine *open, const Part *part) {
    Order order;
    Str zone_name;
    TRY(order_lock_whole(c, open->order_id, &order));
    TRY(shop_zone(c, note->shop_id, &zone_name));
    RefundLine line = { .line_no = open->line_no, .quantity = part->quantity, .amount_fen = part->amount_fen };
    Refund refund = { .refund_id = id_new(c),
                      .order_id = order.order_id,
                      .shop_id = order.shop_id,
                      .member_id = order.member_id,
                      .reason = S("import"),
                      .created_at = note->at,
                      .day = day_at(app_zone(c, zone_name), note->at),
                      .lines = { &line, 1 } };
    refund.refund_no = part->number == 1
                           ? arena_print(c->arena, "%.*s/%lld", (int)note->refund_no.len, note->refund_no.at,
                                         (long long)note->line_in_note)
                           : arena_print(c->arena, "%.*s/%lld.%lld", (int)note->refund_no.len, note->refund_no.at,
                                         (long long)note->line_in_note, (long long)part->number);
    bool is_new;
    refund_complete(c, &order, &refund);
    TRY(refund_write(c, &order, &refund, &(RefundHow){ .keep_goods = true, .is_import = true }, &is_new));
    assert(is_new);
    if (note->refund_id == 0) note->refund_id = refund.refund_id;
    return OK;
}

static Err import_one(Ctx *c, RefundImport *note) {
    assert(note->quantity > 0 && note->amount_fen >= 0);
    Str number =
        arena_print(c->arena, "%.*s/%lld", (int)note->refund_no.len, note->refund_no.at, (long long)note->line_in_note);
    RefundTaken taken = { 0 };
    bool found;
    TRY(refund_by_number(c, note->shop_id, number, &taken, &found));
    note->is_new = !found;
    note->is_matched = found;
    note->is_over = false;
    note->refund_id = taken.refund_id;
    if (found) return OK;

    OrderOpenLines open = { 0 };
    TRY(find_open(c, note, &open));
    int64_t *take = NEW_LIST(c->arena, int64_t, open.count + 1);
    note->left_quantity = refund_choose(&open, note->quantity, take);
    note->is_over = open.count > 0 && note->left_quantity < note->quantity;
    note->is_matched = open.count > 0 && !note->is_over;
    if (!note->is_matched) return OK;

    Part part = { 0 };
    int64_t quantity_left = note->quantity, amount_left = note->amount_fen;
    for (int64_t i = 0; i < open.count; i++) {
        const OrderOpenLine *line = &open.items[i];
        if (take[i] == 0) continue;
        int64_t at_order_price = refund_share(line->left_fen, take[i], line->left_quantity);
        int64_t as_noted = refund_share(amount_left, take[i], quantity_left);
        quantity_left -= take[i];
        amount_left -= as_noted;
        part = (Part){ .quantity = take[i],
                       .number = part.number + 1,
                       .amount_fen = note->amount_fen == 0 ? at_order_price : as_noted };
        if (part.amount_fen > line->left_fen) part.amount_fen = line->left_fen;
        TRY(write_one(c, note, line, &part));
    }
    return OK;
}

Err refund_import_batch(Ctx *c, RefundImports notes) {
    for (int64_t i = 0; i < notes.count; i++) TRY(import_one(c, &notes.items[i]));
    return OK;
}
