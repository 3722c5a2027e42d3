package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// Fault is one thing that is wrong with a database, a login or a setting, and what is to be done about it.
type Fault struct{ What, Cure string }

func (p *Fault) Error() string { return "postgres: " + p.What + ": " + p.Cure }

// Check refuses a database on which the promises of the disclosure log cannot be kept. Each problem found is a
// *Fault; errors.Join holds them all. It is meant for start-up and changes nothing.
//
// Refused are: fsync or full_page_writes off; sessions that do not get the synchronous_commit that they ask for; a
// server in recovery; a database that is not UTF-8; a schema that is missing, older than the build, or newer and not
// for it; append-only triggers that are missing or switched off; and a login that is a superuser, creates roles, owns
// the log, or by itself or a role it belongs to may update, delete or truncate it.
func Check(ctx context.Context, db *DB) error {
	if err := checkVersion(ctx, db.pool); err != nil {
		return err
	}
	login := checkLogin(ctx, db.pool)
	if login == nil { // of a superuser or owner, each single privilege is no news
		login = checkPrivileges(ctx, db.pool)
	}
	return errors.Join(db.Durable(ctx), checkServer(ctx, db.pool), login, checkTriggers(ctx, db.pool))
}

func checkVersion(ctx context.Context, pool *sql.DB) error {
	_, newest, err := migrations()
	if err != nil {
		return err
	}
	var found int64
	err = pool.QueryRowContext(ctx,
		"SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied").Scan(&found)
	switch {
	case state(err) == "42P01":
		return &Fault{"the schema is missing", "run `chanceryd migrate` with the owner's credentials"}
	case state(err) == "42501":
		return &Fault{"the login may not read the schema version",
			"grant it chancery_app (or chancery_sequencer)"}
	case err != nil:
		return fmt.Errorf("postgres: schema version: %w", err)
	case found < newest:
		return &Fault{fmt.Sprintf("the schema is of version %d, older than the %d of this build", found, newest),
			"run `chanceryd migrate`"}
	case found > newest:
		return checkNewer(ctx, pool, found, newest)
	}
	return nil
}

// checkNewer admits a build to a schema of a later one, while the migrations in between take nothing from it.
func checkNewer(ctx context.Context, pool *sql.DB, found, newest int64) error {
	var oldest int64
	if err := pool.QueryRowContext(ctx, "SELECT oldest FROM schema_bears").Scan(&oldest); err != nil {
		return fmt.Errorf("postgres: schema version: %w", err)
	}
	if newest >= oldest {
		return nil
	}
	return &Fault{fmt.Sprintf("the schema is of version %d, newer than the %d of this build, and bears builds from %d "+
		"on", found, newest, oldest), "start the build that migrated it"}
}

// durability asks what a commit on this connection is worth.
const durability = "SELECT current_setting('fsync'), current_setting('synchronous_commit'), " +
	"current_setting('full_page_writes')"

// lossy says which of these settings could lose what was acknowledged; nil when none could.
func lossy(fsync, commit, pages string) error {
	var problems []error
	refuse := func(name, value string) {
		problems = append(problems, &Fault{name + " is " + value + ", an acknowledged entry could be lost",
			"set " + name + " = on in postgresql.conf"})
	}
	if fsync != "on" {
		refuse("fsync", fsync)
	}
	if commit != "on" && commit != "remote_apply" { // the gateway asks for it: somebody between takes it away
		refuse("synchronous_commit", commit)
	}
	if pages != "on" {
		refuse("full_page_writes", pages)
	}
	return errors.Join(problems...)
}

// Durable refuses a server whose settings could lose what is acknowledged now, however they were when the connections
// were made. Each problem is a *Fault.
func (db *DB) Durable(ctx context.Context) error {
	var fsync, commit, pages string
	if err := db.pool.QueryRowContext(ctx, durability).Scan(&fsync, &commit, &pages); err != nil {
		return fmt.Errorf("postgres: durability: %w", err)
	}
	return lossy(fsync, commit, pages)
}

