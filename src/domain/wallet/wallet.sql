CREATE TABLE wallet_member (
    merchant_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    pin_hash TEXT NOT NULL,
    is_frozen BIGINT NOT NULL CHECK (is_frozen IN (0, 1)),
    home_shop_id BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, member_id)
); -- lean

CREATE TABLE wallet_code (
    merchant_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    code TEXT NOT NULL,
    used_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, member_id, code)
); -- lean

CREATE TABLE wallet_package (
    merchant_id BIGINT NOT NULL,
    package_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    pay_fen BIGINT NOT NULL CHECK (pay_fen > 0),
    gift_fen BIGINT NOT NULL CHECK (gift_fen >= 0),
    gift_months BIGINT NOT NULL CHECK (gift_months >= 1),
    gift_days BIGINT NOT NULL CHECK (gift_days >= 0),
    points BIGINT NOT NULL CHECK (points >= 0),
    is_retired BIGINT NOT NULL CHECK (is_retired IN (0, 1)),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, package_id)
); -- lean

CREATE TABLE wallet_recharge (
    merchant_id BIGINT NOT NULL,
    recharge_id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    recharge_no TEXT NOT NULL,
    member_id BIGINT NOT NULL,
    package_id BIGINT NOT NULL,
    tender TEXT NOT NULL,
    status TEXT NOT NULL,
    amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
    gift_fen BIGINT NOT NULL CHECK (gift_fen >= 0),
    gift_months BIGINT NOT NULL CHECK (gift_months >= 1),
    gift_days BIGINT NOT NULL CHECK (gift_days >= 0),
    gift_given_fen BIGINT NOT NULL,
    points BIGINT NOT NULL CHECK (points >= 0),
    points_taken BIGINT NOT NULL,
    returned_fen BIGINT NOT NULL,
    closed_by BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    done_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, recharge_id),
    CHECK (gift_given_fen >= 0 AND gift_given_fen <= gift_fen),
    CHECK (points_taken >= 0 AND points_taken <= points),
    CHECK (returned_fen >= 0 AND returned_fen <= amount_fen)
); -- lean
CREATE UNIQUE INDEX wallet_recharge_by_no ON wallet_recharge (merchant_id, shop_id, recharge_no);
CREATE INDEX wallet_recharge_by_member ON wallet_recharge (merchant_id, member_id, recharge_id);
CREATE INDEX wallet_recharge_waiting ON wallet_recharge (merchant_id, asked_at) WHERE status = 'waiting';

CREATE TABLE wallet_move (
    merchant_id BIGINT NOT NULL,
    move_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    source TEXT NOT NULL,
    source_id BIGINT NOT NULL,
    principal_fen BIGINT NOT NULL,
    gift_fen BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, move_id)
); -- lean
CREATE INDEX wallet_move_by_member ON wallet_move (merchant_id, member_id, move_id);

CREATE TABLE wallet_spend (
    merchant_id BIGINT NOT NULL,
    spend_id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    spend_no TEXT NOT NULL,
    member_id BIGINT NOT NULL,
    spender_id BIGINT NOT NULL,
    home_shop_id BIGINT NOT NULL,
    amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
    principal_fen BIGINT NOT NULL CHECK (principal_fen >= 0),
    gift_fen BIGINT NOT NULL CHECK (gift_fen >= 0),
    principal_back_fen BIGINT NOT NULL,
    gift_back_fen BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, spend_id),
    CHECK (amount_fen = principal_fen + gift_fen),
    CHECK (principal_back_fen >= 0 AND principal_back_fen <= principal_fen),
    CHECK (gift_back_fen >= 0 AND gift_back_fen <= gift_fen)
); -- lean
CREATE UNIQUE INDEX wallet_spend_by_no ON wallet_spend (merchant_id, shop_id, kind, spend_no);
CREATE INDEX wallet_spend_by_member ON wallet_spend (merchant_id, member_id, at);

CREATE TABLE wallet_family (
    merchant_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    owner_id BIGINT NOT NULL,
    status TEXT NOT NULL,
    pays_own BIGINT NOT NULL CHECK (pays_own IN (0, 1)),
    payment_most_fen BIGINT NOT NULL CHECK (payment_most_fen >= 0),
    day_most_fen BIGINT NOT NULL CHECK (day_most_fen >= 0),
    month_most_fen BIGINT NOT NULL CHECK (month_most_fen >= 0),
    day BIGINT NOT NULL,
    day_used_fen BIGINT NOT NULL CHECK (day_used_fen >= 0),
    month BIGINT NOT NULL,
    month_used_fen BIGINT NOT NULL CHECK (month_used_fen >= 0),
    invited_at BIGINT NOT NULL,
    joined_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, member_id)
); -- lean
CREATE INDEX wallet_family_by_owner ON wallet_family (merchant_id, owner_id, member_id);

