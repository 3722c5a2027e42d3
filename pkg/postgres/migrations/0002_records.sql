-- +goose Up
-- The records of the Arrangement. Columns named *_sealed hold ciphertext under an organisation's keyset:
-- a dump of this database shows no title, no name, no sentence. Each constraint is named after the rule it keeps.

CREATE TABLE organisation (
    id            text PRIMARY KEY,
    short         text NOT NULL CONSTRAINT organisation_short_is_one UNIQUE,
    name          text NOT NULL,
    kind          text NOT NULL CONSTRAINT organisation_kind_known CHECK (kind IN ('party', 'third-party', 'operator')),
    type          text NOT NULL DEFAULT '',
    country       text NOT NULL DEFAULT '',
    issuer        text NOT NULL CONSTRAINT one_issuer_per_organisation UNIQUE,
    signed_on     date,
    proposed_by   text REFERENCES organisation (id),
    confirmed_by  text REFERENCES organisation (id),
    record_sha256 text NOT NULL,
    CONSTRAINT third_party_confirmed_by_the_other_party CHECK (kind <> 'third-party' OR proposed_by <> confirmed_by)
);

CREATE TABLE arrangement (
    only_one          boolean PRIMARY KEY DEFAULT true CONSTRAINT arrangement_is_one CHECK (only_one),
    title             text NOT NULL,
    notice_given_on   date,
    instrument_sha256 text NOT NULL,
    configuration     text NOT NULL DEFAULT '',
    configured_sha256 text NOT NULL DEFAULT ''
);

CREATE TABLE purpose (
    code      text PRIMARY KEY,
    label     text NOT NULL,
    paragraph text NOT NULL,
    position  integer NOT NULL,
    closed_on date
);

CREATE TABLE person (
    id             text PRIMARY KEY,
    organisation   text NOT NULL REFERENCES organisation (id),
    issuer         text NOT NULL,
    subject_token  bytea NOT NULL,
    subject_sealed bytea NOT NULL,
    name_sealed    bytea NOT NULL,
    first_seen     timestamptz NOT NULL,
    CONSTRAINT person_is_issuer_and_subject UNIQUE (issuer, subject_token)
);
CREATE INDEX person_by_organisation ON person (organisation, id);

CREATE TABLE focal_point (
    organisation  text PRIMARY KEY REFERENCES organisation (id),
    subject_token bytea NOT NULL,
    name_sealed   bytea NOT NULL,
    designated_on date NOT NULL
);

CREATE TABLE delegation (
    id                text PRIMARY KEY,
    organisation      text NOT NULL REFERENCES organisation (id),
    subject_token     bytea NOT NULL,
    acts              text NOT NULL,
    valid_from        timestamptz NOT NULL,
    valid_until       timestamptz NOT NULL,
    instrument_sha256 text NOT NULL,
    digest            text NOT NULL CONSTRAINT delegation_filed_once UNIQUE,
    CONSTRAINT delegation_has_a_term CHECK (valid_from < valid_until)
);
CREATE INDEX delegation_by_holder ON delegation (organisation, subject_token);

CREATE TABLE document (
    id                 text PRIMARY KEY,
    reference          text NOT NULL CONSTRAINT document_reference_is_one UNIQUE,
    discloser          text NOT NULL REFERENCES organisation (id),
    recipient          text NOT NULL REFERENCES organisation (id),
    depositor          text NOT NULL REFERENCES person (id),
    marking            text NOT NULL CONSTRAINT art4_9_written_marking CHECK (marking IN ('confidential', 'restricted', 'non-confidential')),
    proprietary        boolean NOT NULL,
    personal_data      boolean NOT NULL,
    regime_sealed      bytea,
    legal_basis_sealed bytea,
    retain_until       date,
    entities_none      boolean NOT NULL,
    entities_confirmed boolean NOT NULL,
    title_sealed       bytea NOT NULL,
    purpose_sealed     bytea NOT NULL,
    handling_sealed    bytea,
    alias_sealed       bytea,
    show_title         boolean NOT NULL,
    countries          text NOT NULL DEFAULT '',
    as_of              date,
    review_by          date,
    deposited_at       timestamptz NOT NULL,
    current_version    text NOT NULL,
    terms_sealed       bytea NOT NULL, -- what the rules look at, once more and sealed: an altered row is noticed
    entry              text NOT NULL,
    entry_hash         text NOT NULL,
    CONSTRAINT discloser_is_not_recipient CHECK (discloser <> recipient),
    CONSTRAINT art4_3_personal_data_safeguards CHECK (NOT personal_data OR (regime_sealed IS NOT NULL AND legal_basis_sealed IS NOT NULL AND retain_until IS NOT NULL))
);
CREATE INDEX document_in_order ON document (deposited_at, id);
CREATE INDEX document_by_discloser ON document (discloser, deposited_at, id);
CREATE INDEX document_by_recipient ON document (recipient, deposited_at, id);

