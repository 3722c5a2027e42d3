-- +goose Up
-- The operator ends sessions, too: a person has left, or a device was lost.
ALTER TABLE session DROP CONSTRAINT a_session_ends_for_a_reason_that_is_told;
ALTER TABLE session ADD CONSTRAINT a_session_ends_for_a_reason_that_is_told CHECK (ended IN ('signed-out', 'too-many',
	'elsewhere', 'issuer', 'renewed', 'another-person', 'operator'));
