package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
)

// CheckGroup wants the login of db to be a member of group and not of the service's other one: whoever serves must not
// be able to order the log, and whoever orders it reads no records. The error is a *Fault.
func CheckGroup(ctx context.Context, db *DB, group Group) error {
	other := Sequencer
	if group == Sequencer {
		other = App
	}
	var login string
	var ours, others bool
	err := db.pool.QueryRowContext(ctx, `SELECT current_user,
			EXISTS (SELECT FROM pg_roles r WHERE r.rolname = $1 AND pg_has_role(r.oid, 'MEMBER')),
			EXISTS (SELECT FROM pg_roles r WHERE r.rolname = $2 AND pg_has_role(r.oid, 'MEMBER'))`,
		string(group), string(other)).Scan(&login, &ours, &others)
	switch {
	case err != nil:
		return fmt.Errorf("postgres: group of the login: %w", err)
	case !ours && others:
		return &Fault{fmt.Sprintf("login %s is a member of %s, not of %s", login, other, group),
			"exchange database.url and database.sequencer_url if they were swapped, or GRANT " + string(group) +
				" to a login of its own"}
	case !ours:
		return &Fault{fmt.Sprintf("login %s is no member of %s", login, group),
			fmt.Sprintf("GRANT %s TO %s", group, login)}
	case others:
		return &Fault{fmt.Sprintf("login %s is a member of %s as well as of %s", login, other, group),
			fmt.Sprintf("REVOKE %s FROM %s: who serves must not be able to order the log", other, login)}
	}
	return nil
}

// CheckOwner wants the login of db to own the log, or to belong to its owner: it migrates. The error is a *Fault. A
// schema that is missing yet is nobody's, and no fault.
func CheckOwner(ctx context.Context, db *DB) error {
	var login string
	var owns bool
	err := db.pool.QueryRowContext(ctx, `SELECT current_user, NOT EXISTS (SELECT FROM pg_class c
			WHERE c.oid = to_regclass('log_entry') AND NOT pg_has_role(c.relowner, 'MEMBER'))`).Scan(&login, &owns)
	switch {
	case err != nil:
		return fmt.Errorf("postgres: owner: %w", err)
	case !owns:
		return &Fault{"login " + login + " does not own the schema", "give the address of the owner, who migrated it"}
	}
	return nil
}

// CheckReader wants the login of db to read every table: it backs up. The error is a *Fault.
func CheckReader(ctx context.Context, db *DB) error {
	var login, table string
	err := db.pool.QueryRowContext(ctx, `SELECT current_user,
			coalesce((SELECT min(c.oid::regclass::text) FROM pg_class c
			WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
			AND NOT has_table_privilege(c.oid, 'SELECT')), '')`).Scan(&login, &table)
	switch {
	case err != nil:
		return fmt.Errorf("postgres: reader: %w", err)
	case table != "":
		return &Fault{"login " + login + " may not read " + table, "GRANT pg_read_all_data TO " + login}
	}
	return nil
}

// Faults are the problems that err, of Open or of a check, consists of; each has a cure.
func Faults(err error) []Fault {
	if err == nil {
		return nil
	}
	if joined, several := err.(interface{ Unwrap() []error }); several {
		var all []Fault
		for _, one := range joined.Unwrap() {
			all = append(all, Faults(one)...)
		}
		return all
	}
	if known, is := err.(*Fault); is {
		return []Fault{*known}
	}
	if known := new(Fault); errors.As(err, &known) {
		return Faults(errors.Unwrap(err))
	}
	what := strings.Join(strings.Fields(strings.TrimPrefix(err.Error(), "postgres: ")), " ") // pgx breaks lines
	return []Fault{{what, cureOf(err)}}
}

// cureOf knows what a database answers that lets nobody in.
func cureOf(err error) string {
	switch code := state(err); {
	case code == "28P01":
		return "correct the login's password in the address, or set it with ALTER ROLE … PASSWORD"
	case code == "28000":
		return "create the login, or let pg_hba.conf admit it from this machine, over TLS if it says hostssl"
	case code == "3D000":
		return "correct the name of the database in the address, or create it and run `chanceryd migrate`"
	case code == "42501":
		return "GRANT the login CONNECT on the database, and membership in chancery_app or chancery_sequencer"
	case strings.HasPrefix(code, "53"):
		return "raise max_connections of PostgreSQL, or lower database.max_connections"
	case strings.HasPrefix(code, "57P0"):
		return "wait until PostgreSQL has started or recovered; its own log says how far it is"
	}
	var name *net.DNSError
	text := err.Error()
	switch {
	case errors.As(err, &name):
		return "correct the host in the address"
	case strings.Contains(text, "refused TLS"):
		return "switch ssl on at PostgreSQL, or write sslmode=disable where it is on this machine"
	case strings.Contains(text, "x509:"), strings.Contains(text, "tls:"):
		return "name the authority of its certificate with sslrootcert=FILE, and the host as the certificate has it"
	}
	return "see that PostgreSQL runs, listens at that host and port and can be reached from here"
}
