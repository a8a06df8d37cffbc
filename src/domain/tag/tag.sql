CREATE TABLE tag (
    merchant_id BIGINT NOT NULL,
    tag_id BIGINT NOT NULL,
    key TEXT NOT NULL,
    name TEXT NOT NULL CHECK (name <> ''),
    group_name TEXT NOT NULL,
    color TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('manual', 'system', 'segment')),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, tag_id)
); -- lean
CREATE UNIQUE INDEX tag_by_key ON tag (merchant_id, key);

CREATE TABLE member_tag (
    merchant_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    tag_id BIGINT NOT NULL,
    source TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, member_id, tag_id)
); -- lean
CREATE INDEX member_tag_by_tag ON member_tag (merchant_id, tag_id, member_id);
ALTER TABLE member_tag ADD CONSTRAINT member_tag_tag FOREIGN KEY (merchant_id, tag_id) REFERENCES tag (merchant_id, tag_id);

CREATE TABLE member_tag_merge (
    merchant_id BIGINT NOT NULL,
    merge_id BIGINT NOT NULL,
    tag_id BIGINT NOT NULL,
    source TEXT NOT NULL,
    is_added BIGINT NOT NULL CHECK (is_added IN (0, 1)),
    PRIMARY KEY (merchant_id, merge_id, tag_id)
); -- lean
