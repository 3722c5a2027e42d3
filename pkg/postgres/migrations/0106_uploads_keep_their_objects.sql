-- +goose Up
-- What is stored is not given up while a version lies in it, and an object is nobody else's: what is given up is removed.
-- +goose StatementBegin
CREATE FUNCTION upload_keeps_what_is_stored() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.id <> OLD.id OR NEW.object <> OLD.object THEN
        RAISE EXCEPTION 'upload % keeps its object', OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.state = 'stored' AND NEW.state <> 'stored'
        AND EXISTS (SELECT FROM version v WHERE v.upload = OLD.id AND v.destroyed_at IS NULL) THEN
        RAISE EXCEPTION 'upload % holds a version', OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER upload_keeps_what_is_stored BEFORE UPDATE ON upload FOR EACH ROW
    EXECUTE FUNCTION upload_keeps_what_is_stored();
ALTER TABLE upload ENABLE ALWAYS TRIGGER upload_keeps_what_is_stored;

REVOKE UPDATE ON upload FROM chancery_app;
GRANT UPDATE (state, heartbeat_at, removed_at) ON upload TO chancery_app;

-- A build of before removes whatever a row names.
UPDATE schema_bears SET oldest = 106;

-- +goose Down
GRANT UPDATE ON upload TO chancery_app;
DROP TRIGGER upload_keeps_what_is_stored ON upload;
DROP FUNCTION upload_keeps_what_is_stored;
UPDATE schema_bears SET oldest = 105;
