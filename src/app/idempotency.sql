-- Answers of requests that moved value, for three days. The day leads, so that old rows leave as one range and the newest stay close.
CREATE TABLE once (
    merchant_id BIGINT NOT NULL,
    day BIGINT NOT NULL,
    key_hash BYTEA NOT NULL,
    request_hash BYTEA NOT NULL,
    status BIGINT NOT NULL,
    answer TEXT NOT NULL,
    PRIMARY KEY (merchant_id, day, key_hash)
); -- lean
