-- +goose Up
-- Each notice gets a place in the order in which things were told: after the act that it tells of was committed, and by
-- one transaction at a time, so that whoever read up to a place misses nothing that comes before it.
ALTER TABLE notice ADD COLUMN place bigint;
CREATE TABLE notice_places (
    one  boolean PRIMARY KEY DEFAULT true CONSTRAINT one_count_of_places CHECK (one),
    last bigint NOT NULL DEFAULT 0
);
INSERT INTO notice_places DEFAULT VALUES;
CREATE UNIQUE INDEX notice_has_a_place_of_its_own ON notice (place);
CREATE INDEX notice_without_place ON notice (at, id) WHERE place IS NULL;
CREATE INDEX notice_place_by_person ON notice (to_person, place);
CREATE INDEX notice_place_by_addressee ON notice (to_org, place);
CREATE INDEX notice_place_by_owner ON notice (owner, place) WHERE audience = 'owner';
GRANT UPDATE (place) ON notice TO chancery_app;
GRANT SELECT, UPDATE ON notice_places TO chancery_app;

-- A place is given once: nobody who may give places moves one.
-- +goose StatementBegin
CREATE FUNCTION notice_place_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.place IS NOT NULL THEN
        RAISE EXCEPTION 'notice % has its place' , OLD.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER notice_place_is_final BEFORE UPDATE ON notice FOR EACH ROW EXECUTE FUNCTION notice_place_is_final();

-- An address to which the gateway sends what a Party is told: identifiers alone, once two people of the Party said so.
CREATE TABLE webhook (
    id             text PRIMARY KEY,
    organisation   text NOT NULL REFERENCES organisation (id),
    address_sealed bytea NOT NULL,
    proposed_by    text NOT NULL REFERENCES person (id),
    confirmed_by   text NOT NULL REFERENCES person (id),
    at             timestamptz NOT NULL,
    entry          text NOT NULL,
    failing_since  timestamptz, -- of the first attempt that failed since one succeeded
    disabled_at    timestamptz, -- it failed for too long
    ended_at       timestamptz,
    ended_entry    text,
    CONSTRAINT webhook_confirmed_by_another CHECK (proposed_by <> confirmed_by),
    CONSTRAINT webhook_ends_with_its_entry CHECK ((ended_at IS NULL) = (ended_entry IS NULL))
);
CREATE INDEX webhook_by_organisation ON webhook (organisation, at DESC, id DESC);
GRANT SELECT, INSERT, UPDATE ON webhook TO chancery_app;

-- What is to be sent where: a notice by its identifier, put in by the transaction that gave the notice its place.
CREATE TABLE webhook_delivery (
    id            text PRIMARY KEY,
    webhook       text NOT NULL REFERENCES webhook (id),
    notice        text NOT NULL REFERENCES notice (id),
    told_at       timestamptz NOT NULL,
    due_at        timestamptz NOT NULL,
    attempts      integer NOT NULL DEFAULT 0,
    claimed_until timestamptz,
    state         text NOT NULL DEFAULT 'waiting' CONSTRAINT webhook_delivery_state_known
        CHECK (state IN ('waiting', 'delivered', 'dead')),
    status        integer NOT NULL DEFAULT 0, -- of HTTP, of the last attempt; 0: none came
    fault         text NOT NULL DEFAULT '',   -- in words of ours: nothing that a receiver says is kept
    ended_at      timestamptz,
    CONSTRAINT one_delivery_of_a_notice UNIQUE (webhook, notice),
    CONSTRAINT webhook_delivery_ends_once CHECK ((state = 'waiting') = (ended_at IS NULL))
);
CREATE INDEX webhook_delivery_waiting ON webhook_delivery (due_at) WHERE state = 'waiting';
CREATE INDEX webhook_delivery_by_webhook ON webhook_delivery (webhook, told_at DESC, id DESC);
CREATE INDEX webhook_delivery_ended ON webhook_delivery (ended_at) WHERE state <> 'waiting';
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_delivery TO chancery_app;

-- The keys that sign what is sent, the newest first; one that was replaced signs beside it until it ends.
CREATE TABLE webhook_key (
    id             text PRIMARY KEY,
    public         bytea NOT NULL,
    private_sealed bytea NOT NULL,
    at             timestamptz NOT NULL,
    ends_at        timestamptz
);
CREATE UNIQUE INDEX one_newest_webhook_key ON webhook_key ((ends_at IS NULL)) WHERE ends_at IS NULL;
GRANT SELECT, INSERT, UPDATE ON webhook_key TO chancery_app;

-- +goose Down
DROP TABLE webhook_key, webhook_delivery, webhook;
DROP TRIGGER notice_place_is_final ON notice;
DROP FUNCTION notice_place_is_final;
REVOKE UPDATE (place) ON notice FROM chancery_app;
DROP TABLE notice_places;
ALTER TABLE notice DROP COLUMN place;
