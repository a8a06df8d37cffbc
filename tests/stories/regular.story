# 王姐成了老客：入会、买菜、攒积分、花积分、退货，账目分毫不差。
# A customer becomes a regular: joins, buys, earns points, spends them, returns goods; every fen adds up.

# 两样货。 Two goods on the shelf.
POST /v1/items as owner
  {"sku": "TEA", "name": "龙井茶", "price_fen": 12000}
= 201
  $tea = /item_id
POST /v1/items
  {"sku": "CUP", "name": "茶杯", "price_fen": 2500}
= 201
  $cup = /item_id

# 王姐在收银台入会。 She joins at the till.
POST /v1/members as cashier
  {"phone": "13800000001", "name": "王姐"}
= 201
  {"name": "王**", "phone": "138****0001"}
  $wang = /member_id

# 同一个手机号再来一次，还是她。 The same phone again is the same person.
POST /v1/members
  {"phone": "138 0000 0001"}
= 200
  {"member_id": "$wang"}

# 先问价，什么也不写。 A quote writes nothing.
POST /v1/quotes
  {"shop_id": "$shop", "member_id": "$wang", "lines": [{"item_id": "$tea", "quantity": 1}, {"item_id": "$cup", "quantity": 2}]}
= 200
  {"order": {"payable_fen": 17000}}

# 一次结清：现金 170 元，一元一分。 Settled in one call: 170 yuan in cash, a point per yuan.
key order-1
POST /v1/orders
  {"shop_id": "$shop", "order_no": "A-1", "member_id": "$wang", "settle": true,
   "lines": [{"item_id": "$tea", "quantity": 1}, {"item_id": "$cup", "quantity": 2}],
   "tenders": [{"tender": "cash", "amount_fen": 17000}]}
= 201
  {"status": "completed", "payable_fen": 17000, "points_earned": 170, "points_balance": 170}
  $order = /order_id

# 网断了，收银机又发了一遍：答案一样，账只记一次。 The till sends it again: same answer, counted once.
key order-1
POST /v1/orders
  {"shop_id": "$shop", "order_no": "A-1", "member_id": "$wang", "settle": true,
   "lines": [{"item_id": "$tea", "quantity": 1}, {"item_id": "$cup", "quantity": 2}],
   "tenders": [{"tender": "cash", "amount_fen": 17000}]}
= 201
  {"order_id": "$order", "points_balance": 170}

settle
GET /v1/members/$wang/points as owner
= 200
  {"balance": 170}

# 退一只杯子：钱和积分按份退回。 One cup comes back: money and points in its share.
POST /v1/orders/$order/refunds as manager
  {"refund_no": "R-1", "lines": [{"line_no": 2, "quantity": 1}], "reason": "杯子有缺口"}
= 201
  {"amount_fen": 2500, "points_taken": 25, "points_balance": 145}

# 剩下的全退。 Then everything that is left.
POST /v1/orders/$order/refunds
  {"refund_no": "R-2"}
= 201
  {"amount_fen": 14500, "points_taken": 145}

# 再退就没有了，并且说明退过多少。 A third time is refused, and says what was refunded already.
POST /v1/orders/$order/refunds
  {"refund_no": "R-3"}
= 409 refund.nothing
  {"numbers": {"refunded_fen": 17000}}

holds
