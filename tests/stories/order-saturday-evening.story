# 周六晚上的收银台：生鲜折扣、第二件半价、满减、券一起用，积分、余额、现金一起付；券先锁后用，退一部分、再全退，每一分都对得上。
# A Saturday evening at the till: offers, a coupon, points, balance and cash in one order; then a part comes back, then the rest.

POST /v1/item-categories as owner
  {"name": "生鲜"}
= 201
  $fresh = /id
POST /v1/items
  {"sku": "FISH", "name": "三文鱼", "price_fen": 8800, "category_id": "$fresh"}
= 201
POST /v1/items
  {"sku": "MILK", "name": "牛奶", "price_fen": 1200}
= 201
  $milk = /item_id
POST /v1/items
  {"sku": "PAN", "name": "平底锅", "price_fen": 5990}
= 201

# 老板定了三个活动：周六生鲜给“主妇”八八折，牛奶第二件半价，全场满100减20。 Three offers.
POST /v1/tags
  {"name": "主妇"}
= 201
  $homemaker = /tag_id
POST /v1/offers
  {"name": "周六生鲜八八折", "kind": "rate", "rate_bp": 8800, "status": "active",
   "scope": {"category_ids": ["$fresh"]}, "when": {"weekdays": ["6"]}, "who": {"tags": ["主妇"]}}
= 201
POST /v1/offers
  {"name": "牛奶第二件半价", "kind": "nth", "nth": 2, "rate_bp": 5000, "status": "active", "scope": {"item_ids": ["$milk"]}}
= 201
POST /v1/offers
  {"name": "满100减20", "kind": "cash", "threshold_fen": 10000, "off_fen": 2000, "status": "active"}
= 201

# 张姐充过 100 送 20，有 500 积分，一张满50减10的券。 Zhang has balance, points and a coupon.
POST /v1/members
  {"phone": "13800000001", "name": "张姐"}
= 201
  $zhang = /member_id
POST /v1/tags/$homemaker/members
  {"member_ids": ["$zhang"]}
= 200
POST /v1/points/grants
  {"member_id": "$zhang", "points": 500, "reason": "老会员"}
= 201
POST /v1/wallet/packages
  {"name": "充100送20", "pay_fen": 10000, "gift_fen": 2000}
= 201
  $package = /package_id
POST /v1/wallet/recharges
  {"shop_id": "$shop", "recharge_no": "R1", "member_id": "$zhang", "package_id": "$package", "tender": "cash"}
= 201
POST /v1/coupon-templates
  {"name": "满50减10", "kind": "full", "threshold_fen": 5000, "off_fen": 1000, "valid_days": 30, "on_refund": "unexpired"}
= 201
  $template = /template_id
POST /v1/coupons
  {"template_id": "$template", "member_id": "$zhang", "reason": "老会员"}
= 201
  $coupon = /items/0/coupon_id
code 13800000001
POST /v1/join as nobody
  {"phone": "13800000001", "code": "$code"}
= 200
  $token = /token
PUT /v1/me/wallet/pin as $token
  {"pin": "274913"}
= 200

pass 5 days
pass 9 hours

# 只拿一口锅：券用上了，满减还差多少、鱼的折扣为什么没有，报价都说。
# The pan alone: the coupon is used; the quote says what is missing for the rest.
POST /v1/quotes as cashier
  {"shop_id": "$shop", "member_id": "$zhang", "lines": [{"sku": "PAN", "quantity": 1}]}
= 200
  {"order": {"payable_fen": 4990, "adjustments": [{"rule": "coupon", "source_id": "$coupon", "off_fen": 1000}]}, "optimal": true,
   "refusals": [{"code": "scope.none"}, {"code": "scope.none"}, {"code": "threshold.amount", "short_fen": 4010, "zh": "再买 40.10 元可用 满100减20"}]}

# 鱼、两盒牛奶、锅：每一步减了多少写得清清楚楚。 Each step with what it took off.
POST /v1/quotes
  {"shop_id": "$shop", "member_id": "$zhang", "lines": [{"sku": "FISH", "quantity": 1}, {"sku": "MILK", "quantity": 2}, {"sku": "PAN", "quantity": 1}]}
= 200
  {"order": {"amount_fen": 17190, "discount_fen": 4656, "payable_fen": 12534,
             "adjustments": [{"name": "周六生鲜八八折", "off_fen": 1056}, {"name": "牛奶第二件半价", "off_fen": 600},
                             {"name": "满100减20", "off_fen": 2000}, {"name": "满50减10", "off_fen": 1000}]},
   "refusals": []}

# 500 积分、50 元余额、剩下付现金，一次收清。积分只按真金白银算。 Points, balance and cash pay it at once.
POST /v1/orders
  {"shop_id": "$shop", "order_no": "S-1", "member_id": "$zhang", "settle": true, "points": 500,
   "lines": [{"sku": "FISH", "quantity": 1}, {"sku": "MILK", "quantity": 2}, {"sku": "PAN", "quantity": 1}],
   "tenders": [{"tender": "balance", "amount_fen": 5000, "pin": "274913"}, {"tender": "cash", "amount_fen": 7034}]}
= 201
  {"payable_fen": 12534, "offset_fen": 500, "cash_fen": 12034, "points_earned": 120,
   "lines": [{"payable_fen": 6249}, {"payable_fen": 1452}, {"payable_fen": 4833}]}
  $order = /order_id
GET /v1/coupons/$coupon
= 200
  {"coupon": {"status": "used", "order_id": "$order"}}

# 一盒牛奶退回：它那一份优惠跟着走，钱按积分、余额、现金各自的份退，券还是用掉的。
# One milk comes back with its share; the coupon stays used.
POST /v1/orders/$order/refunds
  {"refund_no": "T-1", "lines": [{"line_no": 2, "quantity": 1}]}
= 201
  {"amount_fen": 726, "tenders": [{"tender": "points", "amount_fen": 29}, {"tender": "balance", "amount_fen": 290}, {"tender": "cash", "amount_fen": 407}]}
GET /v1/coupons/$coupon
= 200
  {"coupon": {"status": "used"}}
holds

# 剩下的全退：钱、积分、余额、券都回到原来。 Then the rest: everything is as it was.
POST /v1/orders/$order/refunds
  {"refund_no": "T-2"}
= 201
  {"amount_fen": 11808, "points_balance": 500}
GET /v1/members/$zhang/wallet
= 200
  {"principal_fen": 10000, "gift_fen": 2000}
GET /v1/coupons/$coupon
= 200
  {"coupon": {"status": "issued"}}

# 先下单、等付款：券锁住，别的单用不了；不付，半小时后自己放开。 An order that waits locks the coupon, and lets it go by itself.
POST /v1/orders
  {"shop_id": "$shop", "order_no": "S-2", "member_id": "$zhang", "lines": [{"sku": "PAN", "quantity": 1}]}
= 201
  {"status": "placed", "payable_fen": 4990}
POST /v1/quotes
  {"shop_id": "$shop", "member_id": "$zhang", "lines": [{"sku": "PAN", "quantity": 1}]}
= 200
  {"order": {"payable_fen": 5990}}
pass 31 minutes
GET /v1/coupons/$coupon
= 200
  {"coupon": {"status": "issued"}}

holds