CREATE TABLE document_purpose (
    document text NOT NULL REFERENCES document (id),
    code     text NOT NULL REFERENCES purpose (code),
    PRIMARY KEY (document, code)
);

CREATE TABLE document_entity (
    document     text NOT NULL REFERENCES document (id),
    organisation text NOT NULL REFERENCES organisation (id),
    PRIMARY KEY (document, organisation)
);

CREATE TABLE document_word (
    word     bytea NOT NULL,
    document text NOT NULL REFERENCES document (id),
    PRIMARY KEY (word, document)
);

CREATE TABLE upload (
    id           text PRIMARY KEY,
    organisation text NOT NULL REFERENCES organisation (id),
    person       text NOT NULL REFERENCES person (id),
    object       text NOT NULL CONSTRAINT upload_object_is_one UNIQUE,
    state        text NOT NULL CONSTRAINT upload_state_known CHECK (state IN ('open', 'stored', 'abandoned')),
    opened_at    timestamptz NOT NULL,
    heartbeat_at timestamptz NOT NULL,
    removed_at   timestamptz
);
CREATE INDEX upload_to_sweep ON upload (state, heartbeat_at) WHERE removed_at IS NULL;

CREATE TABLE version (
    id               text PRIMARY KEY,
    document         text NOT NULL REFERENCES document (id) DEFERRABLE INITIALLY DEFERRED,
    number           integer NOT NULL,
    upload           text NOT NULL REFERENCES upload (id) CONSTRAINT version_of_one_upload UNIQUE,
    object           text NOT NULL CONSTRAINT version_object_is_one UNIQUE,
    wrapped_key      bytea NOT NULL,
    size             bigint NOT NULL CONSTRAINT version_is_not_empty CHECK (size > 0),
    sha256           text NOT NULL,
    digest_salt      bytea NOT NULL,
    commitment       text NOT NULL,
    media_type       text NOT NULL,
    file_name_sealed bytea NOT NULL,
    passenger_data   boolean NOT NULL,
    created_at       timestamptz NOT NULL,
    CONSTRAINT version_number_is_one UNIQUE (document, number)
);
CREATE INDEX version_by_digest ON version (sha256);

CREATE TABLE access_request (
    id               text PRIMARY KEY,
    document         text NOT NULL REFERENCES document (id),
    version          text NOT NULL REFERENCES version (id),
    asked_by         text NOT NULL REFERENCES person (id),
    asked_by_org     text NOT NULL REFERENCES organisation (id),
    beneficiary      text NOT NULL REFERENCES organisation (id),
    purpose          text NOT NULL REFERENCES purpose (code),
    statement_sealed bytea NOT NULL,
    until            timestamptz NOT NULL,
    form             text NOT NULL CONSTRAINT request_form_known CHECK (form IN ('stamped', 'original')),
    made_at          timestamptz NOT NULL,
    lapses_at        timestamptz NOT NULL,
    withdrawn_at     timestamptz,
    closed           text CONSTRAINT request_closed_by_the_house CHECK (closed IN ('lapsed', 'expired')),
    revision         bigint NOT NULL DEFAULT 1,
    terms_sealed     bytea NOT NULL,
    entry            text NOT NULL,
    entry_hash       text NOT NULL
);
CREATE INDEX request_by_document ON access_request (document, beneficiary);
CREATE INDEX request_by_asker ON access_request (asked_by, made_at, id);
CREATE INDEX request_by_beneficiary ON access_request (beneficiary, made_at, id);
CREATE INDEX request_to_close ON access_request (lapses_at, until) WHERE closed IS NULL AND withdrawn_at IS NULL;

CREATE TABLE request_person (
    request text NOT NULL REFERENCES access_request (id),
    person  text NOT NULL REFERENCES person (id),
    PRIMARY KEY (request, person)
);

CREATE TABLE agreement (
    id              text PRIMARY KEY,
    organisation    text NOT NULL REFERENCES organisation (id),
    proposed_by     text NOT NULL REFERENCES person (id),
    proposed_by_org text NOT NULL REFERENCES organisation (id),
    text_sealed     bytea NOT NULL,
    text_sha256     text NOT NULL,
    document        text REFERENCES document (id),
    proposed_at     timestamptz NOT NULL,
    entry           text NOT NULL,
    entry_hash      text NOT NULL,
    CONSTRAINT agreement_text_is_frozen UNIQUE (organisation, text_sha256)
);
CREATE INDEX agreement_newest ON agreement (organisation, proposed_at DESC, id);

CREATE TABLE signature (
    agreement        text PRIMARY KEY REFERENCES agreement (id),
    by_person        text NOT NULL REFERENCES person (id),
    at               timestamptz NOT NULL,
    name_sealed      bytea NOT NULL,
    function_sealed  bytea NOT NULL,
    authority_sealed bytea NOT NULL,
    entry            text NOT NULL,
    entry_hash       text NOT NULL
);

