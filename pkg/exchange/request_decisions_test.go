package exchange_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/devstack"
	"chancery.example/gateway/pkg/exchange"
)

// An entity concerned authorizes for itself; who it is stays with the Discloser.
func TestArticle4_4EveryEntityConcernedAuthorizesAndIsNamedToTheDiscloserOnly(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	staff, focal, reader := h.staff(g, "staff.wco"), h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	entity := h.person(g, "focal.customs", article4.RoleStaff, article4.RoleFocalPoint)
	m := metadata()
	m.Entities = []article4.OrganisationID{customs}
	doc, err := g.Deposit(t.Context(), staff, m, content(secret))
	must(t, err)
	if _, err := g.Describe(t.Context(), entity, doc.ID); !isNotFound(err) {
		t.Errorf("before it is asked, the entity gets %v; want not found", err)
	}
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	for _, missing := range q.Missing {
		if missing.From == customs {
			t.Errorf("the Recipient is told that %s is concerned", customs)
		}
	}
	if seen, err := g.Describe(t.Context(), entity, doc.ID); err != nil || seen.Whole {
		t.Errorf("once asked, the entity sees whole=%v, %v; want the stub", seen.Whole, err)
	}
	q, err = g.Decide(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, q))
	must(t, err)
	if q.State != article4.StateOpen {
		t.Errorf("with one of two authorizations the request is %s; want open", q.State)
	}
	refusal := refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())), "art4.4/authorization-missing")
	if refusal.Reasons[0].From != wco {
		t.Errorf("the Recipient is told that %s is missing; want the Discloser", refusal.Reasons[0].From)
	}
	must(t, second(g.Decide(t.Context(), entity, q.ID, verdict(article4.ActAuthorize, h.shown(g, entity, q)))))
	d, err := g.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)
	readAll(t, g, reader, d)
	refusedFor(t, second(g.Disclose(t.Context(), entity, doc.ID, reading())), "art4.4/authorization-missing",
		"art4.5/not-granted", "art4.8/no-written-consent")

	seen, err := g.DescribeRequest(t.Context(), reader, q.ID)
	must(t, err)
	for _, l := range seen.Decisions {
		if l.Organisation == customs || l.By == entity.Person() {
			t.Errorf("the Recipient sees the decision of %s", customs)
		}
	}
	_, err = g.Withdraw(t.Context(), entity, q.ID, exchange.Withdrawal{Statement: "No longer"})
	must(t, err)
	refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())), "art4.4/authorization-withdrawn")
}

func TestReading0010AConsentRestsOnATokenWhoseNonceIsTheHashOfItsText(t *testing.T) {
	h := newFixture(t)
	g := h.gateway(func(s *exchange.Settings) { s.AdmitNoEvidence = false })
	defer h.inOrder(g)
	staff, focal := h.staff(g, "staff.wco"), h.signatory(g, "focal.wco")
	analyst := h.staff(g, "analyst.piu")
	doc, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
	must(t, err)
	request := ask(g, piu)
	request.People = []article4.PersonID{analyst.Person()}
	q, err := g.Request(t.Context(), h.signatory(g, "focal.unoct"), doc.ID, request)
	must(t, err)

	none := verdict(article4.ActConsent, q)
	refusedFor(t, second(g.Decide(t.Context(), focal, q.ID, none)), "art4.8/evidence-invalid")

	v := verdict(article4.ActConsent, q)
	v.Conditions = "Read it in the secure room only."
	v.Evidence.Kind = article4.EvidenceOIDC
	draft, err := g.Draft(t.Context(), focal, q.ID, v)
	must(t, err)
	if !strings.Contains(draft.Text, "secure room") || !strings.Contains(draft.Text, string(doc.SHA256)) {
		t.Errorf("the text does not hold conditions and digest:\n%s", draft.Text)
	}
	_, other, err := h.issuers.Token("wco", "focal.wco", devstack.TokenOptions{Nonce: "another-text"})
	must(t, err)
	v.Evidence.IDToken = other
	refusedFor(t, second(g.Decide(t.Context(), focal, q.ID, v)), "art4.8/evidence-invalid")
	_, v.Evidence.IDToken, err = h.issuers.Token("wco", "focal.wco", devstack.TokenOptions{Nonce: draft.Nonce})
	must(t, err)
	q, err = g.Decide(t.Context(), focal, q.ID, v)
	must(t, err)
	if q.State != article4.StateInForce {
		t.Fatalf("request %s, missing %v; want in force", q.State, q.Missing)
	}

	refusedFor(t, second(g.Disclose(t.Context(), analyst, doc.ID, reading())), "art4.8/conditions-not-accepted")
	accepted := reading()
	accepted.ConditionsSHA256 = q.ConditionsSHA
	d, err := g.Disclose(t.Context(), analyst, doc.ID, accepted)
	must(t, err)
	readAll(t, g, analyst, d)

	// Whoever writes into the database cannot forge the evidence: with another token in its place the consent is void.
	h.superuser(`UPDATE decision SET evidence_sealed = NULL WHERE kind = 'consent'`)
	refusedFor(t, second(g.Disclose(t.Context(), analyst, doc.ID, accepted)), "art4.8/evidence-invalid")
}

