CREATE TABLE shop (
    merchant_id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (merchant_id, shop_id)
);
