-- +goose Up
-- The oldest build that may be started on this schema, by the number of its own newest migration. A migration that such a
-- build does not bear raises it: see docs/decisions/0362.
CREATE TABLE schema_bears (
    one    boolean NOT NULL DEFAULT true,
    oldest bigint  NOT NULL,
    CONSTRAINT schema_bears_is_one_row PRIMARY KEY (one),
    CONSTRAINT schema_bears_is_true CHECK (one)
);
INSERT INTO schema_bears (oldest) VALUES (71);
GRANT SELECT ON schema_bears TO chancery_app, chancery_sequencer, chancery_auditor;
