package sequencer_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/sequencer"
)

func TestEachConcurrentAppendGetsItsReceipt(t *testing.T) {
	h := newFixture(t)
	s, _ := h.running(t, 5*time.Second)
	receipts := h.load(t, 16, 20, s)
	for _, r := range receipts {
		if !r.Valid() || !r.Fresh(time.Now()) {
			t.Fatal("a receipt that is not fresh")
		}
		if _, err := r.Proof().Verify(ledger.LeafHash(r.LeafBytes()), h.verifier); err != nil {
			t.Fatal(err)
		}
	}
	h.audit(t, 320, receipts)
}

func TestReplicasOverOneDatabaseKeepOneLog(t *testing.T) {
	h := newFixture(t)
	a, _ := h.running(t, 5*time.Second)
	b, _ := h.running(t, 5*time.Second)
	c, _ := h.running(t, 5*time.Second)
	h.audit(t, 360, h.load(t, 12, 30, a, b, c))
}

func TestATransactionThatCommitsLateIsNotLost(t *testing.T) {
	h := newFixture(t)
	s, _ := h.running(t, 5*time.Second)
	slow, quick := entry(wco), entry(wco)
	var early ledger.Receipt
	must(t, h.app.InTx(t.Context(), func(tx *postgres.Tx) error {
		if _, err := s.Append(tx, slow); err != nil {
			return err
		}
		must(t, tx.Ask(t.Context())) // it stands in the database
		var err error
		early, err = h.receipted(t.Context(), s, quick)
		if _, err := s.Receipt(t.Context(), slow.Body.ID); !errors.Is(err, sequencer.ErrNotFound) {
			t.Errorf("an entry that is not committed: %v", err)
		}
		return err
	}))
	late, err := s.Receipt(t.Context(), slow.Body.ID)
	must(t, err)
	if early.Index() != 0 || late.Index() != 1 {
		t.Errorf("indexes %d and %d", early.Index(), late.Index())
	}
	h.audit(t, 2, []ledger.Receipt{early, late})
}

