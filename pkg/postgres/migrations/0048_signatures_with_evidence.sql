-- +goose Up
-- A signature under a Confidentiality Agreement is a canonical text with evidence, as a consent is (reading 0010). One of before has neither.
ALTER TABLE signature
    ADD COLUMN text_sealed     bytea,
    ADD COLUMN evidence        text NOT NULL DEFAULT '' CONSTRAINT signature_evidence_known CHECK (evidence IN ('', 'oidc', 'none')),
    ADD COLUMN evidence_sealed bytea,
    ADD COLUMN evidence_key    bytea;

-- +goose Down
ALTER TABLE signature DROP COLUMN text_sealed, DROP COLUMN evidence, DROP COLUMN evidence_sealed, DROP COLUMN evidence_key;
