# 给一批会员贴标签，只算真正变了的；系统标签不归人手管。
# Tags in bulk, counted by what really changed.

POST /v1/members as owner
  {"phone": "13800000041"}
= 201
  $a = /member_id
POST /v1/members
  {"phone": "13800000042"}
= 201
  $b = /member_id
POST /v1/tags
  {"name": "爱喝茶", "group_name": "喜好"}
= 201
  {"kind": "manual"}
  $tea = /tag_id
POST /v1/tags/$tea/members
  {"member_ids": ["$a", "$b"]}
= 200
  {"changed": 2}
POST /v1/tags/$tea/members
  {"member_ids": ["$b"]}
= 200
  {"changed": 0}
GET /v1/members?tag_id=$tea&limit=1
= 200
  {"items": [{"member_id": "$b"}], "next_cursor": "*"}
POST /v1/tags/$tea/members/remove
  {"member_ids": ["$b"]}
= 200
  {"changed": 1}
GET /v1/tags/$tea
= 200
  {"members": 1}
POST /v1/tags
  {"name": "爱喝茶"}
= 409 tag.name_taken
holds
