CREATE TABLE reward_given (
    merchant_id BIGINT NOT NULL,
    reward_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    given_to BIGINT NOT NULL,
    source TEXT NOT NULL CHECK (source <> ''),
    source_id BIGINT NOT NULL,
    part BIGINT NOT NULL,
    budget_id BIGINT NOT NULL,
    worth_fen BIGINT NOT NULL CHECK (worth_fen >= 0),
    at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, reward_id)
); -- lean
CREATE UNIQUE INDEX reward_given_by_source ON reward_given (merchant_id, source, source_id, part, given_to);
CREATE INDEX reward_given_by_member ON reward_given (merchant_id, member_id, reward_id);
CREATE INDEX reward_given_by_budget ON reward_given (merchant_id, budget_id) WHERE budget_id > 0;

-- What was given, one row a gift (times cards and benefits: one a piece), and how much of it went back.
CREATE TABLE reward_part (
    merchant_id BIGINT NOT NULL,
    reward_id BIGINT NOT NULL,
    number BIGINT NOT NULL CHECK (number >= 1),
    piece_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    what_id BIGINT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount >= 1),
    taken_amount BIGINT NOT NULL CHECK (taken_amount >= 0 AND taken_amount <= amount),
    gone_amount BIGINT NOT NULL CHECK (gone_amount >= 0),
    PRIMARY KEY (merchant_id, reward_id, number)
); -- lean

CREATE TABLE reward_take (
    merchant_id BIGINT NOT NULL,
    reward_id BIGINT NOT NULL,
    take_id BIGINT NOT NULL,
    back_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, reward_id, take_id)
); -- lean

CREATE TABLE reward_budget (
    merchant_id BIGINT NOT NULL,
    budget_id BIGINT NOT NULL,
    name TEXT NOT NULL CHECK (name <> ''),
    most_fen BIGINT NOT NULL CHECK (most_fen >= 0),
    most_count BIGINT NOT NULL CHECK (most_count >= 0),
    most_per_member BIGINT NOT NULL CHECK (most_per_member >= 0),
    used_fen BIGINT NOT NULL CHECK (used_fen >= 0),
    used_count BIGINT NOT NULL CHECK (used_count >= 0),
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, budget_id),
    CHECK (most_fen = 0 OR used_fen <= most_fen),
    CHECK (most_count = 0 OR used_count <= most_count)
); -- lean

CREATE TABLE reward_budget_member (
    merchant_id BIGINT NOT NULL,
    budget_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    used_count BIGINT NOT NULL CHECK (used_count >= 0),
    PRIMARY KEY (merchant_id, budget_id, member_id)
); -- lean

CREATE TABLE reward_rule (
    merchant_id BIGINT NOT NULL,
    rule_id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    name TEXT NOT NULL CHECK (name <> ''),
    event TEXT NOT NULL CHECK (event IN ('join', 'tier', 'birthday_day', 'birthday_month', 'order', 'coupon_shared',
        'recharge', 'asleep')),
    state TEXT NOT NULL CHECK (state IN ('on', 'off', 'budget_spent')),
    about_id BIGINT NOT NULL,
    min_fen BIGINT NOT NULL CHECK (min_fen >= 0),
    from_day BIGINT NOT NULL,
    to_day BIGINT NOT NULL,
    who TEXT NOT NULL,
    gifts TEXT NOT NULL,
    budget_id BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, rule_id)
); -- lean

CREATE TABLE reward_item (
    merchant_id BIGINT NOT NULL,
    item_id BIGINT NOT NULL,
    gifts TEXT NOT NULL,
    version BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, item_id)
); -- lean

-- How far the daily walk over birthdays is.
CREATE TABLE reward_walk (
    merchant_id BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    above_member_id BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, due_at)
); -- lean

CREATE TABLE reward_merge (
    merchant_id BIGINT NOT NULL,
    merge_id BIGINT NOT NULL,
    reward_id BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, merge_id, reward_id)
); -- lean
