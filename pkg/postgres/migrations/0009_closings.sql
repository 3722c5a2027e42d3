-- +goose Up
-- Every disclosure is closed in the log: by its transfers, or by the house when its permit is over and nobody fetched it.
ALTER TABLE disclosure ADD COLUMN closed_at timestamptz;
CREATE INDEX disclosure_to_close ON disclosure (expires_at) WHERE closed_at IS NULL;
CREATE INDEX transfer_by_disclosure ON transfer (disclosure);
GRANT UPDATE (closed_at) ON disclosure TO chancery_app;

-- The salt behind a commitment is sealed with its value from here on. Rows of before keep theirs, and open as they did.
ALTER TABLE log_detail ALTER COLUMN salt DROP NOT NULL;

-- +goose Down
DROP INDEX transfer_by_disclosure;
ALTER TABLE disclosure DROP COLUMN closed_at;
