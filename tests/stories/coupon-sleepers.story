# 睡着的老客发大券，常来的发小券：按阶段、按标签群发，每人一次，发完为止。
# A bigger coupon for who has not come for long, a smaller one for the others; once each, while stocks last.

POST /v1/tags as owner
  {"name": "常客"}
= 201
  $regular = /tag_id
POST /v1/members
  {"phone": "13800000001", "name": "很久没来"}
= 201
  $asleep = /member_id
pass 200 days
POST /v1/members
  {"phone": "13800000002", "name": "刚来过"}
= 201
  $awake = /member_id
POST /v1/tags/$regular/members
  {"member_ids": ["$awake"]}
= 200

POST /v1/coupon-templates as marketer
  {"name": "想你了 30元", "kind": "cash", "off_fen": 3000, "valid_days": 30, "most_total": 1, "stock": 100}
= 201
  $big = /template_id
POST /v1/coupon-templates
  {"name": "谢谢 5元", "kind": "cash", "off_fen": 500, "valid_days": 30}
= 201
  $small = /template_id
POST /v1/coupon-runs as marketer
  {"template_id": "$big", "stage": "lost", "reason": "唤醒"}
= 201
  {"status": "done", "members": 1}
POST /v1/coupon-runs
  {"template_id": "$small", "tag_id": "$regular", "reason": "感谢"}
= 201
  {"members": 1}
# 再发一次：有过的跳过。 Who has had one is passed over.
POST /v1/coupon-runs
  {"template_id": "$big", "stage": "lost", "reason": "唤醒"}
= 201
  {"members": 0, "skipped": 1}

GET /v1/members/$asleep/coupons as owner
= 200
  {"items": [{"name": "想你了 30元"}]}
GET /v1/members/$awake/coupons
= 200
  {"items": [{"name": "谢谢 5元"}]}

holds
