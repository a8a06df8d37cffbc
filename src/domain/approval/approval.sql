CREATE TABLE approval (
    merchant_id BIGINT NOT NULL,
    approval_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    subject_id BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    content TEXT NOT NULL,
    reason TEXT NOT NULL,
    status TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_by_id BIGINT NOT NULL,
    decided_by_id BIGINT NOT NULL,
    decided_reason TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    decided_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, approval_id),
    CHECK (status <> 'approved' OR asked_by <> 'staff' OR decided_by_id <> asked_by_id)
); -- lean
CREATE UNIQUE INDEX approval_waiting ON approval (merchant_id, kind, subject_id) WHERE status = 'waiting';
CREATE INDEX approval_by_subject ON approval (merchant_id, subject_id, approval_id);
CREATE INDEX approval_by_expiry ON approval (merchant_id, expires_at) WHERE status = 'waiting';
