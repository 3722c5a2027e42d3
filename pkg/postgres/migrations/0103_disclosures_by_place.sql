-- +goose Up
-- An accounting of an organisation goes by log_place, and no disclosure keeps this index up to date any more. A replica of
-- before, as long as it runs beside, reads the log instead.
DROP INDEX log_disclosures_to;

-- +goose Down
CREATE INDEX log_disclosures_to ON log_entry
    ((coalesce(log_said(body) #>> '{disclosure,to}', log_said(body) #>> '{terms,recipient}')), at)
    WHERE kind = 'disclosure' AND outcome = 'permit';
