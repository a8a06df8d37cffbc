CREATE TABLE audit (
    merchant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, id)
);
CREATE TABLE forgotten ( -- !owns
    merchant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, id)
);
