-- +goose Up
-- A consent for personal data names the legal basis of this transfer (Article 4(3)), as a Release does.
ALTER TABLE decision ADD COLUMN transfer_basis_sealed bytea;
-- A Release is ended by whoever made it or by the Discloser; the entry says by whom and why.
ALTER TABLE release
    ADD COLUMN ended_by             text REFERENCES person (id),
    ADD COLUMN ended_by_org         text REFERENCES organisation (id),
    ADD COLUMN end_statement_sealed bytea,
    ADD COLUMN end_entry            text;

-- +goose Down
ALTER TABLE release DROP COLUMN ended_by, DROP COLUMN ended_by_org, DROP COLUMN end_statement_sealed, DROP COLUMN end_entry;
ALTER TABLE decision DROP COLUMN transfer_basis_sealed;
