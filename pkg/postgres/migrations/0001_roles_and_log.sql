-- +goose Up
-- The roles and the disclosure log. The owner of the database runs this; the service never does.
--
-- chancery_app        the gateway: adds entries, reads the log, can alter neither
-- chancery_sequencer  the round: gives each entry its index, keeps the tree
-- chancery_auditor    reads the log
--
-- They cannot sign in: a login is made a member of one of them (postgres.Grant, or the operator by hand).
-- Databases of one cluster share roles, so two migrations may race to create them: the second finds them there.

-- +goose StatementBegin
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['chancery_app', 'chancery_sequencer', 'chancery_auditor'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN', name);
            EXCEPTION
                WHEN duplicate_object OR unique_violation THEN
                    NULL;
                WHEN insufficient_privilege THEN
                    RAISE EXCEPTION 'the role % is missing and this owner may not create it: as a superuser, CREATE ROLE % NOLOGIN', name, name;
            END;
        END IF;
    END LOOP;
END
$$;
-- +goose StatementEnd

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO chancery_app, chancery_sequencer, chancery_auditor;
GRANT SELECT ON goose_db_version TO chancery_app, chancery_sequencer, chancery_auditor;

-- An entry, byte for byte as it was hashed. It is written in the transaction of the change that it records.
CREATE TABLE log_entry (
    id        text        NOT NULL,
    at        timestamptz NOT NULL,
    kind      text        NOT NULL,
    parties   text[]      NOT NULL,
    body      bytea       NOT NULL,
    body_hash bytea       NOT NULL,
    nonce     bytea       NOT NULL,
    CONSTRAINT log_entry_is_written_once PRIMARY KEY (id),
    CONSTRAINT log_entry_says_each_thing_once UNIQUE (body_hash),
    -- One to sixteen plain names: whatever passes here can be written as leaf data, so no entry can block a round.
    CONSTRAINT log_entry_concerns_a_party CHECK (cardinality(parties) BETWEEN 1 AND 16 AND array_position(parties, NULL) IS NULL
        AND array_to_string(parties, ' ') ~ '^[A-Za-z0-9_.:-]{1,100}( [A-Za-z0-9_.:-]{1,100}){0,15}$'),
    CONSTRAINT log_entry_body_is_bounded CHECK (octet_length(body) BETWEEN 1 AND 65535),
    CONSTRAINT log_entry_hash_is_of_the_body CHECK (body_hash = sha256(body)),
    CONSTRAINT log_entry_nonce_is_32_bytes CHECK (octet_length(nonce) = 32)
);
ALTER TABLE log_entry ALTER COLUMN body SET STORAGE EXTERNAL;

-- What a round still has to take. A queue, because "id greater than the last" loses the row of a slow transaction.
CREATE TABLE log_pending (
    seq   bigint GENERATED ALWAYS AS IDENTITY,
    entry text   NOT NULL,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT log_pending_keeps_order PRIMARY KEY (seq),
    CONSTRAINT log_pending_waits_once UNIQUE (entry),
    CONSTRAINT log_pending_is_of_an_entry FOREIGN KEY (entry) REFERENCES log_entry (id)
);

-- The place of each entry in the tree, and the leaf data that was hashed there.
CREATE TABLE log_seq (
    index bigint NOT NULL,
    entry text   NOT NULL,
    leaf  bytea  NOT NULL,
    CONSTRAINT log_seq_gives_an_index_once PRIMARY KEY (index),
    CONSTRAINT log_seq_places_an_entry_once UNIQUE (entry),
    CONSTRAINT log_seq_is_of_an_entry FOREIGN KEY (entry) REFERENCES log_entry (id),
    CONSTRAINT log_seq_counts_from_zero CHECK (index >= 0),
    CONSTRAINT log_seq_leaf_is_there CHECK (octet_length(leaf) > 0)
);

-- The last running number that each Party's entries were given.
CREATE TABLE log_party (
    party text   NOT NULL,
    n     bigint NOT NULL,
    CONSTRAINT log_party_counts_once PRIMARY KEY (party),
    CONSTRAINT log_party_counts_from_one CHECK (n >= 1)
);

-- The one committed tree. Whoever holds this row locked runs the round.
CREATE TABLE log_head (
    one  boolean NOT NULL DEFAULT true,
    size bigint  NOT NULL,
    root bytea   NOT NULL,
    CONSTRAINT log_head_is_one_row PRIMARY KEY (one),
    CONSTRAINT log_head_is_true CHECK (one),
    CONSTRAINT log_head_counts_from_zero CHECK (size >= 0),
    CONSTRAINT log_head_root_is_32_bytes CHECK (octet_length(root) = 32)
);
-- RFC 6962 2.1: the root of the empty tree is the hash of no bytes.
INSERT INTO log_head (size, root) VALUES (0, sha256(''::bytea));

-- The tiles of the tree, height 8. Only the right edge ever changes, and it only grows.
CREATE TABLE log_tile (
    level smallint NOT NULL,
    index bigint   NOT NULL,
    width smallint NOT NULL,
    data  bytea    NOT NULL,
    CONSTRAINT log_tile_stands_once PRIMARY KEY (level, index),
    CONSTRAINT log_tile_place_is_positive CHECK (level >= 0 AND index >= 0),
    CONSTRAINT log_tile_width_is_of_height_8 CHECK (width BETWEEN 1 AND 256),
    CONSTRAINT log_tile_holds_its_hashes CHECK (octet_length(data) = 32 * width)
);
ALTER TABLE log_tile ALTER COLUMN data SET STORAGE EXTERNAL;

-- Signed checkpoints, at most about one a second. Between two of them each round's head was signed as well, for its waiters.
CREATE TABLE log_checkpoint (
    size bigint      NOT NULL,
    note bytea       NOT NULL,
    at   timestamptz NOT NULL,
    CONSTRAINT log_checkpoint_stands_once PRIMARY KEY (size),
    CONSTRAINT log_checkpoint_counts_from_zero CHECK (size >= 0),
    CONSTRAINT log_checkpoint_note_is_bounded CHECK (octet_length(note) BETWEEN 1 AND 16384)
);

-- Values and salts behind the commitments of a body, sealed. Erasure deletes here; the tree stays valid.
CREATE TABLE log_detail (
    entry  text  NOT NULL,
    field  text  NOT NULL,
    salt   bytea NOT NULL,
    sealed bytea NOT NULL,
    CONSTRAINT log_detail_opens_a_field_once PRIMARY KEY (entry, field),
    CONSTRAINT log_detail_is_of_an_entry FOREIGN KEY (entry) REFERENCES log_entry (id),
    CONSTRAINT log_detail_salt_is_16_bytes CHECK (octet_length(salt) = 16)
);

-- What is in the log is neither altered nor removed, by the owner neither. Only a superuser can take the triggers away;
-- kept checkpoints and receipts reveal that.
-- +goose StatementBegin
CREATE FUNCTION log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the disclosure log is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'log_is_append_only', TABLE = TG_TABLE_NAME;
END
$$;
-- +goose StatementEnd

-- Each statement is refused, also one that would touch no row.
CREATE TRIGGER log_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log_entry
    FOR EACH STATEMENT EXECUTE FUNCTION log_is_append_only();
CREATE TRIGGER log_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log_seq
    FOR EACH STATEMENT EXECUTE FUNCTION log_is_append_only();
CREATE TRIGGER log_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log_checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION log_is_append_only();
ALTER TABLE log_entry ENABLE ALWAYS TRIGGER log_is_append_only;
ALTER TABLE log_seq ENABLE ALWAYS TRIGGER log_is_append_only;
ALTER TABLE log_checkpoint ENABLE ALWAYS TRIGGER log_is_append_only;

GRANT SELECT, INSERT ON log_entry, log_detail TO chancery_app;
GRANT INSERT ON log_pending TO chancery_app;
GRANT SELECT ON log_seq, log_head, log_tile, log_checkpoint TO chancery_app;

GRANT SELECT ON log_entry TO chancery_sequencer;
-- FOR UPDATE SKIP LOCKED asks for UPDATE; no statement updates the queue.
GRANT SELECT, UPDATE, DELETE ON log_pending TO chancery_sequencer;
GRANT SELECT, INSERT ON log_seq, log_checkpoint TO chancery_sequencer;
GRANT SELECT, INSERT, UPDATE ON log_party, log_tile TO chancery_sequencer;
GRANT SELECT, UPDATE ON log_head TO chancery_sequencer;

GRANT SELECT ON log_entry, log_seq, log_party, log_head, log_tile, log_checkpoint, log_detail TO chancery_auditor;
