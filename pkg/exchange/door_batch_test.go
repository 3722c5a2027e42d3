package exchange_test

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/ledger"
)

// atOnce holds the Arrangement until all have come to the door, so that they pass it in batches.
func (h *fixture) atOnce(g *exchange.Gateway, n int, each func(i int)) {
	h.t.Helper()
	held := h.holding(`'arrangement'`)
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() { each(i) })
	}
	for end := time.Now().Add(time.Minute); g.AtTheDoor() < n; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			h.t.Errorf("%d of %d readers came to the door in a minute", g.AtTheDoor(), n)
			break
		}
	}
	held()
	wait.Wait()
}

// holding takes a lock that the gateway takes, alone, until it is called.
func (h *fixture) holding(name string) (release func()) {
	h.t.Helper()
	db, err := sql.Open("pgx", h.db.OwnerURL)
	must(h.t, err)
	tx, err := db.BeginTx(context.Background(), nil)
	must(h.t, err)
	_, err = tx.Exec(`SELECT pg_advisory_xact_lock(hashtextextended(` + name + `, 0))`)
	must(h.t, err)
	return sync.OnceFunc(func() {
		_ = tx.Rollback()
		_ = db.Close()
	})
}

// together is how many disclosures there are, and in how many transactions they were written.
func (h *fixture) together() (disclosures, transactions int) {
	return h.count(`SELECT count(*) FROM disclosure`), h.count(`SELECT count(DISTINCT xmin::text) FROM disclosure`)
}

func TestReadersWhoComeAtOncePassTogetherAndEachIsDecidedAlone(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	reader, stranger := h.staff(g, "staff.unoct"), h.staff(g, "other.unoct")
	const n = 16
	var documents [n]article4.DocumentID
	for i := range documents {
		documents[i] = granted(t, h, g, reader, secret).ID
	}
	ungranted, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	var got [n + 3]exchange.Disclosure
	var failed [n + 3]error
	h.atOnce(g, n+3, func(i int) {
		actor, document := reader, article4.DocumentID("doc_absent")
		switch {
		case i < n:
			document = documents[i]
		case i == n:
			document = ungranted.ID
		case i == n+1:
			actor, document = stranger, documents[0] // neither asked nor named nor admitted
		}
		got[i], failed[i] = g.Disclose(t.Context(), actor, document, reading())
	})
	for i := range n {
		must(t, failed[i])
		if got[i].Document != documents[i] {
			t.Errorf("reader %d asked for %s and got %s", i, documents[i], got[i].Document)
		}
		if content := readAll(t, g, reader, got[i]); content != secret {
			t.Errorf("reader %d got %q", i, content)
		}
	}
	refusedFor(t, failed[n], "art4.4/authorization-missing", "art4.5/not-granted")
	refusedFor(t, failed[n+1], "art4.6/not-admitted")
	if !isNotFound(failed[n+2]) {
		t.Errorf("a document that there is not: %v", failed[n+2])
	}
	disclosures, transactions := h.together()
	if disclosures != n || transactions >= n/2 {
		t.Errorf("%d disclosures in %d transactions; want %d, in less than half as many", disclosures, transactions, n)
	}
	for outcome, want := range map[ledger.Outcome]int{ledger.Permitted: n, ledger.Refused: 3} {
		if entries := h.count(fmt.Sprintf(`SELECT count(*) FROM log_entry WHERE kind = 'disclosure' AND outcome = '%s'`,
			outcome)); entries != want {
			t.Errorf("%d entries %s; want %d", entries, outcome, want)
		}
	}
}

func TestADisclosureOutsideArticle4StopsNobodyWhoComesAlong(t *testing.T) {
	for name, damage := range map[string]string{
		// What the columns say is not what was sealed: found before anything is written.
		"altered": `UPDATE document SET show_title = NOT show_title WHERE id = '%s'`,
		// The row cannot be written: everybody's transaction fails, and each passes alone.
		"unwritable": `ALTER TABLE disclosure ADD CONSTRAINT unwritable CHECK (document <> '%s')`,
	} {
		t.Run(name, func(t *testing.T) {
			h := newFixture(t)
			g := h.gateway()
			reader := h.staff(g, "staff.unoct")
			var documents [10]article4.DocumentID
			for i := range documents {
				documents[i] = granted(t, h, g, reader, secret).ID
			}
			h.superuser(fmt.Sprintf(damage, documents[3]))
			var failed [10]error
			h.atOnce(g, len(documents), func(i int) {
				failed[i] = second(g.Disclose(t.Context(), reader, documents[i],
					reading()))
			})
			for i, err := range failed {
				if i != 3 {
					must(t, err)
				}
			}
			if failed[3] == nil {
				t.Error("disclosed all the same")
			}
			if disclosures, _ := h.together(); disclosures != len(documents)-1 {
				t.Errorf("%d disclosures; want %d", disclosures, len(documents)-1)
			}
			if entries := h.count(`SELECT count(*) FROM log_entry WHERE kind = 'disclosure' AND outcome = '` +
				string(ledger.Permitted) + `'`); entries != len(documents)-1 {
				t.Errorf("%d entries of permits; want %d", entries, len(documents)-1)
			}
		})
	}
}

func TestADocumentThatANarrowingActHoldsKeepsNoOtherReaderWaiting(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	reader := h.staff(g, "staff.unoct")
	var documents [10]article4.DocumentID
	for i := range documents {
		documents[i] = granted(t, h, g, reader, secret).ID
	}
	held := h.holding(`'document ` + string(documents[0]) + `'`)
	defer held()
	waiting := make(chan error, 1)
	var others sync.WaitGroup
	others.Add(len(documents) - 1)
	go h.atOnce(g, len(documents), func(i int) {
		_, err := g.Disclose(t.Context(), reader, documents[i], reading())
		if i == 0 {
			waiting <- err
			return
		}
		if err != nil {
			t.Error(err)
		}
		others.Done()
	})
	others.Wait()
	select {
	case err := <-waiting:
		t.Fatalf("passed a document that is held: %v", err)
	default:
	}
	held()
	must(t, <-waiting)
}

func TestADisclosureRepeatedInTheSameBatchIsMadeOnce(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	reader := h.staff(g, "staff.unoct")
	document, other := granted(t, h, g, reader, secret).ID, granted(t, h, g, reader, secret).ID
	var made sync.Map
	h.atOnce(g, 20, func(i int) {
		key, of := "one", document
		if i%2 == 1 {
			key, of = fmt.Sprint("another-", i), other
		}
		d, err := g.Disclose(t.Context(), again(t, reader, key, key), of, reading())
		if err != nil {
			t.Error(err)
		}
		made.Store(d.ID, true)
	})
	n := 0
	made.Range(func(any, any) bool { n++; return true })
	if disclosures, _ := h.together(); n != 11 || disclosures != 11 {
		t.Errorf("10 repetitions of one and 10 others made %d disclosures and told %d; want 11", disclosures, n)
	}
	d, err := g.Disclose(t.Context(), again(t, reader, "one", "one"), document, reading())
	must(t, err)
	if _, told := made.Load(d.ID); !told {
		t.Error("a later repetition is another disclosure")
	}
}
