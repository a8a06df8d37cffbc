CREATE TABLE points_behaviour (
    merchant_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    behaviour_id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    day BIGINT NOT NULL,
    streak BIGINT NOT NULL,
    points BIGINT NOT NULL CHECK (points >= 0),
    at BIGINT NOT NULL,
    merge_id BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, member_id, name, key)
); -- lean
CREATE INDEX points_behaviour_by_day ON points_behaviour (merchant_id, member_id, name, day);
CREATE UNIQUE INDEX points_behaviour_by_id ON points_behaviour (merchant_id, behaviour_id, member_id);

CREATE TABLE points_quota (
    merchant_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    period BIGINT NOT NULL,
    used BIGINT NOT NULL CHECK (used >= 0),
    PRIMARY KEY (merchant_id, member_id, name, period)
); -- lean

CREATE TABLE points_warned (
    merchant_id BIGINT NOT NULL,
    type TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, type)
); -- lean
