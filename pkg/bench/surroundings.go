package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"chancery.example/gateway/deploy"
	"chancery.example/gateway/pkg/devstack"
	"chancery.example/gateway/pkg/postgres"
)

const (
	database = "chancery"
	bucket   = "chancery"
	password = "login-of-one-bench"
)

// surroundings is the surroundings of the gateway: what others run, and the program itself.
type surroundings struct {
	dir, storeDir string
	program       string // chanceryd as shipped
	config        string
	postgres      *devstack.Postgres
	store         *devstack.Store
	issuers       *devstack.Issuers
	closers       []func() error
	people        *people
	profile       string
	kept          bool // directories stay when this ends
}

func newSurroundings(ctx context.Context, p plan) (*surroundings, error) {
	h := &surroundings{profile: p.profile}
	if err := h.build(ctx, p); err != nil {
		return nil, errors.Join(err, h.close())
	}
	return h, nil
}

func (h *surroundings) build(ctx context.Context, p plan) error {
	if p.keep != "" {
		if err := os.MkdirAll(p.keep, 0o755); err != nil {
			return err
		}
		h.dir, h.storeDir, h.kept = p.keep, p.keep, true
	}
	for _, made := range []struct {
		in   string
		path *string
	}{{"", &h.dir}, {p.dir, &h.storeDir}} {
		if h.kept {
			break
		}
		dir, err := os.MkdirTemp(made.in, "chancery-bench-")
		if err != nil {
			return err
		}
		if err := os.Chmod(dir, 0o755); err != nil { // servers run as other users
			return err
		}
		*made.path = dir
		h.closers = append(h.closers, func() error { return os.RemoveAll(dir) })
	}
	if err := h.compile(ctx); err != nil {
		return err
	}
	if err := h.startParts(ctx); err != nil {
		return err
	}
	return h.furnish(ctx)
}

//go:embed profile.go.txt
var profiler []byte

// compile builds the program as `make build` does. With -profile it is built with an exit for profiles, that is not in
// the program as shipped.
func (h *surroundings) compile(ctx context.Context) error {
	h.program = filepath.Join(h.dir, "chanceryd")
	args := []string{"build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", h.program}
	if h.profile != "" {
		if err := os.MkdirAll(h.profile, 0o755); err != nil {
			return err
		}
		overlay, err := h.overlay()
		if err != nil {
			return err
		}
		args = append(args, "-overlay", overlay)
	}
	build := exec.CommandContext(ctx, "go", append(args, "./cmd/chanceryd")...)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	build.Stderr = os.Stderr
	return build.Run()
}

func (h *surroundings) overlay() (string, error) {
	root, err := os.Getwd()
	if err != nil {
		return "", err
	}
	source, list := filepath.Join(h.dir, "profile.go"), filepath.Join(h.dir, "overlay.json")
	text, err := json.Marshal(map[string]map[string]string{"Replace": {filepath.Join(root,
		"cmd/chanceryd/bench_profile.go"): source}})
	if err != nil {
		return "", err
	}
	return list, errors.Join(os.WriteFile(source, profiler, 0o600), os.WriteFile(list, text, 0o600))
}

func (h *surroundings) startParts(ctx context.Context) error {
	var err error
	if h.postgres, err = devstack.StartPostgres(ctx,
		devstack.PostgresConfig{Dir: filepath.Join(h.dir, "postgres")}); err != nil {
		return err
	}
	h.closers = append(h.closers, h.postgres.Stop)
	if h.store, err = devstack.StartStore(ctx,
		devstack.StoreConfig{Dir: filepath.Join(h.storeDir, "store"), Progress: os.Stderr}); err != nil {
		return err
	}
	h.closers = append(h.closers, h.store.Stop)
	cfg := issuers()
	if h.kept {
		cfg.Dir = filepath.Join(h.dir, "issuers")
	}
	if h.issuers, err = devstack.StartIssuers(ctx, cfg); err != nil {
		return err
	}
	h.closers = append(h.closers, h.issuers.Stop)
	h.people = newPeople(h.issuers)
	return nil
}

// shorts are the organisations of the example configuration.
var shorts = []string{"wco", "unoct", "piu-exampleland", "customs-exampleland", "operator"}

