# 王姐问：“我的积分怎么只有 327？我的余额、成长值、次卡又是怎么来的？” 每个账户，任何一刻，一行一行说得清。
# Why is my balance 327? Every account answers, line by line, for any past moment.

POST /v1/members as owner
  {"phone": "13800000001", "name": "王姐"}
= 201
  {
    "member_id": "*",
    "member_no": "*",
    "name": "王**",
    "phone": "138****0001",
    "status": "active",
    "stage": "member",
    "tier_id": "",
    "tier_name": "",
    "points": 0,
    "growth": 0,
    "is_new": true
  }
  $wang = /member_id

POST /v1/points/grants
  {"member_id": "$wang", "points": 400, "reason": "开业送"}
= 201
  {"balance": 400}

pass 1 days

POST /v1/points/deductions
  {"member_id": "$wang", "points": 73, "reason": "换了一把伞"}
= 201
  {"balance": 327}

GET /v1/members/$wang/why?account=points
= 200
  {
    "member_id": "$wang",
    "account": "points",
    "at": 1772503200000,
    "before_count": 0,
    "before_balance": 0,
    "balance": 327,
    "debt": 0,
    "lines": [
      {
        "seq": 1,
        "at": 1772416800000,
        "words": "人工增加",
        "delta": 400,
        "balance_after": 400,
        "source": "grant",
        "source_id": "*",
        "actor": "staff",
        "actor_id": "*",
        "shop_id": "$shop",
        "reason": "开业送"
      },
      {
        "seq": 2,
        "at": 1772503200000,
        "words": "人工扣减",
        "delta": -73,
        "balance_after": 327,
        "source": "deduct",
        "source_id": "*",
        "actor": "staff",
        "actor_id": "*",
        "shop_id": "$shop",
        "reason": "换了一把伞"
      }
    ]
  }
  $then = /lines/0/at

# 前一天问，是另一个数。 Asked of the day before it is another number.
GET /v1/members/$wang/why?account=points&at=$then
= 200
  {"balance": 400}

POST /v1/wallet/packages
  {"name": "充 100 送 20", "pay_fen": 10000, "gift_fen": 2000}
= 201
  {
    "package_id": "*",
    "name": "充 100 送 20",
    "pay_fen": 10000,
    "gift_fen": 2000,
    "gift_months": 1,
    "points": 0,
    "is_retired": false,
    "created_at": 1772503200000
  }
  $package = /package_id

POST /v1/wallet/recharges as cashier
  {"shop_id": "$shop", "member_id": "$wang", "package_id": "$package", "tender": "cash", "recharge_no": "R1"}
= 201
  {
    "recharge_id": "*",
    "shop_id": "$shop",
    "recharge_no": "R1",
    "member_id": "$wang",
    "package_id": "$package",
    "tender": "cash",
    "status": "done",
    "amount_fen": 10000,
    "gift_fen": 2000,
    "gift_months": 1,
    "gift_given_fen": 2000,
    "points": 0,
    "returned_fen": 0,
    "created_at": 1772503200000,
    "done_at": 1772503200000,
    "principal_left_fen": 10000,
    "gift_left_fen": 2000
  }

GET /v1/members/$wang/why?account=principal as owner
= 200
  {
    "member_id": "$wang",
    "account": "principal",
    "at": 1772503200000,
    "before_count": 0,
    "before_balance": 0,
    "balance": 10000,
    "debt": 0,
    "lines": [
      {
        "seq": 1,
        "at": 1772503200000,
        "words": "储值充值",
        "delta": 10000,
        "balance_after": 10000,
        "source": "wallet.recharge",
        "source_id": "*",
        "actor": "staff",
        "actor_id": "*"
      }
    ]
  }

GET /v1/members/$wang/why?account=gift
= 200
  {
    "member_id": "$wang",
    "account": "gift",
    "at": 1772503200000,
    "before_count": 0,
    "before_balance": 0,
    "balance": 2000,
    "debt": 0,
    "lines": [
      {
        "seq": 1,
        "at": 1772503200000,
        "words": "储值充值",
        "delta": 2000,
        "balance_after": 2000,
        "source": "wallet.recharge",
        "source_id": "*",
        "actor": "staff",
        "actor_id": "*"
      }
    ]
  }

GET /v1/members/$wang/why?account=growth
= 200
  {
    "member_id": "$wang",
    "account": "growth",
    "at": 1772503200000,
    "before_count": 0,
    "before_balance": 0,
    "balance": 0,
    "debt": 0,
    "lines": []
  }

# 两张次卡，一起答；也可以只问一张。 Two times cards answer together, or one alone.
POST /v1/times/templates
  {"name": "洗车十次", "uses": 10, "price_fen": 20000}
