package exchange_test

import (
	"errors"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/devstack"
	"chancery.example/gateway/pkg/exchange"
)

// signable is a protected document that a reader of a third party has but for the signature under the agreement.
type signable struct {
	document  article4.DocumentID
	agreement exchange.Agreement
	signs     exchange.Actor
	reads     exchange.Actor
	signing   exchange.Signing
}

func newSignable(t *testing.T, h *fixture, g *exchange.Gateway) signable {
	t.Helper()
	focal := h.signatory(g, "focal.wco")
	out := signable{
		signs: h.person(g, "focal.piu", article4.RoleStaff, article4.RoleFocalPoint),
		reads: h.staff(g, "analyst.piu"),
	}
	var err error
	out.agreement, err = g.Propose(t.Context(), focal, exchange.Proposal{Organisation: piu, Text: "We keep it."})
	must(t, err)
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	out.document = doc.ID
	asks := ask(g, piu)
	asks.People = []article4.PersonID{out.reads.Person()}
	q, err := g.Request(t.Context(), h.signatory(g, "focal.unoct"), doc.ID, asks)
	must(t, err)
	v := verdict(article4.ActConsent, q)
	v.Evidence.Kind = article4.EvidenceOIDC
	draft, err := g.Draft(t.Context(), focal, q.ID, v)
	must(t, err)
	_, v.Evidence.IDToken, err = h.issuers.Token("wco", "focal.wco", devstack.TokenOptions{Nonce: draft.Nonce})
	must(t, err)
	must(t, second(g.Decide(t.Context(), focal, q.ID, v)))
	out.signing = exchange.Signing{
		SHA256:    out.agreement.SHA256,
		Name:      "R. Silva",
		Function:  "Head",
		Authority: "Decree 12",
		Accepts:   true,
		Evidence:  exchange.EvidenceGiven{Kind: article4.EvidenceOIDC},
	}
	return out
}

// proven adds the sign-in of somebody of the third party for the text of the signature.
func (s signable) proven(t *testing.T, h *fixture, g *exchange.Gateway, who string) exchange.Signing {
	t.Helper()
	draft, err := g.DraftSignature(t.Context(), s.signs, s.agreement.ID, s.signing)
	must(t, err)
	out := s.signing
	_, out.Evidence.IDToken, err = h.issuers.Token("piu-exampleland", who, devstack.TokenOptions{Nonce: draft.Nonce})
	must(t, err)
	return out
}

// Reading 0010: a signature under a Confidentiality Agreement is the signer's own writing. What nobody's own sign-in
// shows is not taken, and nothing protected leaves on it.
func TestReading0010ASignatureIsTheSignersOwnWriting(t *testing.T) {
	h := newFixture(t)
	g := h.gateway(func(s *exchange.Settings) { s.AdmitNoEvidence = false })
	defer h.inOrder(g)
	s := newSignable(t, h, g)
	sign := func(with exchange.Signing) error {
		return second(g.Sign(t.Context(), s.signs, s.agreement.ID, with))
	}
	bare := s.signing
	bare.Evidence = exchange.EvidenceGiven{}
	refusedFor(t, sign(bare), "art4.8/signature-unproven")
	refusedFor(t, sign(s.signing), "art4.8/signature-unproven")
	letter := s.signing
	letter.Evidence.Kind = article4.EvidenceLetter
	if err := sign(letter); err == nil {
		t.Error("signed by the digest of a letter that nobody saw")
	}
	refusedFor(t, sign(s.proven(t, h, g, "deputy.piu-exampleland")), "art4.8/signature-unproven")
	good := s.proven(t, h, g, "focal.piu")
	other := good
	other.Function = "Deputy head" // what was signed for said something else
	refusedFor(t, sign(other), "art4.8/signature-unproven")
	refusedFor(t, second(g.Disclose(t.Context(), s.reads, s.document, reading())), "art4.8/agreement-unsigned")

	must(t, sign(good))
	signed, err := g.DescribeAgreement(t.Context(), s.signs, s.agreement.ID)
	must(t, err)
	if signed.Signature.Evidence != article4.EvidenceOIDC {
		t.Errorf("the signature is shown with evidence %q", signed.Signature.Evidence)
	}
	d, err := g.Disclose(t.Context(), s.reads, s.document, reading())
	must(t, err)
	readAll(t, g, s.reads, d)
}

