package exchange_test

import (
	"context"
	"errors"
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/devstack"
	"chancery.example/gateway/pkg/exchange"
)

// consentAsked is a request for a third party that waits for the Discloser's consent, and the verdict with no evidence
// yet.
func consentAsked(t *testing.T, h *fixture, g *exchange.Gateway) (exchange.AccessRequest, exchange.Verdict) {
	t.Helper()
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), h.signatory(g, "focal.unoct"), doc.ID, ask(g, piu))
	must(t, err)
	v := verdict(article4.ActConsent, q)
	v.Evidence.Kind = article4.EvidenceOIDC
	return q, v
}

// A consent is the signatory's own writing: that a colleague of the same issuer signed in over the very same text shows
// nothing (reading 0010).
func TestReading0010AColleaguesSignInIsNoEvidence(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	focal := h.signatory(g, "focal.wco")
	q, v := consentAsked(t, h, g)
	draft, err := g.Draft(t.Context(), focal, q.ID, v)
	must(t, err)
	_, v.Evidence.IDToken, err = h.issuers.Token("wco", "deputy.wco", devstack.TokenOptions{Nonce: draft.Nonce})
	must(t, err)
	refusedFor(t, second(g.Decide(t.Context(), focal, q.ID, v)), "art4.8/evidence-invalid")
	_, v.Evidence.IDToken, err = h.issuers.Token("wco", "focal.wco", devstack.TokenOptions{Nonce: draft.Nonce})
	must(t, err)
	must(t, second(g.Decide(t.Context(), focal, q.ID, v)))
}

// meanwhile has something happen while the identity provider is asked.
type meanwhile struct {
	exchange.EvidenceVerifier
	happen func()
}

func (m *meanwhile) Verify(ctx context.Context, issuer, idToken, nonce string) (exchange.Finding, error) {
	found, err := m.EvidenceVerifier.Verify(ctx, issuer, idToken, nonce)
	m.happen()
	return found, err
}

// What is consented to is the text that was shown. When something that the text names changes between the check of the
// token and the decision, nothing is decided, although the request itself is as it was.
func TestReading0010AConsentIsToTheTextThatWasShown(t *testing.T) {
	h := newFixture(t)
	slow := &meanwhile{EvidenceVerifier: h.evidence, happen: func() {}}
	h.evidence = slow
	g := h.gateway()
	defer h.inOrder(g)
	focal := h.signatory(g, "focal.wco")
	q, v := consentAsked(t, h, g)
	draft, err := g.Draft(t.Context(), focal, q.ID, v)
	must(t, err)
	_, v.Evidence.IDToken, err = h.issuers.Token("wco", "focal.wco", devstack.TokenOptions{Nonce: draft.Nonce})
	must(t, err)
	slow.happen = func() {
		must(t, second(g.Propose(t.Context(), h.signatory(g, "focal.unoct"),
			exchange.Proposal{Organisation: piu, Text: "We keep it to ourselves."})))
	}
	if _, err := g.Decide(t.Context(), focal, q.ID, v); !errors.Is(err, exchange.ErrChanged) {
		t.Errorf("an agreement was put to the third party meanwhile: %v; want ErrChanged", err)
	}
	now, err := g.DescribeRequest(t.Context(), focal, q.ID)
	must(t, err)
	if len(now.Decisions) != 0 || now.ETag != q.ETag {
		t.Errorf("%d decisions were given, and the request is %s; want none, and %s", len(now.Decisions), now.ETag,
			q.ETag)
	}
}

// Reading 0010 holds for authorizations of protected documents as for consents, of a Party and of an entity concerned
// alike: what nobody's own writing shows is not taken, and nothing leaves on it.
func TestReading0010AnAuthorizationIsTheSignatorysOwnWriting(t *testing.T) {
	h := newFixture(t)
	g := h.gateway(func(s *exchange.Settings) { s.AdmitNoEvidence = false })
	defer h.inOrder(g)
	focal, reader := h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	entity := h.person(g, "focal.customs", article4.RoleStaff, article4.RoleFocalPoint)
	m := metadata()
	m.Entities = []article4.OrganisationID{customs}
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	for _, who := range []struct {
		actor              exchange.Actor
		issuer, own, other string
	}{
		{focal, "wco", "focal.wco", "deputy.wco"},
		{entity, "customs-exampleland", "focal.customs", "deputy.customs-exampleland"},
	} {
		q, err = g.DescribeRequest(t.Context(), who.actor, q.ID)
		must(t, err)
		v := verdict(article4.ActAuthorize, q)
		v.Evidence = exchange.EvidenceGiven{}
		refusedFor(t, second(g.Decide(t.Context(), who.actor, q.ID, v)), "art4.4/evidence-invalid")
		v.Evidence.Kind = article4.EvidenceOIDC
		draft, err := g.Draft(t.Context(), who.actor, q.ID, v)
		must(t, err)
		_, v.Evidence.IDToken, err = h.issuers.Token(who.issuer, who.other, devstack.TokenOptions{Nonce: draft.Nonce})
		must(t, err)
		refusedFor(t, second(g.Decide(t.Context(), who.actor, q.ID, v)), "art4.4/evidence-invalid")
		_, v.Evidence.IDToken, err = h.issuers.Token(who.issuer, who.own, devstack.TokenOptions{Nonce: draft.Nonce})
		must(t, err)
		must(t, second(g.Decide(t.Context(), who.actor, q.ID, v)))
	}
	d, err := g.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)
	readAll(t, g, reader, d)
	// a row that lost its evidence opens nothing
	h.superuser(`UPDATE decision SET evidence_key = '{}' WHERE by_org = 'org_customs-exampleland'`)
	if _, err := g.Disclose(t.Context(), reader, doc.ID, reading()); err == nil {
		t.Error("disclosed on an authorization whose evidence was altered")
	}
}

