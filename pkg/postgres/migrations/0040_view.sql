-- +goose Up
-- Read page by page and handed out to nobody: the narrowest form.
ALTER TABLE access_request DROP CONSTRAINT request_form_known;
ALTER TABLE access_request ADD CONSTRAINT request_form_known CHECK (form IN ('view', 'stamped', 'original'));

-- The pages that were shown of a disclosure, each written before it leaves; the completion names them.
CREATE TABLE page_shown (
    disclosure text NOT NULL REFERENCES disclosure (id),
    page       integer NOT NULL CONSTRAINT pages_count_from_one CHECK (page > 0),
    shown_at   timestamptz NOT NULL,
    PRIMARY KEY (disclosure, page)
);
GRANT SELECT, INSERT ON page_shown TO chancery_app;

-- +goose Down
DROP TABLE page_shown;
ALTER TABLE access_request DROP CONSTRAINT request_form_known;
ALTER TABLE access_request ADD CONSTRAINT request_form_known CHECK (form IN ('stamped', 'original'));