// Whoever writes into the database makes no signature: a row without evidence, with another's, or with the text of
// another agreement opens nothing where the gateway admits none.
func TestReading0010ASignatureThatSomebodyWroteIntoTheDatabaseOpensNothing(t *testing.T) {
	h := newFixture(t)
	g := h.gateway(func(s *exchange.Settings) { s.AdmitNoEvidence = false })
	s := newSignable(t, h, g)
	must(t, second(g.Sign(t.Context(), s.signs, s.agreement.ID, s.proven(t, h, g, "focal.piu"))))
	h.superuser(`CREATE TABLE kept AS SELECT * FROM signature`)
	for name, altered := range map[string]string{
		"without evidence":         `evidence = '', text_sealed = NULL, evidence_sealed = NULL`,
		"as one that brought none": `evidence = 'none'`,
		"with its token taken":     `evidence_sealed = NULL`,
		"with another key": `evidence_key = convert_to('{"kty":"OKP","crv":"Ed25519",
			"x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}', 'UTF8')`,
		"of somebody else": `by_person = (SELECT asked_by FROM access_request LIMIT 1)`,
	} {
		h.superuser(`UPDATE signature SET ` + altered)
		if err := second(g.Disclose(t.Context(), s.reads, s.document, reading())); err == nil {
			t.Errorf("disclosed on a signature %s", name)
		} else if name == "without evidence" {
			refusedFor(t, err, "art4.8/signature-unproven")
		}
		h.superuser(`DELETE FROM signature; INSERT INTO signature SELECT * FROM kept`)
	}
	must(t, second(g.Disclose(t.Context(), s.reads, s.document, reading())))
}

// What is signed is what was shown. When something that the text names changes meanwhile, nothing is signed.
func TestReading0010WhatIsSignedIsTheTextThatWasShown(t *testing.T) {
	h := newFixture(t)
	slow := &meanwhile{EvidenceVerifier: h.evidence, happen: func() {}}
	h.evidence = slow
	g := h.gateway()
	s := newSignable(t, h, g)
	good := s.proven(t, h, g, "focal.piu")
	slow.happen = func() {
		h.superuser(`UPDATE arrangement SET title = title || ' (amended)'`)
	}
	if err := second(g.Sign(t.Context(), s.signs, s.agreement.ID, good)); !errors.Is(err, exchange.ErrChanged) {
		t.Errorf("the text changed between check and signature: %v; want ErrChanged", err)
	}
	now, err := g.DescribeAgreement(t.Context(), s.signs, s.agreement.ID)
	must(t, err)
	if now.Signature != nil {
		t.Error("signed all the same")
	}
}

// The text names the agreement by its digest, the third party as it is recorded, function and authority as stated, and
// the Mandate.
func TestTheTextOfASignatureSaysWhatIsSigned(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	s := newSignable(t, h, g)
	draft, err := g.DraftSignature(t.Context(), s.signs, s.agreement.ID, s.signing)
	must(t, err)
	for _, line := range []string{"agreement: " + string(s.agreement.ID), "agreement sha-256: " +
		string(s.agreement.SHA256), "(" + string(piu) + ")", "function: Head", "authority: Decree 12",
		"signatory: " + string(s.signs.Person()), "mandate: "} {
		if !strings.Contains(draft.Text, line) {
			t.Errorf("the text does not say %q:\n%s", line, draft.Text)
		}
	}
	if strings.Contains(draft.Text, "mandate: none") {
		t.Error("the text names no Mandate")
	}
	refusedFor(t, second(g.DraftSignature(t.Context(), h.staff(g, "analyst.piu"), s.agreement.ID, s.signing)),
		"art4.8/no-authority")
	if err := second(g.DraftSignature(t.Context(), h.person(g, "focal.customs", article4.RoleFocalPoint),
		s.agreement.ID, s.signing)); !isNotFound(err) {
		t.Errorf("another third party is shown the text: %v", err)
	}
}