// A letter of which one signatory states the digest, and which nobody else saw, shows no more than nothing: it is
// taken, and relied on, only where consents without evidence are (reading 0010).
func TestReading0010ALetterThatOnlyOneSignatorySawIsNoEvidence(t *testing.T) {
	h := newFixture(t)
	strict := h.gateway(func(s *exchange.Settings) { s.AdmitNoEvidence = false })
	lax := h.gateway()
	q, v := consentAsked(t, h, lax)
	v.Evidence = exchange.EvidenceGiven{Kind: article4.EvidenceLetter,
		LetterSHA256: "0000000000000000000000000000000000000000000000000000000000000000"}
	refusedFor(t, second(strict.Decide(t.Context(), h.signatory(strict, "focal.wco"), q.ID, v)),
		"art4.8/evidence-invalid")
	must(t, second(lax.Decide(t.Context(), h.signatory(lax, "focal.wco"), q.ID, v)))
	analyst := h.staff(lax, "analyst.piu")
	must(t, second(lax.Admit(t.Context(), h.person(lax, "focal.piu", article4.RoleFocalPoint), q.ID,
		exchange.Admission{People: []article4.PersonID{analyst.Person()}})))
	must(t, second(lax.Disclose(t.Context(), analyst, q.Document, reading())))
	refusedFor(t, second(strict.Disclose(t.Context(), h.staff(strict, "analyst.piu"), q.Document, reading())),
		"art4.8/evidence-invalid")
}

// The signed paper itself, deposited by one signatory and relied on by another, is evidence: for this request, of this
// organisation, and as long as the paper is what was deposited (reading 0010).
func TestReading0010ALetterIsDepositedByOneSignatoryAndConfirmedByAnother(t *testing.T) {
	h := newFixture(t)
	g := h.gateway(func(s *exchange.Settings) { s.AdmitNoEvidence = false })
	defer h.inOrder(g)
	focal, deputy := h.signatory(g, "focal.wco"), h.signatory(g, "deputy.wco")
	reader := h.staff(g, "staff.unoct")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	another, err := g.Request(t.Context(), h.staff(g, "focal.unoct"), doc.ID, ask(g, unoct))
	must(t, err)
	v := verdict(article4.ActAuthorize, q)
	v.Evidence = exchange.EvidenceGiven{Kind: article4.EvidenceLetter, LetterSHA256: digest(paperText)}
	decides := func(a exchange.Actor, v exchange.Verdict) error { return second(g.Decide(t.Context(), a, q.ID, v)) }
	refusedFor(t, decides(deputy, v), "art4.4/evidence-invalid") // nobody deposited it
	h.paper(g, focal, another.ID)
	refusedFor(t, decides(deputy, v), "art4.4/evidence-invalid") // it was for another request
	h.paper(g, focal, "")
	refusedFor(t, decides(deputy, v), "art4.4/evidence-invalid") // it is an instrument, and no letter
	h.paper(g, focal, q.ID)
	refusedFor(t, decides(focal, v), "art4.4/evidence-invalid") // one signatory is not two
	must(t, decides(deputy, v))
	d, err := g.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)
	readAll(t, g, reader, d)

	refusedFor(t, second(g.DepositInstrument(t.Context(), h.signatory(g, "focal.unoct"),
		exchange.InstrumentDeposit{Request: q.ID}, paperFile(paperText))), "art4.8/no-authority")
	if err := second(g.DepositInstrument(t.Context(), h.person(g, "focal.piu", article4.RoleFocalPoint),
		exchange.InstrumentDeposit{Request: q.ID}, paperFile(paperText))); !isNotFound(err) {
		t.Errorf("a third party deposits a letter for a request that it may not know: %v; want not found", err)
	}
	letters, err := g.Instruments(t.Context(), h.signatory(g, "focal.unoct"), exchange.InstrumentQuery{})
	must(t, err)
	h.superuser(`UPDATE instrument SET shown = true`)
	again, err := g.Instruments(t.Context(), h.signatory(g, "focal.unoct"), exchange.InstrumentQuery{})
	must(t, err)
	if len(letters.Items) != 0 || len(again.Items) != 1 {
		t.Errorf("the Recipient sees %d papers, then %d; want none, then the one that is for no request",
			len(letters.Items), len(again.Items))
	}
	h.superuser(`UPDATE instrument SET shown = false`)
	// A letter that is gone, or was made of another paper, bears nothing.
	h.superuser(`DELETE FROM instrument WHERE request = '` + string(q.ID) + `'`)
	refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())), "art4.4/evidence-invalid")
	h.superuser(`UPDATE instrument SET request = '` + string(q.ID) + `' WHERE request = '` + string(another.ID) + `'`)
	if _, err := g.Disclose(t.Context(), reader, doc.ID, reading()); err == nil {
		t.Error("disclosed on a letter whose row was made to fit")
	}
}
