-- Windowed counters: how often one key (kept only as HMAC) did something. Rows past until_at are swept by a job.
CREATE TABLE budget (
    merchant_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    key_mac BYTEA NOT NULL,
    until_at BIGINT NOT NULL,
    used BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, name, key_mac),
    CHECK (used >= 1)
); -- lean
CREATE INDEX budget_until ON budget (merchant_id, until_at);
