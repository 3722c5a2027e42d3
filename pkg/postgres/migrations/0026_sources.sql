-- +goose Up
-- Reading 0110: what is derived stays protected. What a document derives from; which of its entities concerned it took
-- over from a source of the other Party; and, of each version, a fingerprint of its text, made with a key that stands
-- beside the keysets: without it the numbers tell no word.
CREATE TABLE document_source (
    document  text NOT NULL REFERENCES document (id),
    source    text NOT NULL REFERENCES document (id),
    discloser text NOT NULL REFERENCES organisation (id),
    protected boolean NOT NULL,
    CONSTRAINT a_source_is_named_once PRIMARY KEY (document, source),
    CONSTRAINT nothing_derives_from_itself CHECK (document <> source)
);
CREATE INDEX document_source_by_source ON document_source (source);

-- inherited: taken over from a source of the other Party, so not the Discloser's to take off; named: by the Discloser
-- itself, who else is not told who it is.
ALTER TABLE document_entity ADD COLUMN inherited boolean NOT NULL DEFAULT false;
ALTER TABLE document_entity ADD COLUMN named boolean NOT NULL DEFAULT true;

CREATE TABLE version_text (
    version text PRIMARY KEY REFERENCES version (id),
    words   integer NOT NULL,
    digest  bytea NOT NULL,
    tokens  bigint[] NOT NULL,
    whole   boolean NOT NULL
);
CREATE INDEX version_text_by_digest ON version_text (digest);
CREATE INDEX version_text_by_token ON version_text USING gin (tokens);

GRANT SELECT, INSERT ON document_source, version_text TO chancery_app;
GRANT UPDATE (named) ON document_entity TO chancery_app;
GRANT DELETE ON version_text TO chancery_app; -- with the key of a version that is destroyed

-- +goose Down
DROP TABLE version_text, document_source;
ALTER TABLE document_entity DROP COLUMN inherited, DROP COLUMN named;
