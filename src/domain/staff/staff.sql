CREATE TABLE staff_role (
    merchant_id BIGINT NOT NULL,
    role TEXT NOT NULL CHECK (role <> ''),
    name TEXT NOT NULL,
    may_all BIGINT NOT NULL CHECK (may_all IN (0, 1)),
    is_preset BIGINT NOT NULL CHECK (is_preset IN (0, 1)),
    permissions TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, role)
); -- lean

CREATE TABLE staff (
    merchant_id BIGINT NOT NULL,
    staff_id BIGINT NOT NULL,
    login TEXT NOT NULL CHECK (login <> ''),
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('active', 'locked', 'left')),
    shop_ids TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    totp_sealed BYTEA NOT NULL,
    totp_pending BYTEA NOT NULL,
    totp_step BIGINT NOT NULL,
    last_login_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (merchant_id, staff_id)
); -- lean
CREATE UNIQUE INDEX staff_by_login ON staff (merchant_id, login);
CREATE INDEX staff_by_role ON staff (merchant_id, role, staff_id);
ALTER TABLE staff ADD CONSTRAINT staff_of_role FOREIGN KEY (merchant_id, role)
    REFERENCES staff_role (merchant_id, role);

CREATE TABLE staff_recovery (
    merchant_id BIGINT NOT NULL,
    staff_id BIGINT NOT NULL,
    code_mac BYTEA NOT NULL,
    PRIMARY KEY (merchant_id, staff_id, code_mac)
); -- lean
