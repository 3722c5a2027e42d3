package exchange_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

const unwilling = "Clause 4 contradicts our law on archives."

// signed signs a text for the third party, without evidence.
func signed(t *testing.T, g *exchange.Gateway, by exchange.Actor, a exchange.Agreement) error {
	t.Helper()
	return second(g.Sign(t.Context(), by, a.ID, exchange.Signing{SHA256: a.SHA256, Name: "R. Silva", Function: "Head",
		Authority: "Decree 12", Accepts: true}))
}

// Article 4(8), decision 0380: whoever may sign a text for the third party may decline it, with a reason. It binds
// nobody then and is not signed any more; what was required is not there, and the Party may put another text.
func TestArticle4_8ADeclinedTextIsNotSignedAndOpensNothing(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	s := newSignable(t, h, g)
	for name, who := range map[string]exchange.Actor{
		"its staff":                     h.staff(g, "analyst.piu"),
		"a focal point without Mandate": h.person(g, "second.piu", article4.RoleFocalPoint),
		"the Party that put it":         h.signatory(g, "focal.wco"),
		"the other Party":               h.signatory(g, "focal.unoct"),
	} {
		t.Run(name, func(t *testing.T) {
			refusedFor(t, second(g.Decline(t.Context(), who, s.agreement.ID, unwilling)), "art4.8/no-authority")
		})
	}
	stranger := h.person(g, "focal.customs", article4.RoleFocalPoint)
	if err := second(g.Decline(t.Context(), stranger, s.agreement.ID, unwilling)); !isNotFound(err) {
		t.Errorf("another third party is told of the text: %v", err)
	}
	if err := second(g.Decline(t.Context(), s.signs, s.agreement.ID, " ")); err == nil {
		t.Error("declined without a reason")
	}
	before, err := g.DescribeAgreement(t.Context(), s.signs, s.agreement.ID)
	must(t, err)
	if before.State != "unsigned" || !before.Permissions[article4.ActDecline].Allowed ||
		!before.Permissions[article4.ActSign].Allowed {
		t.Errorf("before: %s, permitted %v", before.State, before.Permissions)
	}

	declined, err := g.Decline(t.Context(), s.signs, s.agreement.ID, unwilling)
	must(t, err)
	if n := declined.Declined; declined.State != "declined" || n.By != s.signs.Person() || n.Reason != unwilling {
		t.Errorf("declined: %s, %+v", declined.State, declined.Declined)
	}
	proven := s.signing
	proven.Evidence = exchange.EvidenceGiven{}
	refusedFor(t, second(g.Sign(t.Context(), s.signs, s.agreement.ID, proven)), "art4.8/agreement-declined")
	refusedFor(t, second(g.DraftSignature(t.Context(), s.signs, s.agreement.ID, s.signing)),
		"art4.8/agreement-declined")
	if err := second(g.Decline(t.Context(), s.signs, s.agreement.ID, "again")); !errors.Is(err, exchange.ErrConflict) {
		t.Errorf("declined twice: %v; want a conflict", err)
	}
	refusal := refusedFor(t, second(g.Disclose(t.Context(), s.reads, s.document, reading())),
		"art4.8/agreement-declined")
	if refusal.Reasons[0].From != wco {
		t.Errorf("another text is for %q to put", refusal.Reasons[0].From)
	}
	for _, party := range []exchange.Actor{h.signatory(g, "focal.wco"), h.signatory(g, "focal.unoct")} {
		shown, err := g.DescribeAgreement(t.Context(), party, s.agreement.ID)
		must(t, err)
		if shown.State != "declined" || shown.Declined.Reason != unwilling || len(shown.Permissions) != 0 {
			t.Errorf("a Party is shown %s, %+v, permitted %v", shown.State, shown.Declined, shown.Permissions)
		}
	}
	waiting, err := g.Waiting(t.Context(), h.person(g, "second.piu", article4.RoleFocalPoint))
	must(t, err)
	if waiting.AgreementsToSign != 0 {
		t.Error("a declined text waits to be signed")
	}
}

// The Party that put the text is told why it was declined; whoever asked is told that their request waits for another
// text, and for how long.
func TestWhoWaitsForAnAgreementIsToldThatItWasDeclined(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	s := newSignable(t, h, g)
	must(t, second(g.Decline(t.Context(), s.signs, s.agreement.ID, unwilling)))
	told := func(a exchange.Actor, kind, says string) {
		t.Helper()
		page, err := g.Notices(t.Context(), a, exchange.NoticeQuery{})
		must(t, err)
		for _, n := range page.Items {
			english, french := n.Words()
			if n.Kind == kind && strings.Contains(english, says) && french != "" {
				return
			}
		}
		t.Errorf("%s is not told %q by a notice of kind %s", a.Person(), says, kind)
	}
	told(h.signatory(g, "focal.wco"), "agreement",
		"declined the Confidentiality Agreement "+string(s.agreement.ID)+": "+unwilling)
	told(h.signatory(g, "focal.unoct"), "decided",
		"waits for a Confidentiality Agreement that the third party declined")
	if strings.Contains(kindsOf(t, g, s.reads), "decided") {
		t.Error("the reader is told what the Parties decide on")
	}
}

