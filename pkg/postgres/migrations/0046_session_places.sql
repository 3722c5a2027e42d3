-- +goose Up
-- From where a person has signed in before, by a digest of browser and network: somebody who signs in from elsewhere is
-- told. The first place of a person is told to nobody, and one that was not seen for a year is forgotten.
CREATE TABLE session_place (
    person       text NOT NULL,
    place_sha256 bytea NOT NULL CHECK (length(place_sha256) = 32),
    seen_at      timestamptz NOT NULL,
    PRIMARY KEY (person, place_sha256)
);
CREATE INDEX session_place_by_time ON session_place (seen_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON session_place TO chancery_app;

-- +goose Down
DROP TABLE session_place;
