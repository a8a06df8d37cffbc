# What a gift is worth is not for the giver to say, and growth by hand has a limit of its own.

header If-Match: "v0"
PUT /v1/settings/coupon as owner
  {"value": {"approval_fen": 5000, "approve_runs": true}}
= 200
header If-Match: "v0"
PUT /v1/settings/growth as owner
  {"value": {"approval_growth": 1000}}
= 200
POST /v1/members
  {"phone": "13800000001", "name": "王姐"}
= 201
  $wang = /member_id
POST /v1/coupon-templates
  {"name": "1000元券", "kind": "cash", "off_fen": 100000, "valid_days": 30}
= 201
  $coupon = /template_id
POST /v1/rewards as manager
  {"member_id": "$wang", "reason": "老客", "gifts": [{"kind": "coupon", "what_id": "$coupon", "amount": 10}]}
= 409 reward.needs_approval
POST /v1/rewards as manager
  {"member_id": "$wang", "reason": "老客", "gifts": [{"kind": "coupon", "what_id": "$coupon", "amount": 10, "worth_fen": 1}]}
= 409 reward.needs_approval
POST /v1/rewards as manager
  {"member_id": "$wang", "reason": "老客", "gifts": [{"kind": "growth", "amount": 1001}]}
= 409 reward.needs_approval
POST /v1/rewards as manager
  {"member_id": "$wang", "reason": "老客", "gifts": [{"kind": "growth", "amount": 1000}]}
= 201
  {"worth_fen": 0}
POST /v1/rewards as manager
  {"member_id": "$wang", "reason": "老客", "gifts": [{"kind": "points", "amount": 1000000000, "worth_fen": 100000000000}]}
= 422 reward.too_many
settle
holds
