# 王姐第一次来店里：报手机号，几秒入会；下次报号码、尾号、名字、拼音都找得到。
# A member joins by a spoken phone number in seconds, and is found again by whatever she says.

POST /v1/members as owner
  {"phone": "138 0000 0001", "name": "王秀英"}
= 201
  {"is_new": true, "name": "王**", "phone": "138****0001", "status": "active", "stage": "member", "points": 0}
  $wang = /member_id
  $no = /member_no

# 换一种写法报号码，还是她，不会多建一个人。
POST /v1/members
  {"phone": "+86-13800000001"}
= 200
  {"member_id": "$wang", "member_no": "$no"}

GET /v1/members/lookup?phone=13800000001
= 200
  {"member_id": "$wang"}

GET /v1/members/lookup?member_no=$no
= 200
  {"member_id": "$wang", "phone": "138****0001"}

GET /v1/members?q=0001
= 200
  {"items": [{"member_id": "$wang"}]}

GET /v1/members?q=wangxy
= 200
  {"items": []}

GET /v1/members?q=wxy
= 200
  {"items": [{"member_id": "$wang", "name": "王**"}]}

GET /v1/members?q=xiuying
= 200
  {"items": []}

GET /v1/members?q=wangxiu
= 200
  {"items": [{"member_id": "$wang"}]}

# 她有一张旧实体卡，店员当面绑上，以后刷卡也行。
POST /v1/members/$wang/identities
  {"kind": "card", "value": "VIP-0001"}
= 200
GET /v1/members/lookup?card=vip0001
= 200
  {"member_id": "$wang"}

# 说错一位的会员号，系统当场听出来。
GET /v1/members/lookup?member_no=1111111111
= 422 member.no_wrong

GET /v1/members/lookup?phone=13900000000
= 404 member.not_found

holds
