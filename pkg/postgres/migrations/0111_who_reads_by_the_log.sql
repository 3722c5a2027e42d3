-- +goose Up
-- Who sits at an office, by the log: whoever the newest entry about them and it says was seated (decision 0492).
CREATE INDEX log_offices ON log_entry ((log_said(body) #>> '{terms,subject}')) WHERE kind = 'office' AND outcome = 'permit';
CREATE VIEW log_seat AS
    SELECT office, person, entry FROM (
        SELECT DISTINCT ON (office, person) log_said(e.body) #>> '{terms,subject}' AS office, p AS person, e.id AS entry,
            log_said(e.body) #>> '{terms,acts,0}' AS does
        FROM log_entry e, jsonb_array_elements_text(log_said(e.body) #> '{terms,people}') p
        WHERE e.kind = 'office' AND e.outcome = 'permit' AND log_placed(e.id) ORDER BY office, person, e.at DESC, e.id DESC
    ) last WHERE does <> 'remove';
GRANT SELECT ON log_seat TO chancery_app;

-- +goose Down
DROP VIEW log_seat;
DROP INDEX log_offices;
