-- +goose Up
-- The places of entries of before 0101, in a transaction of its own: nothing is locked meanwhile, and rounds go on.
INSERT INTO log_place (word, index, at)
    SELECT w, s.index, e.at FROM log_seq s JOIN log_entry e ON e.id = s.entry, unnest(log_words(e.kind, e.outcome, e.body)) w
    ON CONFLICT DO NOTHING;
ANALYZE log_place;

-- +goose Down
