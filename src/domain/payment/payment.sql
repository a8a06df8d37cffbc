CREATE TABLE payment (
    merchant_id BIGINT NOT NULL,
    order_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    tender TEXT NOT NULL,
    amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
    refunded_fen BIGINT NOT NULL,
    points BIGINT NOT NULL CHECK (points >= 0),
    points_refunded BIGINT NOT NULL,
    status TEXT NOT NULL,
    via_channel BIGINT NOT NULL,
    external_no TEXT NOT NULL,
    pay_url TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    paid_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, order_id, number),
    CHECK (refunded_fen >= 0 AND refunded_fen <= amount_fen),
    CHECK (points_refunded >= 0 AND points_refunded <= points)
); -- lean

CREATE TABLE payment_refund (
    merchant_id BIGINT NOT NULL,
    order_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    refund_id BIGINT NOT NULL,
    amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
    points BIGINT NOT NULL CHECK (points >= 0),
    status TEXT NOT NULL,
    channel_ref TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, order_id, number, refund_id)
); -- lean
CREATE INDEX payment_refund_stuck ON payment_refund (merchant_id, refund_id, number) WHERE status = 'stuck';