// Declining a later text does not give back what a signature under an earlier one gave: the Party required the later
// one. Only the Discloser's consent lets the earlier serve; a text that is put and signed opens the door again.
func TestArticle4_8DecliningALaterTextDoesNotBringAnEarlierOneBack(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	focal, asker, analyst := h.signatory(g, "focal.wco"), h.signatory(g, "focal.unoct"), h.staff(g, "analyst.piu")
	signs := h.person(g, "focal.piu", article4.RoleStaff, article4.RoleFocalPoint)
	consent := func(serves bool) (article4.DocumentID, string) {
		doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
		must(t, err)
		request := ask(g, piu)
		request.People = []article4.PersonID{analyst.Person()}
		q, err := g.Request(t.Context(), asker, doc.ID, request)
		must(t, err)
		v := verdict(article4.ActConsent, q)
		v.EarlierServes = serves
		draft, err := g.Draft(t.Context(), focal, q.ID, v)
		must(t, err)
		must(t, second(g.Decide(t.Context(), focal, q.ID, v)))
		return doc.ID, draft.Text
	}
	put := func(text string) exchange.Agreement {
		a, err := g.Propose(t.Context(), focal, exchange.Proposal{Organisation: piu, Text: text})
		must(t, err)
		return a
	}
	open := func(doc article4.DocumentID) error { return second(g.Disclose(t.Context(), analyst, doc, reading())) }
	first := put("We keep it to ourselves.")
	must(t, signed(t, g, signs, first))
	doc, _ := consent(true) // of before the later text: it says nothing of that
	must(t, open(doc))

	later := put("We keep it to ourselves, and say so when we lose it.")
	refusedFor(t, open(doc), "art4.8/agreement-superseded")
	refusedFor(t, second(g.Decline(t.Context(), signs, first.ID, unwilling)), "art4.8/agreement-superseded")
	must(t, second(g.Decline(t.Context(), signs, later.ID, unwilling)))
	refusedFor(t, open(doc), "art4.8/agreement-declined")
	anew, text := consent(false)
	if !strings.Contains(text, string(first.SHA256)) || strings.Contains(text, string(later.SHA256)) {
		t.Errorf("the consent names the text that was declined:\n%s", text)
	}
	refusedFor(t, open(anew), "art4.8/agreement-declined")
	serving, _ := consent(true)
	must(t, open(serving))

	if err := second(g.Propose(t.Context(), focal, exchange.Proposal{Organisation: piu,
		Text: "We keep it to ourselves."})); !errors.Is(err, exchange.ErrConflict) {
		t.Errorf("a text that was signed is put once more: %v; want a conflict", err)
	}
	same := put("We keep it to ourselves, and say so when we lose it.")
	if same.ID == later.ID || same.State != "unsigned" {
		t.Errorf("put once more: %+v", same)
	}
	if err := second(g.Propose(t.Context(), asker, exchange.Proposal{Organisation: piu,
		Text: same.Text})); !errors.Is(err, exchange.ErrConflict) {
		t.Errorf("the same text beside one that waits: %v; want a conflict", err)
	}
	must(t, signed(t, g, signs, same))
	must(t, open(doc))
	must(t, open(anew))
	listed, err := g.Agreements(t.Context(), signs, exchange.Paging{})
	must(t, err)
	var states []string
	for _, a := range listed.Items {
		states = append(states, a.State)
	}
	if want := []string{"signed", "declined", "superseded"}; !slices.Equal(states, want) {
		t.Errorf("listed as %v; want %v", states, want)
	}
}

// A signature is not taken back by declining (it is no withdrawal), nor is a superseded one answered.
func TestArticle4_8WhatWasSignedIsNotDeclined(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	s := newSignable(t, h, g)
	must(t, signed(t, g, s.signs, s.agreement))
	err := second(g.Decline(t.Context(), s.signs, s.agreement.ID, unwilling))
	if !errors.Is(err, exchange.ErrConflict) {
		t.Errorf("declined after it was signed: %v; want a conflict", err)
	}
	must(t, second(g.Disclose(t.Context(), s.reads, s.document, reading())))
}

// What comes first, stands: of a signature and a decline at once one is done, and the log agrees.
func TestASignatureAndADeclineAtOnceAreNeverBoth(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	signs := h.person(g, "focal.piu", article4.RoleStaff, article4.RoleFocalPoint)
	var were [2]int
	for i := range 8 {
		a, err := g.Propose(t.Context(), h.signatory(g, "focal.wco"),
			exchange.Proposal{Organisation: piu, Text: "Text " + string(rune('A'+i))})
		must(t, err)
		var errs [2]error
		var wait sync.WaitGroup
		wait.Go(func() { errs[0] = signed(t, g, signs, a) })
		wait.Go(func() { errs[1] = second(g.Decline(t.Context(), signs, a.ID, unwilling)) })
		wait.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("signed: %v, declined: %v; want one of them", errs[0], errs[1])
		}
		shown, err := g.DescribeAgreement(t.Context(), signs, a.ID)
		must(t, err)
		if (shown.State == "signed") != (errs[0] == nil) || (shown.State == "declined") != (errs[1] == nil) {
			t.Errorf("signed: %v, declined: %v; it is shown as %s", errs[0], errs[1], shown.State)
		}
		for at, err := range errs {
			if err == nil {
				were[at]++
			}
		}
	}
	t.Logf("%d signed, %d declined", were[0], were[1])
}

