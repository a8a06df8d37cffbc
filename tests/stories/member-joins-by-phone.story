# 扫码入会：填手机号、验证码，几秒钟；领 100 积分；之后看得到自己的积分、流水、等级和订单。
# Joining with a phone and a code takes seconds and is worth 100 points; from then on the member sees it all.

POST /v1/consent-texts as owner
  {"purpose": "privacy", "title": "隐私政策", "body": "手机号只用于会员服务。"}
= 201
POST /v1/items
  {"sku": "TEA", "name": "龙井茶", "price_fen": 10000}
= 201

# 老板定：入会 100 分，资料填全 50 分。
header If-Match: "v0"
PUT /v1/settings/points
  {"value": {"behaviours": [{"name": "join", "title": "注册有礼", "title_en": "Joining", "points": 100, "total_count": 1},
                            {"name": "profile", "title": "完善资料", "title_en": "Complete profile", "points": 50, "total_count": 1}]}}
= 200

# 入会前先看得到要同意什么。 What one agrees to can be read before.
GET /v1/consent-texts as nobody
= 200
  {"items": [{"purpose": "privacy", "version": 1}]}

# 没有验证码，谁也进不来；猜的不行。
POST /v1/join
  {"phone": "13800000051", "code": "000000"}
= 422 code.wrong

code 13800000051
POST /v1/join
  {"phone": "13800000051", "code": "$code", "name": "林小雨", "channel": "门口海报", "consents": [{"purpose": "privacy", "version": 1}]}
= 201
  {"is_new": true}
  $lin = /member_id
  $token = /token

# 同一个验证码不能再用。
POST /v1/join
  {"phone": "13800000051", "code": "$code"}
= 422 code.wrong

settle
GET /v1/me as $token
= 200
  {"member_id": "$lin", "name": "林小雨", "phone": "13800000051", "channel": "门口海报", "points": 100, "tier_name": "普通会员", "is_complete": false,
   "identities": [{"kind": "phone", "verified_at": "*"}]}
GET /v1/me/points/entries
= 200
  {"items": [{"delta": 100, "source": "behaviour"}]}
GET /v1/me/consents
= 200
  {"items": [{"purpose": "privacy", "is_granted": true, "version": 1}]}

# 资料填全了，再得 50 分；再改不重复给。 A complete profile is worth 50 points, once.
header If-Match: *
PATCH /v1/me
  {"gender": "female", "birthday": {"year": 1992, "month": 2, "day": 29}}
= 200
  {"is_complete": true}
header If-Match: *
PATCH /v1/me
  {"region": "江城市"}
= 200
settle
GET /v1/me/points
= 200
  {"balance": 150}

# 到店报手机号，买一斤茶。 At the till the phone is enough.
GET /v1/members/lookup?phone=13800000051 as cashier
= 200
  {"member_id": "$lin", "name": "林**", "points": 150}
POST /v1/orders
  {"shop_id": "$shop", "member_id": "$lin", "order_no": "J-1", "settle": true, "lines": [{"sku": "TEA", "quantity": 1}], "tenders": [{"tender": "cash", "amount_fen": 10000}]}
= 201
  {"points_earned": 100, "points_balance": 250}
  $order = /order_id
settle
GET /v1/me/orders as $token
= 200
  {"items": [{"order_id": "$order", "status": "completed", "payable_fen": 10000}]}
GET /v1/me/orders/$order
= 200
  {"lines": [{"name": "龙井茶", "quantity": 1}]}
GET /v1/me/tier
= 200
  {"key": "normal", "next_name": "银卡会员", "gap_zh": "再获得 900 成长值，升为银卡会员"}
GET /v1/me/why?account=points
= 200
  {"balance": 250, "lines": [{"delta": 100}, {"delta": 50}, {"delta": 100, "words": "消费所得"}]}

# 设了密码，下次不用等短信。
PUT /v1/me/password
  {"password": "xiaoyu-2026"}
= 204
POST /v1/member-login as nobody
  {"phone": "13800000051", "password": "xiaoyu-2026"}
= 200
POST /v1/member-login
  {"phone": "13800000051", "password": "xiaoyu-2025"}
= 401 member.login_wrong

# 换手机号：新号码收验证码；换过一次，三十天内不能再换。
code 13800000052 change_phone
PUT /v1/me/phone as $token
  {"phone": "13800000052", "code": "$code"}
= 200
GET /v1/members/lookup?phone=13800000051 as cashier
= 404 member.not_found
GET /v1/members/lookup?phone=13800000052
= 200
  {"member_id": "$lin"}

# 别人的东西看不到：别的会员的订单、员工的页面。
POST /v1/orders as cashier
  {"shop_id": "$shop", "order_no": "J-2", "settle": true, "lines": [{"sku": "TEA", "quantity": 1}], "tenders": [{"tender": "cash", "amount_fen": 10000}]}
= 201
  $other = /order_id
GET /v1/me/orders/$other as $token
= 404 order.not_found
GET /v1/members
= 403

holds
