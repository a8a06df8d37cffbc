# 收银台的一个晚上：张姐入会、升级、用积分付款、退一部分、再全退；收银机重发；茶叶卖完了。
# An evening at the till: a member joins, climbs a level, pays with points, returns a part and then the rest; the till repeats itself; the
# tea sells out.

POST /v1/items as owner
  {"sku": "TEA", "name": "龙井茶", "price_fen": 60000, "barcodes": ["6901234567892"]}
= 201
  $tea = /item_id
POST /v1/items
  {"sku": "CUP", "name": "茶杯", "price_fen": 3333, "member_price_fen": 3000}
= 201
  $cup = /item_id

# 茶叶只有三盒，剩一盒时提醒。 There are three boxes of tea.
PUT /v1/items/$tea/shops/$shop/stock
  {"counted_quantity": 3, "low_quantity": 1}
= 200
  {"left_quantity": 3}

POST /v1/members as cashier
  {"phone": "13800000001", "name": "张姐"}
= 201
  $zhang = /member_id

# 扫条码买两盒茶，现金和银行卡各付一部分：1200 元，1200 分，1200 成长值。
# Two boxes by their barcode, paid in cash and by card.
POST /v1/orders
  {"shop_id": "$shop", "order_no": "A-1", "member_id": "$zhang", "settle": true,
   "lines": [{"barcode": "6901234567892", "quantity": 2}],
   "tenders": [{"tender": "cash", "amount_fen": 20000}, {"tender": "card", "amount_fen": 100000, "external_no": "POS-778"}]}
= 201
  {"payable_fen": 120000, "points_earned": 1200, "growth_balance": 1200, "points_balance": 1200}
  $first = /order_id

settle
GET /v1/members/$zhang/tier
= 200
  {"key": "silver"}

# 银卡打九八折，茶杯的会员价更便宜：系统自己挑便宜的。 Silver pays 98 %; for the cup the member price is better still.
POST /v1/quotes
  {"shop_id": "$shop", "member_id": "$zhang", "lines": [{"barcode": "6901234567892", "quantity": 1}, {"sku": "CUP", "quantity": 3}]}
= 200
  {"order": {"lines": [{"payable_fen": 58800}, {"payable_fen": 9000}], "payable_fen": 67800,
             "adjustments": [{"rule": "member_price", "name": "会员价", "off_fen": 999}, {"rule": "tier", "off_fen": 1200}]},
   "offset": {"points": 1200, "fen": 1200}}

# 用 1000 分，剩下的付现金。 A thousand points pay 10 yuan, cash the rest.
POST /v1/orders
  {"shop_id": "$shop", "order_no": "A-2", "member_id": "$zhang", "settle": true, "points": 1000,
   "lines": [{"barcode": "6901234567892", "quantity": 1}, {"sku": "CUP", "quantity": 3}],
   "tenders": [{"tender": "cash", "amount_fen": 66800}]}
= 201
  {"payable_fen": 67800, "offset_fen": 1000, "cash_fen": 66800, "points_spent": 1000, "points_earned": 734, "points_balance": 934}
  $second = /order_id

# 网断了，收银机换了一个幂等键又发了一遍：同一单号、同样内容，就是同一单。
# The till sends it again under another key: the same number and content is the same order.
POST /v1/orders
  {"shop_id": "$shop", "order_no": "A-2", "member_id": "$zhang", "settle": true, "points": 1000,
   "lines": [{"barcode": "6901234567892", "quantity": 1}, {"sku": "CUP", "quantity": 3}],
   "tenders": [{"tender": "cash", "amount_fen": 66800}]}
= 200
  {"order_id": "$second", "duplicate": true}

# 单号一样、内容不一样，不行。 The same number with other content is refused.
POST /v1/orders
  {"shop_id": "$shop", "order_no": "A-2", "member_id": "$zhang", "settle": true,
   "lines": [{"sku": "CUP", "quantity": 1}], "tenders": [{"tender": "cash", "amount_fen": 3000}]}
= 409 order.number_used

# 茶叶卖完了。 The tea is sold out.
POST /v1/orders
  {"shop_id": "$shop", "order_no": "A-3", "settle": true,
   "lines": [{"sku": "TEA", "quantity": 1}], "tenders": [{"tender": "cash", "amount_fen": 60000}]}
= 409 item.out_of_stock
  {"numbers": {"left_quantity": 0, "wanted_quantity": 1}}

# 收银员不能自己改价。 A cashier does not name prices.
POST /v1/orders
  {"shop_id": "$shop", "order_no": "A-4", "settle": true,
   "lines": [{"sku": "CUP", "quantity": 1, "unit_price_fen": 100}], "tenders": [{"tender": "cash", "amount_fen": 100}]}
= 422 body.invalid
  {"errors": [{"pointer": "/lines/0", "code": "order.price_denied"}]}

# 一只杯子有裂纹，退 5 元，杯子不用还。 One cup is cracked: 5 yuan go back, she keeps it.
POST /v1/orders/$second/refunds
  {"refund_no": "R-1", "lines": [{"line_no": 2, "amount_fen": 500}], "reason": "有裂纹"}
= 201
  {"amount_fen": 500}

# 茶叶整盒退回：钱按现金和积分各自的份退。 The tea goes back: money and points in the share each has paid.
POST /v1/orders/$second/refunds
  {"refund_no": "R-2", "lines": [{"line_no": 1, "quantity": 1}]}
= 201
  {"amount_fen": 58800, "tenders": [{"tender": "points"}, {"tender": "cash"}]}
GET /v1/shops/$shop/stock
= 200
  {"items": [{"left_quantity": 1}]}

# 剩下的全退。 Then the rest.
POST /v1/orders/$second/refunds
  {"refund_no": "R-3"}
= 201
  {"amount_fen": 8500, "points_balance": 1200}
POST /v1/orders/$second/refunds
  {"refund_no": "R-4"}
= 409 refund.nothing
  {"numbers": {"refunded_fen": 67800}}

# 每种支付、积分、成长值都回到第一单之后的样子。 Every tender, points and growth are as they were after the first order.
GET /v1/orders/$second
= 200
  {"refunded_fen": 67800, "points_taken": 734, "growth_taken": 668,
   "payments": [{"tender": "points", "refunded_fen": 1000, "points_refunded": 1000}, {"tender": "cash", "refunded_fen": 66800}]}
settle
GET /v1/members/$zhang as owner
= 200
  {"points": 1200, "growth": 1200, "orders": 1, "spend_fen": 120000}

holds
