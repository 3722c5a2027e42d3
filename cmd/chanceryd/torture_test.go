package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/minio/minio-go/v7"
	"golang.org/x/mod/sumdb/tlog"

	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/rest"
)

// TestMain lets this program be the gateway, as a process of its own that can be killed.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == "serve" || os.Args[1] == stampChild) {
		main()
		return
	}
	os.Exit(m.Run())
}

// cyclesVariable asks for more kills than `make test` has time for.
const cyclesVariable = "TORTURE_CYCLES"

// canary stands in every title and content of the torture: it must not be readable in the store or the database.
const canary = "canary-4711-of-the-torture"

// promise is what the gateway acknowledged to one caller, as far as it came. want… stands before the answer does.
type promise struct {
	document, request, disclosure, entry string
	index                                int64
	authorized                           bool
	wantsBack, takenBack                 bool
}

// rack is a site whose gateway is killed again and again.
type rack struct {
	*site
	*stage
	process     *exec.Cmd
	mu          sync.Mutex
	promises    []*promise
	checkpoints []ledger.Checkpoint // as they were handed out before kills
}

func newRack(t *testing.T) *rack {
	t.Helper()
	s := newSite(t)
	s.grant(t)
	s.migrate(t)
	if code, out, errs := ran(t, nil, "keys", "create", "--config", s.config); code != 0 {
		t.Fatalf("keys create: exit %d\n%s%s", code, out, errs)
	}
	return &rack{site: s, stage: &stage{base: "http://" + s.base + rest.Base, issuers: s.issuers, now: time.Now}}
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
	r.process.Env = append(os.Environ(), "CHANCERY_ADMIT_NOT_INSPECTED=true") // no malware scanner runs here
	r.process.Stdout, r.process.Stderr = log, log
	if err := r.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.kill() })
	becomes(t, "ready after a start", http.StatusOK, func() int { return answer(t, "http://"+r.admin+"/readyz", "") })
}

func (r *rack) kill() {
	_ = r.process.Process.Kill() // SIGKILL; a process that ended already is ended
	_ = r.process.Wait()
}

// work makes promises until the gateway is gone. An error is the kill, or what it left undone: then the next one begins.
func (r *rack) work(ctx context.Context) {
	for ctx.Err() == nil {
		p := &promise{}
		r.mu.Lock()
		r.promises = append(r.promises, p)
		r.mu.Unlock()
		_ = r.exchange(ctx, p)
	}
}

// exchange takes one document the whole way, and notes each acknowledgement as it comes.
func (r *rack) exchange(ctx context.Context, p *promise) error {
	document, err := r.as("staff.wco").deposit(ctx, metadata(canary, "confidential", "unoct", "art2.e", "For the torture"), canary)
	if err != nil {
		return err
	}
	p.document = document.text("id")
	request, err := r.as("staff.unoct").ask(ctx, document, "org_unoct", "art2.e", "To read it", 30)
	if err != nil {
		return err
	}
	p.request = request.text("id")
	if err := r.as("focal.wco").decide(ctx, request, object{"act": "authorize", "statement": "Agreed"}); err != nil {
		return err
	}
	p.authorized = true
	var given object
	reading := object{"purpose": "art2.e", "statement": "Reading it", "form": "original"}
	if err := r.as("staff.unoct").do(ctx, http.MethodPost, "/documents/"+p.document+"/disclosures", reading, &given); err != nil {
		return err
	}
	index, _ := given["log_index"].(float64)
	p.disclosure, p.entry, p.index = given.text("id"), given.text("log_entry"), int64(index)
	if _, err := r.text(ctx, "staff.unoct", "/disclosures/"+p.disclosure+"/content"); err != nil || rand.IntN(4) > 0 {
		return err
	}
	p.wantsBack = true
	err = r.as("focal.wco").do(ctx, http.MethodPost, "/requests/"+p.request+"/withdrawal", object{"statement": "No longer"}, nil)
	p.takenBack = err == nil
	return err
}

