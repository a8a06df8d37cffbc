# 入会礼：100 积分 + 满50减10。一次调用就配好；会员看得到自己的券，结账时用掉，全退了券回来，作废要写原因。
# The joining gift in one call: 100 points and 10 off 50. The member sees the coupon, uses it, and gets it back with the goods.

POST /v1/reward-presets as owner
  {"preset": "join_gift"}
= 201
  {"items": [{"event": "join", "state": "on"}]}
POST /v1/items
  {"sku": "TEA", "name": "龙井茶", "price_fen": 4000}
= 201

code 13800000001
POST /v1/join as nobody
  {"phone": "13800000001", "code": "$code", "name": "小林"}
= 201
  $lin = /member_id
  $token = /token
settle
GET /v1/me/points as $token
= 200
  {"balance": 100}
GET /v1/me/coupons?state=usable
= 200
  {"items": [{"name": "满50减10", "kind": "full", "threshold_fen": 5000, "template_off_fen": 1000, "is_usable": true}]}
  $coupon = /items/0/coupon_id

# 一包茶不够 50 元：报价说还差多少。 One tea is not enough, and the quote says how much is missing.
POST /v1/quotes as cashier
  {"shop_id": "$shop", "member_id": "$lin", "lines": [{"sku": "TEA", "quantity": 1}]}
= 200
  {"order": {"payable_fen": 4000}, "refusals": [{"code": "threshold.amount", "short_fen": 1000, "zh": "再买 10.00 元可用 满50减10"}]}

POST /v1/orders
  {"shop_id": "$shop", "member_id": "$lin", "order_no": "A1", "settle": true, "lines": [{"sku": "TEA", "quantity": 2}],
   "tenders": [{"tender": "cash", "amount_fen": 7000}]}
= 201
  {"status": "completed", "discount_fen": 1000, "payable_fen": 7000}
  $order = /order_id
GET /v1/me/coupons?state=used as $token
= 200
  {"items": [{"coupon_id": "$coupon", "off_fen": 1000, "order_id": "$order"}]}

# 两包都退了：券没过期，回到会员手里。 Everything comes back, and so does the coupon.
POST /v1/orders/$order/refunds as owner
  {"reason": "不喜欢"}
= 201
GET /v1/me/coupons?state=usable as $token
= 200
  {"items": [{"coupon_id": "$coupon", "is_usable": true}]}

# 发错了的券由员工作废，要写原因；之后谁也用不了。 A void needs a reason.
POST /v1/coupons/$coupon/void as owner
  {"reason": "重复注册"}
= 200
  {"status": "void"}
GET /v1/coupons/$coupon
= 200
  {"coupon": {"status": "void"}, "entries": [{"action": "issue"}, {"action": "use"}, {"action": "return"}, {"action": "void", "reason": "重复注册"}]}

holds
