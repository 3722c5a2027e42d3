-- +goose Up
-- What auditors filter by, beside the bytes that say it. These columns are conveniences of the reader: nothing is proven by
-- them, and `chanceryd log check` holds them against the bodies.
ALTER TABLE log_entry
    ADD COLUMN organisation text   NOT NULL DEFAULT '',
    ADD COLUMN document     text   NOT NULL DEFAULT '',
    ADD COLUMN outcome      text   NOT NULL DEFAULT '',
    ADD COLUMN paragraphs   text[] NOT NULL DEFAULT '{}';
CREATE INDEX log_entry_by_document ON log_entry (document) WHERE document <> '';

-- The notes by which an old key of the log named a new one, in their order.
CREATE TABLE log_rotation (
    id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    note bytea NOT NULL CONSTRAINT log_rotation_is_made_once UNIQUE
        CONSTRAINT log_rotation_note_is_bounded CHECK (octet_length(note) BETWEEN 1 AND 16384)
);
CREATE TRIGGER log_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log_rotation
    FOR EACH STATEMENT EXECUTE FUNCTION log_is_append_only();
ALTER TABLE log_rotation ENABLE ALWAYS TRIGGER log_is_append_only;
GRANT SELECT ON log_rotation TO chancery_app, chancery_sequencer, chancery_auditor;
GRANT INSERT ON log_rotation TO chancery_sequencer;

-- How much of the log was published in the object store, so that an older bucket that was put back is found at the start.
CREATE TABLE log_published (
    one  boolean     NOT NULL DEFAULT true CONSTRAINT log_published_is_one_row PRIMARY KEY,
    size bigint      NOT NULL,
    at   timestamptz NOT NULL,
    CONSTRAINT log_published_is_true CHECK (one)
);
GRANT SELECT ON log_published TO chancery_app, chancery_auditor;
GRANT SELECT, INSERT, UPDATE ON log_published TO chancery_sequencer;
