# 体验券：到店做一次护理，扫码核销；不是它的时段说清楚，核销两次不行，点错了店长撤销。
# An experience coupon: scanned at the desk, once, at its hours; undone by the manager with a reason.

POST /v1/coupon-templates as owner
  {"name": "肩颈体验", "kind": "experience", "valid_days": 30, "when": {"from_minute": 840, "to_minute": 1080}}
= 201
  $spa = /template_id
code 13800000001
POST /v1/join as nobody
  {"phone": "13800000001", "code": "$code", "name": "小何"}
= 201
  $he = /member_id
  $token = /token
POST /v1/coupons as owner
  {"template_id": "$spa", "member_id": "$he", "reason": "体验日"}
= 201
  $coupon = /items/0/coupon_id
GET /v1/me/coupons as $token
= 200
  {"items": [{"name": "肩颈体验", "is_usable": false, "why_not_code": "when.minute"}]}
  $show = /items/0/code

# 上午十点还不能做。 Not in the morning.
POST /v1/coupon-redemptions as cashier
  {"shop_id": "$shop", "code": "$show"}
= 409 coupon.not_now

pass 5 hours
POST /v1/coupon-lookups
  {"shop_id": "$shop", "code": "$show"}
= 200
  {"name": "肩颈体验", "is_usable": true}
POST /v1/coupon-redemptions
  {"shop_id": "$shop", "code": "$show"}
= 201
  {"status": "used"}
POST /v1/coupon-redemptions
  {"shop_id": "$shop", "code": "$show"}
= 409 coupon.taken

POST /v1/coupons/$coupon/redeem-undo
  {"reason": "点错了"}
= 403 auth.denied
POST /v1/coupons/$coupon/redeem-undo as manager
  {"reason": "点错了"}
= 200
  {"status": "issued"}

holds
