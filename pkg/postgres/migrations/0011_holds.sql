-- +goose Up
-- A Hold keeps what there is about a document: nothing is erased of it and no version destroyed while one stands.
CREATE TABLE hold (
    id            text PRIMARY KEY,
    document      text NOT NULL REFERENCES document (id),
    reason_sealed bytea NOT NULL,
    by_person     text NOT NULL REFERENCES person (id),
    by_org        text NOT NULL REFERENCES organisation (id),
    at            timestamptz NOT NULL,
    ended_at      timestamptz,
    ended_entry   text NOT NULL DEFAULT '',
    entry         text NOT NULL,
    entry_hash    text NOT NULL,
    CONSTRAINT hold_ends_with_an_entry CHECK ((ended_at IS NULL) = (ended_entry = ''))
);
CREATE UNIQUE INDEX one_hold_of_a_party_on_a_document ON hold (document, by_org) WHERE ended_at IS NULL;
CREATE INDEX hold_by_time ON hold (at DESC, id DESC);
GRANT SELECT, INSERT ON hold TO chancery_app;
GRANT UPDATE (ended_at, ended_entry) ON hold TO chancery_app;

-- The one way in which what stands behind a commitment goes. The gateway's login may not delete there: this function does it,
-- for an entry of kind erasure that a second person made and that names entry and field, and never under Hold.
-- +goose StatementBegin
CREATE FUNCTION log_erase(erasure text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    said jsonb;
    held boolean;
BEGIN
    SELECT convert_from(body, 'UTF8')::jsonb INTO said FROM log_entry WHERE id = erasure AND kind = 'erasure';
    IF said IS NULL OR said ->> 'outcome' <> 'permit' OR said #>> '{terms,step}' IS DISTINCT FROM 'second' THEN
        RAISE EXCEPTION 'no second person asked for the erasure %', erasure
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'erasure_takes_two_people', TABLE = 'log_detail';
    END IF;
    SELECT EXISTS (SELECT FROM log_entry e JOIN hold h ON h.document = convert_from(e.body, 'UTF8')::jsonb ->> 'document'
        WHERE e.id = said #>> '{terms,subject}' AND h.ended_at IS NULL) INTO held;
    IF held THEN
        RAISE EXCEPTION 'entry % is of a document under Hold', said #>> '{terms,subject}'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'nothing_is_erased_under_hold', TABLE = 'log_detail';
    END IF;
    DELETE FROM log_detail WHERE entry = said #>> '{terms,subject}' AND field = said #>> '{terms,field}';
    RETURN FOUND;
END
$$;
-- +goose StatementEnd
REVOKE EXECUTE ON FUNCTION log_erase(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log_erase(text) TO chancery_app;

-- +goose Down
DROP FUNCTION log_erase(text);
DROP TABLE hold;
