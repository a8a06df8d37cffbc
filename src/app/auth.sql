-- Who may ask. Secrets are kept as SHA-256 of the whole token; API keys also sealed, for signed requests need the secret itself.
CREATE TABLE session (
    merchant_id BIGINT NOT NULL,
    session_id BIGINT NOT NULL,
    staff_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    token_hash BYTEA NOT NULL,
    grants TEXT NOT NULL,
    device TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, session_id),
    CONSTRAINT session_of_one CHECK ((staff_id = 0 AND member_id <> 0) OR (staff_id <> 0 AND member_id = 0))
); -- lean
CREATE INDEX session_by_actor ON session (merchant_id, staff_id, member_id, session_id);
CREATE INDEX session_by_expiry ON session (merchant_id, expires_at);

CREATE TABLE api_key (
    merchant_id BIGINT NOT NULL,
    key_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    who TEXT NOT NULL,
    shop_id BIGINT NOT NULL,
    staff_id BIGINT NOT NULL,
    token_hash BYTEA NOT NULL,
    sealed_secret BYTEA NOT NULL,
    grants TEXT NOT NULL,
    must_sign BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, key_id),
    CONSTRAINT api_key_who CHECK (who IN ('pos', 'partner'))
); -- lean
CREATE INDEX api_key_by_name ON api_key (merchant_id, name, key_id);
CREATE INDEX api_key_by_staff ON api_key (merchant_id, staff_id, key_id);

-- Nonces of signed requests, for ten minutes.
CREATE TABLE key_nonce (
    merchant_id BIGINT NOT NULL,
    key_id BIGINT NOT NULL,
    nonce_hash BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, key_id, nonce_hash)
); -- lean
CREATE INDEX key_nonce_by_expiry ON key_nonce (merchant_id, expires_at);

-- System table: which merchant a login name belongs to.
CREATE TABLE login (
    login TEXT NOT NULL,
    merchant_id BIGINT NOT NULL,
    PRIMARY KEY (login)
);
