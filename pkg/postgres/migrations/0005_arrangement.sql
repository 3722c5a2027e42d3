-- +goose Up
-- What the Parties change of the Arrangement's own records through the gateway stands over the Arrangement file:
-- a record with an entry was made by an act of theirs.

ALTER TABLE organisation
    ADD COLUMN entry text NOT NULL DEFAULT '',
    -- Whose keyset seals the names of its people; NULL: its own.
    ADD COLUMN keyset text CONSTRAINT organisation_keyset_is_of_an_organisation REFERENCES organisation (id);

ALTER TABLE focal_point
    ADD COLUMN entry text NOT NULL DEFAULT '';

ALTER TABLE delegation
    ADD COLUMN name_sealed bytea,
    ADD COLUMN entry text NOT NULL DEFAULT '',
    ADD COLUMN ended_entry text NOT NULL DEFAULT '',
    ADD CONSTRAINT delegation_ends_with_an_entry CHECK ((ended_at IS NULL) = (ended_entry = ''));

-- Article 11(4), reading 0008: notice is given once, and its day never moves.
-- +goose StatementBegin
CREATE FUNCTION notice_is_given_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.notice_given_on IS NOT NULL AND NEW.notice_given_on IS DISTINCT FROM OLD.notice_given_on THEN
        RAISE EXCEPTION 'notice was given on %: its day never changes', OLD.notice_given_on
            USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_is_given_once';
    END IF;
    RETURN NEW;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER notice_is_given_once BEFORE UPDATE ON arrangement FOR EACH ROW EXECUTE FUNCTION notice_is_given_once();

-- +goose Down
DROP TRIGGER notice_is_given_once ON arrangement;
DROP FUNCTION notice_is_given_once();
ALTER TABLE delegation DROP COLUMN name_sealed, DROP COLUMN entry, DROP COLUMN ended_entry;
ALTER TABLE focal_point DROP COLUMN entry;
ALTER TABLE organisation DROP COLUMN entry, DROP COLUMN keyset;
