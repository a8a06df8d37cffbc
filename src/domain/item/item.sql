CREATE TABLE item (
    merchant_id BIGINT NOT NULL,
    item_id BIGINT NOT NULL,
    sku TEXT NOT NULL,
    name TEXT NOT NULL,
    search_text TEXT NOT NULL,
    category_id BIGINT NOT NULL,
    brand_id BIGINT NOT NULL,
    unit TEXT NOT NULL,
    price_fen BIGINT NOT NULL CHECK (price_fen >= 0),
    member_price_fen BIGINT NOT NULL CHECK (member_price_fen >= 0),
    points_bonus BIGINT NOT NULL CHECK (points_bonus >= 0),
    no_discount BIGINT NOT NULL,
    floor_price_fen BIGINT NOT NULL CHECK (floor_price_fen >= 0),
    most_per_member BIGINT NOT NULL CHECK (most_per_member >= 0),
    only_tags TEXT NOT NULL,
    status TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, item_id)
); -- lean
CREATE UNIQUE INDEX item_by_sku ON item (merchant_id, sku);
CREATE INDEX item_by_category ON item (merchant_id, category_id, item_id);
CREATE INDEX item_by_update ON item (merchant_id, updated_at, item_id);

CREATE TABLE item_barcode (
    merchant_id BIGINT NOT NULL,
    barcode TEXT NOT NULL,
    item_id BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, barcode)
); -- lean
CREATE INDEX item_barcode_by_item ON item_barcode (merchant_id, item_id);
ALTER TABLE item_barcode ADD CONSTRAINT item_barcode_item FOREIGN KEY (merchant_id, item_id) REFERENCES item (merchant_id, item_id);

CREATE TABLE item_category (
    merchant_id BIGINT NOT NULL,
    category_id BIGINT NOT NULL,
    parent_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, category_id)
); -- lean
CREATE UNIQUE INDEX item_category_by_name ON item_category (merchant_id, parent_id, name);

CREATE TABLE item_brand (
    merchant_id BIGINT NOT NULL,
    brand_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (merchant_id, brand_id)
); -- lean
CREATE UNIQUE INDEX item_brand_by_name ON item_brand (merchant_id, name);

CREATE TABLE item_shop_price (
    merchant_id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    item_id BIGINT NOT NULL,
    price_fen BIGINT NOT NULL CHECK (price_fen >= 0),
    PRIMARY KEY (merchant_id, shop_id, item_id)
); -- lean

CREATE TABLE item_stock (
    merchant_id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    item_id BIGINT NOT NULL,
    left_quantity BIGINT NOT NULL CHECK (left_quantity >= 0),
    low_quantity BIGINT NOT NULL CHECK (low_quantity >= 0),
    entry_count BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, shop_id, item_id)
); -- lean

CREATE TABLE item_stock_entry (
    merchant_id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    item_id BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    delta_quantity BIGINT NOT NULL,
    left_after BIGINT NOT NULL CHECK (left_after >= 0),
    source TEXT NOT NULL,
    source_id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, shop_id, item_id, seq)
); -- lean
