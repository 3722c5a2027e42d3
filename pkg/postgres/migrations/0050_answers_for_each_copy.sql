-- +goose Up
-- A holder says of each copy number what became of it, and may correct that; the entries keep what was said before.
CREATE TABLE copy_answer (
    notice           text NOT NULL REFERENCES notice (id),
    copy_number      text NOT NULL,
    by_person        text NOT NULL REFERENCES person (id),
    at               timestamptz NOT NULL,
    disposition      text NOT NULL CONSTRAINT copy_disposition_known CHECK (disposition IN ('returned', 'destroyed', 'kept')),
    statement_sealed bytea,
    entry            text NOT NULL,
    PRIMARY KEY (notice, copy_number)
);
GRANT SELECT, INSERT, UPDATE ON copy_answer TO chancery_app;
GRANT UPDATE ON acknowledgement TO chancery_app;

-- +goose Down
REVOKE UPDATE ON acknowledgement FROM chancery_app;
DROP TABLE copy_answer;
