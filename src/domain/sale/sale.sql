CREATE TABLE sale (
    merchant_id BIGINT NOT NULL,
    sale_id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    sale_no TEXT NOT NULL,
    member_id BIGINT NOT NULL,
    what TEXT NOT NULL CHECK (what IN ('times', 'plan')),
    what_id BIGINT NOT NULL,
    count BIGINT NOT NULL CHECK (count > 0),
    tender TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('waiting', 'done', 'cancelled')),
    amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
    returned_fen BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    done_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, sale_id),
    CHECK (returned_fen >= 0 AND returned_fen <= amount_fen)
); -- lean
CREATE UNIQUE INDEX sale_by_no ON sale (merchant_id, shop_id, sale_no);
CREATE INDEX sale_by_member ON sale (merchant_id, member_id, sale_id);
CREATE INDEX sale_waiting ON sale (merchant_id, created_at) WHERE status = 'waiting';

CREATE TABLE sale_refund (
    merchant_id BIGINT NOT NULL,
    refund_id BIGINT NOT NULL,
    sale_id BIGINT NOT NULL,
    amount_fen BIGINT NOT NULL CHECK (amount_fen >= 0),
    steps TEXT NOT NULL,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, refund_id)
); -- lean
CREATE INDEX sale_refund_by_sale ON sale_refund (merchant_id, sale_id);

CREATE TABLE sale_merge (
    merchant_id BIGINT NOT NULL,
    merge_id BIGINT NOT NULL,
    sale_id BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, merge_id, sale_id)
); -- lean
