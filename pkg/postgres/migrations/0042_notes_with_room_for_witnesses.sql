-- +goose Up
-- A signed checkpoint or rotation may bear the cosignatures of several witnesses, of post-quantum keys too: as many bytes as pkg/ledger reads.
ALTER TABLE log_checkpoint
    DROP CONSTRAINT log_checkpoint_note_is_bounded,
    ADD CONSTRAINT log_checkpoint_note_is_bounded CHECK (octet_length(note) BETWEEN 1 AND 32768);
ALTER TABLE log_rotation
    DROP CONSTRAINT log_rotation_note_is_bounded,
    ADD CONSTRAINT log_rotation_note_is_bounded CHECK (octet_length(note) BETWEEN 1 AND 32768);

-- +goose Down
ALTER TABLE log_checkpoint
    DROP CONSTRAINT log_checkpoint_note_is_bounded,
    ADD CONSTRAINT log_checkpoint_note_is_bounded CHECK (octet_length(note) BETWEEN 1 AND 16384);
ALTER TABLE log_rotation
    DROP CONSTRAINT log_rotation_note_is_bounded,
    ADD CONSTRAINT log_rotation_note_is_bounded CHECK (octet_length(note) BETWEEN 1 AND 16384);
