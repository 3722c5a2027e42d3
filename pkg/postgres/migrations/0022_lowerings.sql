-- +goose Up
-- A lowering of a document with entities concerned waits under its first half until each of them authorized it
-- (Article 4(4), docs/decisions/0130).
CREATE TABLE lowering (
    pending       text PRIMARY KEY REFERENCES pending (id),
    document      text NOT NULL REFERENCES document (id),
    reason_sealed bytea NOT NULL
);
CREATE INDEX lowering_by_document ON lowering (document);

CREATE TABLE lowering_decision (
    id               text PRIMARY KEY,
    lowering         text NOT NULL REFERENCES lowering (pending),
    document         text NOT NULL REFERENCES document (id),
    organisation     text NOT NULL REFERENCES organisation (id),
    by_person        text NOT NULL REFERENCES person (id),
    given            boolean NOT NULL,
    at               timestamptz NOT NULL,
    statement_sealed bytea NOT NULL,
    delegation       text NOT NULL,
    terms_sealed     bytea NOT NULL,
    entry            text NOT NULL,
    entry_hash       text NOT NULL,
    CONSTRAINT one_decision_of_an_entity_on_a_lowering UNIQUE (lowering, organisation)
);

CREATE TABLE lowering_withdrawal (
    decision         text PRIMARY KEY REFERENCES lowering_decision (id),
    by_person        text NOT NULL REFERENCES person (id),
    at               timestamptz NOT NULL,
    statement_sealed bytea NOT NULL,
    entry            text NOT NULL
);
CREATE INDEX log_lowering_withdrawals ON log_entry (document) WHERE kind = 'lowering-withdrawal';

GRANT SELECT, INSERT ON lowering, lowering_decision, lowering_withdrawal TO chancery_app;

-- What waits for a second person names version, marking and entities from now on; what does not is begun again.
UPDATE pending SET ended_at = now() WHERE act IN ('mark', 'remove-entity', 'file') AND ended_at IS NULL;

-- +goose Down
DROP INDEX log_lowering_withdrawals;
DROP TABLE lowering_withdrawal, lowering_decision, lowering;
