package exchange_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/register"
)

// Whoever alters one request in the database keeps no other word from being told, nor another request from lapsing:
// what the gateway does by itself goes on behind it, and the auditors of both Parties are told of it, once a day.
func TestARequestThatWasAlteredKeepsNoOtherWordFromBeingTold(t *testing.T) {
	h := newFixture(t)
	h.moveToNoon()
	g := h.still() // no rounds: whatever is told, this test asks for
	defer h.inOrder(g)
	focal, reader := h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	auditors := []exchange.Actor{h.auditor(g, "auditor.wco"), h.auditor(g, "auditor.unoct")}
	doc := granted(t, h, g, reader, secret)
	var open []exchange.AccessRequest
	for range 2 {
		q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
		must(t, err)
		open = append(open, q)
	}
	h.moveClock(11 * 24 * time.Hour)
	_, err := g.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)
	h.superuser(`UPDATE access_request SET until = until + interval '1 year' WHERE id = (SELECT min(id)
		FROM access_request WHERE id IN ('` + string(open[0].ID) + `', '` + string(open[1].ID) + `'))`)
	h.moveClock(24 * time.Hour)
	must(t, g.CloseUnfetched(t.Context()))
	for range 3 {
		if err := g.TellDue(t.Context()); !errors.Is(err, register.ErrAltered) {
			t.Errorf("the operations log is told %v", err)
		}
	}
	if lapsing, disclosed := ofKind(t, g, focal, "lapsing"), ofKind(t, g, focal, "disclosed"); len(lapsing) != 1 ||
		len(disclosed) != 1 {
		t.Errorf("the Discloser is told %d times of the request behind it, and %d times of the day's disclosures; "+
			"want each once", len(lapsing), len(disclosed))
	}
	altered := func(want int) {
		t.Helper()
		for _, a := range auditors {
			told := ofKind(t, g, a, "alteration")
			if len(told) != want || told[0].Document != doc.ID {
				t.Errorf("an auditor is told %+v; want %d of the document", told, want)
			}
		}
		if n := h.count(`SELECT count(*) FROM log_entry WHERE kind = 'describe'`); n != want {
			t.Errorf("%d entries say so; want %d", n, want)
		}
	}
	altered(1)
	_, named, _ := strings.Cut(english(ofKind(t, g, auditors[1], "alteration")[0]), "The refusal is entry ")
	id, _, _ := strings.Cut(named, " ")
	entry, err := g.LogEntry(t.Context(), auditors[1], id)
	must(t, err)
	if !slices.Equal(entry.Reasons, []article4.Code{"gateway/altered"}) || entry.Document != doc.ID ||
		entry.Actor != "" {
		t.Errorf("the entry is %+v", entry)
	}
	h.moveClock(3 * 24 * time.Hour)
	for range 3 {
		if err := g.CloseDue(t.Context()); !errors.Is(err, register.ErrAltered) {
			t.Errorf("the operations log is told %v", err)
		}
	}
	if n := h.count(`SELECT count(*) FROM access_request WHERE closed = 'lapsed'`); n != 1 {
		t.Errorf("%d requests lapsed; want the one behind the altered one", n)
	}
	altered(2)
}

// A document that was altered keeps nobody from being reminded of another.
func TestADocumentThatWasAlteredKeepsNobodyFromBeingRemindedOfOthers(t *testing.T) {
	h := newFixture(t)
	h.moveToNoon()
	g := h.still()
	staff := h.staff(g, "staff.wco")
	m := metadata()
	m.ReviewBy = h.today().AddDate(0, 0, 5)
	m.PersonalData = exchange.PersonalData{Declared: true, Present: true, Regime: "EU 2016/679",
		LegalBasis: "Article 6(1)(e)", RetainUntil: h.today().AddDate(0, 0, 5)}
	for _, text := range []string{"one", "two", "three"} {
		_, err := g.Deposit(t.Context(), staff, m, content(text))
		must(t, err)
	}
	h.superuser(`UPDATE document SET marking = 'restricted' WHERE id = (SELECT min(id) FROM document)`)
	h.moveClock(6 * 24 * time.Hour)
	for range 2 {
		for what, round := range map[string]error{"reviews": g.Remind(t.Context()), "ends": g.TellDue(t.Context())} {
			if !errors.Is(round, register.ErrAltered) {
				t.Errorf("%s: the operations log is told %v", what, round)
			}
		}
	}
	focal := h.signatory(g, "focal.wco")
	if reviews, over := len(ofKind(t, g, focal, "review")), len(ofKind(t, g, focal, "retention")); reviews != 2 ||
		over != 2 {
		t.Errorf("told of %d reviews and of %d retentions that are over; want the other two documents", reviews, over)
	}
	if told := ofKind(t, g, h.auditor(g, "auditor.unoct"), "alteration"); len(told) != 1 {
		t.Errorf("an auditor is told %+v", told)
	}
}

