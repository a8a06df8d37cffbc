# 每种活动一小段：满减（单档、阶梯、每满）、满赠、第 N 件、套餐、会员价、会员日、生日、首单、渠道和门店；和活动抵触的，收银员指定或禁用。
# One short scene per kind of offer.

POST /v1/items as owner
  {"sku": "TEA", "name": "茶", "price_fen": 6000, "member_price_fen": 5500}
= 201
  $tea = /item_id
POST /v1/items
  {"sku": "BUN", "name": "包子", "price_fen": 300}
= 201
  $bun = /item_id
POST /v1/items
  {"sku": "SOY", "name": "豆浆", "price_fen": 400}
= 201
  $soy = /item_id
POST /v1/items
  {"sku": "CUP", "name": "茶杯", "price_fen": 1000}
= 201
  $cup = /item_id
PUT /v1/items/$cup/shops/$shop/stock
  {"counted_quantity": 5}
= 200
POST /v1/members
  {"phone": "13800000001", "name": "王姐", "birthday": {"month": 3, "day": 20}}
= 201
  $wang = /member_id

# 会员价：会员 55，散客 60。 A price for members.
POST /v1/quotes
  {"shop_id": "$shop", "member_id": "$wang", "lines": [{"sku": "TEA", "quantity": 1}]}
= 200
  {"order": {"payable_fen": 5500, "adjustments": [{"rule": "member_price", "name": "会员价"}]}}
POST /v1/quotes
  {"shop_id": "$shop", "lines": [{"sku": "TEA", "quantity": 1}]}
= 200
  {"order": {"payable_fen": 6000}}

# 阶梯满减：满 100 减 10，满 150 减 25。 A ladder.
POST /v1/offers
  {"name": "阶梯满减", "kind": "cash", "status": "active", "steps": [{"threshold_fen": 10000, "off_fen": 1000}, {"threshold_fen": 15000, "off_fen": 2500}]}
= 201
  $offer = /offer_id
POST /v1/quotes
  {"shop_id": "$shop", "lines": [{"sku": "TEA", "quantity": 3}]}
= 200
  {"order": {"payable_fen": 15500}}
DELETE /v1/offers/$offer
= 204

# 每满 50 减 5。 For each fifty five off.
POST /v1/offers
  {"name": "每满50减5", "kind": "cash", "status": "active", "threshold_fen": 5000, "off_fen": 500, "every": true}
= 201
  $offer = /offer_id
POST /v1/quotes
  {"shop_id": "$shop", "lines": [{"sku": "TEA", "quantity": 2}]}
= 200
  {"order": {"payable_fen": 11000}}
# 暂停马上生效，再开继续。 A pause counts at once.
POST /v1/offers/$offer/pause
  {}
= 200
POST /v1/quotes
  {"shop_id": "$shop", "lines": [{"sku": "TEA", "quantity": 2}]}
= 200
  {"order": {"payable_fen": 12000}}
DELETE /v1/offers/$offer
= 204

# 满 100 送茶杯：杯子从货架上下去。 A cup on top from 100 on; it leaves the shelf.
POST /v1/offers
  {"name": "满100送茶杯", "kind": "gift", "status": "active", "threshold_fen": 10000, "gift_item_id": "$cup", "gift_quantity": 1}
= 201
  $offer = /offer_id
POST /v1/orders
  {"shop_id": "$shop", "order_no": "K-1", "settle": true, "lines": [{"sku": "TEA", "quantity": 2}], "tenders": [{"tender": "cash", "amount_fen": 12000}]}
= 201
  {"lines": [{"quantity": 2}, {"name": "茶杯", "quantity": 1, "payable_fen": 0}]}
GET /v1/shops/$shop/stock
= 200
  {"items": [{"left_quantity": 4}]}
DELETE /v1/offers/$offer
= 204

# 第二件半价。 The second at half price.
POST /v1/offer-presets
  {"preset": "second_half"}
= 201
  {"name": "第二件半价", "status": "draft"}
  $offer = /offer_id
POST /v1/offers/$offer/start
  {}
