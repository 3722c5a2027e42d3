-- +goose Up
-- When a request lapses, and that it ended, is sealed. One that was made before has no such seal until it changes: it
-- lapses no later than the log lets it (decision 0483).
ALTER TABLE access_request ADD COLUMN ends_sealed bytea;
REVOKE UPDATE ON access_request FROM chancery_app;
GRANT UPDATE (lapses_at, withdrawn_at, closed, revision, ends_sealed) ON access_request TO chancery_app;

-- What the log says of the end of a request, and of the messages on it.
CREATE INDEX log_request_ends ON log_entry ((log_said(body) ->> 'request'))
    WHERE kind IN ('lapse', 'expiry', 'withdrawal');
CREATE INDEX log_request_messages ON log_entry ((log_said(body) ->> 'request')) WHERE kind = 'message';

-- A build of before would move what is sealed, and this one would take it for altered.
UPDATE schema_bears SET oldest = 107;

-- +goose Down
GRANT UPDATE ON access_request TO chancery_app;
DROP INDEX log_request_messages;
DROP INDEX log_request_ends;
ALTER TABLE access_request DROP COLUMN ends_sealed;
UPDATE schema_bears SET oldest = 106;
