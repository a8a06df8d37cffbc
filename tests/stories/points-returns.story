# 买了攒积分，积分花掉，再把货退掉：积分按份收回，不够的记下来，下次先还。
# Buy and earn, spend the points, bring the goods back: points go with the goods, what is missing is noted and paid first.

POST /v1/members as owner
  {"phone": "13800000001", "name": "王姐"}
= 201
  $wang = /member_id

# 买 100 元，得 100 积分。
POST /v1/orders
  {"shop_id": "$shop", "member_id": "$wang", "order_no": "A1", "settle": true, "lines": [{"name": "大米", "quantity": 2, "unit_price_fen": 5000}], "tenders": [{"tender": "cash", "amount_fen": 10000}]}
= 201
  {"status": "completed", "points_earned": 100, "points_balance": 100}
  $rice = /order_id

# 用 80 积分抵 0.80 元，其余 9.20 元得 9 积分。
POST /v1/orders
  {"shop_id": "$shop", "member_id": "$wang", "order_no": "A2", "settle": true, "points": 80, "lines": [{"name": "牛奶", "quantity": 1, "unit_price_fen": 1000}], "tenders": [{"tender": "cash", "amount_fen": 920}]}
= 201
  {"points_spent": 80, "points_earned": 9, "points_balance": 29}
  $milk = /order_id

# 大米退一袋：收回 50 积分里现有的 29，欠 21。
POST /v1/orders/$rice/refunds
  {"lines": [{"line_no": 1, "quantity": 1}], "reason": "买多了"}
= 201
  {"amount_fen": 5000, "points_taken": 50}

GET /v1/members/$wang/points
= 200
  {"balance": 0, "debt": 21}

# 再退另一袋，再欠 50。
POST /v1/orders/$rice/refunds
  {"reason": "不要了"}
= 201
  {"amount_fen": 5000}

GET /v1/members/$wang/points
= 200
  {"balance": 0, "debt": 71}

# 牛奶也退：当时用的 80 积分先还欠的，剩下的退回；得的 9 积分收回。
POST /v1/orders/$milk/refunds
  {"reason": "坏了"}
= 201
  {"amount_fen": 1000}

GET /v1/members/$wang/points
= 200
  {"balance": 0, "debt": 0}

# 为什么是这个数？一笔一笔说得清。
GET /v1/members/$wang/why?account=points
= 200
  {"balance": 0, "debt": 0}

holds
