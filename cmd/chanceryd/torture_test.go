package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"chancery.example/gateway/pkg/client"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/rest"
)

// TestMain lets this program be the gateway, as a process of its own that can be killed.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == "serve" || os.Args[1] == stampChild) {
		main()
		return
	}
	code := m.Run()
	leave()
	os.Exit(code)
}

// cyclesVariable asks for more kills than `make test` has time for.
const cyclesVariable = "TORTURE_CYCLES"

// canary stands in every title and content of the torture: it must not be readable in the store or the database.
const canary = "canary-4711-of-the-torture"

// promise is what the gateway acknowledged to one caller, as far as it came. want… stands before the answer does.
type promise struct {
	number                               int // its acts bear Idempotency-Keys made of it
	document, request, disclosure, entry string
	index                                int64
	authorized, questioned               bool
	wantsBack, takenBack                 bool
}

// rack is a site whose gateway, database and store are killed again and again.
type rack struct {
	*site
	*stage
	process     *exec.Cmd
	mu          sync.Mutex
	promises    []*promise
	checkpoints []ledger.Checkpoint // as they were handed out before kills
	receipts    map[string][]byte   // as readers keep them
	given       atomic.Int64        // disclosures
}

// victim is what one kill takes, and how it comes back.
type victim struct {
	name string
	kill func()
	back func(t *testing.T)
}

// victims take turns. A gateway that survives its parts has to go on by itself; the last is what a power cut does, but
// for the disk's own cache.
func (r *rack) victims() []victim {
	parts := func(t *testing.T) {
		restart(t, r.postgres.Restart)
		restart(t, r.store.Restart)
	}
	return []victim{
		{"gateway", r.kill, r.start},
		{"PostgreSQL", r.postgres.Kill, func(t *testing.T) { restart(t, r.postgres.Restart) }},
		{"store", r.store.Kill, func(t *testing.T) { restart(t, r.store.Restart) }},
		{"all at once", func() { r.kill(); r.postgres.Kill(); r.store.Kill() },
			func(t *testing.T) { parts(t); r.start(t) }},
	}
}

func newRack(t *testing.T) *rack {
	t.Helper()
	s := newSite(t)
	s.grant(t)
	s.migrate(t)
	if code, out, errs := ran(t, nil, "keys", "create", "--config", s.config); code != 0 {
		t.Fatalf("keys create: exit %d\n%s%s", code, out, errs)
	}
	r := &rack{site: s, stage: &stage{base: "http://" + s.base + rest.Base, issuers: s.issuers, now: time.Now},
		receipts: map[string][]byte{}}
	t.Cleanup(r.kill)
	return r
}

