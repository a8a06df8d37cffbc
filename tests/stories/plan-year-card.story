# 年卡 120 元：先免费试 7 天，交了年费马上成为付费会员，送 100 积分，每月再送 30；只有年卡会员能买的限量茶；到期前提醒，续一年接着算；中途退按天算。
# A yearly membership for a fee: trial, welcome gift, monthly gifts, goods for members alone, renewal, and back by the day.

POST /v1/plans as owner
  {"key": "year", "name": "年卡会员", "price_fen": 12000, "unit": "year", "unit_count": 1, "trial_days": 7, "remind_days": 30,
   "welcome_gifts": [{"kind": "points", "amount": 100}], "gifts": [{"kind": "points", "amount": 30}], "gift_months": 1}
= 201
  $plan = /plan_id
  $tag = /tag_id
POST /v1/items
  {"sku": "RARE", "name": "年卡专享明前茶", "price_fen": 20000, "most_per_member": 1, "only_tags": ["年卡会员"]}
= 201
  $tea = /item_id
POST /v1/benefits/presets
  {"preset": "parking", "tag_id": "$tag"}
= 201

code 13800000063
POST /v1/join
  {"phone": "13800000063", "code": "$code", "name": "小许"}
= 201
  $xu = /member_id
  $token = /token

# 不是年卡会员，专享茶买不了，也没有免费停车。
POST /v1/orders as cashier
  {"shop_id": "$shop", "member_id": "$xu", "order_no": "A-1", "settle": true, "lines": [{"item_id": "$tea", "quantity": 1}], "tenders": [{"tender": "cash", "amount_fen": 20000}]}
= 409 order.not_for_all

# 先免费试一周，一辈子一次。
POST /v1/me/plans/$plan/trial as $token
= 201
  {"is_trial": true, "paid_fen": 0}
POST /v1/me/plans/$plan/trial
= 409 plan.trial_used
GET /v1/me/benefits
= 200
  {"items": [{"key": "parking", "left": 2}]}

# 交年费，试用剩下的天数不丢：年卡接在试用后面。
POST /v1/sales as cashier
  {"shop_id": "$shop", "sale_no": "Y-1", "member_id": "$xu", "what": "plan", "what_id": "$plan", "tender": "cash"}
= 201
  {"amount_fen": 12000, "periods": [{"status": "planned", "paid_fen": 12000}]}
  $sale = /sale_id
pass 9 days
GET /v1/members/$xu/plans as owner
= 200
  {"items": [{"status": "active", "gift_number": 1}, {"status": "ended", "is_trial": true}]}
GET /v1/members/$xu/points
= 200
  {"balance": 130}

# 年卡会员：专享茶一人限购一份。
POST /v1/orders
  {"shop_id": "$shop", "member_id": "$xu", "order_no": "A-2", "settle": true, "lines": [{"item_id": "$tea", "quantity": 2}], "tenders": [{"tender": "cash", "amount_fen": 40000}]}
= 409 order.over_limit
POST /v1/orders
  {"shop_id": "$shop", "member_id": "$xu", "order_no": "A-2", "settle": true, "lines": [{"item_id": "$tea", "quantity": 1}], "tenders": [{"tender": "cash", "amount_fen": 20000}]}
= 201

# 续一年，时间往后接，不覆盖。 Renewing puts a year behind the one that runs.
POST /v1/sales
  {"shop_id": "$shop", "sale_no": "Y-2", "member_id": "$xu", "what": "plan", "what_id": "$plan", "tender": "cash"}
= 201
  {"periods": [{"status": "planned"}]}
  $second = /sale_id

# 反悔了：后一年还没开始，全退；先退后面的，再退前面的，前面的按剩余天数退。
POST /v1/sales/$sale/refund as manager
  {"reason": "搬家"}
= 409 plan.later_first
POST /v1/sales/$second/refund
  {"reason": "搬家"}
= 201
  {"amount_fen": 12000}
GET /v1/sales/$sale/refund-quote
= 200
  {"amount_fen": 11934, "steps": [{"rule": "paid"}, {"rule": "share", "fen": 11934}, {"rule": "result"}]}
POST /v1/sales/$sale/refund
  {"reason": "搬家"}
= 201
  {"amount_fen": 11934, "state": "done"}
settle
POST /v1/benefits/uses as owner
  {"shop_id": "$shop", "member_id": "$xu", "key": "parking", "use_no": "P-9"}
= 409 benefit.none

holds
