# 大额送礼和群发不能一个人说了算：运营提，店长批，批的那一刻才发。
# Large gifts and mailings need a second person: the marketer asks, the owner says yes, and only then anything moves.

header If-Match: "v0"
PUT /v1/settings/coupon as owner
  {"value": {"approval_fen": 5000, "approve_runs": true}}
= 200
POST /v1/members
  {"phone": "13800000001", "name": "王姐"}
= 201
  $wang = /member_id
POST /v1/coupon-templates
  {"name": "30元券", "kind": "cash", "off_fen": 3000, "valid_days": 30}
= 201
  $template = /template_id

# 一张可以，两张就超过 50 元。 One is fine, two are above the limit.
POST /v1/coupons as marketer
  {"template_id": "$template", "member_id": "$wang", "reason": "道歉"}
= 201
POST /v1/coupons
  {"template_id": "$template", "member_id": "$wang", "count": 2, "reason": "道歉"}
= 409 coupon.needs_approval
POST /v1/coupons
  {"template_id": "$template", "member_id": "$wang", "count": 2, "reason": "道歉", "ask": true}
= 201
  {"items": []}
  $first = /approval_id
POST /v1/coupon-runs
  {"template_id": "$template", "stage": "member", "reason": "店庆"}
= 409 coupon.needs_approval
POST /v1/coupon-runs
  {"template_id": "$template", "stage": "member", "reason": "店庆", "ask": true}
= 201
  $run = /approval_id
POST /v1/rewards as manager
  {"member_id": "$wang", "reason": "投诉补偿", "gifts": [{"kind": "gift_balance", "amount": 6000}]}
= 409 reward.needs_approval
POST /v1/rewards
  {"member_id": "$wang", "reason": "投诉补偿", "gifts": [{"kind": "gift_balance", "amount": 6000}], "ask": true}
= 201
  {"worth_fen": 6000}
  $gift = /approval_id

POST /v1/approvals/$first/decide as owner
  {"approve": true}
= 200
POST /v1/approvals/$run/decide
  {"approve": true}
= 200
POST /v1/approvals/$gift/decide
  {"approve": true}
= 200
GET /v1/members/$wang/coupons
= 200
  {"items": [{"name": "30元券"}, {"name": "30元券"}, {"name": "30元券"}, {"name": "30元券"}]}
GET /v1/members/$wang/wallet
= 200
  {"gift_fen": 6000}

holds
