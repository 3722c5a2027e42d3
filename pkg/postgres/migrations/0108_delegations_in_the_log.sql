-- +goose Up
-- What the log says of Delegations is read whenever the Arrangement's own records changed.
CREATE INDEX log_delegations ON log_entry (at)
    WHERE kind IN ('configuration', 'delegation', 'mandate', 'mandate-ended');

-- +goose Down
DROP INDEX log_delegations;
