package postgres

import (
	"context"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// Group is one of the roles that the migrations create. Nobody signs in as a group: a login is a member of one.
type Group string

// The groups; the first migration says what each may do.
const (
	App       Group = "chancery_app"
	Sequencer Group = "chancery_sequencer"
	Auditor   Group = "chancery_auditor"
)

// Grant makes login a member of group, with the credentials of somebody who may create roles. A login that is missing
// is created; one that exists gets the password; groups that are missing are created, so Grant may run before Migrate
// and the owner of the database needs no right to create roles. It is for first installations and development; an
// operator may do the same by hand. The password is printable ASCII; only its SCRAM verifier (RFC 5803) goes over the
// wire, so no server log can hold it.
func Grant(ctx context.Context, adminURL, login, password string, group Group) error {
	if err := grantable(login, password, group); err != nil {
		return err
	}
	verifier, err := scramVerifier(password)
	if err != nil {
		return err
	}
	pool, err := openOwner(ctx, adminURL)
	if err != nil {
		return err
	}
	defer pool.Close()
	for _, name := range []Group{App, Sequencer, Auditor} {
		if _, err := ensureRole(ctx, pool, string(name)); err != nil {
			return fmt.Errorf("postgres: grant %s to %s: %w", group, login, err)
		}
	}
	name, err := ensureRole(ctx, pool, login)
	if err != nil {
		return fmt.Errorf("postgres: grant %s to %s: %w", group, login, err)
	}
	for _, statement := range []string{
		// The verifier is base64 and punctuation: it cannot end the literal.
		"ALTER ROLE " + name + " LOGIN INHERIT PASSWORD '" + verifier + "'",
		"GRANT " + pgx.Identifier{string(group)}.Sanitize() + " TO " + name,
	} {
		if _, err := pool.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("postgres: grant %s to %s: %w", group, login, err)
		}
	}
	return nil
}

// ensureRole creates a role that is missing and returns its quoted name. Roles are those of the cluster: somebody else
// may be quicker, which is as good.
func ensureRole(ctx context.Context, pool *sql.DB, name string) (quoted string, err error) {
	quoted = pgx.Identifier{name}.Sanitize()
	var exists bool
	if err := pool.QueryRowContext(ctx, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)",
		name).Scan(&exists); err != nil || exists {
		return quoted, err
	}
	_, err = pool.ExecContext(ctx, "CREATE ROLE "+quoted+" NOLOGIN")
	if code := state(err); code == "42710" || code == "23505" {
		return quoted, nil
	}
	return quoted, err
}

func grantable(login, password string, group Group) error {
	switch {
	case group != App && group != Sequencer && group != Auditor:
		return fmt.Errorf("postgres: grant: %q is no group", string(group))
	case login == "" || len(login) > 63 || login == string(group):
		return fmt.Errorf("postgres: grant: %q cannot be a login", login)
	case password == "":
		return errors.New("postgres: grant: no password")
	}
	for _, r := range password {
		if r < ' ' || r > '~' {
			return errors.New("postgres: grant: the password holds a character that is not printable ASCII")
		}
	}
	return nil
}

// scramVerifier is what PostgreSQL keeps of a password: RFC 5802 3, in the notation of RFC 5803.
func scramVerifier(password string) (string, error) {
	// PostgreSQL's default, scram_iterations.
	const iterations = 4096
	salt := make([]byte, 16)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("postgres: salt: %w", err)
	}
	salted, err := pbkdf2.Key(sha256.New, password, salt, iterations, sha256.Size)
	if err != nil {
		return "", fmt.Errorf("postgres: password: %w", err)
	}
	mac := func(text string) []byte {
		h := hmac.New(sha256.New, salted)
		h.Write([]byte(text))
		return h.Sum(nil)
	}
	stored := sha256.Sum256(mac("Client Key"))
	b64 := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("SCRAM-SHA-256$%d:%s$%s:%s", iterations, b64(salt), b64(stored[:]), b64(mac("Server Key"))), nil
}
