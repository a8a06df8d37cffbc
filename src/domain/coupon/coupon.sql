CREATE TABLE coupon_template (
    merchant_id BIGINT NOT NULL,
    template_id BIGINT NOT NULL,
    version BIGINT NOT NULL CHECK (version >= 1),
    state TEXT NOT NULL CHECK (state IN ('on', 'paused', 'retired')),
    claim TEXT NOT NULL CHECK (claim IN ('none', 'open', 'password')),
    password TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, template_id)
); -- lean

-- What every version said: coupons keep the one they were issued under.
CREATE TABLE coupon_rule (
    merchant_id BIGINT NOT NULL,
    template_id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    content TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, template_id, version)
); -- lean

-- The one row that everybody who issues waits for: small, and apart from the template.
CREATE TABLE coupon_supply (
    merchant_id BIGINT NOT NULL,
    template_id BIGINT NOT NULL,
    stock BIGINT NOT NULL CHECK (stock >= 0),
    issued_count BIGINT NOT NULL CHECK (issued_count >= 0),
    PRIMARY KEY (merchant_id, template_id),
    CHECK (stock = 0 OR issued_count <= stock)
); -- lean

CREATE TABLE coupon (
    merchant_id BIGINT NOT NULL,
    coupon_id BIGINT NOT NULL,
    template_id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    issued_to BIGINT NOT NULL,
    code TEXT NOT NULL CHECK (code <> ''),
    status TEXT NOT NULL CHECK (status IN ('issued', 'locked', 'used', 'expired', 'void', 'giving')),
    from_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    source TEXT NOT NULL CHECK (source <> ''),
    source_id BIGINT NOT NULL,
    number BIGINT NOT NULL CHECK (number >= 1),
    order_id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    off_fen BIGINT NOT NULL CHECK (off_fen >= 0),
    used_at BIGINT NOT NULL,
    issued_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, coupon_id),
    CHECK ((status IN ('locked', 'used')) = (order_id > 0))
); -- lean
CREATE UNIQUE INDEX coupon_by_code ON coupon (merchant_id, code);
CREATE UNIQUE INDEX coupon_by_source ON coupon (merchant_id, source, source_id, issued_to, template_id, number);
CREATE INDEX coupon_by_template ON coupon (merchant_id, template_id, coupon_id);
CREATE INDEX coupon_by_member ON coupon (merchant_id, member_id, coupon_id);
CREATE INDEX coupon_open ON coupon (merchant_id, member_id, expires_at, coupon_id)
    WHERE status IN ('issued', 'locked', 'giving') AND member_id > 0;
CREATE INDEX coupon_of_order ON coupon (merchant_id, order_id) WHERE status = 'locked';
CREATE INDEX coupon_due ON coupon (merchant_id, expires_at) WHERE status = 'issued' AND expires_at > 0;

CREATE TABLE coupon_entry (
    merchant_id BIGINT NOT NULL,
    coupon_id BIGINT NOT NULL,
    number BIGINT NOT NULL CHECK (number >= 1),
    action TEXT NOT NULL,
    status TEXT NOT NULL,
    member_id BIGINT NOT NULL,
    order_id BIGINT NOT NULL,
    off_fen BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    actor TEXT NOT NULL,
    actor_id BIGINT NOT NULL,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, coupon_id, number)
); -- lean

-- How many of a template a member got: day 0 in all, else on that day.
CREATE TABLE coupon_quota (
    merchant_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    template_id BIGINT NOT NULL,
    day BIGINT NOT NULL,
    count BIGINT NOT NULL CHECK (count >= 0),
    PRIMARY KEY (merchant_id, member_id, template_id, day)
); -- lean

CREATE TABLE coupon_gift (
    merchant_id BIGINT NOT NULL,
    gift_id BIGINT NOT NULL,
    coupon_id BIGINT NOT NULL,
    from_id BIGINT NOT NULL,
    to_id BIGINT NOT NULL,
    code TEXT NOT NULL CHECK (code <> ''),
    status TEXT NOT NULL CHECK (status IN ('waiting', 'accepted', 'back')),
    until_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, gift_id)
); -- lean
CREATE UNIQUE INDEX coupon_gift_by_code ON coupon_gift (merchant_id, code);
CREATE INDEX coupon_gift_of_coupon ON coupon_gift (merchant_id, coupon_id);
CREATE INDEX coupon_gift_by_from ON coupon_gift (merchant_id, from_id, gift_id);
CREATE INDEX coupon_gift_by_to ON coupon_gift (merchant_id, to_id) WHERE to_id > 0;
CREATE INDEX coupon_gift_due ON coupon_gift (merchant_id, until_at) WHERE status = 'waiting';

-- Issuing to many: members of a tag, or of a stage of life, batch after batch.
CREATE TABLE coupon_run (
    merchant_id BIGINT NOT NULL,
    run_id BIGINT NOT NULL,
    template_id BIGINT NOT NULL,
    count BIGINT NOT NULL CHECK (count >= 1),
    tag_id BIGINT NOT NULL,
    stage TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('running', 'done', 'out_of_stock')),
    at_member_id BIGINT NOT NULL,
    members BIGINT NOT NULL,
    skipped BIGINT NOT NULL,
    reason TEXT NOT NULL,
    actor_id BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, run_id)
); -- lean
CREATE INDEX coupon_run_open ON coupon_run (merchant_id, run_id) WHERE status = 'running';

CREATE TABLE coupon_merge (
    merchant_id BIGINT NOT NULL,
    merge_id BIGINT NOT NULL,
    coupon_id BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, merge_id, coupon_id)
); -- lean
