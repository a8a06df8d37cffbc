# 手机上充值，店里和网上花的是同一个余额；快用完时提醒；睡着的会员收到店里送的 10 元。
# Recharged by phone, one balance in store and on line; a word when little is left; a sleeping member is given 10.

POST /v1/codes as nobody
  {"phone": "13800000001", "purpose": "login"}
= 200
code 13800000001
POST /v1/join
  {"phone": "13800000001", "code": "$code"}
= 201
  $wang = /member_id
  $me = /token

POST /v1/me/recharges as $me
  {"amount_fen": 10000, "tender": "cash"}
= 422 wallet.tender_online

POST /v1/me/recharges
  {"amount_fen": 10000, "tender": "wechat"}
= 201
  {"status": "waiting"}
  $unpaid = /recharge_id

settle
GET /v1/me/recharges/$unpaid
= 200
  {"status": "waiting", "pay_url": "*"}

# 没付钱就没有余额；两小时不付，自己作废。 No money, no balance; after two hours it lapses.
POST /v1/me/recharges/$unpaid/query
= 200
  {"status": "waiting", "principal_left_fen": 0}
pass 3 hours
GET /v1/me/recharges/$unpaid
= 200
  {"status": "cancelled"}

PUT /v1/me/wallet/pin
  {"pin": "274913"}
= 200

# 渠道已收的钱，柜台按单号入账。 Money that the channel has already is booked by its number.
POST /v1/wallet/recharges as cashier
  {"shop_id": "$shop", "recharge_no": "R2", "member_id": "$wang", "amount_fen": 10000, "tender": "wechat", "external_no": "4200001"}
= 201
  {"status": "done", "principal_left_fen": 10000}

# 店里买单。 In store.
POST /v1/orders
  {"shop_id": "$shop", "member_id": "$wang", "order_no": "O1", "settle": true, "lines": [{"name": "套餐", "quantity": 1, "unit_price_fen": 6000}], "tenders": [{"tender": "balance", "amount_fen": 6000, "pin": "274913"}]}
= 201
  {"status": "completed"}

# 网上下单，同一个余额。 On line, the same balance.
POST /v1/orders
  {"shop_id": "$shop", "member_id": "$wang", "order_no": "O2", "channel": "h5", "settle": true, "lines": [{"name": "礼盒", "quantity": 1, "unit_price_fen": 3000}], "tenders": [{"tender": "balance", "amount_fen": 3000, "pin": "274913"}]}
= 201

POST /v1/orders
  {"shop_id": "$shop", "member_id": "$wang", "order_no": "O3", "settle": true, "lines": [{"name": "礼盒", "quantity": 1, "unit_price_fen": 3000}], "tenders": [{"tender": "balance", "amount_fen": 3000, "pin": "274913"}]}
= 409 wallet.short

settle

# 送 10 元赠送金，唤醒睡着的会员：九十天没来，送的钱三十天内有效。 Ten to wake up who sleeps, good for a month.
pass 90 days
POST /v1/members/$wang/wallet/adjustments as owner
  {"gift_fen": 1000, "expires_day": "2026-06-25", "reason": "好久不见"}
= 201
  {"principal_left_fen": 1000, "gift_left_fen": 1000}

GET /v1/members/$wang/wallet
= 200
  {"principal_fen": 1000, "gift_fen": 1000, "gift_expiring_fen": 1000}

holds
