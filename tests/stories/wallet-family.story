# 妈妈把储值分享给女儿，一次最多 50、一天最多 80：女儿出示自己的会员码，花的是妈妈的钱，退货也退回妈妈那里。
# A mother shares her stored value with her daughter, 50 at once and 80 a day: the daughter pays with her own PIN, a return goes back to the mother.

POST /v1/codes as nobody
  {"phone": "13800000001", "purpose": "login"}
= 200
code 13800000001
POST /v1/join
  {"phone": "13800000001", "code": "$code"}
= 201
  $mother = /member_id
  $mama = /token

POST /v1/codes as nobody
  {"phone": "13800000002", "purpose": "login"}
= 200
code 13800000002
POST /v1/join
  {"phone": "13800000002", "code": "$code"}
= 201
  $daughter = /member_id
  $kid = /token

POST /v1/wallet/packages as owner
  {"name": "充100送20", "pay_fen": 10000, "gift_fen": 2000}
= 201
  $package = /package_id

POST /v1/wallet/recharges
  {"shop_id": "$shop", "recharge_no": "R1", "member_id": "$mother", "package_id": "$package", "tender": "cash"}
= 201

GET /v1/members/$daughter
= 200
  $no = /member_no

POST /v1/me/wallet/family as $mama
  {"member_no": "$no", "payment_most_fen": 5000, "day_most_fen": 8000}
= 201
  {"status": "invited"}

# 女儿自己点同意才算数。 It counts when the daughter agrees.
POST /v1/me/wallet/family/answer as $kid
  {"accept": true}
= 200
  {"status": "active"}

PUT /v1/me/wallet/pin
  {"pin": "274913"}
= 200
  {"family_owner_id": "$mother"}

POST /v1/wallet/spends as cashier
  {"shop_id": "$shop", "member_id": "$daughter", "amount_fen": 5001, "spend_no": "S1", "pin": "274913"}
= 409 wallet.family_limit

POST /v1/wallet/spends
  {"shop_id": "$shop", "member_id": "$daughter", "amount_fen": 5000, "spend_no": "S1", "pin": "274913"}
= 201
  {"member_id": "$mother", "spender_id": "$daughter", "principal_left_fen": 5000, "gift_left_fen": 2000}
  $spend = /spend_id

POST /v1/wallet/spends
  {"shop_id": "$shop", "member_id": "$daughter", "amount_fen": 3001, "spend_no": "S2", "pin": "274913"}
= 409 wallet.family_limit

POST /v1/wallet/spends/$spend/returns as owner
  {"restore_no": "B1", "amount_fen": 2000}
= 201

GET /v1/members/$mother/wallet
= 200
  {"principal_fen": 7000, "gift_fen": 2000}

GET /v1/me/wallet/spends as $mama
= 200
  {"items": [{"spender_id": "$daughter", "amount_fen": 5000, "principal_back_fen": 2000}]}

POST /v1/me/wallet/family/$daughter/remove
= 200
  {"status": "ended"}

POST /v1/wallet/spends as cashier
  {"shop_id": "$shop", "member_id": "$daughter", "amount_fen": 100, "spend_no": "S3", "pin": "274913"}
= 409 wallet.short

holds
