-- +goose Up
-- The newest notices of an organisation's own affairs, and the requests in which one person takes part, are found without
-- reading all.
CREATE INDEX notice_by_owner ON notice (owner, at DESC, id DESC) WHERE audience = 'owner';
CREATE INDEX request_person_by_person ON request_person (person);
CREATE INDEX admission_by_person ON admission (person);
CREATE INDEX decision_by_person ON decision (by_person);
-- And the newest that one organisation asked for.
CREATE INDEX request_by_asking_organisation ON access_request (asked_by_org, made_at, id);

-- +goose Down
DROP INDEX request_by_asking_organisation;
DROP INDEX decision_by_person;
DROP INDEX admission_by_person;
DROP INDEX request_person_by_person;
DROP INDEX notice_by_owner;
