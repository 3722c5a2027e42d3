package exchange_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/review"
)

// signedIn gives somebody that many sessions of the pages.
func (h *fixture) signedIn(a exchange.Actor, sessions int) {
	h.t.Helper()
	h.superuser(fmt.Sprintf(`INSERT INTO session (id_sha256, person, issuer, subject_sha256, sealed, browser,
		created_at, seen_at, ends_at, asked_again_after) SELECT sha256(gen_random_uuid()::text::bytea), '%s', 'x', 'x',
		'x', 'browser', now(), now(), now() + interval '10 hours', now() FROM generate_series(1, %d)`, a.Person(),
		sessions))
}

// abandoned gives somebody sessions that are over without anybody's doing: one left alone, one past its end.
func (h *fixture) abandoned(a exchange.Actor) {
	h.t.Helper()
	h.superuser(fmt.Sprintf(`INSERT INTO session (id_sha256, person, issuer, subject_sha256, sealed, browser,
		created_at, seen_at, ends_at, asked_again_after) SELECT sha256(gen_random_uuid()::text::bytea), '%s', 'x', 'x',
		'x', 'browser', now() - interval '9 hours', now() - seen, now() + ends, now() FROM (VALUES
		(interval '31 min', interval '1 hour'), (interval '1 min', interval '-1 s')) AS v (seen, ends)`, a.Person()))
}

// living is how many sessions go on.
func (h *fixture) living() int { return h.count("SELECT count(*) FROM session WHERE ended IS NULL") }

// Decision 0410: a signatory of a Party ends the sessions of its own people by a fresh sign-in, with an entry that the
// own Party opens; the person is told. All others are refused, with their entry, and end nothing.
func TestAPartysSignatoryEndsTheSessionsOfItsOwnPeopleAndNobodyElse(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	staff, colleague := h.staff(g, "staff.wco"), h.staff(g, "analyst.wco")
	theirs, third := h.signatory(g, "focal.unoct"), h.person(g, "focal.piu", article4.RoleFocalPoint)
	signs := h.person(g, "signs.wco", article4.RoleSignatory)
	for _, who := range []exchange.Actor{staff, theirs, third} {
		h.signedIn(who, 2)
	}
	h.signedIn(colleague, 1)

	stale := exchange.Claims{Issuer: h.issuers.URL("wco"), Subject: "signs.wco", Client: "portal",
		Roles: []article4.Role{article4.RoleSignatory}, SignIn: article4.SignInStale}
	tired, err := g.Recognise(t.Context(), stale)
	must(t, err)
	const no = "gateway/no-authority"
	focal, other := h.person(g, "focal.wco", article4.RoleFocalPoint), h.staff(g, "other.wco")
	thirdSigns := h.person(g, "signs.piu", article4.RoleSignatory)
	operator := h.person(g, "operator.operator", article4.RoleSignatory)
	customs := h.person(g, "focal.customs", article4.RoleSignatory)
	for name, c := range map[string]struct {
		by    exchange.Actor
		whose exchange.Actor
		code  article4.Code // empty: the person is absent
	}{
		"a focal point":                           {focal, staff, no},
		"staff, of a colleague's":                 {other, staff, no},
		"staff, of their own":                     {staff, staff, no},
		"an auditor":                              {h.auditor(g, "auditor.wco"), staff, no},
		"a machine":                               {h.machine(g, "platform", "wco"), staff, no},
		"an old sign-in":                          {tired, staff, "gateway/step-up"},
		"a signatory of the other Party":          {theirs, staff, ""},
		"a signatory, of the other Party's":       {signs, theirs, ""},
		"a signatory, of a third party's":         {signs, third, no},
		"a third party's, of a Party's":           {third, staff, ""},
		"a third party's signatory, of its own":   {thirdSigns, third, no},
		"the operator's people, of a Party's":     {operator, staff, ""},
		"another third party's, of a third party": {customs, third, ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := second(g.EndSessions(t.Context(), c.by, c.whose.Person()))
			if c.code != "" {
				refusedFor(t, err, c.code)
			} else if !isNotFound(err) {
				t.Errorf("%v; want absent", err)
			}
			if n := h.living(); n != 7 {
				t.Errorf("%d sessions go on of 7", n)
			}
		})
	}
	if err := second(g.EndSessions(t.Context(), signs, "per_nobody")); !isNotFound(err) {
		t.Errorf("of nobody: %v", err)
	}

	done, err := g.EndSessions(t.Context(), signs, staff.Person())
	must(t, err)
	if n := h.count("SELECT count(*) FROM session WHERE ended = 'party' AND sealed = ''"); n != 2 || done.Ended != 2 {
		t.Errorf("%d ended, said are %d; want 2", n, done.Ended)
	}
	if n := h.living(); n != 5 {
		t.Errorf("%d sessions of others go on; want 5", n)
	}
	told := ofKind(t, g, staff, "sessions-ended")
	if len(told) != 1 ||
		!strings.Contains(english(told[0]), "signatory of your organisation ended your sessions") {
		t.Errorf("the person is told %+v", told)
	}
	for name, other := range map[string]exchange.Actor{"a colleague": colleague, "who did it": signs,
		"the other Party": theirs} {
		if told := ofKind(t, g, other, "sessions-ended"); len(told) != 0 {
			t.Errorf("%s is told %+v", name, told)
		}
	}
	h.eventually("SELECT count(*) FROM log_pending", 0)
	entry, err := g.LogEntry(t.Context(), h.auditor(g, "auditor.wco"), done.Entry)
	must(t, err)
	b, err := ledger.Decode(entry.Body)
	must(t, err)
	if b.Kind != ledger.KindSessionsEnded || b.Actor != string(signs.Person()) ||
		len(b.Terms.People) != 1 || b.Terms.People[0] != string(staff.Person()) {
		t.Errorf("the entry is %+v", b)
	}
	if err := second(g.LogEntry(t.Context(), h.auditor(g, "auditor.unoct"), done.Entry)); !isNotFound(err) {
		t.Errorf("the other Party opens it: %v", err)
	}
}

