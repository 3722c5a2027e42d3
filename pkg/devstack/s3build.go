package devstack

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// The S3 server's module. Its go.mod is called server.mod here, because a directory with a go.mod
// cannot be embedded, and a chanceryd without its source tree must still be able to build it.
var (
	//go:embed s3server/main.go
	s3Program []byte
	//go:embed s3server/server.mod
	s3Module []byte
	//go:embed s3server/server.sum
	s3Sums []byte
)

// StoreProgramVariable names a built S3 server, where the environment sets it.
const StoreProgramVariable = "CHANCERY_S3SERVER"

const storeProgram = "chancery-s3"

// findStoreProgram returns the S3 server: the one the environment names, the one beside this
// executable, the one in the user's cache, or one built now, which takes about 90 seconds once.
func findStoreProgram(ctx context.Context, progress io.Writer) (string, error) {
	if path := os.Getenv(StoreProgramVariable); path != "" {
		if !executable(path) {
			return "", fmt.Errorf("%s names %s, which is no program", StoreProgramVariable, path)
		}
		return filepath.Abs(path)
	}
	if self, err := os.Executable(); err == nil {
		if path := filepath.Join(filepath.Dir(self), storeProgram); executable(path) {
			return path, nil
		}
	}
	cache, err := cacheDir()
	if err != nil {
		return "", fmt.Errorf("keep the S3 server: %w", err)
	}
	path := filepath.Join(cache, "s3server-"+sourceDigest())
	if executable(path) {
		return path, nil
	}
	return path, buildOnce(ctx, path, progress)
}

func sourceDigest() string {
	h := sha256.New()
	for _, source := range [][]byte{s3Program, s3Module, s3Sums} {
		fmt.Fprintf(h, "%d\n%s", len(source), source)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// buildOnce builds the S3 server at path, or waits for another process that is doing so.
func buildOnce(ctx context.Context, path string, progress io.Writer) error {
	lock, err := awaitLock(ctx, path+".lock", progress)
	if err != nil {
		return fmt.Errorf("build the S3 server: %w", err)
	}
	defer lock.release()
	if executable(path) {
		return nil
	}
	if err := build(ctx, path, progress); err != nil {
		return fmt.Errorf("build the S3 server: %w", err)
	}
	return nil
}

// awaitLock takes the lock at path as soon as no other process holds it.
func awaitLock(ctx context.Context, path string, progress io.Writer) (*fileLock, error) {
	for said := false; ; said = true {
		lock, err := tryLock(path)
		if !errors.Is(err, errLocked) {
			return lock, err
		}
		if !said {
			fmt.Fprintln(progress, "waiting for another process that is building the S3 server")
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// build compiles the embedded module in a directory of its own and puts the program at path.
func build(ctx context.Context, path string, progress io.Writer) error {
	toolchain, err := exec.LookPath("go")
	if err != nil {
		return fmt.Errorf("no Go toolchain in PATH: install one, or let %s name a built %s", StoreProgramVariable,
			storeProgram)
	}
	staging, err := os.MkdirTemp(filepath.Dir(path), "staging-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(staging)
	for name, content := range map[string][]byte{"main.go": s3Program, "go.mod": s3Module, "go.sum": s3Sums} {
		if err := os.WriteFile(filepath.Join(staging, name), content, 0o600); err != nil {
			return err
		}
	}
	fmt.Fprintln(progress, "building the S3 server, once on this machine, about 90 s …")
	start := time.Now()
	defer tell(progress, "still building the S3 server", start)()
	cmd := exec.CommandContext(ctx, toolchain, "build", "-trimpath", "-ldflags=-s -w", "-o", storeProgram, "main.go")
	cmd.Dir = staging
	// The caller's flags are meant for the caller's module.
	cmd.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "CGO_ENABLED=0", "PWD="+staging)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w: %s", err, lastLines(string(out), 6))
	}
	if err := os.Rename(filepath.Join(staging, storeProgram), path); err != nil {
		return err
	}
	fmt.Fprintf(progress, "the S3 server is built (%.0f s)\n", time.Since(start).Seconds())
	return nil
}

// tell writes a line every 15 seconds until the function it returns is called.
func tell(progress io.Writer, what string, start time.Time) (done func()) {
	stop, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-stop:
				return
			case <-time.After(15 * time.Second):
				fmt.Fprintf(progress, "%s (%.0f s)\n", what, time.Since(start).Seconds())
			}
		}
	}()
	return func() { close(stop); <-ended }
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], " | ")
}
