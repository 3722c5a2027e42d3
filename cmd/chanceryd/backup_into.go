package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"chancery.example/gateway/pkg/backup"
	"chancery.example/gateway/pkg/sequencer"
)

// backupName is how a backup of --into is called: when it was begun, in UTC. What is called otherwise is none of them.
const (
	backupName    = "2006-01-02T150405Z"
	backupPartial = ".partial" // of one in the making, or whose making was killed
)

// backupInto makes a backup, of now, beside those that stand in a directory. Once it is whole, those that are older
// than they may be kept go, the newest never. By a clock that is wrong none is made and none goes.
func backupInto(ctx context.Context, now time.Time, path, into string, env environment) error {
	s, _, err := loadOrReport(path, env)
	if err != nil {
		return err
	}
	there, err := backupsIn(into, "")
	if err != nil {
		return err
	}
	if err := checkBackupClock(ctx, s.Database.BackupURL, now); err != nil {
		return err
	}
	previous := ""
	if len(there) > 0 {
		previous = there[len(there)-1].path
	}
	dir := filepath.Join(into, now.Format(backupName))
	err = createBackup(ctx, path, dir, previous, env)
	if errors.Is(err, backup.ErrPrevious) { // such as one signed before the log's key was rotated
		fmt.Fprintf(env.stderr, "%v; every object is fetched\n", err)
		err = createBackup(ctx, path, dir, "", env)
	}
	if err != nil {
		return err
	}
	killed, err := backupsIn(into, backupPartial)
	if err != nil {
		return err
	}
	return errors.Join(removeBackups(killed, now.Add(-24*time.Hour), env),
		removeBackups(there, keptSince(now, s.Limits.BackupsKept), env))
}

// checkBackupClock holds this machine's clock against the database's: a backup is called after its time, and by one
// that is months ahead all that there are would be too old.
func checkBackupClock(ctx context.Context, database secret, now time.Time) error {
	if database == "" {
		return nil // said by createBackup
	}
	theirs, newest, err := backup.Clock(ctx, database.reveal())
	if err != nil {
		return err
	}
	return faultAt("database.backup_url", sequencer.ClocksAgree(now, theirs, newest),
		"set the clocks of this machine and of the database's (NTP); nothing was backed up and nothing removed")
}

// keptSince is when the oldest backup that is kept was begun: where it is not said how long, all are kept.
func keptSince(now time.Time, kept time.Duration) time.Time {
	if kept == 0 {
		return time.Time{}
	}
	return now.Add(-kept)
}

// madeBackup is a backup that stands in a directory.
type madeBackup struct {
	path string
	at   time.Time
}

// backupsIn lists the directories that are called after a time, with this ending, the oldest first.
func backupsIn(dir, ending string) (out []madeBackup, err error) {
	entries, err := os.ReadDir(dir) // in the order of their names, which is that of their times
	if err != nil {
		return nil, plainPathError(err)
	}
	for _, e := range entries {
		name, ends := strings.CutSuffix(e.Name(), ending)
		at, err := time.Parse(backupName, name)
		if ends && err == nil && e.IsDir() && at.Format(backupName) == name {
			out = append(out, madeBackup{filepath.Join(dir, e.Name()), at})
		}
	}
	return out, nil
}

func removeBackups(made []madeBackup, before time.Time, env environment) error {
	for _, b := range made {
		if !b.at.Before(before) {
			continue
		}
		if err := os.RemoveAll(b.path); err != nil {
			return plainPathError(err)
		}
		fmt.Fprintln(env.stdout, "removed", b.path)
	}
	return nil
}
