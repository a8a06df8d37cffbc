-- System table: the merchants of this server.
CREATE TABLE merchant (
    merchant_id BIGINT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    zone TEXT NOT NULL,
    currency TEXT NOT NULL,
    lang TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id)
);
CREATE UNIQUE INDEX merchant_by_code ON merchant (code);
