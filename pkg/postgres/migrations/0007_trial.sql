-- +goose Up
-- What was told at deposit, and need not be found out at the first reading.
ALTER TABLE version
    ADD COLUMN unmarkable text NOT NULL DEFAULT '', -- why no marked copy can be made; empty: one can, or it was not tried
    ADD COLUMN malware text NOT NULL DEFAULT 'not-inspected' CONSTRAINT malware_verdict_known CHECK (malware IN ('clean', 'not-inspected'));

-- +goose Down
ALTER TABLE version DROP COLUMN unmarkable, DROP COLUMN malware;
