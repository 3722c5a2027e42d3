-- +goose Up
-- What happens to documents, requests and the Arrangement's own records after they were made.

-- An act that takes two people, between the first and the second.
CREATE TABLE pending (
    id             text PRIMARY KEY,
    act            text NOT NULL,
    target         text NOT NULL,
    organisation   text NOT NULL REFERENCES organisation (id),
    by_person      text NOT NULL REFERENCES person (id),
    at             timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL,
    payload_sealed bytea NOT NULL,
    payload_sha256 text NOT NULL,
    ended_at       timestamptz,
    entry          text NOT NULL,
    entry_hash     text NOT NULL
);
CREATE UNIQUE INDEX one_first_person_waits ON pending (act, target) WHERE ended_at IS NULL;

CREATE TABLE message (
    id          text PRIMARY KEY,
    request     text NOT NULL REFERENCES access_request (id),
    kind        text NOT NULL CONSTRAINT message_kind_known CHECK (kind IN ('question', 'answer')),
    by_person   text NOT NULL REFERENCES person (id),
    by_org      text NOT NULL REFERENCES organisation (id),
    at          timestamptz NOT NULL,
    text_sealed bytea NOT NULL,
    entry       text NOT NULL
);
CREATE INDEX message_by_request ON message (request, at, id);

CREATE TABLE release (
    id                    text PRIMARY KEY,
    document              text NOT NULL REFERENCES document (id),
    recipient             text NOT NULL REFERENCES organisation (id),
    purpose               text NOT NULL REFERENCES purpose (code),
    statement_sealed      bytea NOT NULL,
    transfer_basis_sealed bytea,
    owner_leave           boolean NOT NULL,
    by_person             text NOT NULL REFERENCES person (id),
    by_org                text NOT NULL REFERENCES organisation (id),
    at                    timestamptz NOT NULL,
    ended_at              timestamptz,
    entry                 text NOT NULL,
    entry_hash            text NOT NULL
);
CREATE INDEX release_by_document ON release (document, recipient);
CREATE INDEX release_by_recipient ON release (recipient, document);

CREATE TABLE notice (
    id           text PRIMARY KEY,
    kind         text NOT NULL,
    document     text REFERENCES document (id),
    owner        text NOT NULL REFERENCES organisation (id),
    to_org       text NOT NULL REFERENCES organisation (id),
    to_person    text REFERENCES person (id),
    copy_numbers text NOT NULL DEFAULT '',
    text_sealed  bytea NOT NULL,
    at           timestamptz NOT NULL,
    entry        text NOT NULL
);
CREATE INDEX notice_by_addressee ON notice (to_org, at DESC, id DESC);
CREATE INDEX notice_by_document ON notice (document, at);

CREATE TABLE acknowledgement (
    notice           text PRIMARY KEY REFERENCES notice (id),
    by_person        text NOT NULL REFERENCES person (id),
    at               timestamptz NOT NULL,
    disposition      text NOT NULL CONSTRAINT disposition_known CHECK (disposition IN ('returned', 'destroyed', 'kept', 'read')),
    statement_sealed bytea,
    entry            text NOT NULL
);

CREATE TABLE suspension (
    id            text PRIMARY KEY,
    document      text REFERENCES document (id),
    person        text REFERENCES person (id),
    organisation  text REFERENCES organisation (id),
    reason_sealed bytea NOT NULL,
    by_person     text NOT NULL REFERENCES person (id),
    by_org        text NOT NULL REFERENCES organisation (id),
    at            timestamptz NOT NULL,
    lifted_at     timestamptz,
    entry         text NOT NULL,
    entry_hash    text NOT NULL,
    CONSTRAINT suspension_of_one_thing CHECK (num_nonnulls(document, person, organisation) = 1)
);
CREATE INDEX suspension_by_document ON suspension (document) WHERE lifted_at IS NULL;
CREATE INDEX suspension_by_person ON suspension (person) WHERE lifted_at IS NULL;
CREATE INDEX suspension_by_party ON suspension (by_org, at DESC, id DESC);

ALTER TABLE version
    ADD COLUMN kind text CONSTRAINT version_kind_known CHECK (kind IN ('corrects', 'updates', 'replaces')),
    ADD COLUMN explanation_sealed bytea,
    ADD COLUMN entry text NOT NULL DEFAULT '',
    ADD COLUMN closed_at timestamptz,
    ADD COLUMN destroyed_at timestamptz,
    ALTER COLUMN wrapped_key DROP NOT NULL,
    ADD CONSTRAINT destroyed_version_has_no_key CHECK ((destroyed_at IS NULL) = (wrapped_key IS NOT NULL));

ALTER TABLE leave
    ADD COLUMN filed boolean NOT NULL DEFAULT false,
    ADD COLUMN given_by_sealed bytea,
    ADD COLUMN given_on date,
    ADD COLUMN instrument_sha256 text NOT NULL DEFAULT '',
    ADD COLUMN confirmed_by text REFERENCES person (id),
    ADD CONSTRAINT filed_leave_has_its_instrument CHECK (NOT filed OR (given_by_sealed IS NOT NULL AND given_on IS NOT NULL AND instrument_sha256 <> '' AND confirmed_by IS NOT NULL AND confirmed_by <> by_person));

ALTER TABLE delegation
    ADD COLUMN ended_at timestamptz;

CREATE TABLE specific_arrangement (
    id                text PRIMARY KEY,
    title             text NOT NULL,
    signed_on         date NOT NULL,
    ends_on           date,
    instrument_sha256 text NOT NULL DEFAULT '',
    CONSTRAINT specific_arrangement_has_a_term CHECK (ends_on IS NULL OR signed_on <= ends_on)
);
ALTER TABLE purpose
    ADD COLUMN specific_arrangement text REFERENCES specific_arrangement (id);

ALTER TABLE organisation
    ADD COLUMN state text NOT NULL DEFAULT 'in-force' CONSTRAINT organisation_state_known CHECK (state IN ('proposed', 'in-force'));

GRANT SELECT, INSERT ON message, notice, acknowledgement TO chancery_app;
GRANT SELECT, INSERT, UPDATE ON pending, release, suspension, specific_arrangement TO chancery_app;
GRANT UPDATE (closed_at, destroyed_at, wrapped_key) ON version TO chancery_app;
GRANT DELETE ON document_entity TO chancery_app;

-- +goose Down
ALTER TABLE organisation DROP COLUMN state;
ALTER TABLE purpose DROP COLUMN specific_arrangement;
DROP TABLE specific_arrangement;
ALTER TABLE delegation DROP COLUMN ended_at;
ALTER TABLE leave DROP COLUMN filed, DROP COLUMN given_by_sealed, DROP COLUMN given_on, DROP COLUMN instrument_sha256, DROP COLUMN confirmed_by;
ALTER TABLE version DROP COLUMN kind, DROP COLUMN explanation_sealed, DROP COLUMN entry, DROP COLUMN closed_at, DROP COLUMN destroyed_at;
DROP TABLE suspension, acknowledgement, notice, release, message, pending;
