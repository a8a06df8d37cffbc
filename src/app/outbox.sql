-- Waiting deliveries: one row per listening handler, written with the fact, deleted with its effect.
CREATE TABLE outbox (
    merchant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    handler TEXT NOT NULL,
    event TEXT NOT NULL,
    subject_id BIGINT NOT NULL,
    payload TEXT NOT NULL,
    tries BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    problem TEXT NOT NULL,
    PRIMARY KEY (merchant_id, id),
    CHECK (tries >= 0)
); -- lean

-- Deliveries that were refused OUTBOX_TRIES_MAX times: kept until somebody tries them again or drops them.
CREATE TABLE dead_letter (
    merchant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    handler TEXT NOT NULL,
    event TEXT NOT NULL,
    subject_id BIGINT NOT NULL,
    payload TEXT NOT NULL,
    tries BIGINT NOT NULL,
    died_at BIGINT NOT NULL,
    problem TEXT NOT NULL,
    PRIMARY KEY (merchant_id, id)
);
