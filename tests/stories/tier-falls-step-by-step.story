# 等级按近 30 天消费额（银 1000 元，金 5000 元），保级 10 天，宽限 5 天，一次只降一级；会员看得到要保住等级还差多少。
# Levels by what was spent in the last 30 days, kept for 10 days with 5 of grace, then one step down at a time.

PUT /v1/settings/tier as owner
  {"value": {"window": "rolling", "window_days": 30, "need": "any", "down": "one_step", "retention_days": 10, "grace_days": 5}}
= 428 edit.if_match_missing
header If-Match: "v0"
PUT /v1/settings/tier
  {"value": {"window": "rolling", "window_days": 30, "need": "any", "down": "one_step", "retention_days": 10, "grace_days": 5}}
= 200

# 按消费额的等级表。
GET /v1/tiers
= 200
  $silver = /items/1/tier_id
  $gold = /items/2/tier_id
  $diamond = /items/3/tier_id
DELETE /v1/tiers/$diamond
= 204
header If-Match: *
PUT /v1/tiers/$gold
  {"rank": 2, "name": "金卡会员", "spend_min_fen": 500000, "discount_bp": 9500}
= 200
header If-Match: *
PUT /v1/tiers/$silver
  {"rank": 1, "name": "银卡会员", "spend_min_fen": 100000, "discount_bp": 9800}
= 200

POST /v1/members
  {"phone": "13800000081", "name": "韩梅"}
= 201
  $han = /member_id

# 一次买 6000 元，直接金卡，保到 3 月 12 日。
POST /v1/orders
  {"shop_id": "$shop", "member_id": "$han", "order_no": "F-1", "settle": true, "lines": [{"name": "冰箱", "quantity": 1, "unit_price_fen": 600000}], "tenders": [{"tender": "card", "amount_fen": 600000}]}
= 201
settle
GET /v1/members/$han/tier
= 200
  {"key": "gold", "until_day": "2026-03-12"}

# 30 天过去没再来：保级期和宽限期都过了，只降一级到银卡，不会一下掉到底。
pass 31 days
GET /v1/members/$han/tier
= 200
  {"key": "silver"}

# 再过 16 天还是没来，回到普通会员。
pass 16 days
GET /v1/members/$han/tier
= 200
  {"key": "normal"}

GET /v1/members/$han/tier/history
= 200
  {"items": [{"cause": "rule"}, {"cause": "rule"}, {"cause": "rule"}, {"cause": "rule"}]}

holds
