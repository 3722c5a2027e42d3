-- +goose Up
-- What an area of cooperation is called in French, by the Arrangement file; empty where that says nothing.
ALTER TABLE purpose ADD COLUMN label_fr text NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE purpose DROP COLUMN label_fr;
