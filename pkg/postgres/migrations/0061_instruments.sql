-- +goose Up
-- The signed paper of an instrument, sealed: what Delegations, Mandates, designations, filed authorizations and letters
-- name by its digest lies here. One that nothing names is gone a day later. A letter is for decisions on one request.
CREATE TABLE instrument (
    id             text PRIMARY KEY,
    organisation   text NOT NULL REFERENCES organisation (id),
    keyset         text NOT NULL REFERENCES organisation (id),
    request        text REFERENCES access_request (id),
    person         text NOT NULL REFERENCES person (id),
    sha256         text NOT NULL,
    media_type     text NOT NULL,
    size           bigint NOT NULL,
    said_sealed    bytea NOT NULL,
    content_sealed bytea NOT NULL,
    deposited_at   timestamptz NOT NULL,
    expires_at     timestamptz,
    shown          boolean NOT NULL DEFAULT false,
    entry          text NOT NULL
);
CREATE UNIQUE INDEX one_instrument_of_a_digest ON instrument (organisation, sha256, COALESCE(request, ''));
CREATE INDEX instrument_to_sweep ON instrument (expires_at) WHERE expires_at IS NOT NULL;
GRANT SELECT, INSERT, DELETE, UPDATE (expires_at, shown) ON instrument TO chancery_app;

-- +goose Down
DROP TABLE instrument;
