# 付款后送券，下次用；预算用完活动自己停；整单退了，没用的券收回。
# A coupon for next time after paying; the campaign stops itself when its budget is spent; returned goods take the coupon back.

POST /v1/items as owner
  {"sku": "BAG", "name": "帆布包", "price_fen": 12000}
= 201
POST /v1/coupon-templates
  {"name": "下次减20", "kind": "full", "threshold_fen": 10000, "off_fen": 2000, "valid_days": 30}
= 201
  $next = /template_id
POST /v1/reward-budgets
  {"name": "三月回购", "most_fen": 4000}
= 201
  $budget = /budget_id
POST /v1/reward-rules
  {"name": "满100送券", "event": "order", "min_fen": 10000, "budget_id": "$budget", "gifts": [{"kind": "coupon", "what_id": "$next"}]}
= 201
  $rule = /rule_id

POST /v1/members
  {"phone": "13800000001", "name": "小郑"}
= 201
  $zheng = /member_id
POST /v1/orders
  {"shop_id": "$shop", "member_id": "$zheng", "order_no": "A1", "settle": true, "lines": [{"sku": "BAG", "quantity": 1}],
   "tenders": [{"tender": "cash", "amount_fen": 12000}]}
= 201
  $first = /order_id
settle
GET /v1/members/$zheng/coupons?state=usable
= 200
  {"items": [{"name": "下次减20"}]}

# 第二单用掉它，又得一张；第三单预算没了。 The second order uses it and gets another; then the budget is spent.
POST /v1/orders
  {"shop_id": "$shop", "member_id": "$zheng", "order_no": "A2", "settle": true, "lines": [{"sku": "BAG", "quantity": 1}],
   "tenders": [{"tender": "cash", "amount_fen": 10000}]}
= 201
  $second = /order_id
settle
GET /v1/reward-budgets/$budget
= 200
  {"used_fen": 4000, "used_count": 2}
POST /v1/orders
  {"shop_id": "$shop", "member_id": "$zheng", "order_no": "A3", "settle": true, "lines": [{"sku": "BAG", "quantity": 1}], "no_coupons": true,
   "tenders": [{"tender": "cash", "amount_fen": 12000}]}
= 201
settle
GET /v1/reward-rules/$rule
= 200
  {"state": "budget_spent"}
GET /v1/members/$zheng/coupons?state=usable
= 200
  {"items": [{"name": "下次减20"}]}

# 第二单整单退：它送的那张还没用，收回；它用掉的那张回来。 Its coupon goes back; the one it used comes back.
POST /v1/orders/$second/refunds
  {"reason": "色差"}
= 201
settle
GET /v1/members/$zheng/coupons?state=usable
= 200
  {"items": [{"name": "下次减20"}]}

holds
