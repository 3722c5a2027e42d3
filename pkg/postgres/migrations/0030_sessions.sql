-- +goose Up
-- Sessions of browsers. What is in a row's seal opens only with the cookie that the browser holds (decision 0150): who has
-- the database alone can neither use a session nor read what it holds.
CREATE TABLE session (
	id_sha256 bytea PRIMARY KEY CHECK (length(id_sha256) = 32),
	person text NOT NULL,
	issuer text NOT NULL,
	subject_sha256 bytea NOT NULL,
	issuer_session_sha256 bytea,
	sealed bytea NOT NULL,
	browser text NOT NULL,
	created_at timestamptz NOT NULL,
	seen_at timestamptz NOT NULL,
	ends_at timestamptz NOT NULL,
	asked_again_after timestamptz NOT NULL,
	ended text CONSTRAINT a_session_ends_for_a_reason_that_is_told CHECK (ended IN ('signed-out', 'too-many',
		'elsewhere', 'issuer', 'renewed', 'another-person'))
);
CREATE INDEX session_by_person ON session (person);
CREATE INDEX session_by_subject ON session (issuer, subject_sha256);
CREATE INDEX session_by_issuer_session ON session (issuer, issuer_session_sha256);

-- One row for each attempt to sign in, taken away by what redeems it.
CREATE TABLE sign_in (
	state_sha256 bytea PRIMARY KEY CHECK (length(state_sha256) = 32),
	binding_sha256 bytea NOT NULL CHECK (length(binding_sha256) = 32),
	issuer text NOT NULL,
	purpose text NOT NULL CHECK (purpose IN ('sign-in', 'step-up', 'renew')),
	session_sha256 bytea,
	sealed bytea NOT NULL,
	made_at timestamptz NOT NULL,
	expires_at timestamptz NOT NULL
);
CREATE INDEX sign_in_by_expiry ON sign_in (expires_at);

-- Logout tokens that were taken, so that none is taken twice.
CREATE TABLE issuer_logout (
	id_sha256 bytea PRIMARY KEY,
	expires_at timestamptz NOT NULL
);

GRANT SELECT, INSERT, UPDATE, DELETE ON session, sign_in, issuer_logout TO chancery_app;

-- +goose Down
DROP TABLE issuer_logout;
DROP TABLE sign_in;
DROP TABLE session;
