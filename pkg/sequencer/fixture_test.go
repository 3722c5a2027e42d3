package sequencer_test

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"golang.org/x/sync/errgroup"

	"chancery.example/gateway/pkg/devstack/devtest"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/sequencer"
)

func TestMain(m *testing.M) { devtest.Main(m) }

const (
	origin = "chancery.example/test"
	wco    = "org_wco"
	unoct  = "org_unoct"
)

// fixture is one database with its log's key; replicas are sequencers over it.
type fixture struct {
	name      string
	superuser func(database string) string
	owner     string
	appURL    string
	seqURL    string
	app       *postgres.DB
	signer    note.Signer
	verifier  note.Verifier
}

func newFixture(tb testing.TB) *fixture {
	tb.Helper()
	d := devtest.NewMigratedDatabase(tb)
	return furnish(tb, d.Name, d.OwnerURL, d.URL, d.URLFor)
}

// furnish migrates a database and signs the app in.
func furnish(tb testing.TB, name, owner string, superuser func(string) string,
	login func(role, password, database string) string) *fixture {
	tb.Helper()
	ctx := context.Background()
	h := &fixture{name: name, owner: owner, superuser: superuser}
	for group, url := range map[postgres.Group]*string{postgres.App: &h.appURL, postgres.Sequencer: &h.seqURL} {
		role, password := name+"_"+string(group), rand.Text()
		must(tb, postgres.Grant(ctx, superuser("postgres"), role, password, group))
		*url = login(role, password, name)
	}
	must(tb, postgres.Migrate(ctx, owner))
	h.app = h.open(tb, h.appURL, 40)
	private, public, err := ledger.GenerateKey(origin)
	must(tb, err)
	h.signer, err = note.NewSigner(private)
	must(tb, err)
	h.verifier, err = note.NewVerifier(public)
	must(tb, err)
	return h
}

func (h *fixture) open(tb testing.TB, url string, conns int) *postgres.DB {
	tb.Helper()
	db, err := postgres.Open(context.Background(),
		postgres.Config{URL: url, MaxConns: conns, Logger: slog.New(slog.DiscardHandler)})
	must(tb, err)
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

// replica makes a sequencer over the gateway; it does not run yet.
func (h *fixture) replica(tb testing.TB, wait time.Duration) *sequencer.Sequencer {
	tb.Helper()
	s, err := sequencer.New(sequencer.Config{
		DB:       h.open(tb, h.seqURL, 8),
		Signer:   h.signer,
		Verifier: h.verifier,
		Origin:   origin,
		Wait:     wait,
		Now:      time.Now,
		Logger:   slog.New(slog.DiscardHandler),
	})
	must(tb, err)
	return s
}

// running starts a replica and stops it, at the latest, when the test ends.
func (h *fixture) running(tb testing.TB, wait time.Duration) (s *sequencer.Sequencer, stop func()) {
	tb.Helper()
	s = h.replica(tb, wait)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			tb.Errorf("run: %v", err)
		}
	})
	tb.Cleanup(stop)
	return s, stop
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}

func entry(parties ...string) sequencer.Entry {
	return sequencer.Entry{Parties: parties, Body: ledger.Body{
		Version:      ledger.BodyVersion,
		Kind:         ledger.KindReading,
		ID:           "ent_" + rand.Text(),
		At:           time.Now(),
		Outcome:      ledger.Permitted,
		Rules:        "sha256:test",
		Build:        "test",
		Actor:        "per_test",
		Organisation: parties[0],
		Terms:        &ledger.Terms{Subject: "entries"},
	}}
}

// tracing is an entry with a private field.
func tracing(tb testing.TB, parties ...string) sequencer.Entry {
	tb.Helper()
	e := entry(parties...)
	commitment, _, err := ledger.Commit("a line off a page")
	must(tb, err)
	e.Body.Kind, e.Body.Terms, e.Body.Private = ledger.KindTracing, nil, map[string]string{"clue": commitment}
	e.Details = []sequencer.Detail{{Field: "clue", Sealed: []byte("sealed")}}
	return e
}

// refusal is an entry by a person who was refused something for a reason.
func refusal(reason string, parties ...string) sequencer.Entry {
	e := entry(parties...)
	e.Body.Kind, e.Body.Outcome, e.Body.Document = ledger.KindDisclosure, ledger.Refused, "doc_1"
	e.Body.Terms, e.Body.Reasons = nil, []string{reason}
	return e
}

// append commits one entry and kicks.
func (h *fixture) append(ctx context.Context, s *sequencer.Sequencer, e sequencer.Entry) (ledger.Hash, error) {
	var hash ledger.Hash
	err := h.app.InTx(ctx, func(tx *postgres.Tx) (err error) {
		hash, err = s.Append(tx, e)
		return err
	})
	if err == nil {
		s.Wake()
	}
	return hash, err
}

// admin runs a statement as the superuser, on this database.
func (h *fixture) admin(tb testing.TB, statement string, args ...any) {
	tb.Helper()
	db, err := postgres.Open(context.Background(),
		postgres.Config{URL: h.superuser(h.name), MaxConns: 1, Logger: slog.New(slog.DiscardHandler)})
	must(tb, err)
	defer db.Close()
	must(tb, db.Gorm().Exec(statement, args...).Error)
}

// value reads one value as the superuser.
func value[T any](tb testing.TB, h *fixture, query string) (v T) {
	tb.Helper()
	db, err := postgres.Open(context.Background(),
		postgres.Config{URL: h.superuser(h.name), MaxConns: 1, Logger: slog.New(slog.DiscardHandler)})
	must(tb, err)
	defer db.Close()
	must(tb, db.Gorm().Raw(query).Row().Scan(&v))
	return v
}