CREATE TABLE wallet_restore (
    merchant_id BIGINT NOT NULL,
    spend_id BIGINT NOT NULL,
    restore_no TEXT NOT NULL,
    restore_id BIGINT NOT NULL,
    principal_fen BIGINT NOT NULL CHECK (principal_fen >= 0),
    gift_fen BIGINT NOT NULL CHECK (gift_fen >= 0),
    at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, spend_id, restore_no)
); -- lean

CREATE TABLE wallet_refund (
    merchant_id BIGINT NOT NULL,
    request_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    status TEXT NOT NULL,
    asked_fen BIGINT NOT NULL CHECK (asked_fen >= 0),
    amount_fen BIGINT NOT NULL,
    principal_fen BIGINT NOT NULL CHECK (principal_fen >= 0),
    gift_fen BIGINT NOT NULL CHECK (gift_fen >= 0),
    steps TEXT NOT NULL,
    reason TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_by_id BIGINT NOT NULL,
    decided_by_id BIGINT NOT NULL,
    decided_reason TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    decided_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, request_id),
    CHECK (amount_fen >= 0 AND amount_fen <= principal_fen)
); -- lean
CREATE INDEX wallet_refund_by_member ON wallet_refund (merchant_id, member_id, request_id);

CREATE TABLE wallet_payout (
    merchant_id BIGINT NOT NULL,
    request_id BIGINT NOT NULL,
    recharge_id BIGINT NOT NULL,
    amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
    PRIMARY KEY (merchant_id, request_id, recharge_id)
); -- lean
CREATE INDEX wallet_payout_by_recharge ON wallet_payout (merchant_id, recharge_id);

CREATE TABLE wallet_merge (
    merchant_id BIGINT NOT NULL,
    merge_id BIGINT NOT NULL,
    row_id BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, merge_id, row_id)
); -- lean

CREATE TABLE wallet_card_batch (
    merchant_id BIGINT NOT NULL,
    batch_id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    value_fen BIGINT NOT NULL CHECK (value_fen > 0),
    is_sold BIGINT NOT NULL CHECK (is_sold IN (0, 1)),
    gift_days BIGINT NOT NULL CHECK (gift_days >= 0),
    cards BIGINT NOT NULL CHECK (cards > 0),
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, batch_id)
); -- lean

CREATE TABLE wallet_card (
    merchant_id BIGINT NOT NULL,
    card_id BIGINT NOT NULL,
    batch_id BIGINT NOT NULL,
    number BIGINT NOT NULL CHECK (number > 0),
    code_mac BYTEA NOT NULL,
    code_sealed BYTEA NOT NULL,
    status TEXT NOT NULL,
    seq BIGINT NOT NULL CHECK (seq > 0),
    value_fen BIGINT NOT NULL CHECK (value_fen > 0),
    paid_fen BIGINT NOT NULL,
    tender TEXT NOT NULL,
    gift_days BIGINT NOT NULL CHECK (gift_days >= 0),
    shop_id BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    redeemed_by BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, card_id),
    CHECK (paid_fen >= 0 AND paid_fen <= value_fen),
    CHECK (status <> 'redeemed' OR redeemed_by <> 0)
); -- lean
CREATE UNIQUE INDEX wallet_card_by_code ON wallet_card (merchant_id, code_mac);
CREATE UNIQUE INDEX wallet_card_by_batch ON wallet_card (merchant_id, batch_id, number);
CREATE INDEX wallet_card_by_expiry ON wallet_card (merchant_id, expires_at) WHERE status IN ('waiting', 'active');

CREATE TABLE wallet_card_entry (
    merchant_id BIGINT NOT NULL,
    card_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    status TEXT NOT NULL,
    amount_fen BIGINT NOT NULL,
    actor TEXT NOT NULL,
    actor_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, card_id, seq)
); -- lean

CREATE TABLE wallet_device (
    merchant_id BIGINT NOT NULL,
    device_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    public_key BYTEA NOT NULL,
    name TEXT NOT NULL,
    certified_until BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, device_id)
); -- lean
CREATE UNIQUE INDEX wallet_device_by_key ON wallet_device (merchant_id, public_key);
CREATE INDEX wallet_device_by_member ON wallet_device (merchant_id, member_id, device_id);
CREATE INDEX wallet_device_certified ON wallet_device (merchant_id, certified_until);
