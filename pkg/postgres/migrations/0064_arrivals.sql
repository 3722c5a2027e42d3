-- +goose Up
-- A file that is staged over a line that breaks: what has come of it lies in pieces, each an upload of its own under a
-- key of its own, until it is whole and becomes a staged file. Of a day later nothing is left.
CREATE TABLE arrival (
    id           text PRIMARY KEY,
    organisation text NOT NULL REFERENCES organisation (id),
    person       text NOT NULL REFERENCES person (id),
    said_sealed  bytea NOT NULL,
    size         bigint NOT NULL CONSTRAINT arrival_of_some_bytes CHECK (size > 0),
    arrived      bigint NOT NULL CONSTRAINT arrival_within_its_size CHECK (arrived >= 0 AND arrived < size),
    upload       text CONSTRAINT arrival_written_by_one REFERENCES upload (id),
    begun_at     timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL CONSTRAINT arrival_for_a_while CHECK (expires_at > begun_at)
);
CREATE INDEX arrival_of_a_person ON arrival (person, id);
CREATE INDEX arrival_to_sweep ON arrival (expires_at);
CREATE TABLE arrival_piece (
    arrival     text NOT NULL REFERENCES arrival (id) ON DELETE CASCADE,
    at          bigint NOT NULL CONSTRAINT piece_within_its_file CHECK (at >= 0),
    size        bigint NOT NULL CONSTRAINT piece_of_some_bytes CHECK (size > 0),
    upload      text NOT NULL REFERENCES upload (id) CONSTRAINT piece_of_one_upload UNIQUE,
    wrapped_key bytea NOT NULL,
    CONSTRAINT piece_at_one_place PRIMARY KEY (arrival, at)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON arrival TO chancery_app;
GRANT SELECT, INSERT, DELETE ON arrival_piece TO chancery_app;

-- +goose Down
DROP TABLE arrival_piece;
DROP TABLE arrival;
