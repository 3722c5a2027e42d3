-- +goose Up
-- A third party declines the text of a Confidentiality Agreement once, with its reason. That binds nobody, and it is not
-- signed any more: whether the log says so is asked before anything rests on the text or on this row.
CREATE TABLE agreement_decline (
    agreement     text PRIMARY KEY REFERENCES agreement (id),
    by_person     text NOT NULL REFERENCES person (id),
    at            timestamptz NOT NULL,
    reason_sealed bytea NOT NULL,
    entry         text NOT NULL,
    entry_hash    text NOT NULL
);
GRANT SELECT, INSERT ON agreement_decline TO chancery_app;
-- What the log says of the texts that were put to one third party: that they were put, and declined.
CREATE INDEX log_agreements ON log_entry ((log_said(body) #>> '{terms,recipient}'))
    WHERE kind IN ('agreement', 'agreement-declined');

-- The same text may be put once more after it was declined, and then names the one that was.
ALTER TABLE agreement
    ADD COLUMN anew text REFERENCES agreement (id),
    DROP CONSTRAINT agreement_text_is_frozen,
    ADD CONSTRAINT agreement_text_is_frozen UNIQUE NULLS NOT DISTINCT (organisation, text_sha256, anew);

-- A build of before would have a declined text signed.
UPDATE schema_bears SET oldest = 75;

-- +goose Down
ALTER TABLE agreement
    DROP CONSTRAINT agreement_text_is_frozen,
    ADD CONSTRAINT agreement_text_is_frozen UNIQUE (organisation, text_sha256),
    DROP COLUMN anew;
DROP INDEX log_agreements;
DROP TABLE agreement_decline;
UPDATE schema_bears SET oldest = 71;
