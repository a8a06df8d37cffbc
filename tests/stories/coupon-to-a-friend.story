# 把券送给朋友：给一个码，朋友领走后换新码；没人领，一天后自己回来；朋友领了，送的人得 30 积分。
# A coupon for a friend: a code; taken, it gets a new one; not taken, it comes back by itself; the giver is rewarded.

POST /v1/coupon-templates as owner
  {"name": "闺蜜券", "kind": "cash", "off_fen": 1000, "valid_days": 30, "claim": "open", "most_total": 1, "may_give": true, "give_hours": 24}
= 201
  $template = /template_id
POST /v1/reward-rules
  {"name": "分享有礼", "event": "coupon_shared", "about_id": "$template", "gifts": [{"kind": "points", "amount": 30}]}
= 201

code 13800000001
POST /v1/join as nobody
  {"phone": "13800000001", "code": "$code", "name": "安安"}
= 201
  $ann = /member_id
  $a = /token
code 13800000002
POST /v1/join
  {"phone": "13800000002", "code": "$code", "name": "贝贝"}
= 201
  $b = /token

GET /v1/me/coupon-centre as $a
= 200
  {"items": [{"name": "闺蜜券", "may_claim": true, "my_room": 1}]}
POST /v1/me/coupon-claims
  {"template_id": "$template"}
= 201
  $coupon = /coupon_id
GET /v1/me/coupon-centre
= 200
  {"items": [{"name": "闺蜜券", "may_claim": false, "why_not_code": "coupon.limit"}]}
POST /v1/me/coupons/$coupon/gift
= 201
  {"status": "waiting"}
  $gift = /code

# 路上的券自己不能用，也不能自己领。 On its way it is nobody's to use.
GET /v1/me/coupons
= 200
  {"items": [{"is_usable": false, "why_not_code": "coupon.giving"}]}
POST /v1/me/coupon-gifts/accept
  {"code": "$gift"}
= 409 coupon.gift_own

pass 25 hours
GET /v1/me/coupons
= 200
  {"items": [{"is_usable": true}]}
POST /v1/me/coupon-gifts/accept as $b
  {"code": "$gift"}
= 409 coupon.gift_over

POST /v1/me/coupons/$coupon/gift as $a
= 201
  $gift = /code
POST /v1/me/coupon-gifts/accept as $b
  {"code": "$gift"}
= 201
  {"status": "accepted"}
GET /v1/me/coupons
= 200
  {"items": [{"coupon_id": "$coupon", "is_usable": true}]}
# 领来的算自己的名额。 It counts in the limit of who took it.
POST /v1/me/coupon-claims
  {"template_id": "$template"}
= 409 coupon.limit

settle
GET /v1/members/$ann/points as owner
= 200
  {"balance": 30}

holds
