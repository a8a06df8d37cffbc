CREATE TABLE points_entry (
    merchant_id BIGINT NOT NULL,
    member_id BIGINT NOT NULL,
    rate REAL NOT NULL, -- !schema
    note TEXT, -- !schema
    at BIGINT NOT NULL DEFAULT now(), -- !schema
    PRIMARY KEY (member_id, at), -- !schema
    UNIQUE (merchant_id, at),
    FOREIGN KEY (member_id) REFERENCES member (member_id) -- !schema
);
CREATE UNIQUE INDEX points_by_at ON points_entry (at); -- !schema