func issuers() devstack.IssuersConfig {
	var cfg devstack.IssuersConfig
	for _, short := range shorts {
		person := func(role string, groups ...string) devstack.PersonConfig {
			return devstack.PersonConfig{ID: role + "." + short, Name: role + " of " + short, Groups: groups}
		}
		cfg.Issuers = append(cfg.Issuers,
			devstack.Issuer{Name: short, Organisation: short, Audience: "https://chancery.example.int/api/v1",
				Clients: []devstack.ClientConfig{{ID: "chancery-cli",
					RedirectURIs: []string{"http://127.0.0.1/callback"}}},
				People: []devstack.PersonConfig{person("staff", "chancery-staff"),
					person("focal", "chancery-staff", "chancery-focal-points", "chancery-signatories"),
					person("auditor", "chancery-auditors")}})
	}
	return cfg
}

// furnish does what docs/serving.md has an operator do.
func (h *surroundings) furnish(ctx context.Context) error {
	owner, err := h.postgres.CreateDatabase(ctx, database)
	if err != nil {
		return err
	}
	if err := h.store.CreateBucket(ctx, bucket); err != nil {
		return err
	}
	if err := h.writeConfig(); err != nil {
		return err
	}
	for login, group := range map[string]postgres.Group{"gateway": postgres.App, "sequencer": postgres.Sequencer} {
		if err := postgres.Grant(ctx, h.postgres.URL(database), login, password, group); err != nil {
			return err
		}
	}
	commands := [][]string{{"keys", "create"}, {"migrate"}}
	if h.kept && h.filled() != "" {
		commands = commands[1:]
	}
	for _, command := range commands {
		c := exec.CommandContext(ctx, h.program, append(command, "--config", h.config)...)
		c.Env = append(os.Environ(), "CHANCERY_DATABASE_OWNER_URL="+owner)
		if said, err := c.CombinedOutput(); err != nil {
			return fmt.Errorf("chanceryd %s: %w: %s", strings.Join(command, " "), err, said)
		}
	}
	return nil
}

func (h *surroundings) writeConfig() error {
	replace := []string{"/etc/chancery", h.dir, "store.example.int:9000", h.store.Endpoint(), "secure: true",
		"secure: false", "samples: false", "samples: true",
		"level: info", "level: error", "  address: /run/clamav/clamd.ctl\n", "",
		"person: { rate: 50, burst: 500 }", "person: { rate: 0, burst: 0 }",
		"  uploads: 8\n", "  uploads: 64\n", // one person sends what many would
		// Mails are sent by a loop of their own, and there is no server here: nobody is told.
		"  host: mail.example.int\n", ""}
	for _, short := range shorts {
		replace = append(replace, "https://id."+short+".example.int", h.issuers.URL(short))
	}
	local := strings.NewReplacer(replace...)
	h.config = filepath.Join(h.dir, "gateway.yaml")
	if err := os.MkdirAll(filepath.Join(h.dir, "secrets"), 0o700); err != nil {
		return err
	}
	for name, content := range map[string]string{
		"gateway.yaml":             local.Replace(string(deploy.ExampleConfig)),
		"wco-unoct-2022.yaml":      local.Replace(string(deploy.Arrangement)),
		"secrets/store-access-key": h.store.AccessKey,
		"secrets/store-secret-key": h.store.SecretKey,
		"secrets/database-url":     h.postgres.URLFor("gateway", password, database),
		"secrets/sequencer-url":    h.postgres.URLFor("sequencer", password, database),
		"secrets/portal":           "nobody signs in to the portal here",
		"secrets/mail":             "nobody\nis sent mail here",
	} {
		if err := os.WriteFile(filepath.Join(h.dir, name), []byte(content), 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (h *surroundings) close() error {
	var failed []error
	for i := len(h.closers) - 1; i >= 0; i-- {
		failed = append(failed, h.closers[i]())
	}
	return errors.Join(failed...)
}

// tellMachine prints where the figures come from.
func (h *surroundings) tellMachine() {
	model, _ := exec.Command("sh", "-c",
		"grep -m1 'model name' /proc/cpuinfo | cut -d: -f2; uname -r; grep MemTotal /proc/meminfo | tr -s ' '").Output()
	commit, _ := exec.Command("git", "describe", "--always", "--dirty").Output()
	load, _ := os.ReadFile("/proc/loadavg")
	server, _ := exec.Command("sh", "-c", "psql --version || true").Output()
	fmt.Printf("%d CPUs, %s; %s; %s; commit %s; load average at the start %s; store in %s\n\n", runtime.NumCPU(),
		strings.Join(strings.Split(strings.TrimSpace(string(model)), "\n"), ", "), runtime.Version(),
		bytes.TrimSpace(server),
		bytes.TrimSpace(commit), strings.TrimSpace(string(load)), filepath.Dir(h.storeDir))
}

// freeAddress is a loopback address that nobody listens at.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}
