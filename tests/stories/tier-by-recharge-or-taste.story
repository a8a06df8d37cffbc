# 特殊会员两条路：充满 1000 元，或者消费满 500 元；按喜好的“手冲组”另有自己的权益；规则和差多少，会员和店员看到的是同一句话。
# Two ways to become special, by recharge or by spend; a group by taste has benefits of its own.

GET /v1/tiers as owner
= 200
  $special = /items/1/tier_id
header If-Match: *
PUT /v1/tiers/$special
  {"rank": 1, "name": "特殊会员", "recharge_min_fen": 100000, "spend_min_fen": 50000, "discount_bp": 9500}
= 200

POST /v1/members
  {"phone": "13800000064", "name": "甲"}
= 201
  $a = /member_id
POST /v1/members
  {"phone": "13800000065", "name": "乙"}
= 201
  $b = /member_id

POST /v1/wallet/recharges
  {"shop_id": "$shop", "recharge_no": "R-1", "member_id": "$a", "amount_fen": 60000, "tender": "cash"}
= 201
settle
GET /v1/members/$a/tier
= 200
  {"key": "normal", "measures": [{"measure": "spend_fen", "gap": 50000}, {"measure": "recharge_fen", "have": 60000, "gap": 40000}]}
POST /v1/wallet/recharges
  {"shop_id": "$shop", "recharge_no": "R-2", "member_id": "$a", "amount_fen": 40000, "tender": "cash"}
= 201
POST /v1/orders
  {"shop_id": "$shop", "member_id": "$b", "order_no": "O-1", "settle": true, "lines": [{"name": "咖啡机", "quantity": 1, "unit_price_fen": 50000}], "tenders": [{"tender": "card", "amount_fen": 50000}]}
= 201
settle
GET /v1/members/$a/tier
= 200
  {"key": "silver", "name": "特殊会员"}
GET /v1/members/$b/tier
= 200
  {"key": "silver", "name": "特殊会员"}

# 按喜好分的组：手冲组每周一杯免费甜点。
POST /v1/tags
  {"name": "手冲组", "group_name": "喜好"}
= 201
  $taste = /tag_id
POST /v1/tags/$taste/members
  {"member_ids": ["$b"]}
= 200
POST /v1/benefits
  {"key": "dessert", "name": "免费甜点", "kind": "free_item", "unit": "份"}
= 201
  $dessert = /benefit_id
POST /v1/benefit-terms
  {"benefit_id": "$dessert", "tag_id": "$taste", "quota": 1, "period": "week"}
= 201
POST /v1/benefits/uses
  {"shop_id": "$shop", "member_id": "$b", "key": "dessert", "use_no": "D-1"}
= 201
  {"left": 0, "renews_at": 1772985600000}
POST /v1/benefits/uses
  {"shop_id": "$shop", "member_id": "$a", "key": "dessert", "use_no": "D-2"}
= 409 benefit.none

# 退卡把充值的钱拿回去，等级也跟着回去。
POST /v1/wallet/refund-requests as manager
  {"member_id": "$a", "reason": "搬家"}
= 201
  $request = /request_id
POST /v1/wallet/refund-requests/$request/approve as owner
  {"reason": "同意"}
= 200
settle
GET /v1/members/$a/tier
= 200
  {"key": "normal"}

holds