// Where there is no session, of a machine, of who is signed in nowhere or of who left theirs alone until it was over,
// nothing ends, nothing is recorded and nobody is told; and of two signatories at once one ends them, with one entry.
func TestWhatIsNotThereIsNotEndedAndSessionsAreEndedOnce(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	signs, other := h.person(g, "signs.wco", article4.RoleSignatory), h.person(g, "focal.wco", article4.RoleSignatory)
	staff, machine := h.staff(g, "staff.wco"), h.machine(g, "platform", "wco")
	const (
		entries    = "SELECT count(*) FROM log_entry WHERE kind = 'sessions-ended'"
		ofOperator = "SELECT count(*) FROM log_entry WHERE kind = 'operator-ended-sessions'"
	)
	h.abandoned(staff)
	for _, who := range []exchange.Actor{staff, machine, signs} {
		done, err := g.EndSessions(t.Context(), signs, who.Person())
		must(t, err)
		if done.Ended != 0 || done.Entry != "" || h.count(entries) != 0 {
			t.Errorf("nothing was there: %+v", done)
		}
	}
	for _, of := range []exchange.SessionsOf{{Person: staff.Person()}, {Organisation: wco}, {}} {
		done, err := g.OperatorEndSessions(t.Context(), of)
		must(t, err)
		if done != (exchange.SessionsEnded{}) || h.count(ofOperator) != 0 {
			t.Errorf("by the operator, of %+v: nothing was there: %+v", of, done)
		}
	}
	if told := ofKind(t, g, staff, "sessions-ended"); len(told) != 0 {
		t.Errorf("whose sessions were over is told %+v", told)
	}
	h.signedIn(staff, 3)
	var group sync.WaitGroup
	ended := make(chan int, 2)
	for _, by := range []exchange.Actor{signs, other} {
		group.Go(func() {
			done, err := g.EndSessions(t.Context(), by, staff.Person())
			if err != nil {
				t.Error(err)
			}
			ended <- done.Ended
		})
	}
	group.Wait()
	if one, two := <-ended, <-ended; one+two != 3 || one*two != 0 || h.count(entries) != 1 {
		t.Errorf("%d and %d ended of 3, with %d entries", one, two, h.count(entries))
	}
}

// Decision 0410: what the operator ends has an entry that says so and that both Parties open, one for each time, and
// none where nothing ended. Nobody and no organisation is an error.
func TestTheOperatorsEndingOfSessionsIsAnEntry(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	focal, staff, other := h.signatory(g, "focal.wco"), h.staff(g, "staff.wco"), h.staff(g, "staff.unoct")
	for _, who := range []exchange.Actor{focal, staff, other} {
		h.signedIn(who, 1)
	}
	for _, c := range []struct {
		of    exchange.SessionsOf
		ended int
		terms ledger.Terms
	}{
		{exchange.SessionsOf{Person: focal.Person()}, 1, ledger.Terms{People: []string{string(focal.Person())}}},
		{exchange.SessionsOf{Organisation: wco}, 1, ledger.Terms{Recipient: string(wco)}},
		{exchange.SessionsOf{}, 1, ledger.Terms{}},
		{exchange.SessionsOf{}, 0, ledger.Terms{}},
		{exchange.SessionsOf{Person: focal.Person()}, 0, ledger.Terms{}},
	} {
		before := h.count("SELECT count(*) FROM log_entry")
		done, err := g.OperatorEndSessions(t.Context(), c.of)
		must(t, err)
		if done.Ended != c.ended || (done.Entry == "") != (c.ended == 0) ||
			h.count("SELECT count(*) FROM log_entry") != before+min(c.ended, 1) {
			t.Fatalf("%+v: %+v", c.of, done)
		}
		if c.ended == 0 {
			continue
		}
		h.eventually("SELECT count(*) FROM log_pending", 0)
		for _, auditor := range []string{"auditor.wco", "auditor.unoct"} {
			entry, err := g.LogEntry(t.Context(), h.auditor(g, auditor), done.Entry)
			must(t, err)
			b, err := ledger.Decode(entry.Body)
			must(t, err)
			if b.Kind != ledger.KindOperatorEndedSessions || b.Actor != "" || b.Organisation != "" {
				t.Errorf("%s opens %+v", auditor, b)
			}
			if b.Terms != nil && (fmt.Sprint(b.Terms.People) != fmt.Sprint(c.terms.People) ||
				b.Terms.Recipient != c.terms.Recipient) || b.Terms == nil && c.of != (exchange.SessionsOf{}) {
				t.Errorf("%+v: its terms are %+v", c.of, b.Terms)
			}
		}
	}
	if n := h.count("SELECT count(*) FROM session WHERE ended = 'operator'"); n != 3 {
		t.Errorf("%d sessions ended; want 3", n)
	}
	for _, of := range []exchange.SessionsOf{{Person: "per_nobody"}, {Organisation: "org_nobody"}} {
		if done, err := g.OperatorEndSessions(t.Context(), of); err == nil {
			t.Errorf("%+v: %+v", of, done)
		}
	}
}

