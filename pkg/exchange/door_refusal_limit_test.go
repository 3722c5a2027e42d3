package exchange_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/ledger"
)

func sixty(s *exchange.Settings) { s.Refusals = 60 }

// isTooMany asserts that a refusal is one of too many, and says nothing else.
func isTooMany(t *testing.T, err error) *exchange.Refusal {
	t.Helper()
	refusal := refusedFor(t, err, "gateway/too-many")
	if refusal.Entry != "" || refusal.Document != "" || refusal.RetryAfter <= 0 || refusal.RetryAfter > time.Minute {
		t.Fatalf("refused as %+v; want no entry, no document, and when to come again", refusal)
	}
	return refusal
}

// counted reads the entries that count refusals.
func (h *fixture) counted() (bodies []ledger.Body) {
	h.t.Helper()
	conn, err := pgx.Connect(h.t.Context(), h.db.SuperuserURL())
	must(h.t, err)
	defer conn.Close(h.t.Context())
	rows, err := conn.Query(h.t.Context(), `SELECT body FROM log_entry WHERE kind = 'too-many' ORDER BY at`)
	must(h.t, err)
	found, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	must(h.t, err)
	for _, text := range found {
		var body ledger.Body
		must(h.t, json.Unmarshal(text, &body))
		bodies = append(bodies, body)
	}
	return bodies
}

// awaitCounted waits until the gateway has written so many of them.
func (h *fixture) awaitCounted(n int) []ledger.Body {
	h.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if found := h.counted(); len(found) >= n {
			return found
		}
	}
	h.t.Fatalf("%d entries count refusals; want %d", len(h.counted()), n)
	return nil
}

func (h *fixture) refusals() int {
	return h.count(`SELECT count(*) FROM log_entry WHERE convert_from(body, 'UTF8')::jsonb->>'outcome' = 'refuse' ` +
		`AND kind <> 'too-many'`)
}

func TestOverSixtyRefusalsAMinuteHaveOneEntryOnAllReplicasTogether(t *testing.T) {
	h := newFixture(t)
	one, other := h.gateway(sixty), h.gateway(sixty)
	doc, err := one.Deposit(t.Context(), h.staff(one, "staff.wco"), metadata(), content(secret))
	must(t, err)
	reader := h.staff(one, "staff.unoct")
	for i := range 60 {
		g := []*exchange.Gateway{one, other}[i%2]
		if i%3 == 0 {
			if _, err := g.Describe(t.Context(), reader, "doc_absent"); !isNotFound(err) {
				t.Fatal(err)
			}
			continue
		}
		refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())), "art4.4/authorization-missing",
			"art4.5/not-granted")
	}
	for range 7 {
		isTooMany(t, second(one.Disclose(t.Context(), reader, doc.ID, reading())))
		isTooMany(t, second(other.Describe(t.Context(), reader, "doc_absent")))
		isTooMany(t, second(other.Organisation(t.Context(), reader, "org_absent")))
	}
	if n := h.refusals(); n != 60 {
		t.Errorf("%d refusals have an entry of their own; want 60", n)
	}
	if _, err := one.Describe(t.Context(), reader, doc.ID); err != nil {
		t.Errorf("what is permitted does not go on: %v", err)
	}
	if found := h.counted(); len(found) != 0 {
		t.Errorf("%d entries count refusals before the minute is over", len(found))
	}
	refusedFor(t, second(one.Disclose(t.Context(), h.staff(one, "other.unoct"), doc.ID, reading())),
		"art4.4/authorization-missing", "art4.5/not-granted")

	h.moveClock(time.Minute)
	body := h.awaitCounted(1)[0]
	if body.Counted.Refusals != 21 || body.Actor != string(reader.Person()) || body.Organisation != string(unoct) ||
		!body.Counted.From.Before(body.Counted.To) {
		t.Errorf("counted %+v of %s; want the 21 of %s", body.Counted, body.Actor, reader.Person())
	}
	refusedFor(t, second(one.Disclose(t.Context(), reader, doc.ID, reading())), "art4.4/authorization-missing",
		"art4.5/not-granted")
	for _, g := range []*exchange.Gateway{one, other} {
		must(t, g.CountRefusals(t.Context()))
	}
	if found := h.counted(); len(found) != 1 {
		t.Errorf("%d entries count the same refusals", len(found))
	}
}

