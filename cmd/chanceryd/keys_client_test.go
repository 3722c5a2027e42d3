package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The key of the pages' client is made once, for its owner alone; what is printed for the provider is public.
func TestTheKeyOfThePagesClientIsMadeOnceAndItsPublicHalfPrinted(t *testing.T) {
	file := filepath.Join(t.TempDir(), "keys", "portal")
	code, printed, errs := ran(t, nil, "keys", "client", file)
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errs)
	}
	var set struct{ Keys []map[string]any }
	if err := json.Unmarshal([]byte(printed), &set); err != nil || len(set.Keys) != 1 || set.Keys[0]["kid"] == "" ||
		set.Keys[0]["d"] != nil {
		t.Errorf("printed %s, %v", printed, err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if code, again, _ := ran(t, nil, "keys", "client", file); code != 0 || again != printed {
		t.Errorf("the second time: exit %d\n%s", code, again)
	}
	if err := os.Chmod(file, 0o640); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := ran(t, nil, "keys", "client", file); code == 0 || !strings.Contains(errs, file) {
		t.Errorf("a key that others may read: exit %d, %s", code, errs)
	}
}
