-- +goose Up
-- To whom a disclosure was permitted, in the order of time: an accounting of an organisation is made of these alone, and
-- not of all entries that say something of it. The expression is what log_found calls "for".
CREATE INDEX log_disclosures_to ON log_entry
    ((coalesce(log_said(body) #>> '{disclosure,to}', log_said(body) #>> '{terms,recipient}')), at)
    WHERE kind = 'disclosure' AND outcome = 'permit';

-- +goose Down
DROP INDEX log_disclosures_to;
