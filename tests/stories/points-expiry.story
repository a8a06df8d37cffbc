# 3 月 4 日到期，就是 3 月 4 日最后一刻还能用，过了零点才清零；先到期的先用。
# "Good until 4 March" means the last moment of that day in Shanghai; what expires first is spent first.

POST /v1/members as owner
  {"phone": "13800000003"}
= 201
  $m = /member_id

POST /v1/points/grants
  {"member_id": "$m", "points": 100, "reason": "活动", "expires_day": "2026-03-04"}
= 201
  {"balance": 100}

POST /v1/points/grants
  {"member_id": "$m", "points": 40, "reason": "补偿"}
= 201
  {"balance": 140}

POST /v1/points/deductions
  {"member_id": "$m", "points": 30, "reason": "兑换"}
= 201
  {"balance": 110}

# 2 日上午 10 点开门，过 61 小时 59 分是 4 日 23:59。
pass 61 hours
pass 59 minutes
GET /v1/members/$m/points
= 200
  {"balance": 110, "expiring_points": 70}

pass 1 minutes
GET /v1/members/$m/points
= 200
  {"balance": 40, "expiring_points": 0}

pass 2 hours
GET /v1/members/$m/points/entries
= 200
  {"items": [{"source": "expire", "delta": -70, "balance_after": 40}, {"delta": -30}, {"delta": 40}, {"delta": 100}]}

# 没理由不能手工加，不够不能扣。
POST /v1/points/grants
  {"member_id": "$m", "points": 1}
= 422 body.invalid

POST /v1/points/deductions
  {"member_id": "$m", "points": 41, "reason": "x"}
= 409 points.short

holds
