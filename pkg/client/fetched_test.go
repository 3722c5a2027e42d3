package client_test

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"
)

const fetchedProgram = `package main

import "chancery.example/gateway/pkg/client"

func main() {
	if _, err := client.New(client.Config{}); err == nil {
		panic("a client of nowhere")
	}
}
`

// The client is fetched and built by go get, from a module proxy that serves what is committed, as one will where the
// module has a public address: no replace, no file of this machine, no name that a module may not hold.
func TestTheClientIsFetchedByGoGet(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("SKIPPED, NOT TESTED: git is not installed")
	}
	dir, version := t.TempDir(), module.Version{Path: "chancery.example/gateway", Version: "v0.0.1"}
	served := filepath.Join(dir, "proxy", version.Path, "@v")
	must(t, os.MkdirAll(served, 0o755))
	root, err := filepath.Abs(filepath.Join("..", ".."))
	must(t, err)
	clone := filepath.Join(dir, "clone")
	if said, err := exec.CommandContext(t.Context(), "git", "clone", "-q", "--depth", "1", "file://"+root,
		clone).CombinedOutput(); err != nil {
		t.Skipf("SKIPPED, NOT TESTED: this is no clone: %v\n%s", err, said)
	}
	archive, err := os.Create(filepath.Join(served, version.Version+".zip"))
	must(t, err)
	must(t, errors.Join(zip.CreateFromVCS(archive, version, clone, "HEAD", ""), archive.Close()))
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	must(t, err)
	info, err := json.Marshal(map[string]any{"Version": version.Version, "Time": time.Now()})
	must(t, err)
	for name, content := range map[string][]byte{version.Version + ".mod": mod, version.Version + ".info": info,
		"list": []byte(version.Version + "\n")} {
		must(t, os.WriteFile(filepath.Join(served, name), content, 0o600))
	}
	platform := filepath.Join(dir, "platform")
	must(t, os.Mkdir(platform, 0o755))
	must(t, os.WriteFile(filepath.Join(platform, "main.go"), []byte(fetchedProgram), 0o600))
	env := append(os.Environ(), "GOMODCACHE="+filepath.Join(dir, "cache"), "GOFLAGS=-modcacherw", "GOSUMDB=off",
		"GOPROXY=file://"+filepath.Join(dir, "proxy")+",file://"+goEnv(t, "GOMODCACHE")+"/cache/download,"+
			goEnv(t, "GOPROXY"), "GONOPROXY=none", "GOPRIVATE=")
	for _, args := range [][]string{{"mod", "init", "platform"}, {"get",
		version.Path + "/pkg/client@" + version.Version},
		{"run", "."}} {
		cmd := exec.CommandContext(t.Context(), "go", args...)
		cmd.Dir, cmd.Env = platform, env
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, said)
		}
	}
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	said, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
	must(t, err)
	return strings.TrimSpace(string(said))
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
