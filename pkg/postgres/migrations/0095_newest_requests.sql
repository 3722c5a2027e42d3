-- +goose Up
-- The newest requests of a box are found from the newest on, without reading them all.
CREATE INDEX request_newest ON access_request (made_at, id);

-- +goose Down
DROP INDEX request_newest;
