package disk_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"chancery.example/gateway/pkg/disk"
)

// only wants the folder to hold one file with that content, for its owner alone.
func only(t *testing.T, path, content string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != content {
		t.Errorf("%q, %v; want %q", got, err, content)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("left in the folder: %v, %v", entries, err)
	}
}

func TestAFileIsReplacedWholeOrNotAtAll(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	for _, content := range []string{"first", "the second, which is longer", ""} {
		if err := errors.Join(disk.Replace(path, []byte(content)), disk.SyncFolder(filepath.Dir(path))); err != nil {
			t.Fatal(err)
		}
		only(t, path, content)
	}
	if err := disk.Replace(path, []byte("kept")); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("the line broke")
	err := disk.Make(path, func(w io.Writer) error {
		only := []byte("half of it")
		if _, err := w.Write(only); err != nil {
			return err
		}
		if seen, err := os.ReadFile(path); err != nil || string(seen) != "kept" {
			t.Errorf("while it is written there stands %q, %v", seen, err)
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	only(t, path, "kept")
}

func TestWhereNothingCanBeWrittenNothingIsChanged(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "absent")
	if err := disk.Replace(filepath.Join(dir, "file"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("into a folder that is not there: %v", err)
	}
	if err := disk.SyncFolder(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("of a folder that is not there: %v", err)
	}
	taken := filepath.Join(t.TempDir(), "folder")
	if err := os.Mkdir(taken, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := disk.Replace(taken, nil); err == nil {
		t.Error("a folder was replaced")
	}
	if entries, err := os.ReadDir(filepath.Dir(taken)); err != nil || len(entries) != 1 {
		t.Errorf("left in the folder: %v, %v", entries, err)
	}
}

// Below a folder that is held open a file is replaced whole as well, with the mode that is given, and no link leads
// out.
func TestBelowAFolderAFileIsReplacedAndNoLinkLeadsOut(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for _, content := range []string{"first", "the second, which is longer"} {
		if err := errors.Join(disk.ReplaceIn(root, "file", []byte(content), 0o640), disk.SyncIn(root)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(dir, "file")); err != nil || string(got) != content {
			t.Errorf("%q, %v; want %q", got, err, content)
		}
	}
	if info, err := root.Stat("file"); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	if err := disk.ReplaceIn(root, "link/file", nil, 0o600); err == nil {
		t.Error("a link led out of the folder")
	}
	for where, want := range map[string]int{outside: 0, dir: 2} {
		if entries, err := os.ReadDir(where); err != nil || len(entries) != want {
			t.Errorf("in %s stand %v, %v", where, entries, err)
		}
	}
}
