package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"chancery.example/gateway/pkg/rest"
)

// turns hands each request to the next of the replicas that are named, so that every act is done beside another build.
type turns struct {
	replicas atomic.Pointer[[]string]
	next     atomic.Int64
	asked    sync.Map // how many requests a replica was handed
}

func (f *turns) to(replicas ...string) { f.replicas.Store(&replicas) }

func (f *turns) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	all := *f.replicas.Load()
	for ; len(all) == 0 && r.Context().Err() == nil; all = *f.replicas.Load() { // whoever asks waits for the next build
		time.Sleep(10 * time.Millisecond)
	}
	if len(all) == 0 {
		return
	}
	chosen := all[f.next.Add(1)%int64(len(all))]
	count, _ := f.asked.LoadOrStore(chosen, new(atomic.Int64))
	count.(*atomic.Int64).Add(1)
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: chosen})
	proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) {
		w.WriteHeader(http.StatusBadGateway)
	}
	proxy.ServeHTTP(w, r)
}

// buildOf is a chanceryd with its configuration and addresses.
type buildOf struct {
	program, config string
	listen, admin   string
	process         *exec.Cmd
}

// runs gives a command of a build, with what it says.
func (b *buildOf) runs(t *testing.T, variables []string, args ...string) string {
	t.Helper()
	cmd := exec.Command(b.program, append(args, "--config", b.config)...)
	cmd.Env = append(os.Environ(), variables...)
	said, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", b.program, args, err, said)
	}
	return string(said)
}

// serves starts it, and waits until every part is ready.
func (b *buildOf) serves(t *testing.T, dir string) {
	t.Helper()
	log, err := os.OpenFile(filepath.Join(dir, b.admin+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	b.process = exec.Command(b.program, "serve", "--config", b.config)
	b.process.Env = append(os.Environ(), "CHANCERY_LISTEN="+b.listen, "CHANCERY_ADMIN_LISTEN="+b.admin,
		"CHANCERY_LIMITS_UPLOADS=64", "CHANCERY_ADMIT_NOT_INSPECTED=true", "CHANCERY_ADMIT_CONSENT_EVIDENCE_NONE=true")
	b.process.Stdout, b.process.Stderr = log, log
	if err := b.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.ends(syscall.SIGKILL) })
	for end := time.Now().Add(2 * time.Minute); ready(t, b.admin) != http.StatusOK; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			said, _ := os.ReadFile(log.Name())
			t.Fatalf("%s is not ready:\n%s", b.program, said)
		}
	}
}

// stops ends it as an operator does.
func (b *buildOf) stops(t *testing.T) {
	t.Helper()
	b.ends(syscall.SIGTERM)
	if state := b.process.ProcessState; !state.Success() {
		t.Errorf("%s ended: %s", b.program, state)
	}
}

// refuses wants it not to start on a schema that does not bear it.
func (b *buildOf) refuses(t *testing.T) {
	t.Helper()
	said, err := exec.CommandContext(t.Context(), b.program, "serve", "--config", b.config).CombinedOutput()
	if err == nil || !strings.Contains(string(said), "newer than") {
		t.Errorf("%s on a schema that does not bear it: %v\n%s", b.program, err, said)
	}
}

func (b *buildOf) ends(by syscall.Signal) {
	if b.process != nil && b.process.ProcessState == nil {
		_ = b.process.Process.Signal(by)
		_ = b.process.Wait()
	}
}

