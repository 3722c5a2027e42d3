package main

import (
	"strings"
	"testing"
)

// Keysets are rotated in two steps, each of which says what comes next and is refused where there is nothing to do.
func TestKeysetsAreRotatedInTwoSteps(t *testing.T) {
	path := goodConfig(t, nil)
	for _, one := range []struct {
		step, says string
		code       int
	}{
		{"finish", "no key waits", 1},
		{"begin", "then: chanceryd keys rotate finish", 0},
		{"begin", "a key waits already", 1},
		{"finish", "restart each", 0},
		{"finish", "no key waits", 1},
	} {
		code, out, errs := ran(t, nil, "keys", "rotate", one.step, "--config", path)
		if code != one.code || !strings.Contains(out+errs, one.says) {
			t.Errorf("%s: exit %d, want %d and %q\n%s%s", one.step, code, one.code, one.says, out, errs)
		}
	}
	if code, out, errs := ran(t, nil, "config", "check", "--config", path); code != 0 {
		t.Errorf("afterwards: exit %d\n%s%s", code, out, errs)
	}
	mounted := []string{"CHANCERY_KEYS_MOUNTED=true"}
	code, out, errs := ran(t, mounted, "keys", "rotate", "begin", "--config", path)
	if code == 0 || !strings.Contains(out+errs, "keys.mounted") {
		t.Errorf("mounted: exit %d\n%s%s", code, out, errs)
	}
}
