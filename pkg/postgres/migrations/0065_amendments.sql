-- +goose Up
-- What a document says of itself is changed by an amendment: the words of its title are found by new tokens, and a
-- purpose that it may not be used for any more goes.
GRANT DELETE ON document_word, document_purpose TO chancery_app;

-- +goose Down
REVOKE DELETE ON document_word, document_purpose FROM chancery_app;
