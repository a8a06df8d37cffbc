/* refund_import - credit notes that do not name the order they return: matched by member and item, newest line first. */
#include "domain/refund/refund.h"
#include "domain/refund/refund_store.h"
#include <assert.h>

enum { REFUND_MATCH_LINES_MAX = 200 };

/* How much of each open line the note takes: one newest line with enough left, else several, newest first. */
static int64_t choose(const OrderOpenLines *open, int64_t quantity, int64_t *ret_take)
{
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

static Err line_points(const Order *order, RefundLine *part)
{
    for (int64_t i = 0; i < order->lines.count; i++) {
        const OrderLine *line = &order->lines.items[i];
        if (line->line_no != part->line_no) continue;
        int64_t left = line->points_earned - line->points_taken, left_fen = line->payable_fen - line->refunded_fen;
        part->points_taken = left_fen > 0 ? refund_share(left, part->amount_fen, left_fen) : 0;
    }
    return OK;
}

/* One refund per order that the note reaches into; a note over several orders gives "NO/LINE", "NO/LINE.2", … */
static Err write_one(Ctx *c, RefundImport *note, const OrderOpenLine *open, int64_t quantity, int64_t amount_fen, int64_t part_no)
{
    Order order = { 0 };
    TRY(order_lock_whole(c, open->order_id, &order));
    RefundLine part = { .line_no = open->line_no, .quantity = quantity, .amount_fen = amount_fen };
    TRY(line_points(&order, &part));
    Str zone_name;
    TRY(shop_zone(c, note->shop_id, &zone_name));
    Refund refund = { .refund_id = id_new(c), .order_id = order.order_id, .shop_id = note->shop_id, .member_id = note->member_id,
                      .reason = S("import"), .created_at = note->at, .day = day_at(app_zone(c, zone_name), note->at),
                      .lines = { &part, 1 } };
    refund.refund_no = arena_print(c->arena, part_no == 1 ? "%.*s/%lld" : "%.*s/%lld.%lld", (int)note->refund_no.len,
                                   note->refund_no.at, (long long)note->line_in_note, (long long)part_no);
    bool is_new;
    TRY(refund_write(c, &order, &refund, (Bytes){ 0 }, true, &is_new));
    assert(is_new);
    if (note->refund_id == 0) note->refund_id = refund.refund_id;
    return OK;
}

static Err import_one(Ctx *c, RefundImport *note)
{
    assert(note->quantity > 0);
    Str number = arena_print(c->arena, "%.*s/%lld", (int)note->refund_no.len, note->refund_no.at, (long long)note->line_in_note);
    RefundTaken taken = { 0 };
    bool found;
    TRY(refund_by_number(c, note->shop_id, number, &taken, &found));
    note->is_new = !found;
    note->is_matched = found;
    note->refund_id = found ? taken.refund_id : 0;
    if (found) return OK;

    OrderOpenLines open = { 0 };
    TRY(order_open_lines(c, note->shop_id, note->member_id, note->item_id, note->at, REFUND_MATCH_LINES_MAX, &open));
    int64_t *take = NEW_LIST(c->arena, int64_t, open.count);
    note->left_quantity = choose(&open, note->quantity, take);
    note->is_over = open.count > 0 && note->left_quantity < note->quantity;
    note->is_matched = open.count > 0 && !note->is_over;
    if (!note->is_matched) return OK;

    int64_t quantity_left = note->quantity, amount_left = note->amount_fen, part_no = 0;
    for (int64_t i = 0; i < open.count; i++) {
        if (take[i] == 0) continue;
        int64_t amount_fen = refund_share(amount_left, take[i], quantity_left);
        quantity_left -= take[i];
        amount_left -= amount_fen;
        if (amount_fen > open.items[i].left_fen) amount_fen = open.items[i].left_fen;   /* never more than was paid */
        TRY(write_one(c, note, &open.items[i], take[i], amount_fen, ++part_no));
    }
    return OK;
}

Err refund_import_batch(Ctx *c, RefundImports notes)
{
    for (int64_t i = 0; i < notes.count; i++) TRY(import_one(c, &notes.items[i]));
    return OK;
}
