-- +goose Up
-- A file that came with its marking before the rest of its deposit. Nobody but who sent it knows of it, and a day later
-- it is gone: its row, with the only key there is, and then its object.
ALTER TABLE upload DROP CONSTRAINT upload_state_known;
ALTER TABLE upload ADD CONSTRAINT upload_state_known CHECK (state IN ('open', 'staged', 'stored', 'abandoned'));
CREATE TABLE staged (
    id             text PRIMARY KEY,
    upload         text NOT NULL REFERENCES upload (id) CONSTRAINT staged_of_one_upload UNIQUE,
    organisation   text NOT NULL REFERENCES organisation (id),
    person         text NOT NULL REFERENCES person (id),
    wrapped_key    bytea NOT NULL,
    found_sealed   bytea NOT NULL,
    preview_sealed bytea,
    staged_at      timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL CONSTRAINT staged_for_a_while CHECK (expires_at > staged_at)
);
CREATE INDEX staged_of_a_person ON staged (person, id);
CREATE INDEX staged_to_sweep ON staged (expires_at);
GRANT SELECT, INSERT, DELETE ON staged TO chancery_app;

-- +goose Down
DROP TABLE staged;
ALTER TABLE upload DROP CONSTRAINT upload_state_known;
ALTER TABLE upload ADD CONSTRAINT upload_state_known CHECK (state IN ('open', 'stored', 'abandoned'));
