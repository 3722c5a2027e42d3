-- +goose Up
-- Series of documents of one Discloser, and the authorizations that stand for them between the Parties (reading 0111).
-- What is said of each lies sealed in one piece; the columns are for finding it, and are held against the seal.
CREATE TABLE series (
    id          text PRIMARY KEY,
    discloser   text NOT NULL REFERENCES organisation (id),
    recipient   text NOT NULL REFERENCES organisation (id),
    entities    text[] NOT NULL,
    opened_by   text NOT NULL REFERENCES person (id),
    opened_at   timestamptz NOT NULL,
    said_sealed bytea NOT NULL,
    entry       text NOT NULL,
    entry_hash  text NOT NULL,
    CONSTRAINT series_between_two CHECK (discloser <> recipient)
);
CREATE INDEX series_by_discloser ON series (discloser, opened_at, id);

CREATE TABLE standing_authorization (
    id                         text PRIMARY KEY,
    series                     text NOT NULL REFERENCES series (id),
    by_person                  text NOT NULL REFERENCES person (id),
    by_org                     text NOT NULL REFERENCES organisation (id),
    at                         timestamptz NOT NULL,
    until                      timestamptz NOT NULL,
    said_sealed                bytea NOT NULL,
    entry                      text NOT NULL,
    entry_hash                 text NOT NULL,
    withdrawn_at               timestamptz,
    withdrawn_by               text REFERENCES person (id),
    withdrawn_statement_sealed bytea,
    withdrawn_entry            text,
    CONSTRAINT standing_authorization_ends_after_it_begins CHECK (at < until)
);
CREATE INDEX standing_authorization_of_series ON standing_authorization (series, at, id);
CREATE INDEX log_series_withdrawals ON log_entry (id) WHERE kind = 'series-withdrawal';

ALTER TABLE document ADD COLUMN series text REFERENCES series (id);
CREATE INDEX document_of_series ON document (series) WHERE series IS NOT NULL;
-- A decision that is a standing one, as it serves one request.
ALTER TABLE decision ADD COLUMN series text REFERENCES series (id), ADD COLUMN standing text REFERENCES standing_authorization (id),
    ADD COLUMN markings text[],
    ADD CONSTRAINT art4_8_nothing_stands_for_a_consent CHECK (standing IS NULL OR (series IS NOT NULL AND kind = 'authorization' AND given));
CREATE INDEX decision_by_standing ON decision (standing) WHERE standing IS NOT NULL;
ALTER TABLE withdrawal ALTER COLUMN statement_sealed DROP NOT NULL;

GRANT SELECT, INSERT ON series, standing_authorization TO chancery_app;
GRANT UPDATE (withdrawn_at, withdrawn_by, withdrawn_statement_sealed, withdrawn_entry) ON standing_authorization TO chancery_app;

-- +goose Down
DROP INDEX decision_by_standing;
ALTER TABLE decision DROP COLUMN series, DROP COLUMN standing, DROP COLUMN markings;
DROP INDEX document_of_series;
ALTER TABLE document DROP COLUMN series;
DROP INDEX log_series_withdrawals;
DROP TABLE standing_authorization;
DROP TABLE series;
