# 只给金卡的券、口令券、印在传单上的券码；猜码的人很快就停下。
# A coupon for gold members alone, one with a password, codes on a flyer; and guessing comes to an end.

POST /v1/tags as owner
  {"name": "金卡"}
= 201
  $gold = /tag_id
POST /v1/coupon-templates
  {"name": "金卡专享", "kind": "cash", "off_fen": 2000, "valid_days": 30, "claim": "open", "claim_who": {"tags": ["金卡"]}}
= 201
  $gated = /template_id
POST /v1/coupon-templates
  {"name": "口令券", "kind": "cash", "off_fen": 300, "valid_days": 3, "claim": "password", "password": "春天来了", "most_total": 1}
= 201
POST /v1/coupon-templates
  {"name": "传单券", "kind": "cash", "off_fen": 500, "valid_days": 30, "stock": 2}
= 201
  $flyer = /template_id
POST /v1/coupon-codes
  {"template_id": "$flyer", "count": 2, "reason": "三月传单"}
= 201
  $batch = /batch_id
POST /v1/coupon-codes
  {"template_id": "$flyer", "count": 1, "reason": "三月传单"}
= 409 coupon.out_of_stock
GET /v1/coupon-templates/$flyer/codes?batch_id=$batch
= 200
  $paper = /items/0/code

code 13800000001
POST /v1/join as nobody
  {"phone": "13800000001", "code": "$code", "name": "小孙"}
= 201
  $sun = /member_id
  $token = /token
POST /v1/me/coupon-claims as $token
  {"template_id": "$gated"}
= 409 coupon.gate
POST /v1/tags/$gold/members as owner
  {"member_ids": ["$sun"]}
= 200
POST /v1/me/coupon-claims as $token
  {"template_id": "$gated"}
= 201
POST /v1/me/coupon-claims
  {"password": "春天来了"}
= 201
POST /v1/me/coupon-codes
  {"code": "$paper"}
= 201
# 同一张传单，第二个人领不走。 The same flyer again.
code 13800000002
POST /v1/join as nobody
  {"phone": "13800000002", "code": "$code", "name": "小李"}
= 201
  $other = /token
POST /v1/me/coupon-codes as $other
  {"code": "$paper"}
= 409 coupon.other_member
# 看错一位，机器马上知道，不算猜。 A slip of the eye is noticed and not counted.
POST /v1/me/coupon-codes
  {"code": "7K3M-9QXT-B2R5X"}
= 422 coupon.code_typo
POST /v1/me/coupon-claims
  {"password": "夏天来了"}
= 404 coupon.code_wrong

holds
