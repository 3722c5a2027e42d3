-- +goose Up
-- What an entry says, for those who look for entries by a person or a request: read off the bytes that were hashed, so
-- that there is nothing beside them to be held against them.
CREATE FUNCTION log_said(body bytea) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN convert_from(body, 'UTF8')::jsonb;
CREATE INDEX log_entry_by_actor ON log_entry ((log_said(body) ->> 'actor'));
CREATE INDEX log_entry_by_request ON log_entry ((log_said(body) ->> 'request'))
    WHERE (log_said(body) ->> 'request') IS NOT NULL;

-- +goose Down
DROP INDEX log_entry_by_request;
DROP INDEX log_entry_by_actor;
DROP FUNCTION log_said(bytea);
