-- +goose Up
-- The field's words: what a person gives on a request is a decision (an authorization, a consent or a refusal), and what
-- makes a marked copy is a copy job.
ALTER TABLE leave RENAME TO decision;
ALTER TABLE decision RENAME CONSTRAINT leave_kind_known TO decision_kind_known;
ALTER TABLE decision RENAME CONSTRAINT one_leave_of_a_kind_per_organisation TO one_decision_of_a_kind_per_organisation;
ALTER TABLE decision RENAME CONSTRAINT filed_leave_has_its_instrument TO filed_decision_has_its_instrument;
ALTER INDEX leave_by_document RENAME TO decision_by_document;
ALTER TABLE withdrawal RENAME COLUMN leave TO decision;
ALTER TABLE release RENAME COLUMN owner_leave TO by_discloser;
ALTER TABLE making RENAME TO copy_job;
ALTER TABLE copy_job RENAME CONSTRAINT failed_making_has_its_entry TO failed_copy_job_has_its_entry;
ALTER INDEX making_by_disclosure RENAME TO copy_job_by_disclosure;

-- +goose Down
ALTER INDEX copy_job_by_disclosure RENAME TO making_by_disclosure;
ALTER TABLE copy_job RENAME CONSTRAINT failed_copy_job_has_its_entry TO failed_making_has_its_entry;
ALTER TABLE copy_job RENAME TO making;
ALTER TABLE release RENAME COLUMN by_discloser TO owner_leave;
ALTER TABLE withdrawal RENAME COLUMN decision TO leave;
ALTER INDEX decision_by_document RENAME TO leave_by_document;
ALTER TABLE decision RENAME CONSTRAINT filed_decision_has_its_instrument TO filed_leave_has_its_instrument;
ALTER TABLE decision RENAME CONSTRAINT one_decision_of_a_kind_per_organisation TO one_leave_of_a_kind_per_organisation;
ALTER TABLE decision RENAME CONSTRAINT decision_kind_known TO leave_kind_known;
ALTER TABLE decision RENAME TO leave;
