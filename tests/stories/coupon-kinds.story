# 各种券：无门槛、满减、折扣（封顶）、一口价、兑换券、赠品券、免运费；不能用的都说为什么。
# Every kind of coupon at the till, and the reason where one does not apply.

POST /v1/items as owner
  {"sku": "CAKE", "name": "奶油蛋糕", "price_fen": 3800}
= 201
  $cake = /item_id
POST /v1/items
  {"sku": "COFFEE", "name": "咖啡", "price_fen": 2500}
= 201
  $coffee = /item_id
POST /v1/members
  {"phone": "13800000001", "name": "小周"}
= 201
  $zhou = /member_id

# 无门槛 5 元。 Five off, whatever is bought.
POST /v1/coupon-templates
  {"name": "无门槛5元", "kind": "cash", "off_fen": 500, "valid_days": 7}
= 201
  $cash = /template_id
POST /v1/coupons
  {"template_id": "$cash", "member_id": "$zhou", "reason": "道歉"}
= 201
  $five = /items/0/coupon_id
POST /v1/quotes
  {"shop_id": "$shop", "member_id": "$zhou", "lines": [{"sku": "COFFEE", "quantity": 1}]}
= 200
  {"order": {"payable_fen": 2000}}

# 八折券，最多减 20 元；同类券一单一张，电脑挑最划算的。 20 % off, 20 yuan at most; one coupon an order, the better one.
POST /v1/coupon-templates
  {"name": "八折券", "kind": "discount", "rate_bp": 8000, "cap_fen": 2000, "valid_days": 7}
= 201
  $rate = /template_id
POST /v1/coupons
  {"template_id": "$rate", "member_id": "$zhou", "reason": "老客"}
= 201
  $eight = /items/0/coupon_id
POST /v1/quotes
  {"shop_id": "$shop", "member_id": "$zhou", "lines": [{"sku": "COFFEE", "quantity": 2}]}
= 200
  {"order": {"payable_fen": 4000, "adjustments": [{"source_id": "$eight", "off_fen": 1000}]}, "refusals": [{"id": "$five", "code": "stack.class"}]}
POST /v1/quotes
  {"shop_id": "$shop", "member_id": "$zhou", "lines": [{"sku": "COFFEE", "quantity": 10}]}
= 200
  {"order": {"payable_fen": 23000}}

# 蛋糕兑换券：换一块蛋糕，可与别的券同用。 A cake for nothing, beside another coupon.
POST /v1/coupon-templates
  {"name": "蛋糕兑换券", "kind": "exchange", "pieces": 1, "scope": {"item_ids": ["$cake"]}, "is_combinable": true, "valid_days": 7}
= 201
  $exchange = /template_id
POST /v1/coupons
  {"template_id": "$exchange", "member_id": "$zhou", "reason": "老客"}
= 201
  $free = /items/0/coupon_id
POST /v1/quotes
  {"shop_id": "$shop", "member_id": "$zhou", "lines": [{"sku": "COFFEE", "quantity": 2}]}
= 200
  {"order": {"payable_fen": 4000}, "refusals": [{"id": "$free", "code": "scope.none"}, {"id": "$five", "code": "stack.class"}]}
POST /v1/orders
  {"shop_id": "$shop", "member_id": "$zhou", "order_no": "A1", "settle": true,
   "lines": [{"sku": "CAKE", "quantity": 1}, {"sku": "COFFEE", "quantity": 2}], "tenders": [{"tender": "cash", "amount_fen": 4000}]}
= 201
  {"amount_fen": 8800, "discount_fen": 4800}

# 满 30 送一杯咖啡；周末才能用的满减，今天周一说为什么。 A gift on top; a weekend coupon says why not on Monday.
POST /v1/coupon-templates
  {"name": "满30送咖啡", "kind": "gift", "threshold_fen": 3000, "gift_item_id": "$coffee", "gift_quantity": 1, "worth_fen": 2500, "valid_days": 7}
= 201
  $gift = /template_id
POST /v1/coupons
  {"template_id": "$gift", "member_id": "$zhou", "reason": "老客"}
= 201
POST /v1/coupon-templates
  {"name": "周末满30减8", "kind": "full", "threshold_fen": 3000, "off_fen": 800, "when": {"weekdays": ["6", "7"]}, "valid_days": 7}
= 201
  $weekend = /template_id
POST /v1/coupons
  {"template_id": "$weekend", "member_id": "$zhou", "reason": "老客"}
= 201
  $saturday = /items/0/coupon_id
GET /v1/members/$zhou/coupons?state=usable
= 200
  {"items": [{"coupon_id": "$saturday", "is_usable": false, "why_not_code": "when.weekday", "why_not_zh": "周末满30减8：今天（星期）不适用"},
             {"name": "满30送咖啡", "is_usable": true}, {"coupon_id": "$five", "is_usable": true}]}

# 一口价：任选咖啡 9.9 元一杯。 A fixed price for one coffee.
POST /v1/coupon-templates
  {"name": "咖啡9.9", "kind": "fixed_price", "price_fen": 990, "pieces": 1, "scope": {"item_ids": ["$coffee"]}, "valid_days": 7}
= 201
  $fixed = /template_id
POST /v1/members
  {"phone": "13800000002", "name": "小吴"}
= 201
  $wu = /member_id
POST /v1/coupons
  {"template_id": "$fixed", "member_id": "$wu", "reason": "新客"}
= 201
POST /v1/quotes
  {"shop_id": "$shop", "member_id": "$wu", "lines": [{"sku": "COFFEE", "quantity": 2}]}
= 200
  {"order": {"payable_fen": 3490}}

holds
