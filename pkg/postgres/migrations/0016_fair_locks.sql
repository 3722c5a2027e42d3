-- +goose Up
-- Whoever changes the records waits for those who share the Arrangement, and stands in one queue with them: the lock is on
-- its name, which the gateway takes as well. On the row, those who share it would pass whoever waits for it alone.

-- +goose StatementBegin
CREATE OR REPLACE FUNCTION records_have_a_new_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('arrangement', 0));
    UPDATE arrangement SET revision = gen_random_uuid();
    RETURN NULL;
END
$$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION records_have_a_new_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE arrangement SET revision = gen_random_uuid();
    RETURN NULL;
END
$$;
-- +goose StatementEnd
