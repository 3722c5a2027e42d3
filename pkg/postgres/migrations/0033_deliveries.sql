-- +goose Up
-- What the Discloser gives without being asked is a request that it makes for the other Party: sealed with its terms.
ALTER TABLE access_request ADD COLUMN delivery boolean NOT NULL DEFAULT false;
CREATE INDEX request_by_decider ON decision (by_org, request);

-- The desks of a Party that the other may address, and who sits at them; kept by that Party's focal point.
CREATE TABLE office (
    id           text PRIMARY KEY,
    organisation text NOT NULL REFERENCES organisation (id),
    name         text NOT NULL CONSTRAINT office_has_a_name CHECK (name <> ''),
    by_person    text NOT NULL REFERENCES person (id),
    at           timestamptz NOT NULL,
    entry        text NOT NULL,
    CONSTRAINT one_office_of_a_name_in_a_party UNIQUE (organisation, name)
);
CREATE TABLE office_member (
    office      text NOT NULL REFERENCES office (id),
    person      text NOT NULL REFERENCES person (id),
    at          timestamptz NOT NULL,
    entry       text NOT NULL,
    ended_at    timestamptz,
    ended_entry text NOT NULL DEFAULT '',
    PRIMARY KEY (office, person, at),
    CONSTRAINT office_member_ends_with_an_entry CHECK ((ended_at IS NULL) = (ended_entry = ''))
);
CREATE UNIQUE INDEX one_seat_of_a_person_in_an_office ON office_member (office, person) WHERE ended_at IS NULL;
GRANT SELECT, INSERT ON office, office_member TO chancery_app;
GRANT UPDATE (ended_at, ended_entry) ON office_member TO chancery_app;

-- +goose Down
DROP TABLE office_member;
DROP TABLE office;
DROP INDEX request_by_decider;
ALTER TABLE access_request DROP COLUMN delivery;
