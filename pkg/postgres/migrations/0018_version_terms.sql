-- +goose Up
-- What a version is, and of which document, once more and sealed: a version moved to another document, another digest or
-- type, a closed version opened again are noticed. Versions written before have no seal, and are not handed out.
ALTER TABLE version ADD COLUMN terms_sealed bytea;
GRANT UPDATE (terms_sealed) ON version TO chancery_app;

-- +goose Down
ALTER TABLE version DROP COLUMN terms_sealed;
