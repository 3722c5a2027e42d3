package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// At night keys are missing, and "keys create" is at hand. Nothing that it makes is taken for what was lost, and what
// was lost still fits when it is put back.
func TestNewKeysDoNotPassForLostOnes(t *testing.T) {
	s := newSite(t)
	s.grant(t)
	s.migrate(t)
	create := func() {
		t.Helper()
		if code, out, errs := ran(t, nil, "keys", "create", "--config", s.config); code != 0 {
			t.Fatalf("keys create: exit %d\n%s%s", code, out, errs)
		}
	}
	create()
	stop := s.serving(t)
	if got := s.status(t); got != 200 {
		t.Fatalf("staff.wco: %d", got)
	}
	stop()

	t.Run("the log's key", func(t *testing.T) {
		key := filepath.Join(s.dir, "log.key")
		back := s.lose(t, key, key+publicSuffix)
		create()
		s.holds(t, "not signed by this log's key")
		s.log(t, 1, "it is not the log's", "rotate-key")
		if left, _ := filepath.Glob(key + ".next*"); len(left) > 0 {
			t.Errorf("%v is left", left)
		}
		back()
		s.log(t, 0, "everything fits", "check")
		s.serving(t)()
	})
	t.Run("the public half of the log's key", func(t *testing.T) {
		public := filepath.Join(s.dir, "log.key"+publicSuffix)
		before, err := os.ReadFile(public)
		if err != nil {
			t.Fatal(err)
		}
		s.lose(t, public)
		s.refuses(t, "it writes the public half again")
		create()
		after, err := os.ReadFile(public)
		if err != nil || string(after) != string(before) {
			t.Errorf("written as %q, it was %q (%v)", after, before, err)
		}
	})
	t.Run("a keyset", func(t *testing.T) {
		back := s.lose(t, filepath.Join(s.dir, "keysets", "org_wco.json"))
		code, out, _ := ran(t, nil, "config", "check", "--config", s.config)
		if code != 1 || !strings.Contains(out, "there is no keyset of org_wco") || !strings.Contains(out, "backup") {
			t.Errorf("exit %d\n%s", code, out)
		}
		create()
		s.refuses(t, "nothing that was sealed under the keyset of org_wco opens")
		back()
		s.serving(t)()
	})
}

// lose moves files away; back puts them in their places again.
func (s *site) lose(t *testing.T, paths ...string) (back func()) {
	t.Helper()
	for _, path := range paths {
		if err := os.Rename(path, path+".lost"); err != nil {
			t.Fatal(err)
		}
	}
	return func() {
		for _, path := range paths {
			if err := os.Rename(path+".lost", path); err != nil {
				t.Fatal(err)
			}
		}
	}
}
