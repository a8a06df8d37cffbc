CREATE TABLE refund (
    merchant_id BIGINT NOT NULL,
    refund_id BIGINT NOT NULL,
    order_id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    refund_no TEXT NOT NULL,
    reason TEXT NOT NULL,
    content BYTEA NOT NULL,
    amount_fen BIGINT NOT NULL CHECK (amount_fen >= 0),
    withheld_fen BIGINT NOT NULL,
    points_restored BIGINT NOT NULL,
    points_taken BIGINT NOT NULL,
    points_shortfall BIGINT NOT NULL,
    growth_taken BIGINT NOT NULL,
    day BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, refund_id)
); -- lean
CREATE UNIQUE INDEX refund_by_no ON refund (merchant_id, shop_id, refund_no);
CREATE INDEX refund_by_order ON refund (merchant_id, order_id, refund_id);
CREATE INDEX refund_by_member ON refund (merchant_id, member_id, refund_id);

CREATE TABLE refund_line (
    merchant_id BIGINT NOT NULL,
    refund_id BIGINT NOT NULL,
    order_id BIGINT NOT NULL,
    line_no BIGINT NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity >= 0),
    amount_fen BIGINT NOT NULL CHECK (amount_fen >= 0),
    withheld_fen BIGINT NOT NULL,
    points_taken BIGINT NOT NULL CHECK (points_taken >= 0),
    PRIMARY KEY (merchant_id, refund_id, order_id, line_no)
); -- lean