// Whoever alters the count of one person keeps nobody else's refusals from their entry.
func TestACountOfRefusalsThatCannotBeToldKeepsNoOtherFromItsEntry(t *testing.T) {
	h := newFixture(t)
	g := h.gateway(func(s *exchange.Settings) { s.Refusals = 1 })
	for _, who := range []string{"staff.unoct", "staff.wco"} {
		for range 3 {
			_, _ = g.Describe(t.Context(), h.staff(g, who), "doc_absent")
		}
	}
	h.superuser(`UPDATE refusals SET parties = '' WHERE person = (SELECT min(person) FROM refusals)`)
	h.moveClock(time.Minute)
	if found := h.awaitCounted(1); found[0].Counted.Refusals != 2 {
		t.Errorf("counted %+v", found[0].Counted)
	}
	if err := g.CountRefusals(t.Context()); err == nil || len(h.counted()) != 1 {
		t.Errorf("%d are counted, and the operations log is told %v", len(h.counted()), err)
	}
}

func TestTheFirstPermittedActTellsOfTheRefusalsBeforeIt(t *testing.T) {
	h := newFixture(t)
	g := h.gateway(func(s *exchange.Settings) { s.Refusals = 2 })
	staff, reader := h.staff(g, "staff.wco"), h.staff(g, "staff.unoct")
	doc, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
	must(t, err)
	absent := func(n int) {
		for range n {
			_, _ = g.Describe(t.Context(), reader, "doc_absent")
		}
	}
	absent(5)
	_, err = g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	if found := h.counted(); len(found) != 1 || found[0].Counted.Refusals != 3 {
		t.Fatalf("counted %+v; want the three that had no entry", found)
	}
	absent(4)
	_, err = g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	if found := h.counted(); len(found) != 1 {
		t.Errorf("%d entries in one minute: a flood between permitted acts grows the log", len(found))
	}
	h.moveClock(time.Minute)
	if found := h.awaitCounted(2); found[1].Counted.Refusals != 4 {
		t.Errorf("counted %+v; want the four after it", found[1].Counted)
	}
}

func TestAFloodOfRefusalsWaitsForNobodyAndKeepsNobodyWaiting(t *testing.T) {
	h := newFixture(t)
	h.moveToNoon()
	g := h.gateway(func(s *exchange.Settings) { s.Refusals = 2 })
	reader := h.staff(g, "staff.unoct")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	for range 3 {
		_, _ = g.Describe(t.Context(), reader, "doc_absent")
	}
	conn, err := pgx.Connect(t.Context(), h.db.SuperuserURL())
	must(t, err)
	defer conn.Close(t.Context())
	held, err := conn.Begin(t.Context())
	must(t, err)
	_, err = held.Exec(t.Context(),
		`SELECT pg_advisory_xact_lock(hashtextextended(held, 0)) FROM (SELECT 'arrangement' AS held UNION SELECT `+
			`'document ' || id FROM document) all_held`)
	must(t, err)
	done := make(chan error, 2)
	go func() { done <- second(g.Recall(t.Context(), reader, doc.ID, "x")) }()
	go func() {
		done <- second(g.GiveNotice(t.Context(), reader,
			exchange.NoticeOfTermination{GivenOn: h.today(), Statement: "x"}))
	}()
	for range 2 {
		select {
		case err := <-done:
			isTooMany(t, err)
		case <-time.After(5 * time.Second):
			t.Fatal("a refusal too many waits for a lock, and would hold it")
		}
	}
	must(t, held.Rollback(t.Context()))
}

func TestARefusalTooManyIsToldToNobodyElse(t *testing.T) {
	h := newFixture(t)
	g := h.gateway(func(s *exchange.Settings) { s.Refusals = 1 })
	machine, err := g.Recognise(t.Context(),
		exchange.Claims{Issuer: h.issuers.URL("unoct"), Subject: "gotravel", Client: "gotravel",
			Roles: []article4.Role{article4.RoleService}, Service: &article4.ServiceLimits{}})
	must(t, err)
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	for range 3 {
		_, err = g.Describe(t.Context(), machine, "doc_absent")
	}
	isTooMany(t, err)
	h.moveClock(time.Minute)
	h.awaitCounted(1)
	if n := h.count(`SELECT count(*) FROM log_entry WHERE kind = 'too-many' AND 'org_wco' = ANY(parties)`); n != 0 {
		t.Error("the other Party may open the count of refusals that concern it in nothing")
	}
	for range 3 {
		_, err = g.Disclose(t.Context(), h.staff(g, "staff.unoct"), doc.ID, reading())
	}
	isTooMany(t, err)
	h.moveClock(time.Minute)
	h.awaitCounted(2)
	if n := h.count(`SELECT count(*) FROM log_entry WHERE kind = 'too-many' AND 'org_wco' = ANY(parties)`); n != 1 {
		t.Error("the Discloser may not open the count of refusals about its document")
	}
}
