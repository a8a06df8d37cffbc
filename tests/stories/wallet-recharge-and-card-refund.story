# 充 100 送 20：钱和赠送金分开记；搬家退卡，店员提、店长批，赠送金不退现，钱退得明明白白。
# Pay 100, get 20: money and gift are kept apart; a moving customer gets the money back, asked by one and approved by another.

POST /v1/members as owner
  {"phone": "13800000001", "name": "王姐"}
= 201
  $wang = /member_id

POST /v1/wallet/packages
  {"name": "充100送20", "pay_fen": 10000, "gift_fen": 2000}
= 201
  $package = /package_id

POST /v1/wallet/recharges as cashier
  {"shop_id": "$shop", "recharge_no": "R1", "member_id": "$wang", "package_id": "$package", "tender": "cash"}
= 201
  {"amount_fen": 10000, "gift_given_fen": 2000, "principal_left_fen": 10000, "gift_left_fen": 2000}

# 网络一断，收银机又发一遍：还是那一笔。 The till sends it again: it is the same one.
POST /v1/wallet/recharges
  {"shop_id": "$shop", "recharge_no": "R1", "member_id": "$wang", "package_id": "$package", "tender": "cash"}
= 200
  {"duplicate": true, "principal_left_fen": 10000}

# 没有会员码也没有密码，谁也花不了王姐的钱。 Without code or PIN nobody spends her money.
POST /v1/wallet/spends
  {"shop_id": "$shop", "member_id": "$wang", "amount_fen": 100, "spend_no": "S1"}
= 422 wallet.proof_missing

POST /v1/wallet/spends
  {"shop_id": "$shop", "member_id": "$wang", "amount_fen": 100, "spend_no": "S1", "pin": "274913"}
= 409 wallet.pin_none

GET /v1/members/$wang/why?account=gift as owner
= 200
  {"balance": 2000, "lines": [{"words": "储值充值", "delta": 2000}]}

POST /v1/wallet/refund-requests as manager
  {"member_id": "$wang", "reason": "搬家"}
= 201
  {"status": "asked", "asked_fen": 10000}
  $request = /request_id

POST /v1/wallet/refund-requests/$request/approve
  {"reason": "同意"}
= 403 approval.own

POST /v1/wallet/refund-requests/$request/approve as owner
  {"reason": "同意"}
= 200
  {"status": "approved", "amount_fen": 10000, "gift_fen": 2000, "payouts": [{"tender": "cash", "status": "done"}]}

GET /v1/members/$wang/wallet
= 200
  {"principal_fen": 0, "gift_fen": 0}

GET /v1/wallet/liability
= 200
  {"items": [{"shop_id": "$shop", "principal_in_fen": 10000, "refund_fen": 10000, "principal_fen": 0, "gift_fen": 0}]}

holds
