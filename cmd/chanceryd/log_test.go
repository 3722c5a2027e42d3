package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/minio/minio-go/v7"
)

// serving starts serve and waits until it is ready; stop ends it.
func (s *site) serving(t *testing.T, variables ...string) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var log lockedBuffer
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"serve", "--config", s.config},
			environment{variables: variables, stdout: &log, stderr: &log})
	}()
	becomes(t, "ready", 200, func() int { return ready(t, s.admin) })
	return func() {
		t.Helper()
		cancel()
		if code := <-ended; code != 0 {
			t.Errorf("exit %d:\n%s", code, log.String())
		}
	}
}

// servedOnce starts serve, and ends it when the first of the log is signed.
func (s *site) servedOnce(t *testing.T) {
	t.Helper()
	stop := s.serving(t)
	defer stop()
	becomes(t, "a signed log", 1, func() int { return min(1, s.counted(t, "SELECT count(*) FROM log_checkpoint")) })
}

// counted is what a statement counts.
func (s *site) counted(t *testing.T, statement string) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.postgres.URL("chancery"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if err := conn.QueryRow(t.Context(), statement).Scan(&n); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return n
}

// superuser runs statements that no login of the gateway may.
func (s *site) superuser(t *testing.T, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.postgres.URL("chancery"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, statement := range statements {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

// published is the checkpoint that stands in the store, as an auditor gets it.
func (s *site) published(t *testing.T) string {
	t.Helper()
	client, err := s.store.Client()
	if err != nil {
		t.Fatal(err)
	}
	object, err := client.GetObject(t.Context(), "chancery", "log/checkpoint", minio.GetObjectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer object.Close()
	text, err := io.ReadAll(object)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (s *site) log(t *testing.T, want int, says string, args ...string) string {
	t.Helper()
	code, out, errs := ran(t, nil, append(append([]string{"log"}, args...), "--config", s.config)...)
	if code != want || !strings.Contains(out+errs, says) {
		t.Errorf("log %v: exit %d, want %d with %q\n%s%s", args, code, want, says, out, errs)
	}
	return out
}

// What an operator meets: a check that finds nothing, a key that is replaced, a row that somebody altered, and backups
// that are too old.
func TestTheOperatorChecksTheLogRotatesItsKeyAndRestoresNoOlderState(t *testing.T) {
	s := newSite(t)
	s.grant(t)
	s.migrate(t)
	if code, out, errs := ran(t, nil, "keys", "create", "--config", s.config); code != 0 {
		t.Fatalf("keys create: exit %d\n%s%s", code, out, errs)
	}
	key := filepath.Join(s.dir, "log.key")
	if _, err := os.Stat(key); err != nil {
		matches, _ := filepath.Glob(filepath.Join(s.dir, "*", "*.pub"))
		t.Fatalf("%v; %v", err, matches)
	}
	s.servedOnce(t)
	s.log(t, 0, "everything fits", "check")
	before, err := os.ReadFile(key + publicSuffix)
	if err != nil {
		t.Fatal(err)
	}
	s.log(t, 0, "new public key", "rotate-key")
	after, err := os.ReadFile(key + publicSuffix)
	if err != nil || bytes.Equal(before, after) {
		t.Errorf("the key is the same after the rotation (%v)", err)
	}
	stop := s.serving(t)
	s.log(t, 0, "everything fits", "check")
	stop()

	s.superuser(t, "CREATE TABLE before AS SELECT id, nonce FROM log_entry",
		"ALTER TABLE log_entry DISABLE TRIGGER log_is_append_only",
		"UPDATE log_entry SET nonce = sha256(nonce)", "ALTER TABLE log_entry ENABLE ALWAYS TRIGGER log_is_append_only")
	s.log(t, exitContradiction, "index 0", "check")
	s.superuser(t, "ALTER TABLE log_entry DISABLE TRIGGER log_is_append_only",
		"UPDATE log_entry e SET nonce = b.nonce FROM before b WHERE b.id = e.id",
		"ALTER TABLE log_entry ENABLE ALWAYS TRIGGER log_is_append_only")
	s.log(t, 0, "everything fits", "check")

	// An older bucket: it holds less than was published.
	s.superuser(t, "UPDATE log_published SET size = size + 5")
	s.holds(t, "older bucket")
	s.superuser(t, "UPDATE log_published SET size = size - 5")

	// Bucket and database were lost together, and an older backup of both put back: by themselves they agree.
	auditors := filepath.Join(s.dir, "kept.checkpoint")
	write(t, auditors, s.published(t))
	s.log(t, 0, "the database holds all that "+auditors, "check", "--kept", auditors)
	s.superuser(t, "CREATE TABLE newer AS SELECT * FROM log_head", "UPDATE log_head SET size = 0, root = sha256('')")
	s.log(t, exitContradiction, "an older state was put back", "check", "--republish", "--kept", auditors)
	s.superuser(t, "UPDATE log_head SET size = n.size, root = n.root FROM newer n")

	// An older database: it holds less than the store.
	s.superuser(t, "CREATE TABLE kept AS SELECT * FROM log_head", "UPDATE log_head SET size = 0, root = sha256('')")
	s.holds(t, "older backup of the database")
	s.superuser(t, "UPDATE log_head SET size = k.size, root = k.root FROM kept k")

	// The key from before the rotation, put back from a backup.
	former, err := filepath.Glob(key + ".former-*Z")
	if err != nil || len(former) != 1 {
		t.Fatalf("former keys %v, %v", former, err)
	}
	old := *s
	old.config = filepath.Join(s.dir, "old.yaml")
	text, err := os.ReadFile(s.config)
	if err != nil {
		t.Fatal(err)
	}
	write(t, old.config, strings.Replace(string(text), key, former[0], 1))
	old.holds(t, "rotated to another one")
	s.serving(t)()
}
