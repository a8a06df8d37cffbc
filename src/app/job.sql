-- System table: the due list. One row per merchant and job; next_at says when to look at it, due_at for which instant
-- it runs (they differ while a refused run waits for its next try). The rows 'outbox' and 'outbox.far' are the turns of
-- delivering a merchant's events.
CREATE TABLE due (
    merchant_id BIGINT NOT NULL,
    job TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    lease_node BIGINT NOT NULL,
    tries BIGINT NOT NULL,
    ran_at BIGINT NOT NULL,
    problem TEXT NOT NULL,
    PRIMARY KEY (merchant_id, job)
);
CREATE INDEX due_next ON due (next_at);