// audit reads the whole log as an auditor would and checks that every index and every running number is there once,
// that each receipt and each stored checkpoint is of this one tree, and that each checkpoint extends the one before.
func (h *fixture) audit(tb testing.TB, entries int64, receipts []ledger.Receipt) {
	tb.Helper()
	db, err := postgres.Open(context.Background(),
		postgres.Config{URL: h.superuser(h.name), MaxConns: 1, Logger: slog.New(slog.DiscardHandler)})
	must(tb, err)
	defer db.Close()
	rows, err := db.Gorm().Raw("SELECT s.index, s.leaf, e.body, e.nonce FROM log_seq s JOIN log_entry e ON e.id = " +
		"s.entry ORDER BY s.index").Rows()
	must(tb, err)
	defer rows.Close()
	var stored hashes
	var all [][]byte
	last := map[string]int64{}
	for rows.Next() {
		var index int64
		var leaf, body, nonce []byte
		must(tb, rows.Scan(&index, &leaf, &body, &nonce))
		if index != int64(len(all)) {
			tb.Fatalf("index %d stands at place %d", index, len(all))
		}
		l, err := ledger.DecodeLeaf(leaf)
		must(tb, err)
		for _, p := range l.Parties {
			if p.N != last[p.Party]+1 {
				tb.Errorf("index %d: %s has %d after %d", index, p.Party, p.N, last[p.Party])
			}
			last[p.Party] = p.N
		}
		if closed, err := ledger.Close(nonce, body); err != nil || closed != l.Closed {
			tb.Errorf("index %d does not close over its body (%v)", index, err)
		}
		added, err := tlog.StoredHashes(index, leaf, stored)
		must(tb, err)
		stored, all = append(stored, added...), append(all, leaf)
	}
	must(tb, rows.Err())
	if int64(len(all)) != entries {
		tb.Errorf("the log holds %d entries, not %d", len(all), entries)
	}
	checkpoints := h.stored(tb, db)
	for _, r := range receipts {
		if !slices.Equal(all[r.Index()], r.LeafBytes()) {
			tb.Errorf("the receipt for index %d is of another leaf", r.Index())
		}
		checkpoints = append(checkpoints, r.Checkpoint())
	}
	slices.SortFunc(checkpoints, func(a, b ledger.Checkpoint) int { return cmp.Compare(a.Size(), b.Size()) })
	for i, c := range checkpoints {
		if i == 0 || c.Size() == 0 {
			continue
		}
		var proof tlog.TreeProof
		if older := checkpoints[i-1].Size(); 0 < older && older < c.Size() {
			proof, err = tlog.ProveTree(c.Size(), older, stored)
			must(tb, err)
		}
		if err := c.Extends(checkpoints[i-1], proof); err != nil {
			tb.Error(err)
		}
	}
	if n := len(checkpoints); n > 0 {
		c := checkpoints[n-1]
		root, err := tlog.TreeHash(c.Size(), stored)
		must(tb, err)
		if ledger.Hash(root) != c.Root() {
			tb.Errorf("the checkpoint of size %d is not of this log", c.Size())
		}
	}
}

func (h *fixture) stored(tb testing.TB, db *postgres.DB) (checkpoints []ledger.Checkpoint) {
	tb.Helper()
	rows, err := db.Gorm().Raw("SELECT note FROM log_checkpoint").Rows()
	must(tb, err)
	defer rows.Close()
	for rows.Next() {
		var signed []byte
		must(tb, rows.Scan(&signed))
		c, err := ledger.OpenCheckpoint(signed, h.verifier)
		must(tb, err)
		checkpoints = append(checkpoints, c)
	}
	must(tb, rows.Err())
	return checkpoints
}

// hashes is a tree kept in full.
type hashes []tlog.Hash

func (s hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		out[i] = s[index]
	}
	return out, nil
}

// receipted commits an entry and waits for its receipt, again and again while the log is unavailable, as the same
// idempotency key does.
func (h *fixture) receipted(ctx context.Context, s *sequencer.Sequencer, e sequencer.Entry) (ledger.Receipt, error) {
	for {
		_, err := h.append(ctx, s, e)
		if err == nil || postgres.Constraint(err) == "log_entry_is_written_once" {
			break
		}
		if ctx.Err() != nil || !postgres.Unavailable(err) {
			return ledger.Receipt{}, err
		}
		time.Sleep(10 * time.Millisecond)
	}
	for {
		r, err := s.Receipt(ctx, e.Body.ID)
		if err == nil && r.Body().ID != e.Body.ID {
			err = fmt.Errorf("a receipt for %s", r.Body().ID)
		}
		if err == nil || ctx.Err() != nil || !errors.Is(err, sequencer.ErrUnavailable) {
			return r, err
		}
	}
}

// load has callers commit entries through the replicas in turn, each waiting for its receipts, and returns them all.
func (h *fixture) load(tb testing.TB, callers, each int, replicas ...*sequencer.Sequencer) []ledger.Receipt {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	var mu sync.Mutex
	var receipts []ledger.Receipt
	var group errgroup.Group
	for caller := range callers {
		s := replicas[caller%len(replicas)]
		group.Go(func() error {
			for i := range each {
				e := entry([][]string{{wco}, {unoct, wco}, {unoct, wco, "org_third"}}[i%3]...)
				r, err := h.receipted(ctx, s, e)
				if err != nil {
					return err
				}
				mu.Lock()
				receipts = append(receipts, r)
				mu.Unlock()
			}
			return nil
		})
	}
	must(tb, group.Wait())
	return receipts
}
