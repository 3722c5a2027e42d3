package main

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/sequencer"
)

// Every night's backup links what the newest holds. Those older than they may be kept go once it is whole, not before,
// and nothing else of that directory. To a clock that is a year ahead all of them are too old: nothing is done by it.
func TestANightlyBackupIsLinkedAndThoseTooOldGo(t *testing.T) {
	r := newRack(t)
	variables := append(r.backupLogin(t), "CHANCERY_LIMITS_BACKUPS_KEPT=720h")
	r.start(t)
	r.exchanged(t, 1)
	into := filepath.Join(r.dir, "nights")
	create := []string{"backup", "create", "--into", into, "--config", r.config}
	chanceryd(t, variables, 1, "no such file", create...)
	chanceryd(t, variables, exitUsage, "say where", append(create, filepath.Join(r.dir, "here"))...)
	old, killed := "2020-01-01T010000Z", "2020-01-02T010000Z.partial"
	for _, name := range []string{old, killed, "notes", "2020-01-01", "x2020-01-01T010000Z"} {
		write(t, filepath.Join(into, name, "file"), "of somebody")
	}
	chanceryd(t, variables, 0, "1 object, 0 of them linked", create...)
	made, err := backupsIn(into, "")
	if err != nil || len(made) != 1 || len(names(t, into)) != 4 {
		t.Fatalf("%v, %v; want one backup, and what is none", names(t, into), err)
	}
	for time.Now().UTC().Format(backupName) == filepath.Base(made[0].path) {
		time.Sleep(10 * time.Millisecond) // they are called after their second
	}
	write(t, filepath.Join(into, old, "file"), "of somebody")
	forever := append(variables[:1:1], "CHANCERY_LIMITS_BACKUPS_KEPT=0h")
	chanceryd(t, forever, 0, "1 object, 1 of them linked", create...)
	if made, err = backupsIn(into, ""); err != nil || len(made) != 3 || filepath.Base(made[0].path) != old {
		t.Errorf("%v, %v; want that nothing goes where it is not said how long they are kept", made, err)
	}
	chanceryd(t, nil, 0, "everything fits", "backup", "verify", made[2].path, "--key",
		filepath.Join(r.dir, "log.key"+publicSuffix))

	for _, wrong := range []time.Duration{365 * 24 * time.Hour, -2 * time.Minute} {
		err := backupInto(t.Context(), time.Now().UTC().Add(wrong), r.config, into,
			environment{variables: variables, stdout: t.Output(), stderr: t.Output()})
		if !errors.Is(err, sequencer.ErrClock) || !strings.Contains(err.Error(), "nothing removed") ||
			len(names(t, into)) != 6 {
			t.Errorf("by a clock that is %s wrong: %v; %q", wrong, err, names(t, into))
		}
	}

	r.kill()
	for time.Now().UTC().Format(backupName) == filepath.Base(made[2].path) {
		time.Sleep(10 * time.Millisecond)
	}
	r.store.Kill()
	chanceryd(t, variables, 1, "store", create...)
	if !slices.Contains(names(t, into), old) {
		t.Error("a backup that failed removed an older one")
	}
}

func names(t *testing.T, dir string) (out []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}
