package devstack

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
)

// plainName is what a database or role of the devstack may be called.
var plainName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,50}$`)

// URL is the superuser's connection string for the database. Services never get it: see CreateDatabase.
func (p *Postgres) URL(database string) string { return p.URLFor(superuser, p.password, database) }

// URLFor is a login's connection string for the database.
func (p *Postgres) URLFor(role, password, database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(role, password), Host: loopback(p.port),
		Path: "/" + database, RawQuery: "sslmode=disable",
	}
	return u.String()
}

// CreateDatabase makes the database and the login that owns it, name_owner; it returns that login's
// URL. The owner is no superuser and may create roles, as migrations do. When both exist, the login
// gets a new password.
func (p *Postgres) CreateDatabase(ctx context.Context, name string) (ownerURL string, err error) {
	owner, password := name+"_owner", rand.Text()
	if err := p.CreateLogin(ctx, owner, password); err != nil {
		return "", err
	}
	conn, err := pgx.Connect(ctx, p.URL(superuser))
	if err != nil {
		return "", fmt.Errorf("create database %s: %w", name, err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, fmt.Sprintf("ALTER ROLE %s CREATEROLE", quoteName(owner))); err != nil {
		return "", fmt.Errorf("create database %s: %w", name, err)
	}
	var exists bool
	err = conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists)
	if err == nil && !exists {
		_, err = conn.Exec(ctx, fmt.Sprintf("CREATE DATABASE %s OWNER %s", quoteName(name), quoteName(owner)))
	}
	if err != nil {
		return "", fmt.Errorf("create database %s: %w", name, err)
	}
	return p.URLFor(owner, password, name), nil
}

// CloneDatabase makes the database a copy of another one, schema, rows and rights, with the same owner. Nobody may be
// connected to the template meanwhile.
func (p *Postgres) CloneDatabase(ctx context.Context, name, template string) error {
	if !plainName.MatchString(name) || !plainName.MatchString(template) {
		return fmt.Errorf("clone database %q of %q: a name is a-z, 0-9 and _, at most 51 characters", name, template)
	}
	conn, err := pgx.Connect(ctx, p.URL(superuser))
	if err != nil {
		return fmt.Errorf("clone database %s: %w", name, err)
	}
	defer conn.Close(ctx)
	statement := fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s OWNER %s", quoteName(name), quoteName(template),
		quoteName(template+"_owner"))
	var version int
	err = conn.QueryRow(ctx, "SELECT current_setting('server_version_num')::int").Scan(&version)
	if err == nil {
		if version >= 150000 { // before, there was no other way
			statement += " STRATEGY FILE_COPY" // of a small database it takes half of what going through the log does
		}
		_, err = conn.Exec(ctx, statement)
	}
	if err != nil {
		return fmt.Errorf("clone database %s: %w", name, err)
	}
	return nil
}

// KeepLittleWAL has the cluster keep no more of its write-ahead log than size, "192MB", beside what is being written.
func (p *Postgres) KeepLittleWAL(ctx context.Context, size string) error {
	conn, err := pgx.Connect(ctx, p.URL(superuser))
	if err != nil {
		return fmt.Errorf("bound the write-ahead log: %w", err)
	}
	defer conn.Close(ctx)
	quoted := "'" + strings.ReplaceAll(size, "'", "''") + "'"
	for _, statement := range []string{"ALTER SYSTEM SET max_wal_size = " + quoted, "SELECT pg_reload_conf()"} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("bound the write-ahead log: %w", err)
		}
	}
	return nil
}

// CreateLogin makes a login without any privilege, or gives an existing one the new password. Logins
// belong to the cluster: two databases of one cluster need two names.
func (p *Postgres) CreateLogin(ctx context.Context, role, password string) error {
	if !plainName.MatchString(role) || role == superuser {
		return fmt.Errorf("create login %q: a name is a-z, 0-9 and _, at most 51 characters, and not %s", role,
			superuser)
	}
	if password == "" || strings.ContainsAny(password, "\x00\\") {
		return fmt.Errorf("create login %s: the password is empty or holds a backslash or NUL", role)
	}
	conn, err := pgx.Connect(ctx, p.URL(superuser))
	if err != nil {
		return fmt.Errorf("create login %s: %w", role, err)
	}
	defer conn.Close(ctx)
	var exists bool
	err = conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", role).Scan(&exists)
	if err != nil {
		return fmt.Errorf("create login %s: %w", role, err)
	}
	verb := "CREATE"
	if exists {
		verb = "ALTER"
	}
	quoted := "'" + strings.ReplaceAll(password, "'", "''") + "'"
	if _, err := conn.Exec(ctx, fmt.Sprintf("%s ROLE %s LOGIN PASSWORD %s", verb, quoteName(role),
		quoted)); err != nil {
		return fmt.Errorf("create login %s: %w", role, err)
	}
	return nil
}

// DropDatabase removes the database, cutting its sessions, and the login that owns it.
func (p *Postgres) DropDatabase(ctx context.Context, name string) error {
	conn, err := pgx.Connect(ctx, p.URL(superuser))
	if err != nil {
		return fmt.Errorf("drop database %s: %w", name, err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, fmt.Sprintf("DROP DATABASE IF EXISTS %s WITH (FORCE)", quoteName(name))); err != nil {
		return fmt.Errorf("drop database %s: %w", name, err)
	}
	if _, err := conn.Exec(ctx, fmt.Sprintf("DROP ROLE IF EXISTS %s", quoteName(name+"_owner"))); err != nil {
		return fmt.Errorf("drop login %s_owner: %w", name, err)
	}
	return nil
}

func quoteName(name string) string { return pgx.Identifier{name}.Sanitize() }
