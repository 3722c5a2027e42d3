-- +goose Up
-- An act that a caller may repeat under the same Idempotency-Key, and what came of it. Kept 48 hours.
CREATE TABLE attempt (
    person      text NOT NULL REFERENCES person (id),
    operation   text NOT NULL,
    key         text NOT NULL,
    fingerprint text NOT NULL,
    result      text NOT NULL,
    at          timestamptz NOT NULL,
    CONSTRAINT one_result_of_a_repeated_act PRIMARY KEY (person, operation, key)
);
CREATE INDEX attempt_to_forget ON attempt (at);

GRANT SELECT, INSERT, DELETE ON attempt TO chancery_app;

-- +goose Down
DROP TABLE attempt;
