"""planted: damage to a database, and the invariants that must name it. Each is what somebody with the database password, or a broken disk,
or a careless repair could do. Rows are chosen by the SQL itself, so that the same list fits every shop; one SQL for both engines."""

ENTRY = '(merchant_id, member_id, kind, seq)'
CHAIN = 'ledger.chain_is_whole_and_sums_to_the_account'
LOTS = 'ledger.balance_is_sum_of_lots'
MOVES = 'ledger.lots_are_what_entries_moved'


def entry(where, order='merchant_id, member_id, kind, seq'):
    return 'SELECT merchant_id, member_id, kind, seq FROM ledger_entry WHERE %s ORDER BY %s LIMIT 1' % (where, order)


def first(table, columns, where='1 = 1', order=None):
    return '(%s) = (SELECT %s FROM %s WHERE %s ORDER BY %s LIMIT 1)' % (columns, columns, table, where, order or columns)


ACCOUNT = 'merchant_id, member_id, kind'
# The last entry of an account, and an account where it can be taken away or put on again without breaking a sum.
LAST = ("EXISTS (SELECT 1 FROM ledger_account a WHERE a.merchant_id = ledger_entry.merchant_id AND a.member_id = ledger_entry.member_id"
        " AND a.kind = ledger_entry.kind AND a.entry_count = ledger_entry.seq AND a.entry_count > 1)")
ANY_LOT = first('ledger_lot', 'merchant_id, member_id, kind, expires_at', 'left_amount > 1')

