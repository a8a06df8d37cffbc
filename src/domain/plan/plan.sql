CREATE TABLE plan (
    merchant_id BIGINT NOT NULL,
    plan_id BIGINT NOT NULL,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    about TEXT NOT NULL,
    price_fen BIGINT NOT NULL CHECK (price_fen >= 0),
    unit TEXT NOT NULL CHECK (unit IN ('day', 'month', 'year')),
    unit_count BIGINT NOT NULL CHECK (unit_count > 0),
    trial_days BIGINT NOT NULL CHECK (trial_days >= 0),
    remind_days BIGINT NOT NULL CHECK (remind_days >= 0),
    full_days BIGINT NOT NULL CHECK (full_days >= 0),
    welcome_gifts TEXT NOT NULL,
    gifts TEXT NOT NULL,
    gift_months BIGINT NOT NULL CHECK (gift_months >= 0),
    tag_id BIGINT NOT NULL,
    is_retired BIGINT NOT NULL CHECK (is_retired IN (0, 1)),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, plan_id)
); -- lean
CREATE UNIQUE INDEX plan_by_key ON plan (merchant_id, key) WHERE is_retired = 0;

CREATE TABLE plan_period (
    merchant_id BIGINT NOT NULL,
    period_id BIGINT NOT NULL,
    plan_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    given_to BIGINT NOT NULL,
    source TEXT NOT NULL,
    source_id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    is_trial BIGINT NOT NULL CHECK (is_trial IN (0, 1)),
    is_cancelled BIGINT NOT NULL CHECK (is_cancelled IN (0, 1)),
    is_reminded BIGINT NOT NULL CHECK (is_reminded IN (0, 1)),
    paid_fen BIGINT NOT NULL CHECK (paid_fen >= 0),
    returned_fen BIGINT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    shift_ms BIGINT NOT NULL CHECK (shift_ms >= 0),
    gift_number BIGINT NOT NULL CHECK (gift_number >= 0),
    next_gift_at BIGINT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('planned', 'active', 'ended', 'refunded')),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, period_id),
    CHECK (returned_fen >= 0 AND returned_fen <= paid_fen)
); -- lean
CREATE UNIQUE INDEX plan_period_by_source ON plan_period (merchant_id, source_id, source, given_to, plan_id);
CREATE INDEX plan_period_by_member ON plan_period (merchant_id, member_id, plan_id, ends_at);
CREATE INDEX plan_period_to_end ON plan_period (merchant_id, ends_at) WHERE status = 'active';
CREATE INDEX plan_period_to_start ON plan_period (merchant_id, starts_at) WHERE status = 'planned';
CREATE INDEX plan_period_to_gift ON plan_period (merchant_id, next_gift_at) WHERE next_gift_at > 0;

CREATE TABLE plan_merge (
    merchant_id BIGINT NOT NULL,
    merge_id BIGINT NOT NULL,
    period_id BIGINT NOT NULL,
    shift_ms BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, merge_id, period_id)
); -- lean
