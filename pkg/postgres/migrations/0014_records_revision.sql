-- +goose Up
-- Organisations, purposes, focal points, Delegations and who a subject is change seldom and are looked at by every decision. The Arrangement's
-- row says which state of them it is: whoever changes one gives it another revision in the same transaction, and waits for
-- those who hold the row. A random one, so that a state put back from a backup is never taken for a later one.

ALTER TABLE arrangement
    ADD COLUMN revision uuid NOT NULL DEFAULT gen_random_uuid();

-- +goose StatementBegin
CREATE FUNCTION records_have_a_new_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE arrangement SET revision = gen_random_uuid();
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER records_have_a_new_revision AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON organisation
    FOR EACH STATEMENT EXECUTE FUNCTION records_have_a_new_revision();
CREATE TRIGGER records_have_a_new_revision AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON purpose
    FOR EACH STATEMENT EXECUTE FUNCTION records_have_a_new_revision();
CREATE TRIGGER records_have_a_new_revision AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON specific_arrangement
    FOR EACH STATEMENT EXECUTE FUNCTION records_have_a_new_revision();
CREATE TRIGGER records_have_a_new_revision AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON focal_point
    FOR EACH STATEMENT EXECUTE FUNCTION records_have_a_new_revision();
CREATE TRIGGER records_have_a_new_revision AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON delegation
    FOR EACH STATEMENT EXECUTE FUNCTION records_have_a_new_revision();
CREATE TRIGGER records_have_a_new_revision AFTER UPDATE OF id, organisation, issuer, subject_token OR DELETE OR TRUNCATE ON person
    FOR EACH STATEMENT EXECUTE FUNCTION records_have_a_new_revision();
-- They hold for the owner and for superusers as well, in replication and restores too.
ALTER TABLE organisation ENABLE ALWAYS TRIGGER records_have_a_new_revision;
ALTER TABLE purpose ENABLE ALWAYS TRIGGER records_have_a_new_revision;
ALTER TABLE specific_arrangement ENABLE ALWAYS TRIGGER records_have_a_new_revision;
ALTER TABLE focal_point ENABLE ALWAYS TRIGGER records_have_a_new_revision;
ALTER TABLE person ENABLE ALWAYS TRIGGER records_have_a_new_revision;
ALTER TABLE delegation ENABLE ALWAYS TRIGGER records_have_a_new_revision;

-- +goose Down
DROP TRIGGER records_have_a_new_revision ON organisation;
DROP TRIGGER records_have_a_new_revision ON purpose;
DROP TRIGGER records_have_a_new_revision ON specific_arrangement;
DROP TRIGGER records_have_a_new_revision ON focal_point;
DROP TRIGGER records_have_a_new_revision ON person;
DROP TRIGGER records_have_a_new_revision ON delegation;
DROP FUNCTION records_have_a_new_revision();
ALTER TABLE arrangement DROP COLUMN revision;
