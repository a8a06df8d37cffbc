# 老张有两个号，成了两个会员；店长合并，发现弄错了再撤销。
# One person, two phones, two members: merged, and parted again.

POST /v1/members as owner
  {"phone": "13800000011", "name": "张建国"}
= 201
  $one = /member_id
POST /v1/members
  {"phone": "13800000012", "card": "A-77"}
= 201
  $two = /member_id

# 一次报两个号码，系统说清楚是两个人。
POST /v1/members
  {"phone": "13800000011", "card": "A77"}
= 409 member.two_found

POST /v1/members/$one/merge
  {"from_id": "$two", "reason": "本人确认是同一人"}
= 201
  {"from_id": "$two", "into_id": "$one"}
  $merge = /merge_id

GET /v1/members/lookup?card=A77
= 200
  {"member_id": "$one"}
GET /v1/members/$two
= 200
  {"status": "merged", "merged_into": "$one"}

# 收银员合并不了会员。
POST /v1/members/$one/merge as cashier
  {"from_id": "$two", "reason": "试试"}
= 403 auth.denied

POST /v1/member-merges/$merge/undo as owner
= 200
GET /v1/members/lookup?card=A77
= 200
  {"member_id": "$two", "status": "active"}

POST /v1/member-merges/$merge/undo
= 409 member.merge_undone

holds
