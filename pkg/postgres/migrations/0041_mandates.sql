-- +goose Up
-- A Mandate lets one person decide and sign for a third party. It is kept as a Delegation is, of an organisation that is no Party, with what
-- its holder is there and on what authority.
ALTER TABLE delegation
    ADD COLUMN function_sealed  bytea,
    ADD COLUMN authority_sealed bytea,
    ADD COLUMN keyset           text REFERENCES organisation (id); -- under which the words are sealed; NULL: the organisation's own

-- +goose Down
ALTER TABLE delegation DROP COLUMN function_sealed, DROP COLUMN authority_sealed, DROP COLUMN keyset;
