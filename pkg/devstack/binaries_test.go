package devstack

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// install puts programs that only tell their version where a PostgreSQL of that major version would stand.
func install(t *testing.T, root, major string) {
	t.Helper()
	dir := filepath.Join(root, major, "bin")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\necho 'postgres (PostgreSQL) " + major + ".1 (Debian)'\n"
	for _, name := range []string{"initdb", "postgres"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheNewestInstalledPostgresIsUsedAndAMissingOneIsNamed(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	root := t.TempDir()
	versioned := root + "/*/bin"
	if _, err := findBinaries(t.Context(), versioned); err == nil ||
		!strings.Contains(err.Error(), "apt-get install postgresql") {
		t.Errorf("none installed: %v", err)
	}
	install(t, root, "9")
	if _, err := findBinaries(t.Context(), versioned); err == nil || !strings.Contains(err.Error(), "14 or newer") {
		t.Errorf("only an old one installed: %v", err)
	}
	install(t, root, "15")
	install(t, root, "17")
	b, err := findBinaries(t.Context(), versioned)
	if err != nil || b.version != "17.1 (Debian)" {
		t.Errorf("found %q, %v", b.version, err)
	}
}
