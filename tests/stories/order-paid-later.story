# 先下单，后付款：分几次付；半路取消；不付就自己取消。
# Ordered now, paid later: in parts, cancelled half-way, or never.

POST /v1/items as owner
  {"sku": "RICE", "name": "大米", "price_fen": 8000}
= 201
  $rice = /item_id
PUT /v1/items/$rice/shops/$shop/stock
  {"counted_quantity": 10}
= 200

POST /v1/members
  {"phone": "13800000001", "name": "陈叔"}
= 201
  $chen = /member_id
POST /v1/points/grants
  {"member_id": "$chen", "points": 500, "reason": "开业礼"}
= 201

# 下单时积分先冻结，货先留着。 Points are put aside and the goods are kept.
POST /v1/orders as cashier
  {"shop_id": "$shop", "order_no": "B-1", "member_id": "$chen", "points": 500, "lines": [{"sku": "RICE", "quantity": 2}]}
= 201
  {"status": "placed", "payable_fen": 16000, "offset_fen": 500, "points_earned": 0}
  $order = /order_id
GET /v1/members/$chen/points
= 200
  {"balance": 0, "reserved": 500}
GET /v1/shops/$shop/stock
= 200
  {"items": [{"left_quantity": 8}]}

# 多付不行，少付就等着。 Too much is refused; a part waits for the rest.
POST /v1/orders/$order/payments
  {"tender": "cash", "amount_fen": 15501}
= 409 order.tenders_differ
POST /v1/orders/$order/payments
  {"tender": "cash", "amount_fen": 5500}
= 200
  {"status": "placed", "paid_fen": 6000}
POST /v1/orders/$order/payments
  {"tender": "card", "amount_fen": 10000, "external_no": "POS-1"}
= 200
  {"status": "completed", "points_earned": 155}

# 第二单付了一半，他改主意了：钱、积分、货都回来。 Half-paid, then cancelled: money, points and goods come back.
POST /v1/orders
  {"shop_id": "$shop", "order_no": "B-2", "member_id": "$chen", "points": 100, "lines": [{"sku": "RICE", "quantity": 1}]}
= 201
  $half = /order_id
POST /v1/orders/$half/payments
  {"tender": "cash", "amount_fen": 3000}
= 200
POST /v1/orders/$half/refunds
  {}
= 409 refund.not_completed
POST /v1/orders/$half/cancel
  {"reason": "不要了"}
= 200
  {"status": "cancelled", "payments": [{"tender": "points", "refunded_fen": 100}, {"tender": "cash", "refunded_fen": 3000}]}
POST /v1/orders/$half/payments
  {"tender": "cash", "amount_fen": 1}
= 409 order.not_open

# 第三单没人付：半小时后自己取消。 Nobody pays the third: after half an hour it cancels itself.
POST /v1/orders
  {"shop_id": "$shop", "order_no": "B-3", "member_id": "$chen", "points": 55, "lines": [{"sku": "RICE", "quantity": 5}]}
= 201
  $late = /order_id
pass 32 minutes
GET /v1/orders/$late
= 200
  {"status": "cancelled"}
GET /v1/members/$chen/points
= 200
  {"balance": 155, "reserved": 0}
GET /v1/shops/$shop/stock
= 200
  {"items": [{"left_quantity": 8}]}

holds
