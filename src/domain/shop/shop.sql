CREATE TABLE shop (
    merchant_id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL CHECK (name <> ''),
    status TEXT NOT NULL CHECK (status IN ('open', 'paused', 'closed')),
    zone TEXT NOT NULL,
    phone TEXT NOT NULL,
    region TEXT NOT NULL,
    address TEXT NOT NULL,
    till_count BIGINT NOT NULL CHECK (till_count >= 0),
    hours TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, shop_id)
); -- lean
CREATE UNIQUE INDEX shop_by_code ON shop (merchant_id, code);

CREATE TABLE shop_group (
    merchant_id BIGINT NOT NULL,
    group_id BIGINT NOT NULL,
    name TEXT NOT NULL CHECK (name <> ''),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, group_id)
); -- lean
CREATE UNIQUE INDEX shop_group_by_name ON shop_group (merchant_id, name);

CREATE TABLE shop_group_shop (
    merchant_id BIGINT NOT NULL,
    group_id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, group_id, shop_id)
); -- lean
ALTER TABLE shop_group_shop ADD CONSTRAINT shop_group_shop_group FOREIGN KEY (merchant_id, group_id) REFERENCES shop_group (merchant_id, group_id);
ALTER TABLE shop_group_shop ADD CONSTRAINT shop_group_shop_shop FOREIGN KEY (merchant_id, shop_id) REFERENCES shop (merchant_id, shop_id);
