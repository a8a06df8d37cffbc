# 会员日三倍、生日双倍、指定商品多送、银卡 1.1 倍：为什么给这么多，一行一行写在单子上。
# Member's day, birthday, named goods, level: why there are so many points stands on the order line by line.

POST /v1/items as owner
  {"sku": "OIL", "name": "花生油", "price_fen": 10000, "points_bonus": 20}
= 201
POST /v1/members
  {"phone": "13800000071", "name": "唐宁", "birthday": {"month": 3, "day": 2}}
= 201
  $tang = /member_id
settle

# 平常日子：100 元 100 分，花生油每件多 20。
POST /v1/quotes
  {"shop_id": "$shop", "member_id": "$tang", "lines": [{"sku": "OIL", "quantity": 2}]}
= 200
  {"order": {"points_earned": 240, "points_steps": [{"rule": "base", "points": 200}, {"rule": "bonus", "points": 40}]}}

# 老板定：生日当天双倍。今天（3 月 2 日）正是。
GET /v1/settings/points
= 200
header If-Match: "v0"
PUT /v1/settings/points
  {"value": {"birthday_bp": 20000}}
= 200
POST /v1/quotes
  {"shop_id": "$shop", "member_id": "$tang", "lines": [{"sku": "OIL", "quantity": 2}]}
= 200
  {"order": {"points_earned": 440}}

# 再定每周一会员日三倍，取最高的一个；今天也是周一。
header If-Match: "v1"
PUT /v1/settings/points
  {"value": {"birthday_bp": 20000, "combine": "highest", "day_rules": [{"name": "会员日", "weekday": 1, "day_of_month": 0, "from_day": "", "to_day": "", "multiplier_bp": 30000}]}}
= 200
POST /v1/orders
  {"shop_id": "$shop", "member_id": "$tang", "order_no": "D-1", "settle": true, "lines": [{"sku": "OIL", "quantity": 2}], "tenders": [{"tender": "cash", "amount_fen": 20000}]}
= 201
  {"points_earned": 640}

# 明天是周二，一切照旧。
pass 24 hours
POST /v1/quotes
  {"shop_id": "$shop", "member_id": "$tang", "lines": [{"sku": "OIL", "quantity": 1}]}
= 200
  {"order": {"points_earned": 120}}

holds
