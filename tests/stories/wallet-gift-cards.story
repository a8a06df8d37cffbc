# 中秋卡：卖出去的 100 元卡付了 95，就是 95 本金加 5 赠送；送出去的卡只进赠送金；一张卡只能用一次。
# Gift cards: one of 100 sold for 95 becomes 95 principal and 5 gift; one that is given away becomes gift; each works once.

POST /v1/codes as nobody
  {"phone": "13800000001", "purpose": "login"}
= 200
code 13800000001
POST /v1/join
  {"phone": "13800000001", "code": "$code"}
= 201
  $wang = /member_id
  $me = /token

POST /v1/wallet/card-batches as owner
  {"shop_id": "$shop", "name": "中秋卡", "value_fen": 10000, "cards": 2, "is_sold": true}
= 201
  {"waiting": 2, "open_fen": 0}
  $batch = /batch_id

POST /v1/wallet/card-batches/$batch/codes
= 200
  $card = /items/0/card_id
  $code1 = /items/0/code

# 还没卖出去的卡，捡到也没用。 A card that was not sold is worth nothing.
POST /v1/me/wallet/cards as $me
  {"code": "$code1"}
= 409 wallet.card_unsold

POST /v1/wallet/cards/sell as cashier
  {"shop_id": "$shop", "card_id": "$card", "price_fen": 9500, "tender": "cash"}
= 200
  {"status": "active", "paid_fen": 9500}

GET /v1/wallet/liability as owner
= 200
  {"items": [{"shop_id": "$shop", "cards_fen": 10000}]}

POST /v1/me/wallet/cards as $me
  {"code": "$code1"}
= 200
  {"principal_left_fen": 9500, "gift_left_fen": 500}

POST /v1/members as owner
  {"phone": "13800000002", "name": "老李"}
= 201
  $li = /member_id

POST /v1/wallet/cards/redeem as cashier
  {"member_id": "$li", "code": "$code1"}
= 409 wallet.card_used

POST /v1/wallet/cards/redeem
  {"member_id": "$li", "code": "0000-0000-00000"}
= 403 wallet.card_wrong

POST /v1/wallet/card-batches as owner
  {"shop_id": "$shop", "name": "开业赠卡", "value_fen": 2000, "cards": 1, "gift_days": 30}
= 201
  {"active": 1, "open_fen": 2000}
  $given = /batch_id

POST /v1/wallet/card-batches/$given/codes
= 200
  $code2 = /items/0/code

POST /v1/wallet/cards/redeem
  {"member_id": "$li", "code": "$code2"}
= 200
  {"gift_left_fen": 2000}

# 赠送金三十天没用完就到期。 What is not used in thirty days is gone.
pass 32 days

GET /v1/members/$li/wallet as owner
= 200
  {"principal_fen": 0, "gift_fen": 0}

holds
