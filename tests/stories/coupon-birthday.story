# 生日月八折，生日当天送蛋糕；两次调用就配好，一年一次。
# 20 % off in the month of the birthday, a cake on the day: two calls, once a year.

POST /v1/reward-presets as owner
  {"preset": "birthday_month"}
= 201
POST /v1/reward-presets
  {"preset": "cake"}
= 201
POST /v1/items
  {"sku": "TEA", "name": "龙井茶", "price_fen": 10000}
= 201
POST /v1/members
  {"phone": "13800000001", "name": "四月生", "birthday": {"month": 4, "day": 10}}
= 201
  $april = /member_id

pass 25 days
GET /v1/members/$april/coupons
= 200
  {"items": []}
pass 10 days
GET /v1/members/$april/coupons?state=usable
= 200
  {"items": [{"name": "生日月八折", "is_usable": true}]}
POST /v1/quotes
  {"shop_id": "$shop", "member_id": "$april", "lines": [{"sku": "TEA", "quantity": 1}]}
= 200
  {"order": {"payable_fen": 8000}}
pass 1 days
pass 1 days
pass 1 days
pass 1 days
GET /v1/members/$april/coupons?state=usable
= 200
  {"items": [{"name": "蛋糕兑换券", "kind": "exchange"}, {"name": "生日月八折"}]}
POST /v1/orders
  {"shop_id": "$shop", "member_id": "$april", "order_no": "B1", "settle": true, "lines": [{"sku": "CAKE", "quantity": 1}], "tenders": []}
= 201
  {"amount_fen": 8800, "payable_fen": 0}

holds