// A reader who accepts conditions that nobody set would have both Parties' auditors alarmed for ever.
func TestWhatAReaderAcceptsUnaskedAlarmsNobody(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	reader := h.staff(g, "staff.unoct")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	must(t, second(g.Decide(t.Context(), h.signatory(g, "focal.wco"), q.ID, verdict(article4.ActAuthorize, q))))
	r := reading()
	r.ConditionsSHA256 = article4.Digest(strings.Repeat("ab", 32))
	d, err := g.Disclose(t.Context(), reader, doc.ID, r)
	must(t, err)
	readAll(t, g, reader, d)
	h.eventually("SELECT count(*) FROM log_pending", 0)
	if n := h.count(`SELECT count(*) FROM log_entry WHERE kind = 'disclosure'
		AND log_said(body) #>> '{disclosure,conditions}' IS NULL`); n != 1 {
		t.Errorf("%d disclosures name no conditions; want 1", n)
	}
	// Nor does a decision that sets those very conditions later find them accepted.
	if h.count(`SELECT count(*) FROM disclosure WHERE conditions_sha256 = ''`) != 1 {
		t.Error("what was accepted unasked stays with the disclosure")
	}
}

// The authorization of one signatory beside the consent of another is no alarm to the auditors.
func TestTheDiscloserMayAuthorizeWhatItConsentsToAsWell(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	analyst := h.staff(g, "analyst.piu")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	request := ask(g, piu)
	request.People = []article4.PersonID{analyst.Person()}
	q, err := g.Request(t.Context(), h.signatory(g, "focal.unoct"), doc.ID, request)
	must(t, err)
	q, err = g.Decide(t.Context(), h.signatory(g, "focal.wco"), q.ID, verdict(article4.ActAuthorize, q))
	must(t, err)
	if _, err := g.Disclose(t.Context(), analyst, doc.ID, reading()); !isNotFound(err) {
		t.Errorf("authorized, and not consented to: %v; want not found", err)
	}
	_, err = g.Decide(t.Context(), h.signatory(g, "deputy.wco"), q.ID, verdict(article4.ActConsent, q))
	must(t, err)
	d, err := g.Disclose(t.Context(), analyst, doc.ID, reading())
	must(t, err)
	readAll(t, g, analyst, d)
}

func TestReading0007SilenceIsRefusalAndTheGatewayWritesTheLapse(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	focal, reader := h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	h.moveClock(14*24*time.Hour + time.Minute)
	q, err = g.DescribeRequest(t.Context(), reader, q.ID)
	must(t, err)
	if q.State != article4.StateLapsed {
		t.Errorf("after 14 days of silence the request is %s; want lapsed", q.State)
	}
	if _, err := g.Decide(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, q)); err == nil {
		t.Error("a lapsed request was authorized")
	}
	h.eventually(`SELECT count(*) FROM log_entry WHERE kind = 'lapse'`, 1)
	must(t, g.CloseDue(t.Context()))
	must(t, h.gateway().CloseDue(t.Context()))
	if n := h.count(`SELECT count(*) FROM log_entry WHERE kind = 'lapse'`); n != 1 {
		t.Errorf("the gateway wrote %d lapses; want 1", n)
	}
}

func TestADecisionOnWhatChangedMeanwhileIsNotTaken(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	focal, deputy, reader := h.signatory(g, "focal.wco"), h.signatory(g, "deputy.wco"), h.staff(g, "staff.unoct")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	stale := verdict(article4.ActAuthorize, q)
	_, err = g.Decide(t.Context(), focal, q.ID, stale)
	must(t, err)
	if _, err := g.Decide(t.Context(), deputy, q.ID, stale); !errors.Is(err, exchange.ErrChanged) {
		t.Errorf("the second decision on the old state: %v; want ErrChanged", err)
	}
	q, err = g.DescribeRequest(t.Context(), deputy, q.ID)
	must(t, err)
	if _, err := g.Decide(t.Context(), deputy, q.ID, verdict(article4.ActAuthorize, q)); !errors.Is(err,
		exchange.ErrConflict) {
		t.Errorf("the same decision twice: %v; want ErrConflict", err)
	}
}

func TestNobodyDecidesTheirOwnRequest(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	focal := h.signatory(g, "focal.wco")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), focal, doc.ID, ask(g, piu))
	must(t, err)
	refusedFor(t, second(g.Decide(t.Context(), focal, q.ID, verdict(article4.ActConsent, q))), "gateway/own-request")
}

