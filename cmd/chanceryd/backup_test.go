package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"

	"chancery.example/gateway/pkg/devstack"
	"chancery.example/gateway/pkg/ledger"
)

// backupLogin makes the login that reads everything and alters nothing, and returns what names it to the command.
func (s *site) backupLogin(t *testing.T) []string {
	t.Helper()
	if err := s.postgres.CreateLogin(t.Context(), "backup", "canary-backup"); err != nil {
		t.Fatal(err)
	}
	s.superuser(t, "GRANT pg_read_all_data TO backup")
	return []string{"CHANCERY_DATABASE_BACKUP_URL=" + s.postgres.URLFor("backup", "canary-backup", "chancery")}
}

// chanceryd wants that exit code of a command, and that text among what it says.
func chanceryd(t *testing.T, variables []string, want int, says string, args ...string) string {
	t.Helper()
	code, out, errs := ran(t, variables, args...)
	if code != want || !strings.Contains(out+errs, says) || strings.Contains(out+errs, "canary") {
		t.Errorf("%v: exit %d, want %d with %q\n%s%s", args, code, want, says, out, errs)
	}
	return out
}

// exchanged takes documents the whole way.
func (r *rack) exchanged(t *testing.T, n int) {
	t.Helper()
	for range n {
		p := &promise{number: len(r.promises)}
		r.promises = append(r.promises, p)
		if err := r.exchange(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
}

// kept is the newest checkpoint, in a file as an auditor keeps it.
func (r *rack) kept(t *testing.T, name string) string {
	t.Helper()
	signed, err := r.text(t.Context(), "auditor.wco", "/log/checkpoint")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(r.dir, name)
	write(t, path, string(signed))
	return path
}

// destroyed has two people destroy the one version of a document.
func (r *rack) destroyed(t *testing.T, document string) {
	t.Helper()
	var d object
	if err := r.as("staff.wco").do(t.Context(), http.MethodGet, "/documents/"+document, nil, &d); err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{"focal.wco", "deputy.wco"} {
		if err := r.as(who).do(t.Context(), http.MethodPost, "/documents/"+document+"/versions/"+
			d.text("version")+"/destruction", object{"statement": "The wrong file"}, nil); err != nil {
			t.Fatal(err)
		}
	}
}

// A backup is taken beside a running gateway, is proved offline, and comes back into empty parts; one that is too old
// is noticed wherever it turns up.
func TestABackupIsProvedOfflineAndComesBackIntoEmptyParts(t *testing.T) {
	r := newRack(t)
	variables := r.backupLogin(t)
	r.start(t)
	r.exchanged(t, 3)
	r.destroyed(t, r.promises[2].document)
	first, second := filepath.Join(r.dir, "first"), filepath.Join(r.dir, "second")
	key, before := filepath.Join(r.dir, "log.key"+publicSuffix), r.kept(t, "before.checkpoint")

	chanceryd(t, nil, 1, "database.backup_url", "backup", "create", first, "--config", r.config)
	chanceryd(t, variables, 0, "2 objects, 0 of them linked", "backup", "create", first, "--config", r.config)
	chanceryd(t, variables, 1, "stands already", "backup", "create", first, "--config", r.config)
	chanceryd(t, nil, 0, "living: 2 versions, 2 of them here and whole",
		"backup", "verify", first, "--key", key, "--kept", before)
	chanceryd(t, nil, exitContradiction, "no key of the log was given", "backup", "verify", first)
	r.sealedIn(t, first)

	r.exchanged(t, 2)
	after := r.kept(t, "after.checkpoint")
	chanceryd(t, variables, 0, "4 objects, 2 of them linked", "backup", "create", second, "--previous", first,
		"--config", r.config)
	living := filepath.Join(r.dir, "living.csv")
	chanceryd(t, nil, 0, "everything fits", "backup", "verify", second, "--key", key, "--kept", before, "--kept", after,
		"--living", living)
	if table, err := os.ReadFile(living); err != nil || bytes.Count(table, []byte("\n")) != 5 ||
		!strings.Contains(string(table), "org_wco,"+r.promises[4].document) {
		t.Errorf("what lives: %v\n%s", err, table)
	}
	chanceryd(t, nil, exitContradiction, "it is older", "backup", "verify", first, "--key", key, "--kept", after)

	r.kill()
	t.Run("it comes back", func(t *testing.T) { r.comesBack(t, second, after) })
	t.Run("an older one is noticed", func(t *testing.T) { r.olderIsNoticed(t, first, after) })
}

// sealedIn wants neither title nor content in a backup, packed or unpacked, and no key.
func (r *rack) sealedIn(t *testing.T, dir string) {
	t.Helper()
	text, err := exec.Command("pg_restore", "--file=-", filepath.Join(dir, "database.dump")).Output()
	if err != nil || !bytes.Contains(text, []byte("log_entry")) {
		t.Fatalf("%d bytes of the dump, %v", len(text), err)
	}
	all := [][]byte{text}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		one, err := os.ReadFile(path)
		all = append(all, one)
		return err
	})
	if err != nil || len(all) < 6 {
		t.Fatalf("%d files, %v", len(all), err)
	}
	private, err := os.ReadFile(filepath.Join(r.dir, "log.key"))
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range all {
		for _, secret := range []string{canary, strings.TrimSpace(string(private)), "encryptedKeyset",
			"primaryKeyId"} {
			if bytes.Contains(one, []byte(secret)) {
				t.Errorf("a backup holds %.20q", secret)
			}
		}
	}
}

