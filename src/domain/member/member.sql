-- The small hot row: what tills, rules and lists need, in one point read.
CREATE TABLE member_card (
    merchant_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    member_no TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('active', 'frozen', 'merged', 'erased')),
    stage TEXT NOT NULL CHECK (stage IN ('visitor', 'customer', 'member', 'regular', 'sleeping', 'lost')),
    blocked BIGINT NOT NULL CHECK (blocked BETWEEN 0 AND 31),
    tier_id BIGINT NOT NULL,
    tier_name TEXT NOT NULL,
    points BIGINT NOT NULL,
    growth BIGINT NOT NULL,
    orders BIGINT NOT NULL,
    spend_fen BIGINT NOT NULL,
    first_order_at BIGINT NOT NULL,
    last_order_at BIGINT NOT NULL,
    birth_month BIGINT NOT NULL CHECK (birth_month BETWEEN 0 AND 12),
    birth_day BIGINT NOT NULL CHECK (birth_day BETWEEN 0 AND 31),
    birth_is_lunar BIGINT NOT NULL CHECK (birth_is_lunar IN (0, 1)),
    shop_id BIGINT NOT NULL,
    joined_at BIGINT NOT NULL,
    merged_into BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, member_id)
); -- lean
CREATE UNIQUE INDEX member_card_by_no ON member_card (merchant_id, member_no);
CREATE INDEX member_card_by_stage ON member_card (merchant_id, stage, member_id);

CREATE TABLE member (
    merchant_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    gender TEXT NOT NULL CHECK (gender IN ('unknown', 'male', 'female', 'other')),
    birth_year BIGINT NOT NULL,
    region TEXT NOT NULL,
    hobbies TEXT NOT NULL,
    addresses TEXT NOT NULL,
    custom TEXT NOT NULL,
    channel TEXT NOT NULL,
    staff_id BIGINT NOT NULL,
    inviter_id BIGINT NOT NULL,
    completed_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, member_id)
); -- lean
CREATE INDEX member_by_update ON member (merchant_id, updated_at, member_id);
CREATE INDEX member_by_inviter ON member (merchant_id, inviter_id, member_id) WHERE inviter_id > 0;

-- Search forms of a name, as bytes, so that both engines order them alike: full, given name, pinyin, initials.
-- They are made of the name alone, so the name finds them again when they must go.
CREATE TABLE member_word (
    merchant_id BIGINT NOT NULL,
    word BYTEA NOT NULL,
    member_id BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, word, member_id)
); -- lean

CREATE TABLE member_block (
    merchant_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    right_name TEXT NOT NULL,
    right_bit BIGINT NOT NULL CHECK (right_bit IN (1, 2, 4, 8, 16)),
    reason TEXT NOT NULL,
    staff_id BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, member_id, right_name)
); -- lean

CREATE TABLE member_field (
    merchant_id BIGINT NOT NULL,
    field_id BIGINT NOT NULL,
    key TEXT NOT NULL CHECK (key <> ''),
    label TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('text', 'number', 'day', 'choice', 'multi')),
    choices TEXT NOT NULL,
    is_member_edit BIGINT NOT NULL CHECK (is_member_edit IN (0, 1)),
    is_personal BIGINT NOT NULL CHECK (is_personal IN (0, 1)),
    is_active BIGINT NOT NULL CHECK (is_active IN (0, 1)),
    position BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, field_id)
); -- lean
CREATE UNIQUE INDEX member_field_by_key ON member_field (merchant_id, key);

CREATE TABLE member_password (
    merchant_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    hash TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, member_id)
); -- lean

CREATE TABLE member_merge (
    merchant_id BIGINT NOT NULL,
    merge_id BIGINT NOT NULL,
    from_id BIGINT NOT NULL,
    into_id BIGINT NOT NULL,
    reason TEXT NOT NULL,
    staff_id BIGINT NOT NULL,
    moved TEXT NOT NULL,
    filled TEXT NOT NULL,
    from_orders BIGINT NOT NULL,
    from_spend_fen BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    undone_at BIGINT NOT NULL,
    undone_by BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, merge_id),
    CHECK (from_id <> into_id)
); -- lean
CREATE INDEX member_merge_by_into ON member_merge (merchant_id, into_id, merge_id);
CREATE INDEX member_merge_by_from ON member_merge (merchant_id, from_id, merge_id);

-- Where the daily walk over all members' stages stands.
CREATE TABLE member_stage_run (
    merchant_id BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    above_member_id BIGINT NOT NULL,
    changed BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, due_at)
); -- lean
