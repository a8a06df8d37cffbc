# 资料默认打码；要看明文得有权限、写理由，留下记录；顾客要求忘掉我，就真的忘掉。
# Masked by default; in clear only with a right, a reason and a trace; and forgotten when asked.

POST /v1/members as owner
  {"phone": "13800000021", "name": "刘洋", "birthday": {"year": 1988, "month": 8, "day": 8}, "consents": [{"purpose": "privacy"}, {"purpose": "marketing_sms"}]}
= 201
  $liu = /member_id

GET /v1/members/$liu
= 200
  {"name": "刘**", "phone": "138****0021", "birthday": {"year": 0, "month": 8, "day": 8}}

POST /v1/members/$liu/reveal as cashier
  {"reason": "好奇"}
= 403 auth.denied

POST /v1/members/$liu/reveal as owner
  {"reason": "顾客来电核对收货信息"}
= 200
  {"name": "刘洋", "phone": "13800000021", "birthday": {"year": 1988, "month": 8, "day": 8}}

GET /v1/audit?limit=1
= 200
  {"items": [{"action": "identity.open"}]}

# 她不想再收短信。
PUT /v1/members/$liu/consents
  {"purpose": "marketing_sms", "is_granted": false}
= 200
  {"items": [{"purpose": "marketing_sms", "is_granted": false}, {"purpose": "privacy", "is_granted": true}]}

# 忘掉我：姓名、号码、生日都没了，号码可以重新入会。
POST /v1/members/$liu/erase
  {"reason": "本人书面要求"}
= 200
  {"status": "erased", "name": "", "phone": ""}

GET /v1/members?q=liuyang
= 200
  {"items": []}

POST /v1/members
  {"phone": "13800000021"}
= 201
  {"is_new": true}

holds
