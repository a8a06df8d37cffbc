CREATE TABLE consent_text (
    merchant_id BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, purpose, version)
); -- lean

CREATE TABLE consent (
    merchant_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    is_granted BIGINT NOT NULL CHECK (is_granted IN (0, 1)),
    version BIGINT NOT NULL,
    granted_at BIGINT NOT NULL,
    withdrawn_at BIGINT NOT NULL,
    channel TEXT NOT NULL,
    PRIMARY KEY (merchant_id, member_id, purpose)
); -- lean

CREATE TABLE consent_entry (
    merchant_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    entry_id BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    is_granted BIGINT NOT NULL CHECK (is_granted IN (0, 1)),
    version BIGINT NOT NULL,
    channel TEXT NOT NULL,
    actor TEXT NOT NULL,
    actor_id BIGINT NOT NULL,
    merge_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, member_id, entry_id)
); -- lean
