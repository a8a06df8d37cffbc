# 补 20 万积分这样的大事，一个人说了不算：店长小李提，另一位店长批；自己提的自己批不了，两周没人理就作废。
# 200,000 points are more than one person may give: one manager asks, another says yes; nobody decides his own, and what nobody decides lapses.

POST /v1/members as owner
  {"phone": "13800000001", "name": "王姐"}
= 201
  $wang = /member_id

POST /v1/points/grants as manager
  {"member_id": "$wang", "points": 200000, "reason": "系统故障补偿"}
= 409 points.needs_approval

POST /v1/points/grants
  {"member_id": "$wang", "points": 200000, "reason": "系统故障补偿", "ask": true}
= 201
  {"points": 0}
  $approval = /approval_id

POST /v1/approvals/$approval/decide
  {"approve": true}
= 403 approval.own

POST /v1/approvals/$approval/decide as owner
  {"approve": true, "reason": "核对过了"}
= 200
  {"status": "approved", "amount": 200000, "reason": "系统故障补偿"}

GET /v1/members/$wang/points
= 200
  {"balance": 200000}

POST /v1/approvals/$approval/decide
  {"approve": false}
= 409 approval.decided

# 第二份申请没人理，两周后作废。 A second one is left alone, and lapses.
POST /v1/points/deductions as manager
  {"member_id": "$wang", "points": 150000, "reason": "补多了", "ask": true}
= 201
  $second = /approval_id

pass 15 days

GET /v1/approvals/$second as owner
= 200
  {"status": "expired"}

GET /v1/members/$wang/points
= 200
  {"balance": 200000}

holds
