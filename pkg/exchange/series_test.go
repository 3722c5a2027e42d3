package exchange_test

import (
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/devstack"
	"chancery.example/gateway/pkg/exchange"
)

// machine is a machine client of an organisation.
func (h *fixture) machine(g *exchange.Gateway, subject, of string, markings ...article4.Marking) exchange.Actor {
	h.t.Helper()
	a, err := g.Recognise(h.t.Context(), exchange.Claims{
		Issuer:   h.issuers.URL(of),
		Subject:  subject,
		Client:   subject,
		Roles:    []article4.Role{article4.RoleService},
		ACR:      "mfa",
		AuthTime: time.Now(),
		SignIn:   article4.SignInFresh,
		Service:  &article4.ServiceLimits{Purposes: []article4.PurposeCode{"art2.f"}, Markings: markings},
	})
	must(h.t, err)
	return a
}

// weekly is a series of the WCO's, and the metadata of a document in it.
func weekly(t *testing.T, g *exchange.Gateway, by exchange.Actor,
	entities ...article4.OrganisationID) (exchange.Series, exchange.Metadata) {
	t.Helper()
	s, err := g.OpenSeries(t.Context(), by, exchange.SeriesOpened{
		Name:             "Weekly arrivals",
		Markings:         []article4.Marking{article4.Restricted},
		Purposes:         []article4.PurposeCode{"art2.f"},
		EntitiesDeclared: true,
		Entities:         entities,
		PersonalData:     true,
	})
	must(t, err)
	m := metadata()
	m.Marking, m.Purposes, m.Series, m.Entities = article4.Restricted, []article4.PurposeCode{"art2.f"}, s.ID, entities
	return s, m
}

// standingFor is what a signatory of the Discloser authorizes for these people.
func standingFor(people ...article4.PersonID) exchange.StandingVerdict {
	return exchange.StandingVerdict{
		Purpose:   "art2.f",
		People:    people,
		Until:     time.Now().AddDate(0, 6, 0),
		Form:      article4.Original,
		Statement: "The weekly exchange between the two systems",
	}
}

// fetchFor reads what a machine was permitted, whole.
func fetchFor(t *testing.T, g *exchange.Gateway, a exchange.Actor, id article4.DocumentID) (string, error) {
	t.Helper()
	r := exchange.Reading{Purpose: "art2.f", Statement: "To load it", Form: article4.Original}
	d, err := g.Disclose(t.Context(), a, id, r)
	if err != nil {
		return "", err
	}
	got, err := received(t, g, a, d.ID)
	return string(got), err
}

// Reading 0111: what is deposited into a series under a standing authorization reaches the machine of the other Party
// with no person in between; once the authorization is taken back, nothing of the series does. An auditor finds all of
// it offline.
func TestReading0111AWeeklyExchangeNeedsNoPerson(t *testing.T) {
	h := newFixture(t)
	g := h.gateway(func(s *exchange.Settings) { s.AdmitNoEvidence = false })
	defer h.inOrder(g)
	focal := h.signatory(g, "focal.wco")
	gtas := h.machine(g, "gtas", "wco", article4.Restricted)
	gotravel := h.machine(g, "gotravel", "unoct", article4.Restricted)
	s, m := weekly(t, g, focal)
	in := standingFor(gotravel.Person())
	in.Evidence.Kind = article4.EvidenceOIDC
	draft, err := g.DraftStanding(t.Context(), focal, s.ID, in)
	must(t, err)
	_, in.Evidence.IDToken, err = h.issuers.Token("wco", "deputy.wco", devstack.TokenOptions{Nonce: draft.Nonce})
	must(t, err)
	refusedFor(t, second(g.AuthorizeSeries(t.Context(), focal, s.ID, in)), "art4.4/evidence-invalid")
	_, in.Evidence.IDToken, err = h.issuers.Token("wco", "focal.wco", devstack.TokenOptions{Nonce: draft.Nonce})
	must(t, err)
	given, err := g.AuthorizeSeries(t.Context(), focal, s.ID, in)
	must(t, err)

	first, err := g.Deposit(t.Context(), gtas, m, content("week one"))
	must(t, err)
	if got, err := fetchFor(t, g, gotravel, first.ID); err != nil || got != "week one" {
		t.Fatalf("the machine got %q: %v", got, err)
	}
	q, err := g.DescribeRequest(t.Context(), gotravel, first.Deliveries[0])
	must(t, err)
	if len(q.Decisions) != 1 || q.Decisions[0].Standing != given.ID || q.Decisions[0].Series != s.ID {
		t.Errorf("the decisions are %+v; want the standing authorization %s", q.Decisions, given.ID)
	}
	later, err := g.Deposit(t.Context(), gtas, m, content("week two"))
	must(t, err)

	must(t, second(g.WithdrawStanding(t.Context(), focal, s.ID, given.ID,
		exchange.Withdrawal{Statement: "The systems changed"})))
	_, err = fetchFor(t, g, gotravel, later.ID)
	refusedFor(t, err, "art4.4/authorization-withdrawn")
	third, err := g.Deposit(t.Context(), gtas, m, content("week three"))
	must(t, err)
	if len(third.Deliveries) != 0 {
		t.Errorf("after the withdrawal a deposit still begins %v", third.Deliveries)
	}
	_, err = fetchFor(t, g, gotravel, third.ID)
	refusedFor(t, err, "art4.4/authorization-missing", "art4.5/not-granted")
	_, err = g.WithdrawStanding(t.Context(), focal, s.ID, given.ID, exchange.Withdrawal{Statement: "Again"})
	if !errors.Is(err, exchange.ErrConflict) {
		t.Errorf("taken back twice: %v", err)
	}
}

