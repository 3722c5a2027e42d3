package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery.example/gateway/pkg/devstack"
	"chancery.example/gateway/pkg/postgres"
)

// standing is a site whose database is migrated and whose keys are made, with a scanner and a mail server: every part
// is ready.
func standing(t *testing.T) (s *site, mail *devstack.MailServer, scanner string) {
	t.Helper()
	s = newSite(t)
	s.grant(t)
	s.migrate(t)
	if code, out, errs := ran(t, nil, "keys", "create", "--config", s.config); code != 0 {
		t.Fatalf("keys create: exit %d\n%s%s", code, out, errs)
	}
	mail, err := devstack.StartMail(t.Context(), devstack.MailConfig{Dir: filepath.Join(s.dir, "mail")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { mail.Stop() })
	write(t, filepath.Join(s.dir, "secrets", "mail"), mail.Username+"\n"+mail.Password+"\n")
	return s, mail, pinged(t, "PONG\x00")
}

// pinged is a clamd as far as a PING goes.
func pinged(t *testing.T, answer string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "clamd.ctl")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			asked := make([]byte, len("zPING\x00"))
			if _, err := io.ReadFull(conn, asked); err == nil && string(asked) == "zPING\x00" {
				_, _ = io.WriteString(conn, answer)
			}
			conn.Close()
		}
	}()
	return path
}

// parts are the variables that point the site's configuration at its mail server and scanner.
func parts(mail *devstack.MailServer, scanner string) []string {
	return []string{"CHANCERY_MALWARE_ADDRESS=" + scanner, "CHANCERY_MAIL_HOST=" + mail.Host(),
		"CHANCERY_MAIL_PORT=" + strconv.Itoa(mail.Port()), "CHANCERY_MAIL_CA=" + mail.AuthorityFile()}
}

func TestAPreflightFindsNothingWhereEveryPartIsReadyAndWritesNothing(t *testing.T) {
	s, mail, scanner := standing(t)
	before := s.contents(t)
	code, out, errs := ran(t, parts(mail, scanner), "config", "check", "--online", "--config", s.config)
	if code != 0 || !strings.HasSuffix(out, "no problem found\n") {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	if after := s.contents(t); after != before {
		t.Errorf("something was written:\n%s\n%s", before, after)
	}
	// And with a gateway's records there, which the preflight then compares.
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"serve", "--config", s.config}, environment{stdout: io.Discard, stderr: io.Discard})
	}()
	becomes(t, "a gateway", 200, func() int { return ready(t, s.admin) })
	becomes(t, "somebody", 200, func() int { return s.status(t) })
	stop()
	if code := <-ended; code != 0 {
		t.Fatalf("serve: exit %d", code)
	}
	before = s.contents(t)
	if code, out, errs := ran(t, parts(mail, scanner), "config", "check", "--online", "--config",
		s.config); code != 0 {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
	if after := s.contents(t); after != before {
		t.Errorf("something was written:\n%s\n%s", before, after)
	}
	s.fromTomorrow(t)
	s.foretold(t, "database.url", "the newest entry of the log is of", "NTP", parts(mail, scanner))
}