// start runs the gateway as its own process and waits until it is ready.
func (r *rack) start(t *testing.T) {
	t.Helper()
	log, err := os.OpenFile(filepath.Join(r.dir, "serve.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	r.process = exec.Command("/proc/self/exe", "serve", "--config", r.config)
	r.process.Env = append(os.Environ(), "CHANCERY_LIMITS_UPLOADS=64",
		"CHANCERY_ADMIT_NOT_INSPECTED=true",         // no malware scanner runs here
		"CHANCERY_ADMIT_CONSENT_EVIDENCE_NONE=true") // and nobody signs in anew for each of its decisions
	r.process.Stdout, r.process.Stderr = log, log
	if err := r.process.Start(); err != nil {
		t.Fatal(err)
	}
	r.awaitReady(t, "a start")
}

func (r *rack) awaitReady(t *testing.T, after string) {
	t.Helper()
	becomes(t, "ready after "+after, http.StatusOK, func() int { return ready(t, r.admin) })
}

func (r *rack) kill() {
	if r.process == nil || r.process.Process == nil {
		return
	}
	_ = r.process.Process.Kill() // SIGKILL; a process that ended already is ended
	_ = r.process.Wait()
}

// work makes promises until ctx ends. An error is the kill, or what it left undone: then the next one begins.
func (r *rack) work(ctx context.Context) {
	for ctx.Err() == nil {
		r.mu.Lock()
		p := &promise{number: len(r.promises)}
		r.promises = append(r.promises, p)
		r.mu.Unlock()
		if r.exchange(ctx, p) != nil {
			time.Sleep(100 * time.Millisecond)
		}
	}
}

// exchange takes one document the whole way, and notes each acknowledgement as it comes.
func (r *rack) exchange(ctx context.Context, p *promise) error {
	if err := r.deposited(ctx, p); err != nil {
		return err
	}
	request, err := r.as("staff.unoct").ask(ctx, object{"id": p.document}, "org_unoct", "art2.e", "To read it", 30)
	if err != nil {
		return err
	}
	p.request = request.text("id")
	if err := r.as("focal.wco").decide(ctx, request, object{"act": "authorize", "statement": "Agreed"}); err != nil {
		return err
	}
	p.authorized = true
	if err := r.disclosed(ctx, p); err != nil {
		return err
	}
	if err := r.questioned(ctx, p); err != nil {
		return err
	}
	if _, err := r.text(ctx, "staff.unoct", "/disclosures/"+p.disclosure+"/content"); err != nil || rand.IntN(4) > 0 {
		return err
	}
	p.wantsBack = true
	err = r.as("focal.wco").do(ctx, http.MethodPost, "/requests/"+p.request+"/withdrawal",
		object{"statement": "No longer"}, nil)
	p.takenBack = err == nil
	return err
}

// once is somebody whose next act is done once, however often it is asked for.
func (r *rack) once(who, act string, p *promise) caller {
	c := r.as(who)
	c.headers = []string{"Idempotency-Key", fmt.Sprintf("%s-%d", act, p.number)}
	return c
}

func (r *rack) deposited(ctx context.Context, p *promise) error {
	declared := metadata(canary, "confidential", "unoct", "art2.e", "For the torture")
	document, err := r.once("staff.wco", "deposit", p).deposit(ctx, declared, fmt.Sprint(canary, p.number))
	p.document = document.text("id")
	return err
}

// questioned puts one question on the request.
func (r *rack) questioned(ctx context.Context, p *promise) error {
	err := r.once("focal.wco", "question", p).do(ctx, http.MethodPost, "/requests/"+p.request+"/messages",
		object{"text": "For how long?"}, nil)
	p.questioned = err == nil
	return err
}

func (r *rack) disclosed(ctx context.Context, p *promise) error {
	var given object
	reading := object{"purpose": "art2.e", "statement": "Reading it", "form": "original"}
	err := r.once("staff.unoct", "disclose", p).do(ctx, http.MethodPost, "/documents/"+p.document+"/disclosures",
		reading, &given)
	if err != nil {
		return err
	}
	index, _ := given["log_index"].(float64)
	p.disclosure, p.entry, p.index = given.text("id"), given.text("log_entry"), int64(index)
	r.given.Add(1)
	return nil
}

// text fetches what is no JSON.
func (r *rack) text(ctx context.Context, who, path string) ([]byte, error) {
	resp, err := r.request(ctx, who, http.MethodGet, path, nil)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s as %s: %s: %s", path, who, resp.Status, body)
	}
	return body, err
}

func (r *rack) request(ctx context.Context, who, method, path string, body io.Reader) (*http.Response, error) {
	player, _ := playerOf(who)
	token, _, err := player.tokens(r.site.issuers, "")
	if err != nil {
		return nil, err
	}
	its, err := caller{stage: r.stage, id: who, token: token}.client()
	if err != nil {
		return nil, err
	}
	return its.Send(ctx, client.Call{Method: method, Path: path, Body: body})
}

// awaitDisclosure waits until somebody has got the whole way, for at most ten seconds: a busy machine takes its time.
func (r *rack) awaitDisclosure() {
	before := r.given.Load()
	for end := time.Now().Add(10 * time.Second); r.given.Load() == before && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
}

// torment runs the gateway under load, kills at some point, and lets the callers meet what is left.
func (r *rack) torment(t *testing.T, kill func()) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var working sync.WaitGroup
	for range 6 {
		working.Go(func() { r.work(ctx) })
	}
	r.awaitDisclosure()
	if signed, err := r.text(ctx, "auditor.wco", "/log/checkpoint"); err == nil {
		r.keep(t, signed)
	}
	time.Sleep(rand.N(300 * time.Millisecond))
	kill()
	time.Sleep(rand.N(200 * time.Millisecond))
	stop()
	working.Wait()
}

// keep opens a checkpoint with the key that auditors have, and keeps it.
func (r *rack) keep(t *testing.T, signed []byte) ledger.Checkpoint {
	t.Helper()
	key, err := openLogKey(keysConfig{LogKey: filepath.Join(r.dir, "log.key")})
	if err != nil {
		t.Fatal(err)
	}
	c, err := ledger.OpenCheckpoint(signed, key.verifier)
	if err != nil {
		t.Fatalf("checkpoint: %v", err)
	}
	r.checkpoints = append(r.checkpoints, c)
	return c
}

// TestWhateverIsKilledLosesNothingThatWasAcknowledged: kill -9 of gateway, PostgreSQL, store, and all at once, under
// load, at any point of any act. Each time all that was acknowledged stands, what got no answer is done once when it is
// asked for again, every disclosure is proven to stand in the log, and the log was not forked. In the end no object in
// the store can be opened that no document owns, and the verifier finds nothing wrong with what either Party's auditor
// takes home.
func TestWhateverIsKilledLosesNothingThatWasAcknowledged(t *testing.T) {
	cycles := 8
	if asked := os.Getenv(cyclesVariable); asked != "" {
		var err error
		if cycles, err = strconv.Atoi(asked); err != nil || cycles < 1 {
			t.Fatalf("%s=%q is no number of cycles", cyclesVariable, asked)
		}
	}
	r := newRack(t)
	r.start(t)
	victims, checked, begun := r.victims(), 0, time.Now()
	for cycle := range cycles {
		v := victims[cycle%len(victims)]
		r.torment(t, v.kill)
		v.back(t)
		r.awaitReady(t, "a kill of "+v.name)
		r.repeat(t, r.promises[checked:])
		r.checkPromises(t, r.promises[checked:])
		r.checkLog(t, max(0, len(r.checkpoints)-4))
		if checked = len(r.promises); t.Failed() {
			t.Fatalf("in cycle %d, a kill of %s", cycle, v.name)
		}
		if (cycle+1)%50 == 0 {
			t.Logf("%s: %d cycles, %d exchanges", time.Since(begun).Round(time.Second), cycle+1, checked)
		}
	}
	r.checkPromises(t, r.promises)
	r.checkLog(t, 0)
	r.checkOnce(t)
	r.checkObjects(t)
	r.checkVerified(t)
	r.checkCanary(t)
	r.tell(t, cycles)
}