// A withdrawal cuts the download that runs under the standing authorization.
func TestReading0006AWithdrawalFromASeriesStopsAtTheNextByte(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	focal := h.signatory(g, "focal.wco")
	reader := h.staff(g, "staff.unoct")
	s, m := weekly(t, g, focal)
	given, err := g.AuthorizeSeries(t.Context(), focal, s.ID, standingFor(reader.Person()))
	must(t, err)
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content(secret))
	must(t, err)
	d, err := g.Disclose(t.Context(), reader, doc.ID, exchange.Reading{Purpose: "art2.f", Statement: "To load it",
		Form: article4.Original})
	must(t, err)
	must(t, second(g.WithdrawStanding(t.Context(), focal, s.ID, given.ID, exchange.Withdrawal{Statement: "Stop"})))
	if c, err := g.Content(t.Context(), reader, d.ID, nil); err == nil {
		t.Errorf("content is handed out after the withdrawal: %v", c)
	}
}

// Article 4(4): the entity concerned of a series has its say: without it nothing of the series is given, and when it
// takes its authorization back nothing is any more.
func TestArticle4_4AnEntityConcernedAuthorizesTheSeriesItself(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	focal, reader := h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	entity := h.person(g, "focal.customs", article4.RoleStaff, article4.RoleFocalPoint)
	s, m := weekly(t, g, focal, customs)
	must(t, second(g.AuthorizeSeries(t.Context(), focal, s.ID, standingFor(reader.Person()))))
	before, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content("one"))
	must(t, err)
	_, err = fetchFor(t, g, reader, before.ID)
	refusedFor(t, err, "art4.4/authorization-missing")
	own, err := g.AuthorizeSeries(t.Context(), entity, s.ID, standingFor())
	must(t, err)
	after, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content("two"))
	must(t, err)
	must(t, second(fetchFor(t, g, reader, after.ID)))
	told, err := g.StandingAuthorizations(t.Context(), h.signatory(g, "focal.unoct"), s.ID)
	must(t, err)
	if slices.ContainsFunc(told, func(a exchange.StandingAuthorization) bool { return a.Organisation == customs }) {
		t.Error("the Recipient is told who the entity concerned is")
	}
	must(t, second(g.WithdrawStanding(t.Context(), entity, s.ID, own.ID, exchange.Withdrawal{Statement: "No longer"})))
	_, err = fetchFor(t, g, reader, after.ID)
	refusedFor(t, err, "art4.4/authorization-withdrawn")
}

