-- +goose Up
-- Who is a machine client, as the last token said (decision 0480). A build of before goes on beside it: whom it meets
-- is taken for a person until this build sees a token of theirs.
ALTER TABLE person ADD COLUMN machine boolean NOT NULL DEFAULT false;

-- +goose Down
ALTER TABLE person DROP COLUMN machine;
