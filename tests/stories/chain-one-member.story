# 两家门店，线上线下，一个会员：在哪里入会、在哪里消费都算一个账；每一分记在发生的那家店。
# Two shops, counter and web: one member, one account, and every point stands in the books of the shop where it arose.

POST /v1/shops as owner
  {"code": "S02", "name": "河西店", "region": "江城市河西区"}
= 201
  $west = /shop_id
POST /v1/shop-groups
  {"name": "江城", "shop_ids": ["$shop", "$west"]}
= 201

POST /v1/members as cashier
  {"phone": "13800000061", "name": "周航", "shop_id": "$shop"}
= 201
  $zhou = /member_id

# 会员卡、小程序、外部商城的号，都指向同一个人。
POST /v1/members/$zhou/identities as owner
  {"kind": "card", "value": "K-6100"}
= 200
POST /v1/members/$zhou/identities
  {"kind": "openid", "app": "wxapp1", "value": "oABCDEFGHIJKLMN"}
= 200
POST /v1/members/$zhou/identities
  {"kind": "external", "provider": "webshop", "value": "u-778"}
= 200
GET /v1/members/lookup?external=u-778
= 404 member.not_found
GET /v1/members/lookup?external=u-778&provider=webshop
= 200
  {"member_id": "$zhou"}

# 店里一单，河西店网上一单（老板的账号不站在哪家店）。
POST /v1/orders as cashier
  {"shop_id": "$shop", "member_id": "$zhou", "order_no": "T-1", "settle": true, "lines": [{"name": "米", "quantity": 1, "unit_price_fen": 5000}], "tenders": [{"tender": "cash", "amount_fen": 5000}]}
= 201
POST /v1/orders as owner
  {"shop_id": "$west", "member_id": "$zhou", "order_no": "T-1", "channel": "web", "settle": true, "lines": [{"name": "油", "quantity": 1, "unit_price_fen": 8000}], "tenders": [{"tender": "wechat", "amount_fen": 8000, "external_no": "W-1"}]}
= 201

settle
GET /v1/members/$zhou/points/entries
= 200
  {"items": [{"delta": 80, "shop_id": "$west"}, {"delta": 50, "shop_id": "$shop"}]}
GET /v1/orders?member_id=$zhou
= 200
  {"items": [{"shop_id": "$west", "channel": "web"}, {"shop_id": "$shop", "channel": "till"}]}
GET /v1/members/$zhou
= 200
  {"orders": 2, "spend_fen": 13000, "points": 130}

# 总店的收银员管不了河西店。
POST /v1/staff
  {"login": "chen", "role": "cashier", "password": "battery-staple", "shop_ids": ["$shop"]}
= 201
POST /v1/login as nobody
  {"login": "chen", "password": "battery-staple"}
= 200
  {"shop_id": "$shop"}
  $chen = /token
POST /v1/orders as $chen
  {"shop_id": "$west", "order_no": "T-2", "settle": true, "lines": [{"name": "油", "quantity": 1, "unit_price_fen": 8000}], "tenders": [{"tender": "cash", "amount_fen": 8000}]}
= 403 auth.other_shop

holds
