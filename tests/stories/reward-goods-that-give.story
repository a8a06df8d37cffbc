# 商品也能送东西：买一套“咖啡券包”得五张咖啡券和 20 元赠送金；没用的可以退，用掉的退不了。
# Goods that give: a pack of five coffee coupons and 20 yuan of gift balance; unused ones can go back, used ones cannot.

POST /v1/items as owner
  {"sku": "COFFEE", "name": "咖啡", "price_fen": 2500}
= 201
  $coffee = /item_id
POST /v1/items
  {"sku": "PACK", "name": "咖啡券包", "price_fen": 9900}
= 201
  $pack = /item_id
POST /v1/coupon-templates
  {"name": "咖啡兑换券", "kind": "exchange", "pieces": 1, "scope": {"item_ids": ["$coffee"]}, "is_combinable": true, "valid_days": 365}
= 201
  $template = /template_id
header If-Match: "v0"
PUT /v1/items/$pack/gifts
  {"gifts": [{"kind": "coupon", "what_id": "$template", "amount": 5}, {"kind": "gift_balance", "amount": 2000}]}
= 200
  {"version": 1}

# 没登记会员不卖：东西要记在人名下。 It needs a member, for somebody must own what it gives.
POST /v1/orders as cashier
  {"shop_id": "$shop", "order_no": "A0", "settle": true, "lines": [{"sku": "PACK", "quantity": 1}], "tenders": [{"tender": "cash", "amount_fen": 9900}]}
= 409 reward.needs_member

POST /v1/members as owner
  {"phone": "13800000001", "name": "小唐"}
= 201
  $tang = /member_id
POST /v1/orders as cashier
  {"shop_id": "$shop", "member_id": "$tang", "order_no": "A1", "settle": true, "lines": [{"sku": "PACK", "quantity": 2}],
   "tenders": [{"tender": "cash", "amount_fen": 19800}]}
= 201
  $order = /order_id
GET /v1/members/$tang/coupons?state=usable as owner
= 200
  {"items": ["*", "*", "*", "*", "*", "*", "*", "*", "*", "*"]}
GET /v1/members/$tang/wallet
= 200
  {"gift_fen": 4000}

# 喝了一杯；退一包，五张没用的和 20 元收回。 One coffee; then one pack goes back.
POST /v1/orders as cashier
  {"shop_id": "$shop", "member_id": "$tang", "order_no": "A2", "settle": true, "lines": [{"sku": "COFFEE", "quantity": 1}], "tenders": []}
= 201
  {"payable_fen": 0}
POST /v1/orders/$order/refunds as owner
  {"reason": "买多了", "lines": [{"line_no": 1, "quantity": 1}]}
= 201
GET /v1/members/$tang/coupons?state=usable
= 200
  {"items": ["*", "*", "*", "*"]}
GET /v1/members/$tang/wallet
= 200
  {"gift_fen": 2000}

# 另一包已经喝过一杯，整包退不了，说明用了几份。 The other pack is begun: it stays sold.
POST /v1/orders/$order/refunds
  {"reason": "不要了", "lines": [{"line_no": 1, "quantity": 1}]}
= 409 reward.used
GET /v1/members/$tang/rewards
= 200
  {"items": [{"source": "sale"}]}

holds
