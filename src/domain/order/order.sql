CREATE TABLE shop_order (
    merchant_id BIGINT NOT NULL,
    order_id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    till_no BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    staff_id BIGINT NOT NULL,
    order_no TEXT NOT NULL,
    kind TEXT NOT NULL,
    channel TEXT NOT NULL,
    status TEXT NOT NULL,
    amount_fen BIGINT NOT NULL CHECK (amount_fen >= 0),
    discount_fen BIGINT NOT NULL CHECK (discount_fen >= 0),
    payable_fen BIGINT NOT NULL CHECK (payable_fen >= 0),
    offset_fen BIGINT NOT NULL CHECK (offset_fen >= 0),
    cash_fen BIGINT NOT NULL,
    paid_fen BIGINT NOT NULL,
    refunded_fen BIGINT NOT NULL,
    points_spent BIGINT NOT NULL CHECK (points_spent >= 0),
    points_earned BIGINT NOT NULL CHECK (points_earned >= 0),
    points_taken BIGINT NOT NULL,
    growth_earned BIGINT NOT NULL CHECK (growth_earned >= 0),
    growth_taken BIGINT NOT NULL,
    tier_id BIGINT NOT NULL,
    content BYTEA NOT NULL,
    occurred_at BIGINT NOT NULL,
    placed_at BIGINT NOT NULL,
    completed_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    day BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, order_id),
    CHECK (refunded_fen >= 0 AND refunded_fen <= payable_fen),
    CHECK (points_taken >= 0 AND points_taken <= points_earned),
    CHECK (growth_taken >= 0 AND growth_taken <= growth_earned),
    CHECK (paid_fen >= 0 AND paid_fen <= payable_fen)
); -- lean
CREATE UNIQUE INDEX shop_order_by_no ON shop_order (merchant_id, shop_id, order_no, kind);
CREATE INDEX shop_order_by_member ON shop_order (merchant_id, member_id, occurred_at, order_id);
CREATE INDEX shop_order_by_day ON shop_order (merchant_id, day, order_id);
CREATE INDEX shop_order_open ON shop_order (merchant_id, expires_at) WHERE status = 'placed';

CREATE TABLE order_line (
    merchant_id BIGINT NOT NULL,
    order_id BIGINT NOT NULL,
    line_no BIGINT NOT NULL,
    item_id BIGINT NOT NULL,
    category_id BIGINT NOT NULL,
    brand_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    weight_g BIGINT NOT NULL,
    unit_price_fen BIGINT NOT NULL,
    amount_fen BIGINT NOT NULL CHECK (amount_fen >= 0),
    discount_fen BIGINT NOT NULL CHECK (discount_fen >= 0),
    step_no BIGINT NOT NULL,
    gift_step BIGINT NOT NULL,
    payable_fen BIGINT NOT NULL CHECK (payable_fen >= 0),
    offset_fen BIGINT NOT NULL,
    points_earned BIGINT NOT NULL,
    refunded_quantity BIGINT NOT NULL,
    refunded_fen BIGINT NOT NULL,
    withheld_fen BIGINT NOT NULL,
    points_taken BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, order_id, line_no),
    CHECK (withheld_fen >= 0 AND withheld_fen <= payable_fen - refunded_fen),
    CHECK (refunded_quantity >= 0 AND refunded_quantity <= quantity),
    CHECK (refunded_fen >= 0 AND refunded_fen <= payable_fen),
    CHECK (points_taken >= 0 AND points_taken <= points_earned)
); -- lean

CREATE TABLE order_adjustment (
    merchant_id BIGINT NOT NULL,
    order_id BIGINT NOT NULL,
    step_no BIGINT NOT NULL CHECK (step_no > 0),
    rule TEXT NOT NULL CHECK (rule IN ('tier', 'member_price', 'offer', 'coupon')),
    source_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    off_fen BIGINT NOT NULL CHECK (off_fen >= 0),
    terms TEXT NOT NULL,
    PRIMARY KEY (merchant_id, order_id, step_no)
); -- lean

CREATE TABLE order_share (
    merchant_id BIGINT NOT NULL,
    order_id BIGINT NOT NULL,
    line_no BIGINT NOT NULL,
    step_no BIGINT NOT NULL,
    off_fen BIGINT NOT NULL CHECK (off_fen > 0),
    PRIMARY KEY (merchant_id, order_id, line_no, step_no)
); -- lean

CREATE TABLE order_merge (
    merchant_id BIGINT NOT NULL,
    merge_id BIGINT NOT NULL,
    order_id BIGINT NOT NULL,
    orders BIGINT NOT NULL,
    spend_fen BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, merge_id, order_id)
); -- lean
