-- +goose Up
-- Whether a Hold or a suspension stands is asked of the log, which is append-only where their rows are not (decision 0491).
-- A build of before goes on beside it, and asks the rows.

-- Whether an entry has its place in the log, or waits for one: a row of log_entry that somebody added by hand has neither.
-- The gateway's login does not read the queue; this answers of one entry, whoever asks.
CREATE FUNCTION log_placed(of text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    RETURN EXISTS (SELECT FROM log_seq s WHERE s.entry = of) OR EXISTS (SELECT FROM log_pending p WHERE p.entry = of);

CREATE INDEX log_holds ON log_entry (document) WHERE kind = 'hold' AND outcome = 'permit';
CREATE INDEX log_stops_of_document ON log_entry (document) WHERE kind IN ('suspension', 'leak') AND outcome = 'permit';
CREATE INDEX log_stops_of_person ON log_entry ((log_said(body) #>> '{terms,people,0}'))
    WHERE kind IN ('suspension', 'leak') AND outcome = 'permit';
CREATE INDEX log_stops_of_organisation ON log_entry ((log_said(body) #>> '{terms,recipient}'))
    WHERE kind IN ('suspension', 'leak') AND outcome = 'permit';
CREATE INDEX log_what_ends_them ON log_entry ((log_said(body) #>> '{terms,subject}'))
    WHERE kind IN ('hold-ended', 'lifting') AND outcome = 'permit';

-- Each Hold of the log, and the entry by which the second of two people of the Party that placed it ended it, if any.
CREATE VIEW log_hold AS
    SELECT e.id AS entry, e.document, e.organisation AS by_org, e.at, log_said(e.body) #>> '{terms,subject}' AS hold,
        x.id AS ended_entry, x.at AS ended_at
    FROM log_entry e LEFT JOIN LATERAL (SELECT x.id, x.at FROM log_entry x
        WHERE x.kind = 'hold-ended' AND x.outcome = 'permit'
        AND log_said(x.body) #>> '{terms,subject}' = log_said(e.body) #>> '{terms,subject}'
        AND log_said(x.body) #>> '{terms,step}' = 'second' AND x.organisation = e.organisation AND x.document = e.document
        AND log_placed(x.id) ORDER BY x.at LIMIT 1) x ON true
    WHERE e.kind = 'hold' AND e.outcome = 'permit';

-- Each suspension of the log, one by the report of a leak included, and how it was lifted. The Discloser lifts what the
-- report of a leak stopped, whoever reported.
CREATE VIEW log_stop AS
    SELECT e.id AS entry, e.kind, e.document, log_said(e.body) #>> '{terms,people,0}' AS person,
        log_said(e.body) #>> '{terms,recipient}' AS organisation, log_said(e.body) #>> '{terms,subject}' AS stop, e.at,
        CASE e.kind WHEN 'leak' THEN log_said(e.body) #>> '{terms,discloser}' ELSE e.organisation END AS by_org,
        x.at AS lifted_at
    FROM log_entry e LEFT JOIN LATERAL (SELECT x.at FROM log_entry x
        WHERE x.kind = 'lifting' AND x.outcome = 'permit'
        AND log_said(x.body) #>> '{terms,subject}' = log_said(e.body) #>> '{terms,subject}'
        AND log_said(x.body) #>> '{terms,step}' = 'second'
        AND x.organisation = CASE e.kind WHEN 'leak' THEN log_said(e.body) #>> '{terms,discloser}' ELSE e.organisation END
        AND log_placed(x.id) ORDER BY x.at LIMIT 1) x ON true
    WHERE e.kind IN ('suspension', 'leak') AND e.outcome = 'permit';
GRANT SELECT ON log_hold, log_stop TO chancery_app;

-- As before, but for where it looks for Holds, and that the entry of the erasure has to stand in the log.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION log_erase(erasure text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    said jsonb;
    held boolean;
BEGIN
    SELECT convert_from(body, 'UTF8')::jsonb INTO said FROM log_entry
        WHERE id = erasure AND kind = 'erasure' AND log_placed(id);
    IF said IS NULL OR said ->> 'outcome' <> 'permit' OR said #>> '{terms,step}' IS DISTINCT FROM 'second' THEN
        RAISE EXCEPTION 'no second person asked for the erasure %', erasure
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'erasure_takes_two_people', TABLE = 'log_detail';
    END IF;
    SELECT EXISTS (SELECT FROM log_entry e JOIN log_hold h ON h.document = convert_from(e.body, 'UTF8')::jsonb ->> 'document'
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

-- +goose Down
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION log_erase(erasure text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
DROP VIEW log_stop, log_hold;
DROP INDEX log_what_ends_them, log_stops_of_organisation, log_stops_of_person, log_stops_of_document, log_holds;
DROP FUNCTION log_placed(text);
