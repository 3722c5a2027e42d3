package sequencer_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
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

// house is one database with its log's key; replicas are sequencers over it.
type house struct {
	name      string
	superuser func(database string) string
	owner     string
	appURL    string
	seqURL    string
	app       *postgres.DB
	signer    note.Signer
	verifier  note.Verifier
}

func newHouse(tb testing.TB) *house {
	tb.Helper()
	d := devtest.NewDatabase(tb)
	return furnish(tb, d.Name, d.OwnerURL, d.URL, d.URLFor)
}

// furnish migrates a database and signs the app in.
func furnish(tb testing.TB, name, owner string, superuser func(string) string, login func(role, password, database string) string) *house {
	tb.Helper()
	ctx := context.Background()
	h := &house{name: name, owner: owner, superuser: superuser}
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

func (h *house) open(tb testing.TB, url string, conns int) *postgres.DB {
	tb.Helper()
	db, err := postgres.Open(context.Background(), postgres.Config{URL: url, MaxConns: conns, Logger: slog.New(slog.DiscardHandler)})
	must(tb, err)
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

// replica makes a sequencer over the house; it does not run yet.
func (h *house) replica(tb testing.TB, wait time.Duration) *sequencer.Sequencer {
	tb.Helper()
	s, err := sequencer.New(sequencer.Config{
		DB: h.open(tb, h.seqURL, 8), Signer: h.signer, Verifier: h.verifier, Origin: origin,
		Wait: wait, Now: time.Now, Logger: slog.New(slog.DiscardHandler),
	})
	must(tb, err)
	return s
}

// running starts a replica and stops it, at the latest, when the test ends.
func (h *house) running(tb testing.TB, wait time.Duration) (s *sequencer.Sequencer, stop func()) {
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
		Version: ledger.BodyVersion, Kind: ledger.KindDisclosure, ID: "ent_" + rand.Text(), At: time.Now(),
		Outcome: ledger.Permitted, Rules: "sha256:test", Build: "test", Actor: "per_test", Organisation: parties[0],
	}}
}

// append commits one entry and kicks.
func (h *house) append(ctx context.Context, s *sequencer.Sequencer, e sequencer.Entry) (ledger.Hash, error) {
	var hash ledger.Hash
	err := h.app.InTx(ctx, func(tx *postgres.Tx) (err error) {
		hash, err = s.Append(ctx, tx, e)
		return err
	})
	if err == nil {
		s.Kick()
	}
	return hash, err
}

// admin runs a statement as the superuser, on this database.
func (h *house) admin(tb testing.TB, statement string, args ...any) {
	tb.Helper()
	db, err := postgres.Open(context.Background(), postgres.Config{URL: h.superuser(h.name), MaxConns: 1, Logger: slog.New(slog.DiscardHandler)})
	must(tb, err)
	defer db.Close()
	must(tb, db.Gorm().Exec(statement, args...).Error)
}

func (h *house) count(tb testing.TB, query string) (n int64) {
	tb.Helper()
	db, err := postgres.Open(context.Background(), postgres.Config{URL: h.superuser(h.name), MaxConns: 1, Logger: slog.New(slog.DiscardHandler)})
	must(tb, err)
	defer db.Close()
	must(tb, db.Gorm().Raw(query).Scan(&n).Error)
	return n
}

func TestEachConcurrentAppendGetsItsReceipt(t *testing.T) {
	h := newHouse(t)
	s, _ := h.running(t, 5*time.Second)
	var mu sync.Mutex
	var receipts []ledger.Receipt
	var group errgroup.Group
	for range 16 {
		group.Go(func() error {
			for range 20 {
				e := entry(wco, unoct)
				hash, err := h.append(t.Context(), s, e)
				if err != nil {
					return err
				}
				r, err := s.Receipt(t.Context(), e.Body.ID)
				if err != nil {
					return err
				}
				if !r.Valid() || !r.Fresh(time.Now()) || r.BodyHash() != hash || r.Body().ID != e.Body.ID {
					return fmt.Errorf("receipt of %s is of %s", e.Body.ID, r.Body().ID)
				}
				mu.Lock()
				receipts = append(receipts, r)
				mu.Unlock()
			}
			return nil
		})
	}
	must(t, group.Wait())
	h.checkGapless(t, receipts, 320)
}

// checkGapless says that the receipts cover each index once, and each running number of each Party once.
func (h *house) checkGapless(t *testing.T, receipts []ledger.Receipt, want int) {
	t.Helper()
	indexes := map[int64]bool{}
	numbers := map[ledger.PartyNumber]bool{}
	parties := map[string]int64{}
	for _, r := range receipts {
		indexes[r.Index()] = true
		leaf, err := ledger.DecodeLeaf(r.LeafBytes())
		must(t, err)
		for _, p := range leaf.Parties {
			numbers[p] = true
			parties[p.Party]++
		}
		if _, err := r.Proof().Verify(ledger.LeafHash(r.LeafBytes()), h.verifier); err != nil {
			t.Errorf("proof of index %d: %v", r.Index(), err)
		}
	}
	for i := range int64(want) {
		if !indexes[i] {
			t.Errorf("index %d is missing", i)
		}
	}
	if len(indexes) != want {
		t.Errorf("%d indexes for %d entries", len(indexes), want)
	}
	for party, n := range parties {
		for i := range n {
			if !numbers[ledger.PartyNumber{Party: party, N: i + 1}] {
				t.Errorf("%s has no entry %d of %d", party, i+1, n)
			}
		}
	}
}

func TestNoSuchEntryIsSaidAtOnce(t *testing.T) {
	h := newHouse(t)
	s, _ := h.running(t, 5*time.Second)
	begin := time.Now()
	_, err := s.Receipt(t.Context(), "ent_never")
	if !errors.Is(err, sequencer.ErrNotFound) || time.Since(begin) > 2*time.Second {
		t.Errorf("after %s: %v", time.Since(begin), err)
	}
}