func TestANewerAgreementTextSupersedesTheSignature(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff, focal, asker := h.staff(g, "staff.wco"), h.signatory(g, "focal.wco"), h.signatory(g, "focal.unoct")
	analyst, signer := h.staff(g, "analyst.piu"), h.person(g, "focal.piu", article4.RoleStaff, article4.RoleFocalPoint)
	doc, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
	must(t, err)
	sign := func(text string) exchange.Agreement {
		a, err := g.Propose(t.Context(), focal, exchange.Proposal{Organisation: piu, Text: text})
		must(t, err)
		return a
	}
	first := sign("We keep it to ourselves.")
	_, err = g.Sign(t.Context(), signer, first.ID,
		exchange.Signing{SHA256: first.SHA256, Name: "R. Silva", Function: "Head", Authority: "Decree 12",
			Accepts: true})
	must(t, err)
	request := ask(g, piu)
	request.People = []article4.PersonID{analyst.Person()}
	q, err := g.Request(t.Context(), asker, doc.ID, request)
	must(t, err)
	_, err = g.Decide(t.Context(), focal, q.ID, verdict(article4.ActConsent, q))
	must(t, err)
	_, err = g.Disclose(t.Context(), analyst, doc.ID, reading())
	must(t, err)
	sign("We keep it to ourselves, and say so when we lose it.")
	refusedFor(t, second(g.Disclose(t.Context(), analyst, doc.ID, reading())), "art4.8/agreement-superseded")
	if _, err := g.Sign(t.Context(), signer, first.ID,
		exchange.Signing{SHA256: first.SHA256, Name: "R. Silva", Function: "Head", Authority: "Decree 12",
			Accepts: true}); err == nil {
		t.Error("a superseded text was signed")
	}
}

func TestSearchSeesOnlyTitlesThatTheCallerMaySee(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff, other, focal, reader := h.staff(g, "staff.wco"), h.staff(g, "other.wco"), h.signatory(g, "focal.wco"),
		h.staff(g, "staff.unoct")
	_, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
	must(t, err)
	shown := metadata()
	shown.Title, shown.ShowTitle = "Générale: passenger lists", true
	_, err = g.Deposit(t.Context(), staff, shown, content(secret+"2"))
	must(t, err)
	for _, tt := range []struct {
		who   exchange.Actor
		words string
		want  int
	}{
		{staff, "sea-passenger indicators", 1}, {focal, "INDICATORS", 1}, {other, "indicators", 0},
		{reader, "indicators", 0},
		{reader, "generale", 1}, {reader, "passenger", 1}, {focal, "passenger", 2}, {focal, "absent", 0},
		{reader, "", 2},
	} {
		list, err := g.List(t.Context(), tt.who, exchange.DocumentQuery{Words: tt.words})
		must(t, err)
		if len(list.Items) != tt.want {
			t.Errorf("%v searches %q: %d documents; want %d", tt.who.Person(), tt.words, len(list.Items), tt.want)
		}
	}
}

// Whoever names documents finds those that they have standing for: of the rest they learn nothing, not even that there
// are such.
func TestDocumentsThatAreNamedAreFoundByThoseWithStandingAlone(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff, reader, third := h.staff(g, "staff.wco"), h.staff(g, "staff.unoct"), h.staff(g, "staff.piu")
	var ids []article4.DocumentID
	var references []string
	for range 3 {
		doc, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
		must(t, err)
		ids, references = append(ids, doc.ID), append(references, doc.Reference)
	}
	for who, actor := range map[string]exchange.Actor{"staff.wco": staff, "staff.unoct": reader, "staff.piu": third} {
		want := 2
		if who == "staff.piu" {
			want = 0
		}
		for _, q := range []exchange.DocumentQuery{{Documents: ids[:2]}, {References: references[:2]},
			{References: append([]string{"D-00000-000000"}, references[:2]...)},
			{Documents: ids[:2], References: references, Marking: article4.Confidential}} {
			list, err := g.List(t.Context(), actor, q)
			must(t, err)
			if len(list.Items) != want {
				t.Errorf("%s names %+v: %d documents; want %d", who, q, len(list.Items), want)
			}
		}
		list, err := g.List(t.Context(), actor, exchange.DocumentQuery{Documents: []article4.DocumentID{}})
		if err != nil || len(list.Items) != 0 {
			t.Errorf("%s names none: %d documents, %v", who, len(list.Items), err)
		}
	}
	if _, err := g.List(t.Context(), staff, exchange.DocumentQuery{References: make([]string, 201)}); err == nil {
		t.Error("more were named than one query may name")
	}
}

func TestAListComesInPagesWithoutGapOrRepetition(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff := h.staff(g, "staff.wco")
	for range 7 {
		_, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
		must(t, err)
	}
	for _, sort := range []string{"deposited", "-deposited"} {
		seen := map[article4.DocumentID]bool{}
		q := exchange.DocumentQuery{Sort: sort, Paging: exchange.Paging{Limit: 3}}
		for pages := 0; ; pages++ {
			list, err := g.List(t.Context(), staff, q)
			must(t, err)
			for _, d := range list.Items {
				if seen[d.ID] {
					t.Errorf("%s stands twice", d.ID)
				}
				seen[d.ID] = true
			}
			if list.Next == "" {
				break
			}
			q.After = list.Next
			if pages > 5 {
				t.Fatal("the list does not end")
			}
		}
		if len(seen) != 7 {
			t.Errorf("%d documents in the pages; want 7", len(seen))
		}
	}
	if _, err := g.List(t.Context(), staff,
		exchange.DocumentQuery{Paging: exchange.Paging{After: "rubbish"}}); err == nil {
		t.Error("a made-up cursor was taken")
	}
}