// What cannot be recorded does not happen: while no entry can be written, nobody's session ends, not for a signatory
// and not for the operator.
func TestWithoutTheLogNoSessionIsEnded(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	signs, staff := h.person(g, "signs.wco", article4.RoleSignatory), h.staff(g, "staff.wco")
	h.signedIn(staff, 2)
	h.superuser("REVOKE INSERT ON log_entry FROM chancery_app")
	if err := second(g.EndSessions(t.Context(), signs, staff.Person())); err == nil {
		t.Error("a signatory ended sessions that no entry tells of")
	}
	if err := second(g.OperatorEndSessions(t.Context(), exchange.SessionsOf{})); err == nil {
		t.Error("the operator ended sessions that no entry tells of")
	}
	if n := h.living(); n != 2 {
		t.Errorf("%d sessions go on of 2", n)
	}
	h.superuser("GRANT INSERT ON log_entry TO chancery_app")
	must(t, second(g.EndSessions(t.Context(), signs, staff.Person())))
}

// A gateway that lets somebody end sessions whom its rules refuse is convicted by the Party's own bundle: an ordinary
// person by the rules asked again, whoever ends those of others' people without them, by what the log says of those.
func TestAGatewayThatLetsOthersEndSessionsIsConvictedByItsBundle(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	told(t, h, g)
	again, err := review.New()
	must(t, err)
	convicted := func(check string, d ledger.Decider) {
		t.Helper()
		r, err := ledger.Verify(h.export(g, h.auditor(g, "auditor.wco"), exchange.LogQuery{}),
			ledger.Options{Keys: []note.Verifier{h.verifier}, Decider: d})
		must(t, err)
		if r.Good || !slices.ContainsFunc(r.Findings, func(f ledger.Finding) bool { return f.Check == check }) {
			t.Errorf("not convicted by %s: %v", check, r.Findings)
		}
	}
	staff, analyst := h.staff(g, "staff.wco"), h.staff(g, "analyst.piu")
	h.signedIn(staff, 1)
	h.signedIn(analyst, 1)
	g.SkipRules()
	must(t, second(g.EndSessions(t.Context(), h.staff(g, "other.wco"), staff.Person())))
	convicted(ledger.CheckDecided, again)
	must(t, second(g.EndSessions(t.Context(), h.person(g, "signs.wco", article4.RoleSignatory), analyst.Person())))
	convicted(ledger.CheckAuthority, nil)
}

// The operator's command is for the day on which nobody knows who is inside: that another transaction, as a sign-out at
// the issuer, takes the same sessions in another order does not make it fail, and there is one entry.
func TestTheOperatorEndsSessionsAgainstADeadlock(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	first, last := h.staff(g, "staff.wco"), h.staff(g, "staff.unoct")
	h.signedIn(first, 1)
	h.signedIn(last, 1)
	other, err := pgx.Connect(t.Context(), h.db.SuperuserURL())
	must(t, err)
	defer other.Close(t.Context())
	do := func(statement string, args ...any) {
		t.Helper()
		must(t, second(other.Exec(t.Context(), statement, args...)))
	}
	do("SET deadlock_timeout = '1h'") // the database ends the other of the two
	const touch = "UPDATE session SET browser = 'x' WHERE person = $1"
	before := h.count("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
	do("BEGIN")
	do(touch, string(last.Person()))
	type result struct {
		exchange.SessionsEnded
		err error
	}
	ended := make(chan result, 1)
	go func() {
		done, err := g.OperatorEndSessions(t.Context(), exchange.SessionsOf{})
		ended <- result{done, err}
	}()
	h.eventually("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "+
		"AND wait_event_type = 'Lock'", 1)
	do(touch, string(first.Person()))
	do("COMMIT")
	done := <-ended
	must(t, done.err)
	if done.Ended != 2 || h.living() != 0 ||
		h.count("SELECT count(*) FROM log_entry WHERE kind = 'operator-ended-sessions'") != 1 {
		t.Errorf("%+v; %d go on", done.SessionsEnded, h.living())
	}
	h.eventually(fmt.Sprintf("SELECT (deadlocks > %d)::int FROM pg_stat_database WHERE datname = current_database()",
		before), 1)
}