// Article 4(4): a Delivery of a series reaches no further than the shortest of the authorizations that it rests on, and
// no auditor finds it too long.
func TestArticle4_4ADeliveryOfASeriesEndsWithTheFirstOfItsAuthorizations(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	focal, reader := h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	entity := h.person(g, "focal.customs", article4.RoleStaff, article4.RoleFocalPoint)
	s, m := weekly(t, g, focal, customs)
	must(t, second(g.AuthorizeSeries(t.Context(), focal, s.ID, standingFor(reader.Person()))))
	short := standingFor()
	short.Until = time.Now().AddDate(0, 1, 0)
	must(t, second(g.AuthorizeSeries(t.Context(), entity, s.ID, short)))
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content("one"))
	must(t, err)
	q, err := g.DescribeRequest(t.Context(), focal, doc.Deliveries[0])
	must(t, err)
	if want := short.Until.UTC().Truncate(time.Microsecond); !q.Until.Equal(want) {
		t.Errorf("the Delivery ends on %s; want the entity's %s", q.Until, want)
	}
	must(t, second(fetchFor(t, g, reader, doc.ID)))
}

// Reading 0111: a standing authorization reaches no third party, nobody who is not named, no other series, no other
// marking, and nothing that its own signatory deposits.
func TestReading0111AStandingAuthorizationReachesNoFurther(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	focal, staff, reader := h.signatory(g, "focal.wco"), h.staff(g, "staff.wco"), h.staff(g, "staff.unoct")
	analyst := h.staff(g, "analyst.piu")
	s, m := weekly(t, g, focal)
	refusedFor(t, second(g.AuthorizeSeries(t.Context(), focal, s.ID, standingFor(analyst.Person()))),
		"art4.4/not-the-recipient")
	refusedFor(t, second(g.AuthorizeSeries(t.Context(), focal, s.ID, standingFor())), "art4.4/not-the-recipient")
	refusedFor(t, second(g.AuthorizeSeries(t.Context(), h.signatory(g, "focal.unoct"), s.ID,
		standingFor(reader.Person()))),
		"art4.4/not-the-recipient", "art4.4/no-authority")
	var absent *exchange.NotFound
	if _, err := g.AuthorizeSeries(t.Context(), h.person(g, "focal.piu", article4.RoleFocalPoint), s.ID,
		standingFor(reader.Person())); !errors.As(err, &absent) {
		t.Errorf("a third party that it does not concern finds the series: %v", err)
	}
	must(t, second(g.AuthorizeSeries(t.Context(), focal, s.ID, standingFor(reader.Person()))))

	alone, err := g.Deposit(t.Context(), focal, m, content("by the signatory"))
	must(t, err)
	if len(alone.Deliveries) != 0 {
		t.Error("one person deposits and authorizes alone")
	}
	for what, wide := range map[string]func(m *exchange.Metadata){
		"another marking": func(m *exchange.Metadata) { m.Marking = article4.Confidential },
		"another purpose": func(m *exchange.Metadata) { m.Purposes = []article4.PurposeCode{"art2.e", "art2.f"} },
		"an entity":       func(m *exchange.Metadata) { m.Entities = []article4.OrganisationID{customs} },
		"proprietary":     func(m *exchange.Metadata) { m.Proprietary = true },
		"no series":       func(m *exchange.Metadata) { m.Series = "ser_none" },
	} {
		t.Run(what, func(t *testing.T) {
			n := m
			wide(&n)
			_, err := g.Deposit(t.Context(), staff, n, func() (io.Reader, exchange.ContentPart, error) {
				t.Error("a byte is read of what lies outside the series")
				return nil, exchange.ContentPart{}, io.EOF
			})
			refusedFor(t, err, "art4.4/not-of-the-series")
		})
	}
	doc, err := g.Deposit(t.Context(), staff, m, content("one"))
	must(t, err)
	_, err = fetchFor(t, g, h.staff(g, "other.unoct"), doc.ID)
	refusedFor(t, err, "art4.6/not-admitted")
	must(t, second(fetchFor(t, g, reader, doc.ID)))
	_, _, err = g.Mark(t.Context(), focal, doc.ID, exchange.MarkingChange{Marking: article4.Confidential,
		Reason: "It names sources"})
	must(t, err)
	_, err = fetchFor(t, g, reader, doc.ID)
	refusedFor(t, err, "art4.4/authorization-outside-series")
}

