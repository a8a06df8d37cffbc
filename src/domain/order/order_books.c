/* order_books - what orders say of points, growth and stock, held against the books that were moved for them. */
#include "domain/order/order_store.h"

/* What waits stands in its hold under the same key, also after it matured or was taken back. */
Err order_points_are_in_the_books(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM shop_order WHERE merchant_id = $1 AND member_id <> 0",
        "SELECT order_id AS id, want, have FROM (SELECT o.order_id, o.points_earned AS want, COALESCE("
        "(SELECT CAST(SUM(h.amount) AS BIGINT) FROM ledger_hold h WHERE h.merchant_id = o.merchant_id"
        " AND h.source_id = o.order_id AND h.kind = 'points' AND h.source = 'order.earn'),"
        " (SELECT CAST(SUM(e.delta - e.delta_debt) AS BIGINT) FROM ledger_entry e WHERE e.merchant_id = o.merchant_id"
        " AND e.source_id = o.order_id AND e.kind = 'points' AND e.source = 'order.earn'), 0) AS have"
        " FROM shop_order o WHERE o.merchant_id = $1 AND o.member_id <> 0"
        " UNION ALL SELECT o.order_id, o.growth_earned, COALESCE((SELECT CAST(SUM(e.delta - e.delta_debt) AS BIGINT)"
        " FROM ledger_entry e WHERE e.merchant_id = o.merchant_id AND e.source_id = o.order_id AND e.kind = 'growth'"
        " AND e.source = 'order.earn'), 0) FROM shop_order o WHERE o.merchant_id = $1 AND o.member_id <> 0) both_kinds"
        " WHERE want <> have");
}

Err order_stock_moves_are_of_orders(Ctx *c, HoldReport *report) {
    return hold_by_sql(
        c, report, "SELECT COUNT(*) FROM item_stock_entry WHERE merchant_id = $1 AND source IN ('order', 'cancel')",
        "SELECT m.source_id AS id, m.moved AS have, COALESCE((SELECT CAST(SUM(l.quantity) AS BIGINT) FROM order_line l"
        " JOIN shop_order o ON o.merchant_id = l.merchant_id AND o.order_id = l.order_id WHERE l.merchant_id = $1"
        " AND l.order_id = m.source_id AND l.item_id = m.item_id AND (m.source = 'order' OR o.status = 'cancelled')), "
        "0)"
        " AS want FROM (SELECT source_id, item_id, source, CAST(ABS(SUM(delta_quantity)) AS BIGINT) AS moved"
        " FROM item_stock_entry WHERE merchant_id = $1 AND source IN ('order', 'cancel')"
        " GROUP BY source_id, item_id, source) m WHERE m.moved <> COALESCE((SELECT CAST(SUM(l.quantity) AS BIGINT)"
        " FROM order_line l JOIN shop_order o ON o.merchant_id = l.merchant_id AND o.order_id = l.order_id"
        " WHERE l.merchant_id = $1 AND l.order_id = m.source_id AND l.item_id = m.item_id"
        " AND (m.source = 'order' OR o.status = 'cancelled')), 0)");
}
