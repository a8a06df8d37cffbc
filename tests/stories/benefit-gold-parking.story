# 充值满 500 元升银卡：每月免费停车 2 小时、礼品包装不限次、优先配送、活动座位一年一个；道闸和收银台直接核销，用完了说什么时候再有。
# Recharge 500 and become silver: two hours of parking a month, gift wrap, priority delivery, a seat at an event.

GET /v1/tiers as owner
= 200
  $silver = /items/1/tier_id
  $tag = /items/1/tag_id
header If-Match: *
PUT /v1/tiers/$silver
  {"rank": 1, "name": "银卡会员", "recharge_min_fen": 50000, "gift_points": 200}
= 200

POST /v1/benefits/presets
  {"preset": "parking", "tag_id": "$tag"}
= 201
  {"quota": 2, "period": "month"}
POST /v1/benefits
  {"key": "wrap", "name": "礼品包装", "kind": "gift_wrap", "unit": "次"}
= 201
  $wrap = /benefit_id
POST /v1/benefit-terms
  {"benefit_id": "$wrap", "tag_id": "$tag", "quota": 0, "period": "day"}
= 201
POST /v1/benefits
  {"key": "fast", "name": "优先配送", "kind": "priority_delivery", "unit": "单"}
= 201
  $fast = /benefit_id
POST /v1/benefit-terms
  {"benefit_id": "$fast", "tag_id": "$tag", "quota": 1, "period": "week"}
= 201
POST /v1/benefits
  {"key": "freeship", "name": "免运费", "kind": "free_delivery", "unit": "单"}
= 201
  $ship = /benefit_id
POST /v1/benefit-terms
  {"benefit_id": "$ship", "tag_id": "$tag", "quota": 4, "period": "month"}
= 201
POST /v1/benefits
  {"key": "seat", "name": "新茶品鉴会座位", "kind": "event_seat", "unit": "座"}
= 201
  $seat = /benefit_id
POST /v1/benefit-terms
  {"benefit_id": "$seat", "tag_id": "$tag", "quota": 1, "period": "year"}
= 201

POST /v1/members
  {"phone": "13800000062", "name": "老孙"}
= 201
  $sun = /member_id

# 还不是银卡，道闸不放行。 Not silver yet: the gate says no.
POST /v1/benefits/uses as cashier
  {"shop_id": "$shop", "member_id": "$sun", "key": "parking", "use_no": "G-1"}
= 409 benefit.none

POST /v1/wallet/recharges
  {"shop_id": "$shop", "recharge_no": "R-1", "member_id": "$sun", "amount_fen": 50000, "tender": "cash"}
= 201
settle
GET /v1/members/$sun/tier
= 200
  {"key": "silver", "benefits": ["免费停车：每月 2 小时", "礼品包装", "优先配送：每周 1 单", "免运费：每月 4 单", "新茶品鉴会座位：每年 1 座"]}

POST /v1/benefits/uses
  {"shop_id": "$shop", "member_id": "$sun", "key": "parking", "count": 2, "use_no": "G-1"}
= 201
  {"left": 0, "renews_at": 1774972800000}
# 道闸重发一次，不会多扣。
POST /v1/benefits/uses
  {"shop_id": "$shop", "member_id": "$sun", "key": "parking", "count": 2, "use_no": "G-1"}
= 200
  {"duplicate": true, "left": 0}
POST /v1/benefits/uses
  {"shop_id": "$shop", "member_id": "$sun", "key": "parking", "use_no": "G-2"}
= 409 benefit.short
POST /v1/benefits/uses
  {"shop_id": "$shop", "member_id": "$sun", "key": "wrap", "count": 3, "use_no": "W-1"}
= 201
  {"left": -1}
POST /v1/benefits/uses
  {"shop_id": "$shop", "member_id": "$sun", "key": "fast", "use_no": "F-1"}
= 201
  {"left": 0}
POST /v1/benefits/uses
  {"shop_id": "$shop", "member_id": "$sun", "key": "freeship", "use_no": "S-1"}
= 201
  {"left": 3}
POST /v1/benefits/uses
  {"shop_id": "$shop", "member_id": "$sun", "key": "seat", "use_no": "E-1"}
= 201
  {"left": 0}

# 下个月一号，停车时间又有了。 On the first of the month there is time again.
pass 30 days
GET /v1/members/$sun/benefits as owner
= 200
  {"items": [{"key": "parking", "left": 2}, {"key": "wrap", "is_unlimited": true}, {"key": "fast", "left": 1}, {"key": "freeship", "left": 4}, {"key": "seat", "left": 0}]}

holds
