# What an order was paid with goes back through the order, never by itself: else the order would be paid with nothing.

POST /v1/codes as nobody
  {"phone": "13800000001", "purpose": "login"}
= 200
code 13800000001
POST /v1/join
  {"phone": "13800000001", "code": "$code"}
= 201
  $member = /member_id
  $token = /token
PUT /v1/me/wallet/pin as $token
  {"pin": "274913"}
= 200
POST /v1/wallet/recharges as owner
  {"shop_id": "$shop", "recharge_no": "R1", "member_id": "$member", "amount_fen": 10000, "tender": "cash"}
= 201
POST /v1/items
  {"name": "茶", "price_fen": 10000, "sku": "T1"}
= 201
  $item = /item_id

# 99 yuan of the balance, one yuan still open
POST /v1/orders
  {"shop_id": "$shop", "member_id": "$member", "order_no": "A1", "lines": [{"item_id": "$item", "quantity": 1}], "tenders": [{"tender": "balance", "amount_fen": 9900, "pin": "274913"}]}
= 201
  $order = /order_id
GET /v1/wallet/spends
= 200
  $spend = /items/0/spend_id
POST /v1/wallet/spends/$spend/returns as manager
  {"restore_no": "X1"}
= 409 wallet.spend_of_order

# the order gives it back itself
POST /v1/orders/$order/cancel as owner
  {"reason": "不要了"}
= 200
  {"status": "cancelled"}
GET /v1/members/$member/wallet
= 200
  {"principal_fen": 10000}
settle
holds
