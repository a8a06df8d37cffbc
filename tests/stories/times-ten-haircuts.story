# 洗剪吹 10 次卡：柜台买，出示会员码核销，每次说还剩几次；核错了店长撤销；搬家退剩下的，步骤写得明明白白。
# Ten haircuts on a card: bought at the till, used with the member's code, undone by the manager, the rest paid back by share.

POST /v1/items as owner
  {"sku": "CUT", "name": "洗剪吹", "price_fen": 4800}
= 201
  $cut = /item_id
POST /v1/items
  {"sku": "DYE", "name": "染发", "price_fen": 26800}
= 201
  $dye = /item_id

POST /v1/times/templates
  {"name": "洗剪吹 10 次卡", "uses": 10, "price_fen": 38000, "item_ids": ["$cut"], "valid_from": "first_use", "valid_days": 365, "low_uses": 2}
= 201
  $card10 = /template_id

code 13800000061
POST /v1/join
  {"phone": "13800000061", "code": "$code", "name": "小梁"}
= 201
  $liang = /member_id
  $token = /token

# 次卡直接在柜台买：收 380 元，卡当场到账；网络一断再发一遍，还是那一张。
POST /v1/sales as cashier
  {"shop_id": "$shop", "sale_no": "K-1", "member_id": "$liang", "what": "times", "what_id": "$card10", "tender": "card"}
= 201
  {"amount_fen": 38000, "status": "done", "cards": [{"uses": 10, "left_uses": 10, "paid_fen": 38000, "expires_at": 0}]}
  $sale = /sale_id
POST /v1/sales
  {"shop_id": "$shop", "sale_no": "K-1", "member_id": "$liang", "what": "times", "what_id": "$card10", "tender": "card"}
= 200
  {"duplicate": true}

# 不出示会员码，谁也用不了。 Nobody uses it without the member.
POST /v1/times/uses
  {"shop_id": "$shop", "member_id": "$liang", "item_id": "$cut", "use_no": "U-1"}
= 422 wallet.proof_missing

GET /v1/me/code as $token
= 200
  $show = /code
POST /v1/times/uses as cashier
  {"shop_id": "$shop", "member_id": "$liang", "item_id": "$dye", "use_no": "U-1", "code": "$show"}
= 409 times.none
POST /v1/times/uses
  {"shop_id": "$shop", "member_id": "$liang", "item_id": "$cut", "use_no": "U-1", "code": "$show"}
= 201
  {"count": 1, "left_uses": 9}
  $use = /use_id

# 收银员不能自己撤销，店长可以，要写原因。
POST /v1/times/uses/$use/undo
  {"reason": "点错人"}
= 403 auth.denied
POST /v1/times/uses/$use/undo as manager
  {"reason": "点错人"}
= 200
  {"left_uses": 10}

pass 31 seconds
GET /v1/me/code as $token
= 200
  $show = /code
POST /v1/times/uses as cashier
  {"shop_id": "$shop", "member_id": "$liang", "item_id": "$cut", "use_no": "U-2", "count": 3, "code": "$show"}
= 201
  {"left_uses": 7}

# 会员自己看得到：还剩几次、什么时候到期、每一次用在哪里。
GET /v1/me/times as $token
= 200
  {"items": [{"name": "洗剪吹 10 次卡", "left_uses": 7, "account": "*"}]}

# 搬家了，退剩下的 7 次：380 × 7 ÷ 10 = 266 元，原路退回。
GET /v1/sales/$sale/refund-quote as manager
= 200
  {"amount_fen": 26600, "steps": [{"rule": "paid", "fen": 38000}, {"rule": "share", "fen": 26600}, {"rule": "result", "fen": 26600}]}
POST /v1/sales/$sale/refund
  {"reason": "搬家"}
= 201
  {"amount_fen": 26600, "state": "done"}
POST /v1/sales/$sale/refund
  {"reason": "再退一次"}
= 409 sale.nothing_left

# 老板看报表：卖了多少、还欠多少次、过期了多少。
GET /v1/times/report as owner
= 200
  {"items": [{"cards": 1, "left_uses": 0, "paid_fen": 38000, "returned_fen": 26600, "liability_fen": 0, "breakage_fen": 0}]}

holds
