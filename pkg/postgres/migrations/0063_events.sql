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

-- +goose Down
DROP TRIGGER notice_place_is_final ON notice;
DROP FUNCTION notice_place_is_final;
REVOKE UPDATE (place) ON notice FROM chancery_app;
DROP TABLE notice_places;
ALTER TABLE notice DROP COLUMN place;
