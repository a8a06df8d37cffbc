CREATE TABLE benefit (
    merchant_id BIGINT NOT NULL,
    benefit_id BIGINT NOT NULL,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    unit TEXT NOT NULL,
    about TEXT NOT NULL,
    is_retired BIGINT NOT NULL CHECK (is_retired IN (0, 1)),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, benefit_id)
); -- lean
CREATE UNIQUE INDEX benefit_by_key ON benefit (merchant_id, key);

CREATE TABLE benefit_term (
    merchant_id BIGINT NOT NULL,
    term_id BIGINT NOT NULL,
    benefit_id BIGINT NOT NULL,
    tag_id BIGINT NOT NULL,
    quota BIGINT NOT NULL CHECK (quota >= 0),
    period TEXT NOT NULL CHECK (period IN ('day', 'week', 'month', 'year', 'membership', 'once')),
    is_ended BIGINT NOT NULL CHECK (is_ended IN (0, 1)),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, term_id)
); -- lean
CREATE UNIQUE INDEX benefit_term_by_tag ON benefit_term (merchant_id, benefit_id, tag_id);

CREATE TABLE benefit_allowance (
    merchant_id BIGINT NOT NULL,
    allowance_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    given_to BIGINT NOT NULL,
    benefit_id BIGINT NOT NULL,
    source TEXT NOT NULL,
    source_id BIGINT NOT NULL,
    starts_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    quota BIGINT NOT NULL,
    used BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, allowance_id),
    CHECK (used >= 0 AND used <= quota)
); -- lean
CREATE UNIQUE INDEX benefit_allowance_by_source
    ON benefit_allowance (merchant_id, source_id, source, given_to, benefit_id, starts_at);
CREATE INDEX benefit_allowance_by_member ON benefit_allowance (merchant_id, member_id, ends_at);

CREATE TABLE benefit_use (
    merchant_id BIGINT NOT NULL,
    use_id BIGINT NOT NULL,
    shop_id BIGINT NOT NULL,
    use_no TEXT NOT NULL,
    benefit_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    count BIGINT NOT NULL CHECK (count > 0),
    at BIGINT NOT NULL,
    undone_at BIGINT NOT NULL,
    undone_by_id BIGINT NOT NULL,
    undo_reason TEXT NOT NULL,
    PRIMARY KEY (merchant_id, use_id)
); -- lean
CREATE UNIQUE INDEX benefit_use_by_no ON benefit_use (merchant_id, shop_id, use_no);
CREATE INDEX benefit_use_by_member ON benefit_use (merchant_id, member_id, use_id);

CREATE TABLE benefit_part (
    merchant_id BIGINT NOT NULL,
    use_id BIGINT NOT NULL,
    allowance_id BIGINT NOT NULL,
    count BIGINT NOT NULL CHECK (count > 0),
    PRIMARY KEY (merchant_id, use_id, allowance_id)
); -- lean
CREATE INDEX benefit_part_by_allowance ON benefit_part (merchant_id, allowance_id);

CREATE TABLE benefit_merge (
    merchant_id BIGINT NOT NULL,
    merge_id BIGINT NOT NULL,
    row_id BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, merge_id, row_id)
); -- lean
