# 一次充 1000 送 100 元和一张券，当场升为金卡；退卡以后券收回，等级也按规矩退下来。
# Pay 1,000 once: 100 on top, a coupon, and the gold level at once; when the card is refunded, coupon and level go.

POST /v1/members as owner
  {"phone": "13800000001", "name": "王姐"}
= 201
  $wang = /member_id

POST /v1/tiers
  {"key": "recharged", "rank": 50, "name": "储值金卡", "recharge_min_fen": 100000}
= 201
  $gold = /tier_id

POST /v1/wallet/packages
  {"name": "充1000送100", "pay_fen": 100000, "gift_fen": 10000, "gift_days": 365, "points": 500}
= 201
  $package = /package_id

POST /v1/coupon-templates
  {"name": "满50减10", "kind": "full", "threshold_fen": 5000, "off_fen": 1000, "valid_days": 30}
= 201
  $coupon = /template_id

POST /v1/reward-rules
  {"name": "充值礼", "event": "recharge", "about_id": "$package", "gifts": [{"kind": "coupon", "what_id": "$coupon"}]}
= 201

POST /v1/wallet/recharges as cashier
  {"shop_id": "$shop", "recharge_no": "R1", "member_id": "$wang", "package_id": "$package", "tender": "cash"}
= 201
  {"principal_left_fen": 100000, "gift_left_fen": 10000}

settle

GET /v1/members/$wang/tier as owner
= 200
  {"name": "储值金卡"}

GET /v1/members/$wang/points
= 200
  {"balance": 500}

GET /v1/members/$wang/coupons?state=usable
= 200
  {"items": [{"template_id": "$coupon"}]}

POST /v1/wallet/refund-requests as manager
  {"member_id": "$wang", "reason": "出国"}
= 201
  {"asked_fen": 100000}
  $request = /request_id

POST /v1/approvals/$request/decide as owner
  {"approve": true, "reason": "同意"}
= 200
  {"status": "approved", "title": "退卡"}

settle

GET /v1/members/$wang/wallet
= 200
  {"principal_fen": 0, "gift_fen": 0}

GET /v1/members/$wang/points
= 200
  {"balance": 0}

GET /v1/members/$wang/coupons?state=usable
= 200
  {"items": []}

GET /v1/members/$wang/tier
= 200
  {"name": "普通会员", "measures": [{"measure": "growth", "gap": 1000}]}

holds
