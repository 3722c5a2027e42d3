-- +goose Up
-- A Party's signatory ends the sessions of its own people (decision 0410).
ALTER TABLE session DROP CONSTRAINT a_session_ends_for_a_reason_that_is_told;
ALTER TABLE session ADD CONSTRAINT a_session_ends_for_a_reason_that_is_told CHECK (ended IN ('signed-out', 'too-many',
	'elsewhere', 'issuer', 'renewed', 'another-person', 'operator', 'party'));
-- A build of before goes on beside it (decision 0450).
