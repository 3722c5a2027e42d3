-- +goose Up
-- What a marked copy of a version does not keep, or does not mark, as a precheck told it at deposit; comma between codes.
ALTER TABLE version ADD COLUMN warnings text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE version DROP COLUMN warnings;
