package exchange_test

import (
	"encoding/hex"
	"errors"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/ledger"
)

const stillOpen = `SELECT count(*) FROM disclosure WHERE closed_at IS NULL`

// eventually waits until a query counts as many.
func (h *fixture) eventually(query string, want int) {
	h.t.Helper()
	for end := time.Now().Add(20 * time.Second); h.count(query) != want; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			h.t.Fatalf("%s: %d; want %d", query, h.count(query), want)
		}
	}
}

// Whatever was permitted is closed in the log: fetched or not, and when no copy could be made. It is closed once, on
// however many replicas, and a restart closes nothing a second time.
func TestEveryDisclosureIsClosedInTheLogOnceItsPermitIsOver(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	other := h.gateway()
	reader := h.staff(g, "staff.unoct")
	doc := granted(t, h, g, reader, secret)
	broken := granted(t, h, g, reader, "%PDF-1.7\nbroken")
	fetched, err := g.Disclose(t.Context(), reader, doc.ID, stamped())
	must(t, err)
	readAll(t, g, reader, fetched)
	for _, r := range []exchange.Reading{reading(), stamped()} {
		must(t, second(g.Disclose(t.Context(), reader, doc.ID, r)))
	}
	refusedFor(t, second(g.Disclose(t.Context(), reader, broken.ID, stamped())), "gateway/cannot-be-marked")
	const unused = `SELECT count(*) FROM log_entry WHERE kind = 'completion' AND convert_from(body, 'UTF8')::jsonb ` +
		`#>> '{completion,end}' = 'unused'`
	if n := h.count(unused); n != 0 {
		t.Errorf("%d disclosures were closed as unused before their permit was over", n)
	}

	h.moveClock(16 * time.Minute)
	h.eventually(stillOpen, 0)
	for _, replica := range []*exchange.Gateway{g, other, h.gateway()} { // the last one begins again
		must(t, replica.CloseUnfetched(t.Context()))
	}
	if n := h.count(unused); n != 3 { // an original, a copy, and the copy that could not be made
		t.Errorf("%d disclosures closed as unused; want 3", n)
	}
	if n := h.count(`SELECT count(*) FROM log_entry e JOIN copy c ON convert_from(e.body, 'UTF8')::jsonb #>> ` +
		`'{completion,copy}' = c.sha256`); n != 2 {
		t.Errorf("%d completions name the copy by its digest; want 2, the one that was fetched and the one that was "+
			"not", n)
	}
	r, err := ledger.Verify(h.export(g, h.auditor(g, "auditor.wco"), exchange.LogQuery{}),
		ledger.Options{Keys: []note.Verifier{h.verifier}})
	good(t, r, err)
	if len(r.Open) != 0 {
		t.Errorf("without a completion entry: %v", r.Open)
	}
}

func TestManyDisclosuresThatNobodyFetchedAreClosedInBatches(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	reader := h.staff(g, "staff.unoct")
	doc := granted(t, h, g, reader, secret)
	d, err := g.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)
	h.superuser(`INSERT INTO disclosure (id, document, version, request, person, organisation, purpose, form,
		copy_number, marking, at, expires_at, entry, entry_hash)
		SELECT 'dis_more' || n, document, version, request, person, organisation, purpose, form, 'more' || n, marking,
			at, expires_at, 'ent_more' || n, entry_hash
		FROM disclosure, generate_series(1, 1000) n WHERE id = '` + string(d.ID) + `'`)
	h.moveClock(16 * time.Minute)
	h.eventually(stillOpen, 0)
	if n := h.count(`SELECT count(DISTINCT convert_from(body, 'UTF8')::jsonb #>> '{completion,disclosure}') FROM ` +
		`log_entry WHERE kind = 'completion'`); n != 1001 {
		t.Errorf("%d disclosures closed; want 1001", n)
	}
	if n := h.count(`SELECT count(*) FROM log_entry WHERE kind = 'completion'`); n != 1001 {
		t.Errorf("%d completion entries; want 1001", n)
	}
}

// The completion of a disclosure and the beginning of a transfer exclude one another.
func TestNoTransferBeginsOfADisclosureThatIsClosed(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	reader := h.staff(g, "staff.unoct")
	doc := granted(t, h, g, reader, secret)
	d, err := g.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)
	h.superuser(`UPDATE disclosure SET closed_at = now()`)
	if _, err := g.Content(t.Context(), reader, d.ID, nil); !errors.Is(err, exchange.ErrOver) {
		t.Errorf("its content: %v; want over", err)
	}
}

// A database of before has salts beside the values; both kinds of row open.
func TestPrivateFieldsOpenWithTheirSaltSealedOrBesideThem(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	must(t, second(g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))))
	auditor := h.auditor(g, "auditor.wco")
	if n := h.count(`SELECT count(*) FROM log_detail WHERE salt IS NOT NULL`); n != 0 {
		t.Errorf("%d salts stand in clear", n)
	}
	opened := func() map[string]string {
		h.eventually(`SELECT count(*) FROM log_pending`, 0)
		page, err := g.LogEntries(t.Context(), auditor, exchange.LogQuery{Kind: "deposit"})
		must(t, err)
		entry, err := g.LogEntry(t.Context(), auditor, page.Items[0].ID)
		must(t, err)
		out := map[string]string{}
		for _, f := range entry.Details {
			if !ledger.CheckCommitment(f.Commitment, f.Value, f.Salt) {
				t.Errorf("%s does not open its commitment", f.Field)
			}
			out[f.Field] = entry.ID
		}
		return out
	}
	id := opened()["title"]
	entry, err := g.LogEntry(t.Context(), auditor, id)
	must(t, err)
	for _, f := range entry.Details {
		if f.Field == "title" {
			sealed, err := h.keysets.Seal(string(wco), []byte(f.Value), "log_detail.title|"+id)
			must(t, err)
			h.superuser(`UPDATE log_detail SET salt = '\x` + hex.EncodeToString(f.Salt) + `', sealed = '\x` +
				hex.EncodeToString(sealed) + `' WHERE entry = '` + id + `' AND field = 'title'`)
		}
	}
	if n := h.count(`SELECT count(*) FROM log_detail WHERE salt IS NOT NULL`); n != 1 {
		t.Fatalf("%d rows of before", n)
	}
	opened()
}
