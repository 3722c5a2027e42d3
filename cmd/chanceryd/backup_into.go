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
)

// backupName is how a backup of --into is called: when it was begun, in UTC. What is called otherwise is none of them.
const (
	backupName    = "2006-01-02T150405Z"
	backupPartial = ".partial" // of one in the making, or whose making was killed
)

// backupInto makes a backup beside those that stand in a directory. Once it is whole, those that are older than they
// may be kept go, the newest never.
func backupInto(ctx context.Context, path, into string, env environment) error {
	s, _, err := loadOrReport(path, env)
	if err != nil {
		return err
	}
	now := time.Now().UTC()
	there, err := backupsIn(into, "")
	if err != nil {
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
