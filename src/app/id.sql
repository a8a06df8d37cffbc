-- System table: node numbers of id.c. high_ms is the newest instant that an id of this node may carry.
CREATE TABLE node (
    node BIGINT NOT NULL,
    holder BIGINT NOT NULL,
    lease_until BIGINT NOT NULL,
    high_ms BIGINT NOT NULL,
    PRIMARY KEY (node),
    CHECK (node BETWEEN 1 AND 1023)
);
