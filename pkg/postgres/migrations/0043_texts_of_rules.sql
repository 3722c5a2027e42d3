-- +goose Up
-- Each text of rules that decisions were taken under: bundles carry them, so that a decision can be taken again by the rules of its day. Its
-- digest, which entries name, tells whether it is still the text that it was.
CREATE TABLE rules_text (
    digest text        NOT NULL CONSTRAINT rules_text_stands_once PRIMARY KEY,
    text   text        NOT NULL,
    since  timestamptz NOT NULL,
    CONSTRAINT rules_text_is_that_of_its_digest CHECK (digest = 'sha256:' || encode(sha256(convert_to(text, 'UTF8')), 'hex'))
);
GRANT SELECT, INSERT ON rules_text TO chancery_app;
GRANT SELECT ON rules_text TO chancery_auditor;

-- +goose Down
DROP TABLE rules_text;
