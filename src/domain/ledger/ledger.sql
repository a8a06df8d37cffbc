CREATE TABLE ledger_account (
    merchant_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    has_lots BIGINT NOT NULL CHECK (has_lots IN (0, 1)),
    balance BIGINT NOT NULL CHECK (balance >= 0),
    debt BIGINT NOT NULL CHECK (debt >= 0),
    reserved BIGINT NOT NULL CHECK (reserved >= 0),
    pending BIGINT NOT NULL CHECK (pending >= 0),
    entry_count BIGINT NOT NULL CHECK (entry_count >= 0),
    head BYTEA NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, member_id, kind)
); -- lean

CREATE TABLE ledger_entry (
    merchant_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    seq BIGINT NOT NULL CHECK (seq > 0),
    delta BIGINT NOT NULL,
    delta_debt BIGINT NOT NULL,
    balance_after BIGINT NOT NULL CHECK (balance_after >= 0),
    source TEXT NOT NULL,
    source_id BIGINT NOT NULL,
    actor TEXT NOT NULL,
    actor_id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    lot_at BIGINT NOT NULL CHECK (lot_at >= 0),
    detail TEXT NOT NULL,
    reason TEXT NOT NULL,
    link BYTEA NOT NULL,
    PRIMARY KEY (merchant_id, member_id, kind, seq)
); -- lean
CREATE UNIQUE INDEX ledger_entry_source ON ledger_entry (merchant_id, source_id, kind, source, member_id);
CREATE INDEX ledger_entry_expired ON ledger_entry (merchant_id, kind, member_id) WHERE source = 'expire';

CREATE TABLE ledger_part (
    merchant_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    seq BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount <> 0),
    back_amount BIGINT NOT NULL CHECK (back_amount >= 0 AND (back_amount = 0 OR back_amount <= 0 - amount)),
    PRIMARY KEY (merchant_id, member_id, kind, seq, expires_at)
); -- lean

CREATE TABLE ledger_lot (
    merchant_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    expires_at BIGINT NOT NULL CHECK (expires_at > 0),
    given_amount BIGINT NOT NULL,
    left_amount BIGINT NOT NULL CHECK (left_amount >= 0 AND left_amount <= given_amount),
    first_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, member_id, kind, expires_at)
); -- lean
CREATE INDEX ledger_lot_due ON ledger_lot (merchant_id, kind, expires_at, member_id)
    WHERE left_amount > 0 AND expires_at < 9223372036854775807;

CREATE TABLE ledger_hold (
    merchant_id BIGINT NOT NULL,
    source_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    source TEXT NOT NULL,
    member_id BIGINT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount > 0),
    taken_amount BIGINT NOT NULL CHECK (taken_amount >= 0 AND taken_amount <= amount),
    state TEXT NOT NULL CHECK (state IN ('reserved', 'consumed', 'released', 'pending', 'matured', 'cancelled')),
    due_at BIGINT NOT NULL,
    at BIGINT NOT NULL,
    entry_member_id BIGINT NOT NULL,
    entry_seq BIGINT NOT NULL,
    merge_id BIGINT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (merchant_id, source_id, kind, source, member_id)
); -- lean
CREATE INDEX ledger_hold_due ON ledger_hold (merchant_id, kind, due_at) WHERE state IN ('reserved', 'pending');
CREATE INDEX ledger_hold_open ON ledger_hold (merchant_id, member_id, kind) WHERE state IN ('reserved', 'pending');
