-- +goose Up
-- What an asker says where nobody asked: it lets no silence count anew.
ALTER TABLE message DROP CONSTRAINT message_kind_known;
ALTER TABLE message ADD CONSTRAINT message_kind_known CHECK (kind IN ('question', 'answer', 'remark'));

-- +goose Down
ALTER TABLE message DROP CONSTRAINT message_kind_known;
ALTER TABLE message ADD CONSTRAINT message_kind_known CHECK (kind IN ('question', 'answer'));
