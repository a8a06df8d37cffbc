# 关门十天再开：该做的事每件只补一次，之后照常。
# Closed for ten days: each job runs once for what it missed, then goes on as usual.

GET /v1/jobs as owner
= 200
  $count = /items/0/tries

pass 10 days

GET /v1/jobs
= 200

GET /v1/dead-letters
= 200
  {"items": []}

# 没有登录的人什么也看不到。 Who is not logged in sees nothing.
GET /v1/jobs as nobody
= 401

GET /healthz
= 200

holds
