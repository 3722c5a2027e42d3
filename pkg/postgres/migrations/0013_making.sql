-- +goose Up
-- Every attempt to make the marked copy of a disclosure: while its upload is open, somebody is at it.
CREATE TABLE making (
    upload     text PRIMARY KEY REFERENCES upload (id),
    disclosure text NOT NULL REFERENCES disclosure (id),
    begun_at   timestamptz NOT NULL,
    failed_at  timestamptz,
    entry      text NOT NULL DEFAULT '', -- that says so
    CONSTRAINT failed_making_has_its_entry CHECK (failed_at IS NOT NULL OR entry = '')
);
CREATE INDEX making_by_disclosure ON making (disclosure, begun_at);

GRANT SELECT, INSERT ON making TO chancery_app;
GRANT UPDATE (failed_at, entry) ON making TO chancery_app;

-- +goose Down
DROP TABLE making;