func checkServer(ctx context.Context, pool *sql.DB) error {
	var problems []error
	var recovery bool
	var encoding string
	if err := pool.QueryRowContext(ctx,
		"SELECT pg_is_in_recovery(), current_setting('server_encoding')").Scan(&recovery, &encoding); err != nil {
		return fmt.Errorf("postgres: recovery: %w", err)
	}
	if encoding != "UTF8" {
		problems = append(problems, &Fault{"the encoding of the database is " + encoding,
			"create it with ENCODING 'UTF8'"})
	}
	if recovery {
		problems = append(problems, &Fault{"the server is a standby, or its recovery goes on",
			"name the primary in the database URL, or wait until pg_is_in_recovery() is false"})
	}
	return errors.Join(problems...)
}

func checkLogin(ctx context.Context, pool *sql.DB) error {
	var login string
	var super, roles, owner bool
	err := pool.QueryRowContext(ctx, `SELECT r.rolname, r.rolsuper, r.rolcreaterole,
			EXISTS (SELECT FROM pg_class c WHERE c.oid = 'log_entry'::regclass AND pg_has_role(c.relowner, 'MEMBER'))
		FROM pg_roles r WHERE r.rolname = current_user`).Scan(&login, &super, &roles, &owner)
	if err != nil {
		return fmt.Errorf("postgres: login: %w", err)
	}
	var problems []error
	refuse := func(what string) {
		problems = append(problems, &Fault{"login " + login + " " + what,
			"sign in with one that is only a member of chancery_app or chancery_sequencer"})
	}
	if super {
		refuse("is a superuser")
	}
	if roles {
		refuse("may create roles")
	}
	if owner && !super {
		refuse("owns the log or belongs to its owner")
	}
	return errors.Join(problems...)
}

// checkPrivileges asks for every role that the login can become, so that SET ROLE is no way around.
func checkPrivileges(ctx context.Context, pool *sql.DB) error {
	rows, err := pool.QueryContext(ctx, `SELECT t.name, p.name, min(r.rolname)
		FROM unnest(ARRAY['log_entry', 'log_seq', 'log_place', 'log_checkpoint']) AS t (name),
			unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS p (name),
			pg_roles r
		WHERE pg_has_role(r.oid, 'MEMBER') AND (has_table_privilege(r.oid, t.name, p.name)
			OR p.name = 'UPDATE' AND has_any_column_privilege(r.oid, t.name, p.name))
		GROUP BY t.name, p.name ORDER BY t.name, p.name`)
	if err != nil {
		return fmt.Errorf("postgres: privileges: %w", err)
	}
	defer rows.Close()
	var problems []error
	for rows.Next() {
		var table, privilege, role string
		if err := rows.Scan(&table, &privilege, &role); err != nil {
			return fmt.Errorf("postgres: privileges: %w", err)
		}
		problems = append(problems, &Fault{"the login may " + privilege + " " + table,
			"REVOKE " + privilege + " ON " + table + " FROM " + role +
				", or sign in with one that is only a member of chancery_app or chancery_sequencer"})
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("postgres: privileges: %w", err)
	}
	return errors.Join(problems...)
}

// checkTriggers wants them enabled ALWAYS ('A'): others are passed over in a session whose session_replication_role is
// replica.
func checkTriggers(ctx context.Context, pool *sql.DB) error {
	rows, err := pool.QueryContext(ctx,
		`SELECT t.name, t.trigger, t.what FROM (SELECT name, 'log_is_append_only', name || ' can be altered'
				FROM unnest(ARRAY['log_entry', 'log_seq', 'log_place', 'log_checkpoint']) AS one (name)
			UNION ALL VALUES ('log_seq', 'log_places', 'entries of log_seq would not be found by their words'),
				('upload', 'upload_keeps_what_is_stored', 'the object of a document can be given up')
		) AS t (name, trigger, what)
		WHERE NOT EXISTS (SELECT FROM pg_trigger g WHERE g.tgrelid = t.name::regclass
			AND g.tgname = t.trigger AND g.tgenabled = 'A')`)
	if err != nil {
		return fmt.Errorf("postgres: triggers: %w", err)
	}
	defer rows.Close()
	var problems []error
	for rows.Next() {
		var table, trigger, what string
		if err := rows.Scan(&table, &trigger, &what); err != nil {
			return fmt.Errorf("postgres: triggers: %w", err)
		}
		problems = append(problems, &Fault{what, "ALTER TABLE " + table + " ENABLE ALWAYS TRIGGER " + trigger})
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("postgres: triggers: %w", err)
	}
	return errors.Join(problems...)
}
