-- +goose Up
-- A notice is its kind and its facts, worded when it is shown: no prose is stored any more. What was told before keeps
-- the sentences that it was told in.
ALTER TABLE notice
    ADD COLUMN request text REFERENCES access_request (id),
    ADD COLUMN subject text NOT NULL DEFAULT '',
    ADD COLUMN facts_sealed bytea,
    ADD COLUMN audience text NOT NULL DEFAULT 'owner' CONSTRAINT notice_audience_known
        CHECK (audience IN ('person', 'organisation', 'owner')),
    ADD COLUMN once text, -- what the gateway tells by itself, and on several replicas, it tells once
    ALTER COLUMN text_sealed DROP NOT NULL,
    ADD CONSTRAINT notice_says_one_thing CHECK (num_nonnulls(text_sealed, facts_sealed) = 1);
ALTER TABLE notice ALTER COLUMN audience DROP DEFAULT;
CREATE UNIQUE INDEX notice_told_once ON notice (once);
CREATE INDEX notice_by_person ON notice (to_person, at DESC, id DESC);

-- A notice of which nobody was sent word yet stands here, put in by the transaction that told it.
CREATE TABLE notice_unsent (
    notice  text PRIMARY KEY REFERENCES notice (id),
    class   text NOT NULL CONSTRAINT notice_class_known CHECK (class IN ('urgent', 'duty', 'courtesy')),
    besides text REFERENCES person (id) -- whose act it tells of: they know
);
GRANT SELECT, INSERT, UPDATE, DELETE ON notice_unsent TO chancery_app;

-- +goose Down
DROP TABLE notice_unsent;
DROP INDEX notice_by_person, notice_told_once;
ALTER TABLE notice
    DROP COLUMN request, DROP COLUMN subject, DROP COLUMN facts_sealed, DROP COLUMN audience, DROP COLUMN once;
