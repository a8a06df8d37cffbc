CREATE TABLE lockout (
    merchant_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    key_mac BYTEA NOT NULL,
    tries BIGINT NOT NULL CHECK (tries > 0),
    tried_at BIGINT NOT NULL,
    wait_until BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, name, key_mac)
); -- lean
CREATE INDEX lockout_by_time ON lockout (merchant_id, tried_at);
