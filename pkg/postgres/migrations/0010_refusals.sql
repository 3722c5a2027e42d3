-- +goose Up
-- How often one person was refused in the minute that began at since, on all replicas together. Beyond the bound a refusal
-- has no entry of its own; such silent ones are counted here until one entry tells of them. Rows go when their minute is over.
CREATE TABLE refusals (
    person       text NOT NULL REFERENCES person (id),
    organisation text NOT NULL REFERENCES organisation (id),
    since        timestamptz NOT NULL,
    refused      integer NOT NULL,
    silent       integer NOT NULL DEFAULT 0,
    silent_from  timestamptz,
    silent_to    timestamptz,
    parties      text NOT NULL DEFAULT '', -- entitled to any of the silent ones
    told         boolean NOT NULL DEFAULT false,
    CONSTRAINT one_count_of_refusals_for_a_person PRIMARY KEY (person)
);
CREATE INDEX refusals_since ON refusals (since);

GRANT SELECT, INSERT, UPDATE, DELETE ON refusals TO chancery_app;

-- +goose Down
DROP TABLE refusals;