func TestADeclineRepeatedUnderItsKeyIsDoneOnce(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	s := newSignable(t, h, g)
	for range 3 {
		a, err := g.Decline(t.Context(), again(t, s.signs, "no", "the same"), s.agreement.ID, unwilling)
		must(t, err)
		if a.State != "declined" {
			t.Errorf("it is %s", a.State)
		}
	}
	if err := second(g.Decline(t.Context(), again(t, s.signs, "no", "another"), s.agreement.ID,
		"x")); !errors.Is(err, exchange.ErrKeyReused) {
		t.Errorf("the same key with something else: %v; want ErrKeyReused", err)
	}
	if n := h.count(`SELECT count(*) FROM agreement_decline`); n != 1 {
		t.Errorf("%d declines stand; want 1", n)
	}
}

// That a text was declined stands in the log: whoever takes the row away, a superuser, gets nothing signed by that, and
// whoever writes one declines nothing.
func TestArticle4_8WhatWasDeclinedDoesNotComeBackByTheDatabase(t *testing.T) {
	h := newFixture(t)
	g := h.still()
	s := newSignable(t, h, g)
	other, err := g.Propose(t.Context(), h.signatory(g, "focal.unoct"),
		exchange.Proposal{Organisation: piu, Text: "As the other Party wants it"})
	must(t, err)
	must(t, second(g.Decline(t.Context(), s.signs, s.agreement.ID, unwilling)))
	h.superuser(`CREATE TABLE kept AS SELECT * FROM agreement_decline`)
	for name, altered := range map[string]string{
		"deleted":             `DELETE FROM agreement_decline`,
		"put to another text": `UPDATE agreement_decline SET agreement = '` + string(other.ID) + `'`,
		"with another's words": `UPDATE agreement_decline SET reason_sealed =
			(SELECT text_sealed FROM agreement LIMIT 1)`,
		"emptied": `UPDATE agreement_decline SET reason_sealed = '', entry = '', entry_hash = ''`,
	} {
		h.superuser(altered)
		for _, a := range []exchange.Agreement{s.agreement, other} {
			if err := signed(t, g, s.signs, a); err == nil && a.ID == s.agreement.ID {
				t.Errorf("%s: a declined text was signed", name)
			}
		}
		if err := second(g.Disclose(t.Context(), s.reads, s.document, reading())); err == nil {
			t.Errorf("%s: disclosed on it", name)
		}
		h.superuser(`DELETE FROM signature; DELETE FROM agreement_decline;
			INSERT INTO agreement_decline SELECT * FROM kept`)
	}
	refusedFor(t, signed(t, g, s.signs, s.agreement), "art4.8/agreement-declined")
}

// Nor does an earlier signature come back where the text that was declined later is taken out of the database, or
// moved before it.
func TestArticle4_8AnEarlierTextDoesNotComeBackByTheDatabase(t *testing.T) {
	for name, altered := range map[string]string{
		"deleted":       `DELETE FROM agreement_decline; DELETE FROM agreement WHERE id = 'LATER'`,
		"moved":         `UPDATE agreement SET proposed_at = proposed_at - interval '1 day' WHERE id = 'LATER'`,
		"by its hash":   `DELETE FROM agreement_decline; UPDATE agreement SET entry_hash = 'x' WHERE id = 'LATER'`,
		"as another's":  `UPDATE agreement SET proposed_by_org = 'org_unoct' WHERE id = 'LATER'`,
		"in its place":  `DELETE FROM agreement_decline; UPDATE agreement SET id = 'agr_x' WHERE id = 'LATER'`,
		"for another's": `UPDATE agreement SET organisation = 'org_customs-exampleland' WHERE id = 'LATER'`,
	} {
		t.Run(name, func(t *testing.T) {
			h := newFixture(t)
			g := h.gateway()
			s := newSignable(t, h, g)
			must(t, signed(t, g, s.signs, s.agreement))
			must(t, second(g.Disclose(t.Context(), s.reads, s.document, reading())))
			later, err := g.Propose(t.Context(), h.signatory(g, "focal.wco"),
				exchange.Proposal{Organisation: piu, Text: "We keep it, and say so when we lose it."})
			must(t, err)
			must(t, second(g.Decline(t.Context(), s.signs, later.ID, unwilling)))
			refusedFor(t, second(g.Disclose(t.Context(), s.reads, s.document, reading())), "art4.8/agreement-declined")
			h.eventually(`SELECT count(*) FROM log_pending`, 0)
			h.superuser(strings.ReplaceAll(altered, "LATER", string(later.ID)))
			if err := second(g.Disclose(t.Context(), s.reads, s.document, reading())); err == nil {
				t.Error("disclosed on the signature under the earlier text")
			}
		})
	}
}
