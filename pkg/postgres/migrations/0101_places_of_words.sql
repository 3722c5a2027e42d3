-- +goose Up
-- Where in the log an entry stands under a word that it says: "reason:" and each reason of it, and of a disclosure that was
-- permitted "to:" and whoever it was for. What an entry says is known when it is written, its place when a round gives it
-- one; no index reaches over two tables. Whoever lists by a word goes through its places in their order, and stops when the
-- page is full. What the bytes say is asked once more of each entry that is found, and "log check" holds every row against
-- them (decision 0440).
CREATE TABLE log_place (
    word  text        NOT NULL,
    index bigint      NOT NULL,
    at    timestamptz NOT NULL,
    CONSTRAINT log_place_stands_once PRIMARY KEY (word, index) INCLUDE (at)
);

-- JSON is read only of what can have such a word. Longer ones than 200 bytes no gateway writes, and none may keep a round
-- from being written.
-- +goose StatementBegin
CREATE FUNCTION log_words(kind text, outcome text, body bytea) RETURNS text[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 100 AS $$
DECLARE
    disclosed boolean := kind = 'disclosure' AND outcome = 'permit';
    said      jsonb;
    words     text[] := '{}';
BEGIN
    IF NOT disclosed AND position('"reasons"'::bytea IN body) = 0 THEN
        RETURN words;
    END IF;
    said := convert_from(body, 'UTF8')::jsonb;
    IF disclosed THEN
        words := array_remove(ARRAY['to:' || coalesce(said #>> '{disclosure,to}', said #>> '{terms,recipient}')], NULL);
    END IF;
    IF said ? 'reasons' THEN
        words := words || ARRAY(SELECT 'reason:' || r FROM jsonb_array_elements_text(said -> 'reasons') r);
    END IF;
    RETURN ARRAY(SELECT DISTINCT w FROM unnest(words) w WHERE octet_length(w) <= 200);
END $$;

CREATE FUNCTION log_places() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO log_place (word, index, at)
        SELECT w, p.index, e.at FROM placed p JOIN log_entry e ON e.id = p.entry, unnest(log_words(e.kind, e.outcome, e.body)) w
        ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
-- +goose StatementEnd

-- By a trigger: rounds of builds that do not know the table fill it too.
CREATE TRIGGER log_places AFTER INSERT ON log_seq REFERENCING NEW TABLE AS placed
    FOR EACH STATEMENT EXECUTE FUNCTION log_places();
ALTER TABLE log_seq ENABLE ALWAYS TRIGGER log_places;
CREATE TRIGGER log_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON log_place
    FOR EACH STATEMENT EXECUTE FUNCTION log_is_append_only();
ALTER TABLE log_place ENABLE ALWAYS TRIGGER log_is_append_only;

GRANT SELECT ON log_place TO chancery_app, chancery_auditor;
GRANT SELECT, INSERT ON log_place TO chancery_sequencer;

-- +goose Down
DROP TRIGGER log_places ON log_seq;
DROP TABLE log_place;
DROP FUNCTION log_places();
DROP FUNCTION log_words(text, text, bytea);
