-- +goose Up
-- A request for a version that corrects, made of one for the version before: those who decided on that are asked whether
-- theirs serves this version too.
ALTER TABLE access_request ADD COLUMN carries text REFERENCES access_request (id);

-- +goose Down
ALTER TABLE access_request DROP COLUMN carries;
