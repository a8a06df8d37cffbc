-- System table: which key file belongs to this database, so that a wrong one is told at once and not by members nobody finds.
CREATE TABLE key_print (
    id BIGINT NOT NULL,
    print TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    CHECK (id = 1)
);