// elsewhere is the same gateway over parts of its own, into which a backup is put back.
func (r *rack) elsewhere(t *testing.T, dir string) *rack {
	t.Helper()
	other := r.empty(t)
	other.putBack(t, dir)
	return other
}

// empty is the same gateway over empty parts of its own.
func (r *rack) empty(t *testing.T) *rack {
	t.Helper()
	s := *r.site
	parts := t.TempDir()
	var err error
	if s.postgres, err = devstack.StartPostgres(t.Context(),
		devstack.PostgresConfig{Dir: filepath.Join(parts, "postgres"), Apart: true}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.postgres.Stop() })
	if s.store, err = devstack.StartStore(t.Context(),
		devstack.StoreConfig{Dir: filepath.Join(parts, "store")}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.store.Stop() })
	if s.owner, err = s.postgres.CreateDatabase(t.Context(), "chancery"); err != nil {
		t.Fatal(err)
	}
	if err := s.store.CreateBucket(t.Context(), "chancery"); err != nil {
		t.Fatal(err)
	}
	s.describe(t)
	other := &rack{site: &s, receipts: map[string][]byte{}, stage: &stage{now: time.Now, issuers: s.issuers,
		base: strings.Replace(r.stage.base, r.site.base, s.base, 1)}}
	t.Cleanup(other.kill)
	return other
}

// putBack does what docs/operating.md says: roles, dump, objects.
func (s *site) putBack(t *testing.T, dir string) {
	t.Helper()
	s.superuser(t, "CREATE ROLE chancery_app NOLOGIN", "CREATE ROLE chancery_sequencer NOLOGIN",
		"CREATE ROLE chancery_auditor NOLOGIN")
	out, err := exec.Command("pg_restore", "--exit-on-error", "--dbname="+s.postgres.URL("chancery"),
		filepath.Join(dir, "database.dump")).CombinedOutput()
	if err != nil {
		t.Fatalf("pg_restore: %v\n%s", err, out)
	}
	s.grant(t)
	s.putObjectsBack(t, dir)
}

