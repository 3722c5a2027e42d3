-- +goose Up
-- A receiver that fails is left alone for a while: nothing is sent to a webhook before that.
ALTER TABLE webhook ADD COLUMN rests_until timestamptz;
CREATE INDEX webhook_delivery_next ON webhook_delivery (webhook, due_at, id) WHERE state = 'waiting';

-- +goose Down
DROP INDEX webhook_delivery_next;
ALTER TABLE webhook DROP COLUMN rests_until;
