-- Who has it: what a till asks a thousand times a minute. A narrow row, so that many stand on a page. The kind is part of the mac.
CREATE TABLE identity_owner (
    merchant_id BIGINT NOT NULL,
    mac BYTEA NOT NULL,
    member_id BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, mac)
); -- lean

-- Living identities only, by member; what was bound, moved or taken away stands in identity_entry.
CREATE TABLE identity (
    merchant_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    identity_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    mac BYTEA NOT NULL,
    provider TEXT NOT NULL,
    app TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    tail_mac BYTEA NOT NULL,
    is_main BIGINT NOT NULL CHECK (is_main IN (0, 1)),
    verified_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, member_id, identity_id)
); -- lean
CREATE INDEX identity_by_tail ON identity (merchant_id, tail_mac, member_id) WHERE kind = 'phone';

CREATE TABLE identity_entry (
    merchant_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    entry_id BIGINT NOT NULL,
    identity_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    action TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    merge_id BIGINT NOT NULL,
    actor TEXT NOT NULL,
    actor_id BIGINT NOT NULL,
    reason TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, member_id, entry_id)
); -- lean

CREATE TABLE identity_code (
    merchant_id BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    mac BYTEA NOT NULL,
    code_mac BYTEA NOT NULL,
    sent_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    tries BIGINT NOT NULL CHECK (tries >= 0),
    used_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, purpose, mac)
); -- lean
CREATE INDEX identity_code_by_time ON identity_code (merchant_id, expires_at);