func (s *site) putObjectsBack(t *testing.T, dir string) {
	t.Helper()
	client, err := s.store.Client()
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(filepath.Join(dir, "documents"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err == nil {
			_, err = client.FPutObject(context.Background(), "chancery", name, path, minio.PutObjectOptions{})
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// comesBack wants what was backed up to be read again, by who may, on the same log.
func (r *rack) comesBack(t *testing.T, dir, newest string) {
	back := r.elsewhere(t, dir)
	back.holds(t, "--republish")
	back.log(t, 0, "everything fits", "check", "--republish", "--kept", newest)
	back.holds(t, "another PostgreSQL cluster")
	back.log(t, exitUsage, "--restored wants --kept", "check", "--restored")
	back.log(t, 0, "everything fits", "check", "--restored", "--kept", newest)
	back.start(t)
	p := r.promises[1]
	var given object
	if err := back.as("staff.wco").do(t.Context(), http.MethodPost, "/documents/"+p.document+"/disclosures",
		object{"purpose": "art2.e", "statement": "Reading it again", "form": "original"}, &given); err != nil {
		t.Fatal(err)
	}
	text, err := back.text(t.Context(), "staff.wco", "/disclosures/"+given.text("id")+"/content")
	if err != nil || !bytes.HasPrefix(text, []byte("%PDF")) || !bytes.Contains(text,
		[]byte(fmt.Sprint(canary, p.number))) {
		t.Errorf("an old document reads %q (%v)", text, err)
	}
	if index, _ := given["log_index"].(float64); int64(index) < r.promises[4].index {
		t.Errorf("it was read at index %v of the log, before what was in the backup", given["log_index"])
	}
	back.kill()
	back.log(t, 0, "everything fits", "check", "--kept", newest)
}

// olderIsNoticed puts a backup back that is older than what was signed: beside the store that goes on, and with an
// older store, where only somebody who kept a checkpoint can tell.
func (r *rack) olderIsNoticed(t *testing.T, dir, newest string) {
	back := r.elsewhere(t, dir)
	alone := *back.site
	alone.store = r.store
	alone.describe(t)
	alone.holds(t, "older backup of the database")
	alone.log(t, exitContradiction, "an older state was put back", "check", "--republish", "--kept", newest)

	back.describe(t)
	back.log(t, exitContradiction, "an older state was put back", "check", "--republish", "--kept", newest)
	back.holds(t, "--republish")
	// Published again without asking anybody, both agree with each other. It is noticed all the same.
	back.log(t, 0, "everything fits", "check", "--republish")
	back.holds(t, "another PostgreSQL cluster")
	back.log(t, exitContradiction, "an older state was put back", "check", "--restored", "--kept", newest)
	back.holds(t, "another PostgreSQL cluster")
	r.beginsAnew(t, dir)
}

// beginsAnew is the way forward of a log that is lost, with documents that live: a new log of another name, over empty
// parts and under the same keysets, into which Disclosers deposit again what the table of the old backup lists.
func (r *rack) beginsAnew(t *testing.T, old string) {
	t.Helper()
	table := filepath.Join(r.dir, "to-deposit-again.csv")
	key := filepath.Join(r.dir, "log.key")
	chanceryd(t, nil, 0, "everything fits", "backup", "verify", old, "--key", key+publicSuffix, "--living", table)
	lines, err := os.ReadFile(table)
	if err != nil {
		t.Fatal(err)
	}
	lost := strings.Count(string(lines), "org_wco,")

	evidence := filepath.Join(r.dir, "evidence")
	for _, file := range []string{key, key + publicSuffix} {
		if err := os.Rename(file, strings.Replace(file, key, evidence, 1)); err != nil {
			t.Fatal(err)
		}
	}
	anew := r.empty(t)
	anew.grant(t)
	anew.migrate(t)
	text, err := os.ReadFile(anew.config)
	if err != nil {
		t.Fatal(err)
	}
	write(t, anew.config, strings.Replace(string(text), "wco.example.org/wco-unoct-2022", "wco.example.org/second", 1))
	chanceryd(t, nil, 0, "wco.example.org/second", "keys", "create", "--config", anew.config)
	anew.start(t)
	anew.exchanged(t, lost)
	begun := anew.kept(t, "anew.checkpoint")
	anew.checkVerified(t)
	anew.kill()
	anew.log(t, 0, "everything fits", "check", "--kept", begun)

	// Neither log passes for the other: checkpoints and backups of the old one open with its own key alone.
	chanceryd(t, nil, 1, "not signed by this log's key", "backup", "verify", old, "--key", key+publicSuffix)
	chanceryd(t, nil, 0, "everything fits", "backup", "verify", old, "--key", evidence+publicSuffix)
	anew.log(t, exitContradiction, "not signed by this log's key", "check", "--kept",
		filepath.Join(r.dir, "after.checkpoint"))
}

// What a thief, an operator or a bad disk did to a backup is found without any part of the gateway.
func TestWhatWasAlteredInABackupIsFoundOffline(t *testing.T) {
	r := newRack(t)
	variables := r.backupLogin(t)
	r.start(t)
	r.exchanged(t, 2)
	dir, key := filepath.Join(r.dir, "backup"), filepath.Join(r.dir, "log.key"+publicSuffix)
	chanceryd(t, variables, 0, "2 objects", "backup", "create", dir, "--config", r.config)
	objects, err := filepath.Glob(filepath.Join(dir, "documents", "*", "*"))
	if err != nil || len(objects) != 2 {
		t.Fatalf("%v, %v", objects, err)
	}
	_, stranger, err := ledger.GenerateKey("wco.example.org/another")
	if err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(r.dir, "other.pub")
	write(t, other, stranger)

	chanceryd(t, nil, 1, "not signed by this log's key", "backup", "verify", dir, "--key", other)
	for name, c := range map[string]struct {
		path string
		with func([]byte) []byte
		exit int
		says string
	}{
		"an object, by one bit": {objects[0], flipped, 5, "not those that were copied"},
		"an object, cut":        {objects[0], halved, 5, "not those that were copied"},
		"an object, gone":       {objects[1], nil, 5, "it is missing"},
		"an entry, by one bit":  {filepath.Join(dir, "entries"), flipped, 5, "entries is not what"},
		"the entries, cut":      {filepath.Join(dir, "entries"), halved, 5, "the entries end within one"},
		"the dump":              {filepath.Join(dir, "database.dump"), flipped, 5, "database.dump is not"},
		"the list, without a line": {filepath.Join(dir, "objects"), firstLine, 5,
			"living as the log says: 2 versions, not here: 1"},
		"the list, with a way out": {filepath.Join(dir, "objects"), wayOut, 5, "no object is called"},
		"the manifest":             {filepath.Join(dir, "manifest"), flipped, 1, "manifest"},
		"no manifest":              {filepath.Join(dir, "manifest"), nil, 1, "did not end"},
	} {
		t.Run(name, func(t *testing.T) {
			was, err := os.ReadFile(c.path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Remove(c.path); err != nil {
				t.Fatal(err)
			}
			if c.with != nil {
				write(t, c.path, string(c.with(bytes.Clone(was))))
			}
			chanceryd(t, nil, c.exit, c.says, "backup", "verify", dir, "--key", key)
			write(t, c.path, string(was))
		})
	}
	chanceryd(t, nil, 0, "everything fits", "backup", "verify", dir, "--key", key)

	// The store lost one: the rest is backed up all the same, and both commands say it.
	client, err := r.store.Client()
	if err != nil {
		t.Fatal(err)
	}
	lost, err := filepath.Rel(dir, objects[0])
	if err == nil {
		err = client.RemoveObject(t.Context(), "chancery", lost, minio.RemoveObjectOptions{})
	}
	if err != nil {
		t.Fatal(err)
	}
	less := filepath.Join(r.dir, "less")
	chanceryd(t, variables, exitContradiction, "does not hold 1 object whole", "backup", "create", less, "--config",
		r.config)
	chanceryd(t, nil, exitContradiction, "the store no longer held it whole", "backup", "verify", less, "--key", key)
	r.store.Kill()
	chanceryd(t, variables, 1, "store", "backup", "create", filepath.Join(r.dir, "none"), "--config", r.config)
	if left, _ := filepath.Glob(filepath.Join(r.dir, "none*")); len(left) > 0 {
		t.Errorf("%v is left of a backup that failed", left)
	}
}

func flipped(b []byte) []byte   { b[len(b)/2] ^= 1; return b }
func halved(b []byte) []byte    { return b[:len(b)/2] }
func firstLine(b []byte) []byte { return b[:bytes.IndexByte(b, '\n')+1] }
func wayOut(b []byte) []byte {
	return bytes.Replace(b, []byte("documents/"), []byte("documents/../../"), 1)
}
