-- +goose Up
-- A recall and an amendment take decisions back as a withdrawal does: whether one of them names a decision is asked
-- before anything rests on it.
CREATE INDEX log_what_takes_back ON log_entry (document) WHERE kind IN ('withdrawal', 'recall', 'amendment');
DROP INDEX log_withdrawals_by_document;

-- +goose Down
CREATE INDEX log_withdrawals_by_document ON log_entry (document) WHERE kind = 'withdrawal';
DROP INDEX log_what_takes_back;
