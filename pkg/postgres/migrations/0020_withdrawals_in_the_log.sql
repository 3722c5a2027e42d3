-- +goose Up
-- Before anything rests on a decision, the log is asked whether it was withdrawn: a row that was deleted is noticed.
CREATE INDEX log_withdrawals_by_document ON log_entry (document) WHERE kind = 'withdrawal';

-- +goose Down
DROP INDEX log_withdrawals_by_document;