// text fetches what is no JSON.
func (r *rack) text(ctx context.Context, who, path string) ([]byte, error) {
	player, _ := playerOf(who)
	token, _, err := player.tokens(r.site.issuers, "")
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.stage.base+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := http.DefaultClient.Do(req)
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

// torment runs the gateway under load and kills it at some point.
func (r *rack) torment(t *testing.T) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	var working sync.WaitGroup
	for range 6 {
		working.Go(func() { r.work(ctx) })
	}
	time.Sleep(300*time.Millisecond + rand.N(900*time.Millisecond))
	if signed, err := r.text(ctx, "auditor.wco", "/log/checkpoint"); err == nil {
		r.keep(t, signed)
	}
	time.Sleep(rand.N(600 * time.Millisecond))
	r.kill()
	stop()
	working.Wait()
}

// keep opens a checkpoint with the key that auditors have, and keeps it.
func (r *rack) keep(t *testing.T, signed []byte) ledger.Checkpoint {
	t.Helper()
	key, err := openLogKey(filepath.Join(r.dir, "log.key"))
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

// TestAKilledGatewayLosesNothingThatItAcknowledged: kill -9 under load, at any point of any act. After each start all that
// was acknowledged stands, every disclosure is proven to stand in the log, the log was not forked, and no object in the
// store can be opened that no document owns.
func TestAKilledGatewayLosesNothingThatItAcknowledged(t *testing.T) {
	cycles := 10
	if asked := os.Getenv(cyclesVariable); asked != "" {
		var err error
		if cycles, err = strconv.Atoi(asked); err != nil || cycles < 1 {
			t.Fatalf("%s=%q is no number of cycles", cyclesVariable, asked)
		}
	}
	r := newRack(t)
	checked := 0
	for cycle := range cycles {
		r.start(t)
		if cycle > 0 {
			r.checkPromises(t, r.promises[checked:])
			r.checkLog(t)
			checked = len(r.promises)
		}
		r.torment(t)
		if t.Failed() {
			t.Fatalf("in cycle %d", cycle)
		}
	}
	r.start(t)
	r.checkPromises(t, r.promises)
	r.checkLog(t)
	r.checkObjects(t)
	r.checkCanary(t)
	r.tell(t, cycles)
}

func (r *rack) tell(t *testing.T, cycles int) {
	var deposits, leaves, disclosures, withdrawals int
	for _, p := range r.promises {
		deposits += count(p.document != "")
		leaves += count(p.authorized)
		disclosures += count(p.entry != "")
		withdrawals += count(p.takenBack)
	}
	t.Logf("%d kills: %d deposits, %d leaves, %d disclosures, %d withdrawals acknowledged, %d checkpoints kept",
		cycles, deposits, leaves, disclosures, withdrawals, len(r.checkpoints))
	if disclosures < cycles {
		t.Errorf("%d disclosures in %d cycles: this run shows little", disclosures, cycles)
	}
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// checkPromises asks for everything that was acknowledged.
func (r *rack) checkPromises(t *testing.T, made []*promise) {
	t.Helper()
	for _, p := range made {
		if p.document != "" {
			var d object
			if err := r.as("staff.wco").do(t.Context(), http.MethodGet, "/documents/"+p.document, nil, &d); err != nil || d.text("title") != canary {
				t.Errorf("an acknowledged deposit is lost: %v %v", d, err)
			}
		}
		if p.authorized {
			var q object
			err := r.as("focal.wco").do(t.Context(), http.MethodGet, "/requests/"+p.request, nil, &q)
			state := q.text("state")
			if err != nil || state != "in-force" && !p.wantsBack || state != "withdrawn" && p.takenBack {
				t.Errorf("request %s is %q (%v); withdrawal asked for %t, acknowledged %t", p.request, state, err, p.wantsBack, p.takenBack)
			}
		}
		if p.entry != "" {
			r.checkDisclosure(t, p)
		}
	}
}

// checkDisclosure wants the entry at the index that was told, with a proof under the auditors' key.
func (r *rack) checkDisclosure(t *testing.T, p *promise) {
	t.Helper()
	var entry object
	if err := r.as("auditor.wco").do(t.Context(), http.MethodGet, "/log/entries/"+p.entry, nil, &entry); err != nil {
		t.Errorf("an acknowledged disclosure is lost: %v", err)
		return
	}
	text, err := r.text(t.Context(), "auditor.wco", "/log/entries/"+p.entry+"/proof")
	if err != nil {
		t.Errorf("proof of disclosure %s: %v", p.disclosure, err)
		return
	}
	key, err := openLogKey(filepath.Join(r.dir, "log.key"))
	if err != nil {
		t.Fatal(err)
	}
	proof, err := ledger.ParseProof(text)
	if err == nil {
		_, err = proof.Verify(ledger.LeafHash([]byte(entry.text("leaf"))), key.verifier)
	}
	if err != nil || proof.Index != p.index || !strings.Contains(entry.text("body"), p.disclosure) {
		t.Errorf("disclosure %s was told index %d, its proof says %d: %v\n%s", p.disclosure, p.index, proof.Index, err, entry.text("body"))
	}
}

// checkLog wants the tree of now to extend every tree that was handed out before.
func (r *rack) checkLog(t *testing.T) {
	t.Helper()
	signed, err := r.text(t.Context(), "auditor.unoct", "/log/checkpoint")
	if err != nil {
		t.Fatal(err)
	}
	now := r.keep(t, signed)
	for _, before := range r.checkpoints[:len(r.checkpoints)-1] {
		if before.Size() == 0 {
			continue
		}
		text, err := r.text(t.Context(), "auditor.unoct", fmt.Sprintf("/log/consistency?from=%d&to=%d", before.Size(), now.Size()))
		if err != nil {
			t.Errorf("from %d to %d: %v", before.Size(), now.Size(), err)
			continue
		}
		var proof tlog.TreeProof
		for _, line := range strings.Fields(string(text))[3:] {
			hash, err := base64.StdEncoding.DecodeString(line)
			if err != nil || len(hash) != tlog.HashSize {
				t.Fatalf("consistency: %q", line)
			}
			proof = append(proof, tlog.Hash(hash))
		}
		if err := now.Extends(before, proof); err != nil {
			t.Errorf("the log was forked between %d and %d: %v", before.Size(), now.Size(), err)
		}
	}
}

// checkObjects compares what the store holds with the versions, which alone have keys: an object without one cannot be
// opened and is still known as an upload that did not end; a version without its object is a lost document.
func (r *rack) checkObjects(t *testing.T) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), r.postgres.URL("chancery"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	rows, err := conn.Query(t.Context(), `SELECT u.object, u.state, v.id IS NOT NULL FROM upload u LEFT JOIN version v ON v.object = u.object`)
	if err != nil {
		t.Fatal(err)
	}
	owned, waiting := map[string]bool{}, map[string]bool{}
	var object, state string
	var version bool
	_, err = pgx.ForEachRow(rows, []any{&object, &state, &version}, func() error {
		owned[object], waiting[object] = version, !version
		if version != (state == "stored") {
			t.Errorf("upload %s is %s, with a version: %t", object, state, version)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	client, err := r.store.Client()
	if err != nil {
		t.Fatal(err)
	}
	orphans := 0
	for found := range client.ListObjects(t.Context(), "chancery", minio.ListObjectsOptions{Recursive: true}) {
		switch {
		case found.Err != nil:
			t.Fatal(found.Err)
		case owned[found.Key]:
			delete(owned, found.Key)
		case waiting[found.Key]:
			orphans++
		case !strings.HasPrefix(found.Key, "log/") && !strings.HasPrefix(found.Key, "tile/") && found.Key != "checkpoint":
			t.Errorf("nobody knows the object %s", found.Key)
		}
	}
	for object, version := range owned {
		if version {
			t.Errorf("the object %s of a version is not in the store", object)
		}
	}
	t.Logf("%d objects wait to be swept, none of them has a key", orphans)
}

// checkCanary reads what lies on the disks of store and database.
func (r *rack) checkCanary(t *testing.T) {
	t.Helper()
	for _, part := range []string{"store", "postgres"} {
		err := filepath.WalkDir(filepath.Join(r.dir, part), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return nil // it went away meanwhile
			}
			if data, err := os.ReadFile(path); err == nil && strings.Contains(string(data), canary) {
				t.Errorf("%s can be read in %s", canary, path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
