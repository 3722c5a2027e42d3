-- +goose Up
-- The marked copy that one disclosure hands out, sealed in the store until the disclosure is over.
CREATE TABLE copy (
    disclosure       text PRIMARY KEY REFERENCES disclosure (id),
    upload           text NOT NULL REFERENCES upload (id) CONSTRAINT copy_of_one_upload UNIQUE,
    object           text NOT NULL,
    wrapped_key      bytea,
    size             bigint NOT NULL CONSTRAINT copy_is_not_empty CHECK (size > 0),
    sha256           text NOT NULL,
    media_type       text NOT NULL,
    file_name_sealed bytea NOT NULL,
    made_at          timestamptz NOT NULL,
    removed_at       timestamptz,
    entry            text NOT NULL,
    entry_hash       text NOT NULL,
    CONSTRAINT removed_copy_has_no_key CHECK ((removed_at IS NULL) = (wrapped_key IS NOT NULL))
);
CREATE INDEX copy_by_digest ON copy (sha256);
CREATE INDEX copy_to_remove ON copy (made_at) WHERE removed_at IS NULL;

GRANT SELECT, INSERT ON copy TO chancery_app;
GRANT UPDATE (wrapped_key, removed_at) ON copy TO chancery_app;

-- +goose Down
DROP TABLE copy;