# name, invariants one of which at least must be named (all of a tuple inside must), statements, tables that must have rows
PLANTED = [
    ('a changed entry: one more than was given', [CHAIN],
     ['UPDATE ledger_entry SET delta = delta + 1 WHERE %s = (%s)' % (ENTRY, entry('seq > 1'))], 'ledger_entry'),
    ('an entry moved to another day', [CHAIN], ['UPDATE ledger_entry SET at = at - 86400000 WHERE %s = (%s)' % (ENTRY, entry('seq > 1'))], 'ledger_entry'),
    ('an entry that somebody else is said to have made', [CHAIN],
     ['UPDATE ledger_entry SET actor_id = actor_id + 1 WHERE %s = (%s)' % (ENTRY, entry('seq > 1'))], 'ledger_entry'),
    ('an entry whose cause was changed', [CHAIN], ["UPDATE ledger_entry SET source = 'grant' WHERE %s = (%s)" % (ENTRY, entry("source = 'order.earn'"))], 'ledger_entry'),
    ('a broken chain: the link of another entry', [CHAIN],
     ['UPDATE ledger_entry SET link = (SELECT link FROM ledger_entry WHERE %s = (%s)) WHERE %s = (%s)' % (ENTRY, entry('seq = 1'), ENTRY, entry('seq = 2'))], 'ledger_entry'),
    ('an entry cut out of the middle', [CHAIN], ['DELETE FROM ledger_entry WHERE %s = (%s)' % (ENTRY, entry('seq = 1 AND NOT %s' % LAST))], 'ledger_entry'),
    ('the last entry removed', [CHAIN], ['DELETE FROM ledger_entry WHERE %s = (%s)' % (ENTRY, entry(LAST))], 'ledger_entry'),
    ('the last entry removed, account, lot and card put back as they were before', [('order.points_are_in_the_books',)],
     ['UPDATE ledger_account SET entry_count = entry_count - 1, head = (SELECT b.link FROM ledger_entry b WHERE b.merchant_id = ledger_account.merchant_id'
      ' AND b.member_id = ledger_account.member_id AND b.kind = ledger_account.kind AND b.seq = ledger_account.entry_count - 1), balance = (SELECT b.balance_after'
      ' FROM ledger_entry b WHERE b.merchant_id = ledger_account.merchant_id AND b.member_id = ledger_account.member_id AND b.kind = ledger_account.kind'
      ' AND b.seq = ledger_account.entry_count - 1) WHERE %s' % first('ledger_entry', ACCOUNT, "%s AND kind = 'growth' AND source = 'order.earn'" % LAST, ACCOUNT + ', seq'),
      "UPDATE member_card SET growth = (SELECT a.balance FROM ledger_account a WHERE a.merchant_id = member_card.merchant_id AND a.member_id = member_card.member_id"
      " AND a.kind = 'growth') WHERE growth <> (SELECT a.balance FROM ledger_account a WHERE a.merchant_id = member_card.merchant_id AND a.member_id = member_card.member_id"
      " AND a.kind = 'growth')",
      'DELETE FROM ledger_entry WHERE seq > (SELECT a.entry_count FROM ledger_account a WHERE a.merchant_id = ledger_entry.merchant_id AND a.member_id = ledger_entry.member_id'
      ' AND a.kind = ledger_entry.kind)'], 'ledger_entry'),
    ('a balance off by one', [CHAIN], ['UPDATE ledger_account SET balance = balance + 1 WHERE %s' % first('ledger_account', ACCOUNT, 'balance > 0')], 'ledger_entry'),
    ('a balance off by one, and its lot with it', [(CHAIN, MOVES)],
     ['UPDATE ledger_account SET balance = balance + 1 WHERE %s' % first('ledger_lot', ACCOUNT, 'left_amount > 1', 'merchant_id, member_id, kind, expires_at'),
      'UPDATE ledger_lot SET left_amount = left_amount + 1, given_amount = given_amount + 1 WHERE %s' % ANY_LOT], 'ledger_lot'),
    ('a debt forgiven in silence', [CHAIN], ['UPDATE ledger_account SET debt = 0 WHERE %s' % first('ledger_account', ACCOUNT, 'debt > 0')], 'ledger_account WHERE debt > 0'),
    ('a forged entry put at the end, with the account changed to fit', [CHAIN],
     ["INSERT INTO ledger_entry SELECT merchant_id, member_id, kind, seq + 1, 100, 0, balance_after + 100, 'grant', source_id + 1, actor, actor_id, shop_id, at, lot_at,"
      " detail, reason, link FROM ledger_entry WHERE %s = (%s)" % (ENTRY, entry(LAST + " AND kind = 'growth'")),
      'UPDATE ledger_account SET balance = balance + 100, entry_count = entry_count + 1 WHERE %s' % first('ledger_entry', ACCOUNT, LAST + " AND kind = 'growth'", ACCOUNT + ', seq')],
     'ledger_entry'),
    ('a deleted lot', [(LOTS, MOVES)], ['DELETE FROM ledger_lot WHERE %s' % ANY_LOT], 'ledger_lot'),
    ('a lot that lives a year longer', [MOVES], ['UPDATE ledger_lot SET expires_at = expires_at + 31536000001 WHERE %s' % first('ledger_lot', 'merchant_id, member_id, kind, expires_at', 'left_amount > 1 AND expires_at < 9000000000000000000')],
     'ledger_lot WHERE left_amount > 1 AND expires_at < 9000000000000000000'),
    ('a whole account gone, its entries left behind', ['ledger.every_entry_has_its_account'], ['DELETE FROM ledger_account WHERE %s' % first('ledger_account', ACCOUNT, 'entry_count > 0')], 'ledger_entry'),
    ('points set free that an unpaid order holds', ['ledger.reserved_and_pending_are_sums_of_open_holds'],
     ["UPDATE ledger_hold SET state = 'released' WHERE %s" % first('ledger_hold', 'merchant_id, source_id, kind, source, member_id', "state = 'reserved'")], "ledger_hold WHERE state = 'reserved'"),
    ("a member's card that shows other points than the books", ['points.cards_show_the_balance_of_the_books'],
     ['UPDATE member_card SET points = points + 1 WHERE %s' % first('member_card', 'merchant_id, member_id', "status = 'active'")], 'ledger_lot'),
    ('an order share off by a fen', ['order.amounts_are_sums_of_lines'],
     ['UPDATE order_line SET payable_fen = payable_fen - 1 WHERE %s' % first('order_line', 'merchant_id, order_id, line_no', 'payable_fen > 1 AND refunded_fen = 0')], 'order_line'),
    ('an order line taken out', ['order.amounts_are_sums_of_lines'],
     ['DELETE FROM order_line WHERE %s' % first('order_line', 'merchant_id, order_id, line_no', 'line_no = 2 AND payable_fen > 0')], 'order_line'),
    ('a tender that was never paid', ['order.tenders_pay_the_whole'], ['DELETE FROM payment WHERE %s' % first('payment', 'merchant_id, order_id, number', "status = 'paid'")], 'payment'),
    ('more points earned than the books gave', ['order.points_are_in_the_books'],
     ["UPDATE shop_order SET points_earned = points_earned + 1 WHERE %s" % first('shop_order', 'merchant_id, order_id', "points_earned > 0 AND status = 'completed'"),
      "UPDATE order_line SET points_earned = points_earned + 1 WHERE (merchant_id, order_id) = (SELECT merchant_id, order_id FROM shop_order WHERE points_earned > 0 AND status = 'completed'"
      " ORDER BY merchant_id, order_id LIMIT 1) AND line_no = 1"], 'shop_order WHERE points_earned > 0'),
    ('a refund over what is left', ['refund.orders_are_sums_of_refunds'],
     ['UPDATE refund SET amount_fen = amount_fen + 1 WHERE %s' % first('refund', 'merchant_id, refund_id', 'amount_fen > 0')], 'refund'),
    ('a refund paid a second time', ['payment.refunded_is_sum_of_refunds'],
     ['INSERT INTO payment_refund SELECT merchant_id, order_id, number, refund_id + 1, amount_fen, points, status, channel_ref, created_at FROM payment_refund'
      ' ORDER BY merchant_id, order_id, number, refund_id LIMIT 1'], 'payment_refund'),
    ('stock that nobody counted', ['item.stock_is_sum_of_entries'],
     ['UPDATE item_stock SET left_quantity = left_quantity + 1 WHERE %s' % first('item_stock', 'merchant_id, shop_id, item_id')], 'item_stock'),
    ('a stock reservation without an order', ['order.stock_moves_are_of_orders'],
     ["UPDATE item_stock_entry SET source_id = source_id + 1 WHERE %s" % first('item_stock_entry', 'merchant_id, shop_id, item_id, seq', "source = 'order'")], "item_stock_entry WHERE source = 'order'"),
    ('a spend without its ledger entries', ['wallet.spends_are_in_the_books'],
     ["DELETE FROM ledger_entry WHERE source = 'wallet.spend' AND source_id = (SELECT spend_id FROM wallet_spend ORDER BY spend_id LIMIT 1)"], 'wallet_spend'),
    ('principal that nobody paid in', ['wallet.principal_is_what_was_paid_in'],
     ['UPDATE wallet_recharge SET amount_fen = amount_fen - 1 WHERE %s' % first('wallet_recharge', 'merchant_id, recharge_id', "status = 'done' AND amount_fen > 1")], 'wallet_recharge'),
    ('a recharge paid out behind the books', ['wallet.recharges_gave_back_their_payouts'],
     ['UPDATE wallet_recharge SET returned_fen = amount_fen WHERE %s' % first('wallet_recharge', 'merchant_id, recharge_id', "status = 'done' AND returned_fen = 0")], 'wallet_recharge'),
    ('a level that no history knows', ['tier.level_is_the_last_of_its_history'],
     ['UPDATE tier_member SET tier_id = tier_id + 1 WHERE %s' % first('tier_member', 'merchant_id, member_id')], 'tier_member'),
    ('a coupon used in two orders', ['coupon.none_is_used_twice'],
     ["INSERT INTO coupon_entry SELECT merchant_id, coupon_id, number + 1, action, status, member_id, order_id + 1, off_fen, shop_id, actor, actor_id, reason, at FROM coupon_entry"
      " WHERE action = 'use' ORDER BY merchant_id, coupon_id, number LIMIT 1"], "coupon_entry WHERE action = 'use'"),
    ('a used coupon made good again', [('coupon.state_is_what_its_entries_say', 'order.coupons_are_where_orders_say')],
     ["UPDATE coupon SET status = 'issued', order_id = 0, used_at = 0 WHERE %s" % first('coupon', 'merchant_id, coupon_id', "status = 'used'")], "coupon WHERE status = 'used'"),
    ('coupons issued over their stock', ['coupon.issued_count_is_its_coupons'],
     ['UPDATE coupon_supply SET issued_count = issued_count - 1 WHERE %s' % first('coupon_supply', 'merchant_id, template_id', 'issued_count > 0')], 'coupon_supply WHERE issued_count > 0'),
    ("a step's share of a line off by a fen", ['order.adjustments_are_sums_of_shares'],
     ['UPDATE order_share SET off_fen = off_fen + 1 WHERE %s' % first('order_share', 'merchant_id, order_id, line_no, step_no')], 'order_share'),
    ('a use of a times card without its entry', ['times.uses_are_in_the_books'],
     ["INSERT INTO times_use SELECT merchant_id, use_id + 1, shop_id, 'planted', card_id, item_id, count, at, 0, 0, '' FROM times_use ORDER BY use_id LIMIT 1"], 'times_use'),
    ('a times card good for one use more', ['times.cards_are_their_accounts'],
     ['UPDATE times_card SET uses = uses + 1 WHERE %s' % first('times_card', 'merchant_id, card_id')], 'times_card'),
    ('a gift card redeemed, and good again', [('wallet.cards_are_as_their_entries_say',), ('wallet.redeemed_cards_came_in_once',)],
     ["UPDATE wallet_card SET status = 'active' WHERE %s" % first('wallet_card', 'merchant_id, card_id', "status = 'redeemed'")], "wallet_card WHERE status = 'redeemed'"),
]
