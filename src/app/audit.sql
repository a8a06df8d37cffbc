-- Audit trail: append-only. before/after hold what changed, without secrets, personal data masked.
CREATE TABLE audit (
    merchant_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    actor_id BIGINT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    subject_id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    reason TEXT NOT NULL,
    request_id TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    PRIMARY KEY (merchant_id, id)
); -- lean
CREATE INDEX audit_subject ON audit (merchant_id, subject, subject_id, id);
CREATE INDEX audit_actor ON audit (merchant_id, actor, actor_id, id);