// A replica of an earlier build serves. The schema is migrated by this build while it does. Where the schema bears it,
// it goes on and may be started again, a replica of this build serves beside it, and each reads what the other wrote.
// Nothing that was acknowledged is lost, and the log is whole. UPGRADE_FROM is a checkout of the earlier commit, with
// its chanceryd at build/bin: make upgrade FROM=COMMIT.
func TestAnEarlierBuildIsExchangedWhileItServes(t *testing.T) {
	checkout := os.Getenv("UPGRADE_FROM")
	if checkout == "" {
		t.Skip("UPGRADE_FROM names no earlier build: make upgrade FROM=COMMIT")
	}
	s := newSite(t)
	// Configuration and Arrangement file are the earlier build's: an upgrade changes neither.
	example, err := exec.Command(filepath.Join(checkout, "build/bin/chanceryd"), "config", "example").Output()
	if err != nil {
		t.Fatal(err)
	}
	arrangement, err := os.ReadFile(filepath.Join(checkout, "deploy/arrangements/wco-unoct-2022.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	s.describeAs(t, string(example), string(arrangement))
	s.grant(t)
	earlier := &buildOf{program: filepath.Join(checkout, "build/bin/chanceryd"), config: s.config, listen: s.base,
		admin: s.admin}
	this := &buildOf{program: "/proc/self/exe", config: s.config, listen: "127.0.0.1:" + freePort(t),
		admin: "127.0.0.1:" + freePort(t)}
	owner := []string{"CHANCERY_DATABASE_OWNER_URL=" + s.owner}
	earlier.runs(t, owner, "migrate")
	earlier.runs(t, nil, "keys", "create")

	var front turns
	front.to(earlier.listen)
	server := httptest.NewServer(&front)
	t.Cleanup(server.Close)
	r := &rack{site: s, receipts: map[string][]byte{},
		stage: &stage{base: server.URL + rest.Base, issuers: s.issuers, now: time.Now}}
	earlier.serves(t, s.dir)
	ctx, stop := context.WithCancel(t.Context())
	var working sync.WaitGroup
	defer func() { stop(); working.Wait() }()
	for range 3 {
		working.Go(func() { r.work(ctx) })
	}
	goesOn := func(during string) {
		t.Helper()
		before := r.given.Load()
		for range 6 {
			r.awaitDisclosure()
		}
		if n := r.given.Load() - before; n < 3 {
			t.Fatalf("%s: %d disclosures", during, n)
		}
		signed, err := r.text(t.Context(), "auditor.wco", "/log/checkpoint")
		if err != nil {
			t.Fatalf("%s: %v", during, err)
		}
		r.keep(t, signed)
		t.Logf("%s: %d disclosures", during, r.given.Load()-before)
	}
	goesOn("the earlier build alone")

	const newest = "SELECT max(version_id) FROM goose_db_version WHERE is_applied"
	from, begun := s.counted(t, newest), time.Now()
	s.migrate(t)
	t.Logf("the schema was migrated from %d to %d in %s under load", from, s.counted(t, newest),
		time.Since(begun).Round(time.Millisecond))
	if borne := s.counted(t, "SELECT oldest FROM schema_bears"); borne > from {
		t.Logf("a migration ends builds before %d: the earlier one is stopped first, and starts no more", borne)
		front.to()
		earlier.stops(t)
		earlier.refuses(t)
		this.serves(t, s.dir)
	} else {
		goesOn("the earlier build on the later schema")
		this.serves(t, s.dir)
		front.to(earlier.listen, this.listen)
		goesOn("both builds, each act at the next")
		earlier.ends(syscall.SIGKILL)
		earlier.serves(t, s.dir)
		goesOn("both, the earlier one killed and started on the later schema")
		earlier.stops(t)
	}
	front.to(this.listen)
	goesOn("this build alone")
	stop()
	working.Wait()
	for _, b := range []*buildOf{earlier, this} {
		if n, asked := front.asked.Load(b.listen); !asked || n.(*atomic.Int64).Load() < 20 {
			t.Errorf("%s was hardly asked: this run shows nothing", b.program)
		}
	}
	r.repeat(t, r.promises)
	r.checkPromises(t, r.promises)
	r.checkLog(t, 0)
	r.checkOnce(t)
	r.checkVerified(t)
	r.tell(t, 0)
	for _, b := range []*buildOf{earlier, this} {
		b.saysNothingWrong(t, s.dir)
	}
}

// saysNothingWrong wants no fault in what a build wrote down, but that no malware scanner is here.
func (b *buildOf) saysNothingWrong(t *testing.T, dir string) {
	t.Helper()
	said, err := os.ReadFile(filepath.Join(dir, b.admin+".log"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(said)) {
		if !strings.Contains(line, "file not inspected") && (strings.Contains(line, `"level":"ERROR"`) ||
			strings.Contains(line, `"status":500`)) {
			t.Errorf("%s says %s", b.program, line)
		}
	}
}
