-- +goose Up
-- The row of an upload goes when its object is gone and nothing refers to it. Whoever may delete cannot delete another.
-- +goose StatementBegin
CREATE FUNCTION upload_is_gone_before_its_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'abandoned' OR OLD.removed_at IS NULL THEN
        RAISE EXCEPTION 'upload % may have an object' , OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN OLD;
END $$;
-- +goose StatementEnd
CREATE TRIGGER upload_is_gone_before_its_row BEFORE DELETE ON upload FOR EACH ROW
    EXECUTE FUNCTION upload_is_gone_before_its_row();
GRANT DELETE ON upload TO chancery_app;
-- Of the turns of an arrival and of its pieces: these are found by it.
CREATE INDEX arrival_by_upload ON arrival (upload);
-- What earlier builds left behind.
DELETE FROM upload u WHERE u.state = 'abandoned' AND u.removed_at IS NOT NULL
    AND NOT EXISTS (SELECT FROM version x WHERE x.upload = u.id) AND NOT EXISTS (SELECT FROM copy x WHERE x.upload = u.id)
    AND NOT EXISTS (SELECT FROM copy_job x WHERE x.upload = u.id) AND NOT EXISTS (SELECT FROM staged x WHERE x.upload = u.id)
    AND NOT EXISTS (SELECT FROM arrival x WHERE x.upload = u.id)
    AND NOT EXISTS (SELECT FROM arrival_piece x WHERE x.upload = u.id);

-- +goose Down
DROP INDEX arrival_by_upload;
REVOKE DELETE ON upload FROM chancery_app;
DROP TRIGGER upload_is_gone_before_its_row ON upload;
DROP FUNCTION upload_is_gone_before_its_row;