// fromTomorrow dates the log as a database does whose clock was then set back.
func (s *site) fromTomorrow(t *testing.T) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.postgres.URL("chancery"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	for _, statement := range []string{"ALTER TABLE log_entry DISABLE TRIGGER log_is_append_only",
		"UPDATE log_entry SET at = at + interval '1 day'",
		"ALTER TABLE log_entry ENABLE ALWAYS TRIGGER log_is_append_only"} {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}

// contents is a digest of every row, role and sequence of the database and of every file of the store and beside the
// configuration.
func (s *site) contents(t *testing.T) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.postgres.URL("chancery"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	sum := sha256.New()
	rows, err := conn.Query(t.Context(), `SELECT format('SELECT coalesce(string_agg(x::text, E''\n'' ORDER BY x::text),
			'''') FROM %I.%I x', schemaname, tablename) FROM pg_tables
		WHERE schemaname NOT IN ('pg_catalog', 'information_schema')
		UNION ALL SELECT format('SELECT last_value::text FROM %I.%I', schemaname, sequencename) FROM pg_sequences
		UNION ALL SELECT 'SELECT string_agg(r::text, E''\n'' ORDER BY oid) FROM pg_roles r'
		UNION ALL SELECT 'SELECT string_agg(m::text, E''\n'' ORDER BY m::text) FROM pg_auth_members m' ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	asked, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(asked) < 20 {
		t.Fatal(len(asked), err)
	}
	for _, query := range asked {
		var text string
		if err := conn.QueryRow(t.Context(), query).Scan(&text); err != nil {
			t.Fatal(query, err)
		}
		io.WriteString(sum, text)
	}
	for _, dir := range []string{"store", "secrets", "keysets"} {
		err := filepath.WalkDir(filepath.Join(s.dir, dir), func(path string, d os.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			content, err := os.ReadFile(path)
			io.WriteString(sum, path)
			sum.Write(content)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// What operators got wrong at night, on real parts: serve and the preflight name the key and the cure, in the same
// words.
func TestEachFailingStartNamesItsKeyAndItsCure(t *testing.T) {
	s, mail, scanner := standing(t)
	encrypted := httptest.NewTLSServer(http.NotFoundHandler())
	defer encrypted.Close()
	gateway := s.postgres.URLFor("gateway", "canary-app", "chancery")
	sequencer := s.postgres.URLFor("sequencer", "canary-sequencer", "chancery")
	if err := postgres.Grant(t.Context(), s.postgres.URL("chancery"), "both", "canary-both", postgres.App); err != nil {
		t.Fatal(err)
	}
	if err := postgres.Grant(t.Context(), s.postgres.URL("chancery"), "both", "canary-both",
		postgres.Sequencer); err != nil {
		t.Fatal(err)
	}
	closed := "127.0.0.1:" + freePort(t)
	for name, c := range map[string]struct {
		env             []string
		key, says, cure string
	}{
		"logins swapped": {[]string{"CHANCERY_DATABASE_URL=" + sequencer, "CHANCERY_DATABASE_SEQUENCER_URL=" + gateway},
			"database.url", "login sequencer is a member of chancery_sequencer, not of chancery_app",
			"exchange database.url and database.sequencer_url"},
		"one login of both groups": {[]string{"CHANCERY_DATABASE_URL=" + s.postgres.URLFor("both", "canary-both",
			"chancery")}, "database.url", "as well as of", "REVOKE chancery_sequencer FROM both"},
		"superuser": {[]string{"CHANCERY_DATABASE_URL=" + s.postgres.URL("chancery")}, "database.url", "superuser",
			"only a member of"},
		"password": {[]string{"CHANCERY_DATABASE_SEQUENCER_URL=" + s.postgres.URLFor("sequencer", "canary-wrong",
			"chancery")}, "database.sequencer_url", "password authentication failed", "correct the login's password"},
		"database's name": {[]string{"CHANCERY_DATABASE_URL=" + s.postgres.URLFor("gateway", "canary-app", "other")},
			"database.url", `database "other" does not exist`, "correct the name"},
		"database away": {[]string{"CHANCERY_DATABASE_URL=postgres://gateway:canary@" + closed +
			"/chancery?sslmode=disable"}, "database.url", "connect", "see that PostgreSQL runs"},
		"no schema": {[]string{"CHANCERY_DATABASE_URL=" + s.postgres.URLFor("gateway", "canary-app", "postgres")},
			"database.url", "schema is missing", "chanceryd migrate"},
		"access key unknown": {[]string{"CHANCERY_STORE_ACCESS_KEY=canary"}, "store.access_key", "no such access key",
			"compare it"},
		"secret key wrong": {[]string{"CHANCERY_STORE_SECRET_KEY=canary"}, "store.secret_key", "not the one of",
			"put the secret"},
		"bucket absent": {[]string{"CHANCERY_STORE_BUCKET=nowhere"}, "store.bucket", "does not exist", "make it"},
		"https to http": {[]string{"CHANCERY_STORE_SECURE=true"}, "store.secure", "speaks HTTP", "secure: false"},
		"http to https": {[]string{"CHANCERY_STORE_ENDPOINT=" + strings.TrimPrefix(encrypted.URL, "https://")},
			"store.secure", "no plain HTTP", "leave secure out"},
		"store away": {[]string{"CHANCERY_STORE_ENDPOINT=" + closed}, "store.endpoint", "no store answers",
			"see that the store runs"},
	} {
		t.Run(name, func(t *testing.T) {
			s.refuses(t, "chanceryd: "+c.key+": ", c.env...)
			s.refuses(t, c.says, c.env...)
			s.refuses(t, c.cure, c.env...)
			s.foretold(t, c.key, c.says, c.cure, append(parts(mail, scanner), c.env...))
		})
	}
}

// foretold wants the preflight to say it.
func (s *site) foretold(t *testing.T, key, says, cure string, env []string) {
	t.Helper()
	code, out, _ := ran(t, env, "config", "check", "--online", "--config", s.config)
	lines := strings.Split(out, "\n")
	at := slices.IndexFunc(lines, func(line string) bool {
		return strings.HasPrefix(line, "problem    "+key+": ") && strings.Contains(line, says)
	})
	if code != 1 || at < 0 || !strings.Contains(cureBehind(lines[at+1:]), cure) ||
		strings.Contains(out, "canary") {
		t.Errorf("the preflight: exit %d\n%s", code, out)
	}
}

// The owner's address is for "chanceryd migrate": serve does not try it, the preflight does.
func TestAPreflightAsksTheOwnerWhereItIsGiven(t *testing.T) {
	s, mail, scanner := standing(t)
	well := parts(mail, scanner)
	if err := postgres.Grant(t.Context(), s.postgres.URL("chancery"), "other", "canary-other",
		postgres.Auditor); err != nil {
		t.Fatal(err)
	}
	code, out, _ := ran(t, append(well, "CHANCERY_DATABASE_OWNER_URL="+s.owner), "config", "check", "--online",
		"--config", s.config)
	if code != 0 {
		t.Errorf("the owner: exit %d\n%s", code, out)
	}
	s.foretold(t, "database.owner_url", "other does not own the schema", "who migrated it", append(well,
		"CHANCERY_DATABASE_OWNER_URL="+s.postgres.URLFor("other", "canary-other", "chancery")))
}

// What serve starts without, since it goes on by itself when it is there: only the preflight asks.
func TestAPreflightAsksTheProvidersTheMailServerAndTheScanner(t *testing.T) {
	s, mail, scanner := standing(t)
	well := parts(mail, scanner)
	s.foretold(t, "malware.address", "no such file", "LocalSocket", append(well,
		"CHANCERY_MALWARE_ADDRESS=/nowhere.ctl"))
	s.foretold(t, "malware.address", `answers "UNKNOWN COMMAND"`, "start clamd",
		append(well, "CHANCERY_MALWARE_ADDRESS="+pinged(t, "UNKNOWN COMMAND\x00")))
	s.foretold(t, "mail.host", "cannot be reached", "see that the mail server runs", append(well,
		"CHANCERY_MAIL_PORT="+freePort(t)))
	s.foretold(t, "mail.ca", "not trusted", "PEM", slices.DeleteFunc(slices.Clone(well),
		func(v string) bool { return strings.HasPrefix(v, "CHANCERY_MAIL_CA=") }))
	write(t, filepath.Join(s.dir, "secrets", "mail"), mail.Username+"\ncanary-wrong\n")
	s.foretold(t, "mail.credentials_file", "refuses the user or the password", "one a line", well)
	if err := s.issuers.Stop(); err != nil {
		t.Fatal(err)
	}
	s.foretold(t, "issuers[0].url", "identity provider is away", "its people get 503", well)
	s.foretold(t, "issuers[1].url", "identity provider is away", "its people get 503", well)
}

// At night a certificate has expired, the scanner's address was spoilt and the mail server's credentials are gone: no
// gateway starts, and backup, log and sessions can be looked after all the same.
func TestWhatServingAloneTakesKeepsNobodyFromTheOtherCommands(t *testing.T) {
	s, _, _ := standing(t)
	s.servedOnce(t)
	now := time.Now()
	pair := pairFor(t, t.TempDir(), 1, "127.0.0.1", now.AddDate(0, -3, 0), now.AddDate(0, 0, -1))
	spoilt := []string{"CHANCERY_TLS_CERTIFICATE=" + pair.Certificate, "CHANCERY_TLS_KEY=" + pair.Key,
		"CHANCERY_MALWARE_ADDRESS=nowhere", "CHANCERY_MAIL_CREDENTIALS_FILE=" + filepath.Join(s.dir, "none"),
		"CHANCERY_DATABASE_BACKUP_URL=" + s.postgres.URL("chancery")}
	s.refuses(t, "expired on", spoilt...)
	for _, args := range [][]string{{"log", "check"}, {"sessions", "end", "--everybody"}, {"mail", "list"},
		{"backup", "create", filepath.Join(s.dir, "backup")}, {"log", "rotate-key"}, {"config", "adopt"}} {
		if code, out, errs := ran(t, spoilt, append(args, "--config", s.config)...); code != 0 {
			t.Errorf("%v: exit %d\n%s%s", args, code, out, errs)
		}
	}
}

// One look says all that is wrong: both logins, the one that backs up, and the addresses.
func TestAPreflightAsksEveryLoginAndTriesTheAddresses(t *testing.T) {
	s, mail, scanner := standing(t)
	s.superuser(t, "CREATE ROLE idle LOGIN PASSWORD 'canary-idle'")
	wrong := []string{"CHANCERY_DATABASE_URL=" + s.postgres.URLFor("gateway", "canary-other", "chancery"),
		"CHANCERY_DATABASE_SEQUENCER_URL=" + s.postgres.URLFor("nobody", "canary-none", "chancery"),
		"CHANCERY_DATABASE_BACKUP_URL=" + s.postgres.URLFor("idle", "canary-idle", "chancery")}
	taken, err := net.Listen("tcp", s.base)
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	check := func(variables ...string) (int, string) {
		t.Helper()
		code, out, _ := ran(t, append(parts(mail, scanner), variables...), "config", "check", "--online", "--config",
			s.config)
		if strings.Contains(out, "canary") {
			t.Errorf("a secret is told:\n%s", out)
		}
		return code, out
	}
	code, out := check(wrong...)
	for _, want := range []string{"problem    database.url: ", "problem    database.sequencer_url: ",
		"problem    database.backup_url: login idle may not read ", "GRANT pg_read_all_data TO idle",
		"problem    listen: "} {
		if code != 1 || !strings.Contains(out, want) {
			t.Errorf("exit %d, without %q:\n%s", code, want, out)
		}
	}
	taken.Close()
	s.superuser(t, "GRANT pg_read_all_data TO idle")
	defer s.serving(t)()
	if code, out := check(wrong[2]); code != 0 || strings.Count(out, "a gateway answers at admin_listen") != 2 {
		t.Errorf("beside the gateway that runs: exit %d\n%s", code, out)
	}
}
