# 开店第一天：老板建好账号，请来收银员；收银员只能做收银员的事。
# The first day: an owner sets up, hires a cashier, and the cashier may do what cashiers do.

GET /v1/setup as nobody
= 200
  {"is_open": true}

POST /v1/setup
  {"login": "boss", "password": "correct-horse", "name": "老板", "shop_name": "老街店"}
= 409 shop.code_taken

POST /v1/setup
  {"login": "boss", "password": "correct-horse", "name": "老板"}
= 201
  {"staff": {"login": "boss", "role": "owner"}}
  $boss = /token

POST /v1/setup
  {"login": "thief", "password": "correct-horse"}
= 403 setup.done

POST /v1/staff as $boss
  {"login": "xiaoli", "name": "小李", "role": "cashier", "password": "battery-staple", "shop_ids": ["$shop"]}
= 201
  {"role": "cashier", "status": "active"}
  $li_id = /staff_id

POST /v1/login as nobody
  {"login": "xiaoli", "password": "wrong"}
= 401 staff.login_wrong

POST /v1/login
  {"login": "xiaoli", "password": "battery-staple"}
= 200
  {"staff": {"name": "小李"}, "shop_id": "$shop"}
  $li = /token

POST /v1/members as $li
  {"phone": "13800000031"}
= 201
GET /v1/staff
= 403 auth.denied

# 小李离职，账号一停，当场失效。
PATCH /v1/staff/$li_id as $boss
  {"status": "left", "version": 1}
= 200
  {"status": "left"}
GET /v1/account as $li
= 401 auth.bad_token
POST /v1/login as nobody
  {"login": "xiaoli", "password": "battery-staple"}
= 403 staff.not_active

holds