= 200
POST /v1/quotes
  {"shop_id": "$shop", "lines": [{"sku": "CUP", "quantity": 2}]}
= 200
  {"order": {"payable_fen": 1500}}
DELETE /v1/offers/$offer
= 204

# 早餐套餐，六点到十点：现在十点，过了。 A breakfast bundle until ten.
POST /v1/offers
  {"name": "早餐套餐", "kind": "bundle", "status": "active", "price_fen": 500, "when": {"from_minute": 360, "to_minute": 600},
   "parts": [{"item_id": "$bun", "quantity": 1}, {"item_id": "$soy", "quantity": 1}]}
= 201
  $offer = /offer_id
POST /v1/quotes
  {"shop_id": "$shop", "lines": [{"sku": "BUN", "quantity": 2}, {"sku": "SOY", "quantity": 1}]}
= 200
  {"order": {"payable_fen": 1000}, "refusals": [{"code": "when.minute"}]}
pass 22 hours
POST /v1/quotes
  {"shop_id": "$shop", "lines": [{"sku": "BUN", "quantity": 2}, {"sku": "SOY", "quantity": 1}]}
= 200
  {"order": {"payable_fen": 800}}
DELETE /v1/offers/$offer
= 204

# 会员日（8、18、28 日）九折：今天 3 日。生日当月八折：王姐三月生日。 Member day, and the birthday month.
POST /v1/offer-presets
  {"preset": "member_day"}
= 201
  $offer = /offer_id
POST /v1/offers/$offer/start
  {}
= 200
POST /v1/offer-presets
  {"preset": "birthday_month"}
= 201
  $birthday = /offer_id
POST /v1/offers/$birthday/start
  {}
= 200
POST /v1/quotes
  {"shop_id": "$shop", "member_id": "$wang", "lines": [{"sku": "CUP", "quantity": 1}]}
= 200
  {"order": {"payable_fen": 800, "adjustments": [{"name": "生日当月八折"}]}, "refusals": [{"name": "会员日九折", "code": "when.month_day"}]}
POST /v1/quotes
  {"shop_id": "$shop", "member_id": "$wang", "lines": [{"sku": "CUP", "quantity": 1}], "skip_ids": ["$birthday"]}
= 200
  {"order": {"payable_fen": 1000}}
pass 5 days
POST /v1/quotes
  {"shop_id": "$shop", "member_id": "$wang", "lines": [{"sku": "CUP", "quantity": 1}], "skip_ids": ["$birthday"]}
= 200
  {"order": {"payable_fen": 900, "adjustments": [{"name": "会员日九折"}]}}
DELETE /v1/offers/$offer
= 204
DELETE /v1/offers/$birthday
= 204

# 首单九折，只在小程序。 The first order, in one channel only.
POST /v1/offers
  {"name": "首单九折", "kind": "discount", "rate_bp": 9000, "status": "active", "who": {"first_order": true}, "channels": ["mini"], "shop_ids": ["$shop"]}
= 201
  $offer = /offer_id
POST /v1/quotes
  {"shop_id": "$shop", "member_id": "$wang", "channel": "mini", "lines": [{"sku": "CUP", "quantity": 1}]}
= 200
  {"order": {"payable_fen": 900}}
POST /v1/quotes
  {"shop_id": "$shop", "member_id": "$wang", "lines": [{"sku": "CUP", "quantity": 1}]}
= 200
  {"order": {"payable_fen": 1000}}
POST /v1/quotes
  {"shop_id": "$shop", "channel": "mini", "lines": [{"sku": "CUP", "quantity": 1}]}
= 200
  {"order": {"payable_fen": 1000}, "refusals": [{"code": "who.first_order"}]}

# 独享的活动不和别的同用；没道理的活动一次说清。 Nonsense is refused with all complaints at once.
POST /v1/offers
  {"name": "x", "kind": "cash", "status": "active", "threshold_fen": 100, "off_fen": 200, "when": {"weekdays": ["9"]}}
= 422 body.invalid
  {"errors": [{"pointer": "/off_fen", "code": "offer.rule"}, {"pointer": "/when/weekdays", "code": "offer.rule"}]}

holds
