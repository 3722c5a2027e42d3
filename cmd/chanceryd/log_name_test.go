package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A log has a name of its own, and keeps it when the gateway moves to another address.
func TestALogIsCalledByANameThatOutlivesItsGatewaysAddress(t *testing.T) {
	path := goodConfig(t, nil)
	key := filepath.Join(filepath.Dir(path), "log.key")
	before, err := os.ReadFile(key + publicSuffix)
	if err != nil {
		t.Fatal(err)
	}
	moved := []string{"CHANCERY_PUBLIC_URL=https://gateway.moved.example.int"}
	code, out, errs := ran(t, moved, "keys", "create", "--config", path)
	after, err := os.ReadFile(key + publicSuffix)
	named := strings.Contains(out, "wco.example.org/wco-unoct-2022")
	if code != 0 || err != nil || string(after) != string(before) || !named {
		t.Errorf("the gateway moved: exit %d, %v\n%s%s", code, err, out, errs)
	}
	if code, out, _ := ran(t, moved, "config", "check", "--config", path); strings.Contains(out, "log_name") {
		t.Errorf("the gateway moved: exit %d\n%s", code, out)
	}
}

// Nobody names a new log after the address of the gateway; a log of before goes on under such a name.
func TestANewLogIsNotCalledAfterTheGatewaysAddress(t *testing.T) {
	path := goodConfig(t, nil)
	key := filepath.Join(filepath.Dir(path), "log.key")
	for _, file := range []string{key, key + publicSuffix} {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	for name, says := range map[string]string{
		"chancery.example.int/log":       "gateway's address",
		"CHANCERY.example.int/log":       "gateway's address",
		"https://wco.example.org/log":    "no name of a log",
		"wco.example.org":                "no name of a log",
		"wco.example.org/":               "no name of a log",
		"wco.example.org/two words":      "no name of a log",
		"wco.example.org/a+b":            "no name of a log",
		"wco/log":                        "no name of a log",
		"u@wco.example.org/log":          "no name of a log",
		"wco.example.org:1/log":          "no name of a log",
		strings.Repeat("x", 100) + ".y/": "no name of a log",
	} {
		code, out, errs := ran(t, nil, "keys", "create", "--config", path, "--log-name", name)
		if code == 0 || !strings.Contains(out+errs, says) {
			t.Errorf("%q: exit %d\n%s%s", name, code, out, errs)
		}
	}
	none := []string{"CHANCERY_KEYS_LOG_NAME="}
	if code, out, errs := ran(t, none, "keys", "create", "--config", path); code == 0 ||
		!strings.Contains(out+errs, "keys.log_name") {
		t.Errorf("no name: exit %d\n%s%s", code, out, errs)
	}
	if fileExists(key) {
		t.Fatal("a key was made all the same")
	}
	// A log of before bears the address of its day; nothing asks it for another name.
	if _, err := createLogKey(key, "chancery.example.int/log"); err != nil {
		t.Fatal(err)
	}
	if code, out, errs := ran(t, none, "keys", "create", "--config", path); code != 0 ||
		!strings.Contains(out, "chancery.example.int/log") {
		t.Errorf("a log of before: exit %d\n%s%s", code, out, errs)
	}
	if code, out, _ := ran(t, none, "config", "check", "--config", path); strings.Contains(out, "log_name") {
		t.Errorf("a log of before: exit %d\n%s", code, out)
	}
}
