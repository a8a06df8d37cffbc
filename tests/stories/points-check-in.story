# 每天签到得 1 积分，连着七天多给 10 分；一天签两次只算一次，断一天从头数。
# One point for checking in, ten more for seven days in a row; twice a day counts once, a missed day starts anew.

POST /v1/members as owner
  {"phone": "13800000002", "name": "小李"}
= 201
  $li = /member_id

POST /v1/behaviours
  {"member_id": "$li", "name": "check_in"}
= 201
  {"points": 1, "streak": 1}

POST /v1/behaviours
  {"member_id": "$li", "name": "check_in"}
= 200
  {"points": 1, "duplicate": true}

pass 24 hours
POST /v1/behaviours
  {"member_id": "$li", "name": "check_in"}
= 201
  {"points": 1, "streak": 2, "balance": 2}

pass 48 hours
POST /v1/behaviours
  {"member_id": "$li", "name": "check_in"}
= 201
  {"points": 1, "streak": 1, "balance": 3}

# 分享朋友圈一天给一次 50 分；评价写了哪件商品就记哪件，写两遍不多给。
POST /v1/behaviours
  {"member_id": "$li", "name": "share", "key": "poster-1"}
= 201
  {"points": 50}

POST /v1/behaviours
  {"member_id": "$li", "name": "share", "key": "poster-2"}
= 201
  {"points": 0, "capped_zh": "今天的次数已满"}

POST /v1/behaviours
  {"member_id": "$li", "name": "review", "key": "item-1"}
= 201
  {"points": 10}

POST /v1/behaviours
  {"member_id": "$li", "name": "review", "key": "item-1"}
= 200
  {"duplicate": true, "balance": 63}

# 没设置过的行为不收。
POST /v1/behaviours
  {"member_id": "$li", "name": "flying"}
= 404 points.behaviour_unknown

holds