= 201
  {
    "template_id": "*",
    "name": "洗车十次",
    "uses": 10,
    "price_fen": 20000,
    "single_price_fen": 0,
    "item_ids": [],
    "category_ids": [],
    "shop_ids": [],
    "valid_from": "issue",
    "valid_days": 0,
    "last_day": "",
    "low_uses": 0,
    "refund_policy": "share",
    "is_retired": false,
    "created_at": 1772503200000
  }
  $wash = /template_id

POST /v1/times/cards
  {"member_id": "$wang", "template_id": "$wash", "reason": "投诉补偿"}
= 201
  {
    "items": [
      {
        "card_id": "*",
        "template_id": "$wash",
        "name": "洗车十次",
        "member_id": "$wang",
        "account": "*",
        "source": "grant",
        "source_id": "*",
        "shop_id": "",
        "uses": 10,
        "left_uses": 10,
        "paid_fen": 0,
        "returned_fen": 0,
        "status": "active",
        "first_used_at": 0,
        "expires_at": 0,
        "created_at": 1772503200000
      }
    ]
  }
  $card = /items/0/card_id

pass 1 hours

POST /v1/times/cards
  {"member_id": "$wang", "template_id": "$wash", "reason": "再补一张"}
= 201
  {
    "items": [
      {
        "card_id": "*",
        "template_id": "$wash",
        "name": "洗车十次",
        "member_id": "$wang",
        "account": "*",
        "source": "grant",
        "source_id": "*",
        "shop_id": "",
        "uses": 10,
        "left_uses": 10,
        "paid_fen": 0,
        "returned_fen": 0,
        "status": "active",
        "first_used_at": 0,
        "expires_at": 0,
        "created_at": 1772506800000
      }
    ]
  }

GET /v1/members/$wang/why?account=times
= 200
  {
    "member_id": "$wang",
    "account": "times",
    "at": 1772506800000,
    "before_count": 0,
    "before_balance": 0,
    "balance": 20,
    "debt": 0,
    "lines": [
      {
        "seq": 1,
        "at": 1772503200000,
        "account": "*",
        "words": "次卡开卡",
        "delta": 10,
        "balance_after": 10,
        "source": "times.issue",
        "source_id": "$card",
        "actor": "staff",
        "actor_id": "*",
        "shop_id": "$shop"
      },
      {
        "seq": 1,
        "at": 1772506800000,
        "account": "*",
        "words": "次卡开卡",
        "delta": 10,
        "balance_after": 20,
        "source": "times.issue",
        "source_id": "*",
        "actor": "staff",
        "actor_id": "*",
        "shop_id": "$shop"
      }
    ]
  }

GET /v1/members/$wang/why?account=times:$card
= 200
  {
    "member_id": "$wang",
    "account": "*",
    "at": 1772506800000,
    "before_count": 0,
    "before_balance": 0,
    "balance": 10,
    "debt": 0,
    "lines": [
      {
        "seq": 1,
        "at": 1772503200000,
        "words": "次卡开卡",
        "delta": 10,
        "balance_after": 10,
        "source": "times.issue",
        "source_id": "$card",
        "actor": "staff",
        "actor_id": "*",
        "shop_id": "$shop"
      }
    ]
  }

# 没有过的账户是空的。 An account that never was is empty.
GET /v1/members/$wang/why?account=points:star
= 200
  {"balance": 0, "lines": []}

GET /v1/members/$wang/accounts
= 200
  {
    "items": [
      {
        "member_id": "$wang",
        "kind": "gift",
        "balance": 2000,
        "debt": 0,
        "reserved": 0,
        "pending": 0,
        "entry_count": 1,
        "updated_at": 1772503200000
      },
      {
        "member_id": "$wang",
        "kind": "points",
        "balance": 327,
        "debt": 0,
        "reserved": 0,
        "pending": 0,
        "entry_count": 2,
        "updated_at": 1772503200000
      },
      {
        "member_id": "$wang",
        "kind": "principal",
        "balance": 10000,
        "debt": 0,
        "reserved": 0,
        "pending": 0,
        "entry_count": 1,
        "updated_at": 1772503200000
      },
      {
        "member_id": "$wang",
        "kind": "*",
        "balance": 10,
        "debt": 0,
        "reserved": 0,
        "pending": 0,
        "entry_count": 1,
        "updated_at": 1772503200000
      },
      {
        "member_id": "$wang",
        "kind": "*",
        "balance": 10,
        "debt": 0,
        "reserved": 0,
        "pending": 0,
        "entry_count": 1,
        "updated_at": 1772506800000
      }
    ]
  }

# 她自己也看得到。 She sees it herself.
code 13800000001
POST /v1/member-login as nobody
  {"phone": "13800000001", "code": "$code"}
= 200
  {
    "member_id": "$wang",
    "member_no": "*",
    "is_new": false,
    "token": "*",
    "expires_at": 1775098861000
  }
  $token = /token

GET /v1/me/why as $token
= 200
  {"balance": 327}

GET /v1/me/why?account=times
= 200
  {"balance": 20}

GET /v1/members/$wang/why
= 403 auth.who

holds
