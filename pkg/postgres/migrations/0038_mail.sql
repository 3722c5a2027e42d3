-- +goose Up
-- Where a person is sent word: the verified address that the identity provider told, and what the person wants.
CREATE TABLE contact (
    person         text PRIMARY KEY REFERENCES person (id),
    address_sealed bytea, -- NULL: none is known, or it was erased
    answers        boolean NOT NULL DEFAULT false, -- for the organisation, by the roles of the last sign-in
    daily          boolean NOT NULL DEFAULT false,
    courtesy       boolean NOT NULL DEFAULT true,
    language       text NOT NULL DEFAULT '' CONSTRAINT contact_language_known CHECK (language IN ('', 'en', 'fr')),
    bounced_at     timestamptz,
    bounce_told    boolean NOT NULL DEFAULT false
);

-- A mail says that something waits, and holds nothing of it.
CREATE TABLE mail (
    id            text PRIMARY KEY,
    person        text NOT NULL REFERENCES person (id),
    due_at        timestamptz NOT NULL,
    attempts      integer NOT NULL DEFAULT 0,
    claimed_until timestamptz,
    state         text NOT NULL DEFAULT 'waiting' CONSTRAINT mail_state_known
        CHECK (state IN ('waiting', 'sent', 'bounced', 'dead')),
    fault         text NOT NULL DEFAULT '', -- why the last attempt failed, in words of ours: servers repeat addresses
    ended_at      timestamptz,
    CONSTRAINT mail_ends_once CHECK ((state = 'waiting') = (ended_at IS NULL))
);
CREATE INDEX mail_waiting ON mail (due_at) WHERE state = 'waiting';
CREATE INDEX mail_waiting_by_person ON mail (person, due_at) WHERE state = 'waiting';
CREATE INDEX mail_ended ON mail (ended_at) WHERE state <> 'waiting';
CREATE TABLE mail_notice (
    mail   text NOT NULL REFERENCES mail (id) ON DELETE CASCADE,
    notice text NOT NULL REFERENCES notice (id),
    PRIMARY KEY (mail, notice)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON contact, mail, mail_notice TO chancery_app;

-- +goose Down
DROP TABLE mail_notice, mail, contact;
