-- +goose Up
-- What waits for a second person is sealed as a whole: who began it, which act on what, until when (decision 0482).
ALTER TABLE pending ADD COLUMN terms_sealed bytea;

-- What waits has no seal, so nobody could tell whether it was altered: it is begun again.
UPDATE pending SET ended_at = now() WHERE ended_at IS NULL;

-- Whoever writes rows ends what waits, and alters nothing else of it.
REVOKE UPDATE ON pending FROM chancery_app;
GRANT UPDATE (ended_at) ON pending TO chancery_app;

-- Which first halves the log says have served.
CREATE INDEX log_firsts_used ON log_entry USING gin ((log_said(body) #> '{terms,relies}') jsonb_path_ops)
    WHERE outcome = 'permit'
    AND (kind IN ('deposit', 'correction', 'mandate') OR log_said(body) #>> '{terms,step}' = 'second');

-- A build of before would begin what this one takes for altered, and believe what was.
UPDATE schema_bears SET oldest = 105;

-- +goose Down
DROP INDEX log_firsts_used;
GRANT UPDATE ON pending TO chancery_app;
ALTER TABLE pending DROP COLUMN terms_sealed;
UPDATE schema_bears SET oldest = 75;
