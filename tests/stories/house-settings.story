# 店主改设置（一个号码一天最多几条验证码）：改之前先看；谁改的、改了什么，都查得到。
# The owner changes a setting (codes to one number a day): read it first; who changed what can be seen afterwards.

GET /v1/settings/identity as owner
= 200
  {"name": "identity", "version": 0, "value": {"codes_a_day": 10}}

# 没先看就改，不行。 Changing without having read is refused.
PUT /v1/settings/identity
  {"value": {"codes_a_day": 5}}
= 428 edit.if_match_missing

header If-Match: "v0"
PUT /v1/settings/identity
  {"value": {"codes_a_day": 5}}
= 200
  {"version": 1, "value": {"codes_a_day": 5, "code_wait_s": 60}}

# 另一个人手里还是旧的一页。 Somebody else still has the old page open.
header If-Match: "v0"
PUT /v1/settings/identity
  {"value": {"codes_a_day": 50}}
= 412 edit.moved

# 写错的地方一次说全。 Everything that is wrong is said at once.
header If-Match: "v1"
PUT /v1/settings/identity
  {"value": {"colour": "red", "codes_a_day": 5000}}
= 422 body.invalid
  {"errors": [{"pointer": "/value/colour"}, {"pointer": "/value/codes_a_day"}]}

GET /v1/audit?action=setting.put
= 200
  {"items": [{"actor": "staff", "subject": "setting.identity", "before": {"codes_a_day": 10}, "after": {"codes_a_day": 5}}]}

# 收银员看不到审计。 The till has no business with the audit trail.
GET /v1/audit as cashier
= 403 auth.denied

restart
GET /v1/settings/identity as owner
= 200
  {"version": 1, "value": {"codes_a_day": 5}}

holds
