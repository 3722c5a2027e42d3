package devstack

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// oldestPostgres is the first major version the gateway's migrations are meant for.
const oldestPostgres = 14

// binaries are the programs of one installed PostgreSQL.
type binaries struct {
	initdb, postgres string
	version          string // "15.13 (Debian 15.13-0+deb12u1)"
}

// debianBinaries is where Debian and Ubuntu install each version.
const debianBinaries = "/usr/lib/postgresql/*/bin"

// findBinaries looks for an installed PostgreSQL in PATH, in the versioned directories, newest first,
// and where pg_config points.
func findBinaries(ctx context.Context, versioned string) (binaries, error) {
	var tooOld string
	for _, dir := range binaryDirectories(ctx, versioned) {
		b := binaries{initdb: filepath.Join(dir, "initdb"), postgres: filepath.Join(dir, "postgres")}
		if !executable(b.initdb) || !executable(b.postgres) {
			continue
		}
		major, err := b.readVersion(ctx)
		if err != nil {
			return binaries{}, err
		}
		if major >= oldestPostgres {
			return b, nil
		}
		tooOld = b.version
	}
	if tooOld != "" {
		return binaries{}, fmt.Errorf("postgresql %s is installed, %d or newer is needed", tooOld, oldestPostgres)
	}
	return binaries{}, fmt.Errorf("no postgresql server is installed (looked in PATH, in %s and at pg_config "+
		"--bindir): "+
		"install it, on Debian and Ubuntu with `apt-get install postgresql`; no service needs to run", versioned)
}

func binaryDirectories(ctx context.Context, versioned string) []string {
	var dirs []string
	if path, err := exec.LookPath("initdb"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(real))
		}
	}
	installed, _ := filepath.Glob(versioned)
	slices.SortFunc(installed, func(a, b string) int { return cmp.Compare(majorOf(b), majorOf(a)) })
	dirs = append(dirs, installed...)
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	return dirs
}

func majorOf(bindir string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(bindir)))
	return n
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}

// readVersion parses "postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)".
func (b *binaries) readVersion(ctx context.Context) (major int, err error) {
	out, err := exec.CommandContext(ctx, b.postgres, "--version").Output()
	if err != nil {
		return 0, fmt.Errorf("ask %s for its version: %w", b.postgres, err)
	}
	_, version, _ := strings.Cut(strings.TrimSpace(string(out)), "(PostgreSQL) ")
	digits := strings.FieldsFunc(version, func(r rune) bool { return r < '0' || r > '9' })
	if len(digits) == 0 {
		return 0, fmt.Errorf("%s does not tell its version: %q", b.postgres, out)
	}
	b.version = version
	return strconv.Atoi(digits[0])
}
