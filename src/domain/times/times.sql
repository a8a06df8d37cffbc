CREATE TABLE times_template (
    merchant_id BIGINT NOT NULL,
    template_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    uses BIGINT NOT NULL CHECK (uses > 0),
    price_fen BIGINT NOT NULL CHECK (price_fen >= 0),
    single_price_fen BIGINT NOT NULL CHECK (single_price_fen >= 0),
    item_ids TEXT NOT NULL,
    category_ids TEXT NOT NULL,
    shop_ids TEXT NOT NULL,
    valid_from TEXT NOT NULL CHECK (valid_from IN ('issue', 'first_use')),
    valid_days BIGINT NOT NULL CHECK (valid_days >= 0),
    last_day BIGINT NOT NULL CHECK (last_day >= 0),
    low_uses BIGINT NOT NULL CHECK (low_uses >= 0),
    refund_policy TEXT NOT NULL CHECK (refund_policy IN ('share', 'single', 'none')),
    is_retired BIGINT NOT NULL CHECK (is_retired IN (0, 1)),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, template_id)
); -- lean

CREATE TABLE times_card (
    merchant_id BIGINT NOT NULL,
    card_id BIGINT NOT NULL,
    template_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    given_to BIGINT NOT NULL,
    source TEXT NOT NULL,
    source_id BIGINT NOT NULL,
    number BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    uses BIGINT NOT NULL CHECK (uses > 0),
    expired_uses BIGINT NOT NULL CHECK (expired_uses >= 0),
    taken_uses BIGINT NOT NULL,
    paid_fen BIGINT NOT NULL CHECK (paid_fen >= 0),
    returned_fen BIGINT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('active', 'frozen', 'expired', 'closed')),
    first_used_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    is_warned BIGINT NOT NULL CHECK (is_warned IN (0, 1)),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, card_id),
    CHECK (taken_uses >= 0 AND taken_uses <= uses),
    CHECK (returned_fen >= 0 AND returned_fen <= paid_fen)
); -- lean
CREATE UNIQUE INDEX times_card_by_source ON times_card (merchant_id, source_id, source, given_to, template_id, number);
CREATE INDEX times_card_by_member ON times_card (merchant_id, member_id, card_id);
CREATE INDEX times_card_due ON times_card (merchant_id, expires_at) WHERE expires_at > 0 AND status IN ('active', 'frozen');

CREATE TABLE times_use (
    merchant_id BIGINT NOT NULL,
    use_id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    use_no TEXT NOT NULL,
    card_id BIGINT NOT NULL,
    item_id BIGINT NOT NULL,
    count BIGINT NOT NULL CHECK (count > 0),
    at BIGINT NOT NULL,
    undone_at BIGINT NOT NULL,
    undone_by_id BIGINT NOT NULL,
    undo_reason TEXT NOT NULL,
    PRIMARY KEY (merchant_id, use_id)
); -- lean
CREATE UNIQUE INDEX times_use_by_no ON times_use (merchant_id, shop_id, use_no);
CREATE INDEX times_use_by_card ON times_use (merchant_id, card_id, use_id);

CREATE TABLE times_merge (
    merchant_id BIGINT NOT NULL,
    merge_id BIGINT NOT NULL,
    card_id BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, merge_id, card_id)
); -- lean
