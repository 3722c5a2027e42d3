-- +goose Up
-- The PostgreSQL cluster that the log was last served from, by the identifier that initdb gave it. A dump that is put back
-- brings this row along into a cluster of another identifier; a standby that takes over is of the same.
CREATE TABLE log_home (
    one     boolean     NOT NULL DEFAULT true,
    cluster text        NOT NULL,
    at      timestamptz NOT NULL,
    CONSTRAINT log_home_is_one_row PRIMARY KEY (one),
    CONSTRAINT log_home_is_true CHECK (one)
);
GRANT SELECT, INSERT, UPDATE ON log_home TO chancery_sequencer;