// Somebody with the database's password who makes a withdrawal from a series undone is noticed: the log says it still.
func TestAWithdrawalFromASeriesThatIsDeletedIsNoticed(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	focal, reader := h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	s, m := weekly(t, g, focal)
	given, err := g.AuthorizeSeries(t.Context(), focal, s.ID, standingFor(reader.Person()))
	must(t, err)
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content("one"))
	must(t, err)
	must(t, second(g.WithdrawStanding(t.Context(), focal, s.ID, given.ID, exchange.Withdrawal{Statement: "No longer"})))
	h.superuser(`DELETE FROM withdrawal; UPDATE standing_authorization SET withdrawn_at = NULL, withdrawn_by = NULL`)
	refusedFor(t, second(fetchFor(t, g, reader, doc.ID)), "gateway/altered")
	if _, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content("two")); err == nil {
		t.Error("a deposit is given on an authorization that was taken back")
	}
}

// A row that somebody made for a standing authorization to serve another document does not fit its seal.
func TestAStandingAuthorizationServesNoDocumentThatARowWasMadeFor(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	focal, reader := h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	s, m := weekly(t, g, focal)
	must(t, second(g.AuthorizeSeries(t.Context(), focal, s.ID, standingFor(reader.Person()))))
	must(t, second(g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content("one"))))
	m.Series = ""
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content("two"))
	must(t, err)
	in := ask(g, unoct)
	in.Purpose = "art2.f"
	must(t, second(g.Request(t.Context(), reader, doc.ID, in)))
	h.superuser(`UPDATE decision SET request = q.id, document = q.document, version = q.version FROM access_request q
		WHERE NOT q.delivery`)
	refusedFor(t, second(fetchFor(t, g, reader, doc.ID)), "gateway/altered")
}

// Article 11(4): once notice is given, what stands for a series gives nothing beyond the last day; after it, nothing
// leaves on it.
func TestArticle11_4AStandingAuthorizationDoesNotOutliveTheArrangement(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	focal, reader := h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	s, m := weekly(t, g, focal)
	must(t, second(g.AuthorizeSeries(t.Context(), focal, s.ID, standingFor(reader.Person()))))
	h.terminate(g)
	refusedFor(t, second(g.AuthorizeSeries(t.Context(), focal, s.ID, standingFor(reader.Person()))),
		"art11.4/notice-given")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content("one"))
	must(t, err)
	q, err := g.DescribeRequest(t.Context(), reader, doc.Deliveries[0])
	must(t, err)
	if last := h.today().AddDate(0, 0, 91); q.Until.After(last) {
		t.Errorf("the Delivery lasts until %s, beyond the last day %s", q.Until, last)
	}
	must(t, second(fetchFor(t, g, reader, doc.ID)))
	h.moveClock(92 * 24 * time.Hour)
	_, err = fetchFor(t, g, reader, doc.ID)
	var refusal *exchange.Refusal
	if !errors.As(err, &refusal) {
		t.Fatalf("after the end: %v", err)
	}
	if !slices.ContainsFunc(refusal.Reasons, func(r article4.Reason) bool { return r.Code == "art11.4/ended" }) {
		t.Errorf("after the end refused for %v", refusal.Reasons)
	}
}

// Whoever authorized a series is told once, two weeks before, that this ends.
func TestTheEndOfAStandingAuthorizationIsToldOnce(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	focal, reader := h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	s, _ := weekly(t, g, focal)
	in := standingFor(reader.Person())
	in.Until = time.Now().AddDate(0, 0, 30)
	must(t, second(g.AuthorizeSeries(t.Context(), focal, s.ID, in)))
	must(t, g.TellDue(t.Context()))
	if told := ofKind(t, g, focal, "ending"); len(told) != 0 {
		t.Errorf("told too early: %+v", told)
	}
	h.moveClock(20 * 24 * time.Hour)
	must(t, g.TellDue(t.Context()))
	must(t, g.TellDue(t.Context()))
	told := ofKind(t, g, focal, "ending")
	if len(told) != 1 || told[0].Subject != string(s.ID) {
		t.Errorf("told %+v; want the end of %s, once", told, s.ID)
	}
}