// An authorization of a series that was altered keeps the end of no other from being told.
func TestAnAuthorizationThatWasAlteredKeepsTheEndOfNoOtherFromBeingTold(t *testing.T) {
	h := newFixture(t)
	h.moveToNoon()
	g := h.still()
	focal, reader := h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	for range 3 {
		s, _ := weekly(t, g, focal)
		in := standingFor(reader.Person())
		in.Until = h.today().AddDate(0, 0, 30)
		must(t, second(g.AuthorizeSeries(t.Context(), focal, s.ID, in)))
	}
	h.superuser(`UPDATE standing_authorization SET until = until + interval '1 day'
		WHERE id = (SELECT min(id) FROM standing_authorization)`)
	h.moveClock(20 * 24 * time.Hour)
	for range 2 {
		if err := g.TellDue(t.Context()); !errors.Is(err, register.ErrAltered) {
			t.Errorf("the operations log is told %v", err)
		}
	}
	if told := ofKind(t, g, focal, "ending"); len(told) != 2 {
		t.Errorf("told %+v; want the ends of the other two", told)
	}
	if told := ofKind(t, g, h.auditor(g, "auditor.unoct"), "alteration"); len(told) != 1 {
		t.Errorf("an auditor is told %+v", told)
	}
}

// What the store does not remove waits behind what it does, however much of it there is.
func TestWhatTheStoreDoesNotRemoveKeepsNothingFromBeingRemoved(t *testing.T) {
	h := newFixture(t)
	g := h.still()
	h.staff(g, "staff.wco")
	h.superuser(`INSERT INTO upload (id, organisation, person, object, state, opened_at, heartbeat_at)
		SELECT 'upl_' || n, 'org_wco', (SELECT min(id) FROM person), CASE WHEN n > 150 THEN 'documents/' || n
			ELSE 'no name of an object ' || n END, 'abandoned', now(), now() - (200 - n) * interval '1 minute'
		FROM generate_series(1, 153) n`)
	for range 2 {
		if err := g.Sweep(t.Context()); err == nil {
			t.Error("the operations log is not told")
		}
	}
	if n := h.count(`SELECT count(*) FROM upload WHERE object LIKE 'documents/%'`); n != 0 {
		t.Errorf("%d are kept that the store removes", n)
	}
	if n := h.count(`SELECT count(*) FROM upload WHERE removed_at IS NULL`); n != 150 {
		t.Errorf("%d wait; want the 150 that it does not remove", n)
	}
}

// A document that was altered keeps no transfer of another from being closed in the log.
func TestADocumentThatWasAlteredKeepsNoTransferOfAnotherOpen(t *testing.T) {
	h := newFixture(t)
	h.moveToNoon()
	g := h.still()
	staff := h.staff(g, "staff.wco")
	for _, text := range []string{"one", "two"} {
		doc, err := g.Deposit(t.Context(), staff, metadata(), content(text))
		must(t, err)
		d, err := g.Disclose(t.Context(), staff, doc.ID, exchange.Reading{Form: article4.Original})
		must(t, err)
		must(t, second(g.Content(t.Context(), staff, d.ID, nil))) // and its replica is not heard of again
	}
	h.superuser(`UPDATE document SET marking = 'restricted' WHERE id = (SELECT x.document FROM transfer t
		JOIN disclosure x ON x.id = t.disclosure ORDER BY t.id LIMIT 1)`)
	h.moveClock(time.Minute)
	for range 2 {
		if err := g.CloseSilent(t.Context()); !errors.Is(err, register.ErrAltered) {
			t.Errorf("the operations log is told %v", err)
		}
	}
	if n := h.count(`SELECT count(*) FROM transfer WHERE ended = 'unknown'`); n != 1 {
		t.Errorf("%d transfers are closed; want the one behind the altered document", n)
	}
	if told := ofKind(t, g, h.auditor(g, "auditor.unoct"), "alteration"); len(told) != 1 {
		t.Errorf("an auditor is told %+v", told)
	}
}