func TestARolledBackEntryLeavesNothing(t *testing.T) {
	h := newFixture(t)
	s, _ := h.running(t, 5*time.Second)
	e := entry(wco)
	cause := errors.New("refused after all")
	err := h.app.InTx(t.Context(), func(tx *postgres.Tx) error {
		if _, err := s.Append(tx, e); err != nil {
			return err
		}
		must(t, tx.Ask(t.Context()))
		return cause
	})
	if !errors.Is(err, cause) {
		t.Fatal(err)
	}
	s.Wake()
	if _, err := s.Receipt(t.Context(), e.Body.ID); !errors.Is(err, sequencer.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	r, err := h.receipted(t.Context(), s, e)
	must(t, err)
	h.audit(t, 1, []ledger.Receipt{r})
}

func TestNoSuchEntryIsSaidAtOnce(t *testing.T) {
	h := newFixture(t)
	s, _ := h.running(t, 5*time.Second)
	begin := time.Now()
	_, err := s.Receipt(t.Context(), "ent_never")
	if !errors.Is(err, sequencer.ErrNotFound) || time.Since(begin) > 2*time.Second {
		t.Errorf("after %s: %v", time.Since(begin), err)
	}
}

func TestAnyReplicaMakesAnOldReceiptAgain(t *testing.T) {
	h := newFixture(t)
	a, stop := h.running(t, 5*time.Second)
	receipts := h.load(t, 8, 40, a)
	stop()
	b, _ := h.running(t, 5*time.Second)
	for _, r := range receipts {
		again, err := b.Receipt(t.Context(), r.Body().ID)
		must(t, err)
		if again.Index() != r.Index() || again.BodyHash() != r.BodyHash() || again.Size() != 320 ||
			!again.MintedAt().After(r.MintedAt()) {
			t.Fatalf("index %d of %d became %d of %d", r.Index(), r.Size(), again.Index(), again.Size())
		}
	}
}

func TestAnEntryThatNobodyWokeItForIsSequenced(t *testing.T) {
	h := newFixture(t)
	s, _ := h.running(t, 5*time.Second)
	waited, left := entry(wco), entry(wco)
	for _, e := range []sequencer.Entry{waited, left} {
		must(t, h.app.InTx(t.Context(), func(tx *postgres.Tx) error { _, err := s.Append(tx, e); return err }))
		if e.Body.ID == waited.Body.ID {
			_, err := s.Receipt(t.Context(), e.Body.ID)
			must(t, err)
		}
	}
	eventually(t, "the second entry is sequenced", func() bool { return s.Health().CheckpointSize == 2 })
}

func TestABatchThatIsFullIsFollowedByTheRest(t *testing.T) {
	h := newFixture(t)
	s, _ := h.running(t, 5*time.Second)
	var last sequencer.Entry
	must(t, h.app.InTx(t.Context(), func(tx *postgres.Tx) error {
		for range 700 {
			last = entry(wco, unoct)
			if _, err := s.Append(tx, last); err != nil {
				return err
			}
		}
		return nil
	}))
	r, err := s.Receipt(t.Context(), last.Body.ID)
	must(t, err)
	if r.Index() != 699 {
		t.Errorf("the last entry has index %d", r.Index())
	}
	h.audit(t, 700, []ledger.Receipt{r})
}

func TestAnEntryThatIsQueuedAgainIsNumberedOnce(t *testing.T) {
	h := newFixture(t)
	s, _ := h.running(t, 5*time.Second)
	e := entry(wco)
	_, err := h.receipted(t.Context(), s, e)
	must(t, err)
	must(t, h.app.Gorm().Exec("INSERT INTO log_pending (entry) VALUES (?)", e.Body.ID).Error)
	r, err := h.receipted(t.Context(), s, entry(wco))
	must(t, err)
	if r.Index() != 1 {
		t.Errorf("index %d", r.Index())
	}
	eventually(t, "the queue is empty",
		func() bool { return value[int](t, h, "SELECT count(*) FROM log_pending") == 0 })
	h.audit(t, 2, nil)
}

func TestCheckpointsAreStoredAndHandedOut(t *testing.T) {
	h := newFixture(t)
	a, _ := h.running(t, 5*time.Second)
	idle, _ := h.running(t, 5*time.Second)
	h.load(t, 4, 5, a)
	eventually(t, "the idle replica signs the same tree", func() bool {
		signed, err := idle.Checkpoint(t.Context())
		must(t, err)
		own, err := a.Checkpoint(t.Context())
		must(t, err)
		return string(signed) == string(own) && idle.Health().CheckpointSize == 20
	})
	eventually(t, "it is stored", func() bool {
		return value[int](t, h, "SELECT count(*) FROM log_checkpoint WHERE size = 20") == 1
	})
	h.audit(t, 20, nil)
}

func TestHealthTellsHowTheLogDoes(t *testing.T) {
	h := newFixture(t)
	s := h.replica(t, 200*time.Millisecond)
	if got := s.Health(); got.Ready(time.Second) {
		t.Errorf("ready before it ran: %+v", got)
	}
	if _, err := s.Checkpoint(t.Context()); !errors.Is(err, sequencer.ErrUnavailable) {
		t.Errorf("a checkpoint before it ran: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	eventually(t, "it is ready", func() bool { return s.Health().Ready(3 * time.Second) })
	if err := s.Run(t.Context()); err == nil {
		t.Error("it ran twice")
	}
	// A round that another replica never ends: the entry stays pending, and that shows.
	admin := h.open(t, h.superuser(h.name), 1)
	must(t, admin.InTx(t.Context(), func(tx *postgres.Tx) error {
		must(t, postgres.Gorm(tx).Exec("SELECT FROM log_head FOR UPDATE").Error)
		e := entry(wco)
		_, err := h.append(t.Context(), s, e)
		must(t, err)
		if _, err := s.Receipt(t.Context(), e.Body.ID); !errors.Is(err, sequencer.ErrUnavailable) {
			t.Errorf("got %v", err)
		}
		eventually(t, "it is no longer ready", func() bool { return !s.Health().Ready(500 * time.Millisecond) })
		return nil
	}))
	eventually(t, "it is ready again",
		func() bool { return s.Health().Ready(3*time.Second) && s.Health().CheckpointSize == 1 })
	if got := s.Health(); got.Failures != 0 || got.Err != nil || got.Waiting != 0 || got.OldestPending != 0 {
		t.Errorf("%+v", got)
	}
	cancel()
	must(t, <-done)
}

func TestAppendRefusesWhatCannotStandInTheLog(t *testing.T) {
	h := newFixture(t)
	s := h.replica(t, time.Second)
	for about, spoil := range map[string]func(*sequencer.Entry){
		"no place in it": func(e *sequencer.Entry) { e.Body.Document = "doc_1" },
		"does not know":  func(e *sequencer.Entry) { e.Body.Kind = "telepathy" },
		"0 parties":      func(e *sequencer.Entry) { e.Parties = nil },
		"17 parties": func(e *sequencer.Entry) {
			e.Parties = strings.Split("a b c d e f g h i j k l m n o p q",
				" ")
		},
		"no identifier":     func(e *sequencer.Entry) { e.Parties = []string{"two words"} },
		"version 0":         func(e *sequencer.Entry) { e.Body.Version = 0 },
		"more than 65535":   func(e *sequencer.Entry) { e.Body.Reasons = []string{strings.Repeat("x", 70000)} },
		"has no commitment": func(e *sequencer.Entry) { e.Body.Private = nil },
		"clue is empty":     func(e *sequencer.Entry) { e.Details[0].Sealed = nil },
	} {
		e := tracing(t, wco)
		spoil(&e)
		if _, err := h.append(t.Context(), s, e); err == nil || !strings.Contains(err.Error(), about) {
			t.Errorf("%s: %v", about, err)
		}
	}
	if n := value[int](t, h, "SELECT count(*) FROM log_entry"); n != 0 {
		t.Errorf("%d entries are left", n)
	}
	e := tracing(t, wco, unoct, wco)
	_, err := h.append(t.Context(), s, e)
	must(t, err)
	if got := value[string](t, h, "SELECT d.field || ' ' || array_to_string(e.parties, ',') FROM log_detail d JOIN "+
		"log_entry e ON e.id = d.entry WHERE sealed = 'sealed'"); got != "clue org_unoct,org_wco" {
		t.Errorf("stored: %s", got)
	}
	if _, err := h.append(t.Context(), s, e); postgres.Constraint(err) != "log_entry_is_written_once" {
		t.Errorf("a second time: %v", err)
	}
}

func TestNewRefusesAnIncompleteConfiguration(t *testing.T) {
	h := newFixture(t)
	private, public, err := ledger.GenerateKey(origin)
	must(t, err)
	otherSigner, err := note.NewSigner(private)
	must(t, err)
	_, _ = otherSigner, public
	good := sequencer.Config{
		DB:       h.app,
		Signer:   h.signer,
		Verifier: h.verifier,
		Origin:   origin,
		Now:      time.Now,
		Logger:   slog.New(slog.DiscardHandler),
	}
	for about, spoil := range map[string]func(*sequencer.Config){
		"no database":     func(c *sequencer.Config) { c.DB = nil },
		"no key":          func(c *sequencer.Config) { c.Signer = nil },
		"no origin":       func(c *sequencer.Config) { c.Origin = "" },
		"the key is that": func(c *sequencer.Config) { c.Origin = "other.example" },
		"the public key":  func(c *sequencer.Config) { c.Signer = otherSigner },
		"wait of":         func(c *sequencer.Config) { c.Wait = -1 },
		"no clock":        func(c *sequencer.Config) { c.Now = nil },
		"no logger":       func(c *sequencer.Config) { c.Logger = nil },
	} {
		c := good
		spoil(&c)
		if _, err := sequencer.New(c); err == nil || !strings.Contains(err.Error(), about) {
			t.Errorf("%s: %v", about, err)
		}
	}
	_, err = sequencer.New(good)
	must(t, err)
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(15 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("it never came that %s", what)
}
