package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// mountedKeys puts the keys and secrets of a configuration onto a mount as Kubernetes makes it: each file is a link
// into a directory of the moment, with that mode.
func mountedKeys(t *testing.T, config string, mode os.FileMode) (variables []string, remount func(flags uintptr)) {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("chancery-test", dir, "tmpfs", 0, "mode=0755"); err != nil {
		t.Skipf("SKIPPED, NOT TESTED: nothing can be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	from := filepath.Dir(config)
	for to, pattern := range map[string]string{"keysets": "keysets/*.json", "log": "log.key*", "secrets": "secrets/*"} {
		files, err := filepath.Glob(filepath.Join(from, pattern))
		if err != nil || len(files) == 0 {
			t.Fatal(pattern, err)
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, to, "..2026_11_29", filepath.Base(file)), string(content))
			real, link := filepath.Join("..data", filepath.Base(file)), filepath.Join(dir, to, filepath.Base(file))
			if err := os.Symlink(real, link); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(filepath.Join(dir, to, "..2026_11_29", filepath.Base(file)), mode); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Symlink("..2026_11_29", filepath.Join(dir, to, "..data")); err != nil {
			t.Fatal(err)
		}
	}
	remount = func(flags uintptr) {
		t.Helper()
		if err := syscall.Mount("chancery-test", dir, "tmpfs", syscall.MS_REMOUNT|flags, ""); err != nil {
			t.Fatal(err)
		}
	}
	return []string{"CHANCERY_KEYS_KEYSETS=" + filepath.Join(dir, "keysets"),
		"CHANCERY_KEYS_LOG_KEY=" + filepath.Join(dir, "log", "log.key"),
		"CHANCERY_STORE_SECRET_KEY_FILE=" + filepath.Join(dir, "secrets", "store-secret-key")}, remount
}

// Kubernetes mounts a Secret with 0440 and fsGroup, compose with 0444: the word takes them there, and only there. Who
// adds the word to a configuration on a machine of several users gets nothing by it.
func TestMountedKeysAreTakenWhereNobodyCanWriteAndTheWordIsSaid(t *testing.T) {
	for name, c := range map[string]struct {
		mode     os.FileMode
		flags    uintptr
		word     bool
		accepted bool
		says     string
	}{
		"of a group": {0o440, syscall.MS_RDONLY, true, true, "no problem found"},
		"of everybody": {0o444, syscall.MS_RDONLY, true, true,
			"weakening  keys.mounted: every user"},
		"without the word":                  {0o440, syscall.MS_RDONLY, false, false, "keys.mounted: true"},
		"on what can be written":            {0o440, 0, true, false, "others may use it"},
		"of everybody, on what is writable": {0o444, 0, true, false, "others may use it"},
		"that the group may write":          {0o460, syscall.MS_RDONLY, true, false, "others may use it"},
	} {
		t.Run(name, func(t *testing.T) {
			config := goodConfig(t, func(text string) string {
				if c.word {
					return strings.Replace(text, "mounted: false", "mounted: true", 1)
				}
				return strings.Replace(text, "level: info", "level: warn", 1)
			})
			// The environment replaces one secret's file; the configuration names the others where they were.
			variables, remount := mountedKeys(t, config, c.mode)
			text, err := os.ReadFile(config)
			if err != nil {
				t.Fatal(err)
			}
			write(t, config, strings.Replace(string(text), "  secret_key_file:", "  # secret_key_file:", 1))
			remount(c.flags)
			code, out, _ := ran(t, variables, "config", "check", "--config", config)
			if (code == 0) != c.accepted || !strings.Contains(out, c.says) {
				t.Errorf("exit %d\n%s", code, out)
			}
		})
	}
}
