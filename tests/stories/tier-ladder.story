# 成长值 0-100 打九折，101-300 打八折，301-500 打七折；差多少、会失去什么，收银员念得出来。
# The ladder by growth: 10, 20, 30 % off; what is missing and what would be lost in words a cashier can read out.

POST /v1/members as owner
  {"phone": "13800000004", "name": "老赵"}
= 201
  $zhao = /member_id

POST /v1/tiers/presets
  {"preset": "discounts"}
= 200

GET /v1/members/$zhao/tier
= 200
  {"discount_bp": 9000, "gap_zh": "再获得 101 成长值，升为八折会员"}

POST /v1/orders
  {"shop_id": "$shop", "member_id": "$zhao", "order_no": "T1", "settle": true, "lines": [{"name": "电饭煲", "quantity": 1, "unit_price_fen": 20000}], "tenders": [{"tender": "cash", "amount_fen": 18000}]}
= 201
  {"discount_fen": 2000, "payable_fen": 18000, "growth_earned": 180}
  $pot = /order_id

settle
GET /v1/members/$zhao/tier
= 200
  {"discount_bp": 8000, "gap_zh": "再获得 121 成长值，升为七折会员"}

# 升级以后再买，按八折。
POST /v1/quotes
  {"shop_id": "$shop", "member_id": "$zhao", "lines": [{"name": "电饭煲", "quantity": 1, "unit_price_fen": 20000}]}
= 200
  {"order": {"payable_fen": 16000}}

# 退掉电饭煲，成长值收回，等级也回去。
POST /v1/orders/$pot/refunds
  {"reason": "不会用"}
= 201
  {"growth_taken": 180}

settle
GET /v1/members/$zhao/tier
= 200
  {"discount_bp": 9000}

# 店长给老客户手工定级，要写理由。
GET /v1/tiers
= 200
  $seven = /items/2/tier_id

POST /v1/members/$zhao/tier
  {"tier_id": "$seven", "until_day": "2026-04-01"}
= 422 body.invalid

POST /v1/members/$zhao/tier
  {"tier_id": "$seven", "until_day": "2026-04-01", "reason": "二十年老客"}
= 200
  {"discount_bp": 7000, "is_manual": true}

pass 31 days
GET /v1/members/$zhao/tier
= 200
  {"discount_bp": 9000, "is_manual": false}

holds
