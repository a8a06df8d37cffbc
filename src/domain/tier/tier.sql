CREATE TABLE tier (
    merchant_id BIGINT NOT NULL,
    tier_id BIGINT NOT NULL,
    rank BIGINT NOT NULL CHECK (rank >= 0),
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    name_en TEXT NOT NULL,
    growth_min BIGINT NOT NULL CHECK (growth_min >= 0),
    spend_min_fen BIGINT NOT NULL CHECK (spend_min_fen >= 0),
    orders_min BIGINT NOT NULL CHECK (orders_min >= 0),
    recharge_min_fen BIGINT NOT NULL CHECK (recharge_min_fen >= 0),
    discount_bp BIGINT NOT NULL CHECK (discount_bp >= 0 AND discount_bp <= 10000),
    points_multiplier_bp BIGINT NOT NULL CHECK (points_multiplier_bp >= 0),
    gift_points BIGINT NOT NULL CHECK (gift_points >= 0),
    benefits TEXT NOT NULL,
    color TEXT NOT NULL,
    tag_id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    removed_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, tier_id)
); -- lean
CREATE UNIQUE INDEX tier_by_key ON tier (merchant_id, key) WHERE removed_at = 0;
CREATE UNIQUE INDEX tier_by_rank ON tier (merchant_id, rank) WHERE removed_at = 0;

CREATE TABLE tier_member (
    merchant_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    tier_id BIGINT NOT NULL,
    since_at BIGINT NOT NULL,
    until_day BIGINT NOT NULL,
    is_manual BIGINT NOT NULL CHECK (is_manual IN (0, 1)),
    no_gift BIGINT NOT NULL CHECK (no_gift IN (0, 1)),
    check_day BIGINT NOT NULL,
    life_spend_fen BIGINT NOT NULL,
    life_orders BIGINT NOT NULL,
    life_recharge_fen BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, member_id)
); -- lean
CREATE INDEX tier_member_due ON tier_member (merchant_id, check_day) WHERE check_day > 0;
CREATE INDEX tier_member_by_tier ON tier_member (merchant_id, tier_id, member_id);

CREATE TABLE tier_history (
    merchant_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    history_id BIGINT NOT NULL,
    from_tier_id BIGINT NOT NULL,
    to_tier_id BIGINT NOT NULL,
    cause TEXT NOT NULL,
    reason TEXT NOT NULL,
    actor TEXT NOT NULL,
    actor_id BIGINT NOT NULL,
    merge_id BIGINT NOT NULL,
    until_day BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, member_id, history_id)
); -- lean

CREATE TABLE tier_gift (
    merchant_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    tier_id BIGINT NOT NULL,
    gift_id BIGINT NOT NULL,
    points BIGINT NOT NULL CHECK (points >= 0),
    merge_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, member_id, tier_id)
); -- lean

CREATE TABLE tier_day (
    merchant_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    day BIGINT NOT NULL,
    spend_fen BIGINT NOT NULL,
    orders BIGINT NOT NULL,
    recharge_fen BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, member_id, day)
); -- lean

CREATE TABLE tier_walk (
    merchant_id BIGINT NOT NULL,
    walk BIGINT NOT NULL,
    after_member_id BIGINT NOT NULL,
    is_running BIGINT NOT NULL CHECK (is_running IN (0, 1)),
    PRIMARY KEY (merchant_id, walk)
); -- lean
