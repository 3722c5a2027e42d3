package devstack

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// superuser is the name of the role initdb makes.
const superuser = "postgres"

// A cluster directory holds what PostgreSQL owns (data), the superuser's password, and its log.
type clusterDir string

func (d clusterDir) data() string     { return filepath.Join(string(d), "data") }
func (d clusterDir) password() string { return filepath.Join(string(d), "password") }
func (d clusterDir) log() string      { return filepath.Join(string(d), "postgres.log") }
func (d clusterDir) lock() string     { return filepath.Join(string(d), "lock") }

// complete reports whether initdb, or the copy of a template, ended well: the password is written last.
func (d clusterDir) complete() bool {
	_, err := os.Stat(d.password())
	return err == nil
}

// makeCluster fills dir with a new cluster: a copy of this machine's template, or initdb's work.
func makeCluster(ctx context.Context, dir clusterDir, b binaries, a account, logger *slog.Logger) error {
	if dir.complete() {
		return nil
	}
	if err := os.RemoveAll(dir.data()); err != nil { // half made
		return err
	}
	template, err := templateDir(b, a)
	if err == nil && template.complete() {
		return copyCluster(dir, template, a)
	}
	if err := initialise(ctx, dir, b, a); err != nil {
		return err
	}
	if template == "" {
		return nil
	}
	if err := keepTemplate(template, dir); err != nil {
		logger.Info("cluster template not kept", "directory", string(template), "error", err)
	}
	return nil
}

// templateDir names the template for this version and user; clusters of one user share its password.
func templateDir(b binaries, a account) (clusterDir, error) {
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(b.version + "\x00" + strings.Join(initdbArgs("", ""), "\x00")))
	return clusterDir(filepath.Join(cache, fmt.Sprintf("postgres-%d-%s", a.uid, hex.EncodeToString(sum[:8])))), nil
}

// cacheDir is where things made once for each machine and user are kept; the user's eyes only.
func cacheDir() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(base, "chancery")
	return dir, os.MkdirAll(dir, 0o700)
}

func initdbArgs(data, passwordFile string) []string {
	return []string{
		"--pgdata", data, "--username", superuser, "--pwfile", passwordFile,
		"--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions",
	}
}

// initialise runs initdb as the account.
func initialise(ctx context.Context, dir clusterDir, b binaries, a account) error {
	if err := os.MkdirAll(dir.data(), 0o700); err != nil {
		return err
	}
	given := filepath.Join(dir.data() + ".password")
	password := rand.Text()
	if err := os.WriteFile(given, []byte(password), 0o600); err != nil {
		return err
	}
	defer os.Remove(given)
	if err := errors.Join(a.own(dir.data()), a.own(given)); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, b.initdb, initdbArgs(dir.data(), given)...)
	cmd.Dir = dir.data()
	cmd.Env = plainEnvironment()
	cmd.SysProcAttr = a.attributes()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb in %s: %w: %s", dir.data(), err, strings.TrimSpace(string(out)))
	}
	return os.WriteFile(dir.password(), []byte(password), 0o600)
}

// plainEnvironment keeps the caller's PG* settings and locale away from the children.
func plainEnvironment() []string {
	return []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "TZ=UTC"}
}

// keepTemplate puts a copy of dir, which must not have been started yet, where templateDir says.
// Of several processes that do this at once the first to rename wins; a reader sees all or nothing.
func keepTemplate(template, dir clusterDir) error {
	staging, err := os.MkdirTemp(filepath.Dir(string(template)), "staging-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(staging)
	if err := copyCluster(clusterDir(staging), dir, account{}); err != nil {
		return err
	}
	sweepStaging(filepath.Dir(string(template)))
	if err := os.Rename(staging, string(template)); err != nil && !template.complete() {
		return err
	}
	return nil
}

// sweepStaging removes what processes killed while they made something left in the cache.
func sweepStaging(cache string) {
	left, _ := filepath.Glob(filepath.Join(cache, "staging-*"))
	for _, path := range left {
		if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > time.Hour {
			os.RemoveAll(path)
		}
	}
}

// copyCluster copies from into to; the password, which marks it complete, last.
func copyCluster(to, from clusterDir, a account) error {
	password, err := os.ReadFile(from.password())
	if err != nil {
		return err
	}
	if err := copyTree(to.data(), from.data()); err != nil {
		return fmt.Errorf("copy cluster to %s: %w", to.data(), err)
	}
	if err := a.own(to.data()); err != nil {
		return err
	}
	return os.WriteFile(to.password(), password, 0o600)
}

// copyTree copies directories and plain files; PostgreSQL insists on 0700 and 0600.
func copyTree(to, from string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return os.MkdirAll(filepath.Join(to, relative), 0o700)
		}
		return copyFile(filepath.Join(to, relative), path)
	})
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = out.ReadFrom(in)
	return errors.Join(err, out.Close())
}
