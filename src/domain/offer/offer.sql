CREATE TABLE offer (
    merchant_id BIGINT NOT NULL,
    offer_id BIGINT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('draft', 'active', 'paused', 'ended')),
    name TEXT NOT NULL,
    rule TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, offer_id)
); -- lean
CREATE INDEX offer_by_status ON offer (merchant_id, status, offer_id);

CREATE TABLE offer_book (
    merchant_id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    active_count BIGINT NOT NULL,
    PRIMARY KEY (merchant_id)
); -- lean