CREATE TABLE leave (
    id                text PRIMARY KEY,
    request           text NOT NULL REFERENCES access_request (id),
    document          text NOT NULL REFERENCES document (id),
    kind              text NOT NULL CONSTRAINT leave_kind_known CHECK (kind IN ('authorization', 'consent')),
    given             boolean NOT NULL,
    by_person         text NOT NULL REFERENCES person (id),
    by_org            text NOT NULL REFERENCES organisation (id),
    at                timestamptz NOT NULL,
    version           text NOT NULL REFERENCES version (id),
    recipient         text NOT NULL REFERENCES organisation (id),
    recipient_record  text NOT NULL,
    purpose           text NOT NULL REFERENCES purpose (code),
    until             timestamptz NOT NULL,
    form              text NOT NULL,
    conditions_sealed bytea,
    conditions_sha256 text NOT NULL DEFAULT '',
    agreement         text REFERENCES agreement (id),
    earlier_serves    boolean NOT NULL DEFAULT false,
    statement_sealed  bytea NOT NULL,
    text_sealed       bytea NOT NULL,
    text_sha256       text NOT NULL,
    delegation        text NOT NULL DEFAULT '',
    evidence          text NOT NULL DEFAULT '' CONSTRAINT art4_8_consent_has_evidence CHECK (kind <> 'consent' OR NOT given OR evidence IN ('oidc', 'letter', 'none')),
    evidence_sealed   bytea,
    evidence_sha256   text NOT NULL DEFAULT '',
    evidence_key      bytea,
    terms_sealed      bytea NOT NULL,
    entry             text NOT NULL,
    entry_hash        text NOT NULL,
    CONSTRAINT one_leave_of_a_kind_per_organisation UNIQUE (request, by_org, kind)
);
CREATE INDEX leave_by_document ON leave (document);

CREATE TABLE withdrawal (
    leave            text PRIMARY KEY REFERENCES leave (id),
    by_person        text NOT NULL REFERENCES person (id),
    at               timestamptz NOT NULL,
    statement_sealed bytea NOT NULL,
    entry            text NOT NULL,
    entry_hash       text NOT NULL
);

CREATE TABLE admission (
    request   text NOT NULL REFERENCES access_request (id),
    person    text NOT NULL REFERENCES person (id),
    by_person text NOT NULL REFERENCES person (id),
    at        timestamptz NOT NULL,
    entry     text NOT NULL,
    PRIMARY KEY (request, person)
);

CREATE TABLE disclosure (
    id                text PRIMARY KEY,
    document          text NOT NULL REFERENCES document (id),
    version           text NOT NULL REFERENCES version (id),
    request           text REFERENCES access_request (id),
    person            text NOT NULL REFERENCES person (id),
    organisation      text NOT NULL REFERENCES organisation (id),
    purpose           text NOT NULL DEFAULT '',
    statement_sealed  bytea,
    form              text NOT NULL,
    conditions_sha256 text NOT NULL DEFAULT '',
    copy_number       text NOT NULL CONSTRAINT copy_number_is_one UNIQUE,
    marking           text NOT NULL,
    at                timestamptz NOT NULL,
    expires_at        timestamptz NOT NULL,
    entry             text NOT NULL CONSTRAINT disclosure_has_its_entry UNIQUE,
    entry_hash        text NOT NULL
);
CREATE INDEX disclosure_by_version ON disclosure (version, organisation);
CREATE INDEX disclosure_by_document ON disclosure (document, at);

CREATE TABLE transfer (
    id           text PRIMARY KEY,
    disclosure   text NOT NULL REFERENCES disclosure (id),
    started_at   timestamptz NOT NULL,
    heartbeat_at timestamptz NOT NULL,
    range_offset bigint NOT NULL,
    range_length bigint NOT NULL,
    ended        text CONSTRAINT transfer_end_known CHECK (ended IN ('complete', 'aborted', 'unknown')),
    bytes        bigint,
    entry        text
);
CREATE INDEX transfer_running ON transfer (heartbeat_at) WHERE ended IS NULL;

GRANT SELECT, INSERT, UPDATE ON organisation, arrangement, purpose, person, focal_point, delegation TO chancery_app;
GRANT SELECT, INSERT, UPDATE ON document, upload, access_request, transfer TO chancery_app;
GRANT SELECT, INSERT ON document_purpose, document_entity, document_word, version, request_person, agreement, signature, leave, withdrawal, admission, disclosure TO chancery_app;

-- +goose Down
DROP TABLE transfer, disclosure, admission, withdrawal, leave, signature, agreement, request_person, access_request,
    version, upload, document_word, document_entity, document_purpose, document, delegation, focal_point, person, purpose, arrangement, organisation;
