package exchange_test

import (
	"errors"
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/register"
)

// A Delegation whose row does not open is not in force, and is told to the auditors of both Parties. Everything else
// goes on: what was decided under others, whoever holds them, lists, and the telling itself.
func TestADelegationThatWasAlteredStopsNothingButItself(t *testing.T) {
	h := newFixture(t)
	g := h.still()
	focal, deputy, reader := h.signatory(g, "focal.wco"), h.signatory(g, "deputy.wco"), h.staff(g, "staff.unoct")
	granted(t, h, g, reader, secret)
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content("something else"))
	must(t, err)
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	must(t, h.asApp(`UPDATE delegation SET name_sealed = '\x00' WHERE `+ofPerson(deputy)))
	if err := second(g.Decide(t.Context(), deputy, q.ID, verdict(article4.ActAuthorize, q))); err == nil {
		t.Error("a Delegation that does not open lets its holder decide")
	}
	must(t, second(g.Delegations(t.Context(), focal, exchange.Paging{})))
	must(t, second(g.Decide(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, q))))
	must(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())))
	for range 2 {
		if err := g.TellDelegations(t.Context()); err == nil {
			t.Error("the operations log is not told")
		}
	}
	for _, a := range []exchange.Actor{h.auditor(g, "auditor.wco"), h.auditor(g, "auditor.unoct")} {
		if told := ofKind(t, g, a, "alteration"); len(told) != 1 {
			t.Errorf("an auditor is told %+v", told)
		}
	}
}

// A Delegation lets its holder do what the log says, until the log says, and nobody else: whoever writes rows lets
// nobody decide.
func TestADelegationThatTheLogDoesNotBearOutIsNotInForce(t *testing.T) {
	h := newFixture(t)
	g := h.still()
	deputy, other, reader := h.signatory(g, "deputy.wco"), h.signatory(g, "other.wco"), h.staff(g, "staff.unoct")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	h.superuser(`CREATE TABLE kept AS SELECT * FROM delegation`)
	for name, tt := range map[string]struct {
		alter string
		who   exchange.Actor
	}{
		"what its holder may do": {`UPDATE delegation SET acts = acts || ',lower' WHERE ` + ofPerson(deputy), deputy},
		"its term": {`UPDATE delegation SET valid_until = valid_until + interval '1 year' WHERE ` + ofPerson(deputy),
			deputy},
		"its beginning": {`UPDATE delegation SET valid_from = '2000-01-01' WHERE ` + ofPerson(deputy), deputy},
		"that it ended": {`UPDATE delegation SET ended_at = now() + interval '1 day', ended_entry = 'ent_none' WHERE ` +
			ofPerson(deputy), deputy},
		"who holds it": {`UPDATE delegation SET subject_token = (SELECT subject_token FROM person WHERE id = '` +
			string(other.Person()) + `') WHERE ` + ofPerson(deputy), other},
		"one that was never given": {`INSERT INTO delegation (id, organisation, subject_token, acts, valid_from,
			valid_until, instrument_sha256, digest) SELECT 'del_other', d.organisation, p.subject_token, d.acts,
			d.valid_from, d.valid_until, d.instrument_sha256, repeat('0', 64) FROM delegation d, person p
			WHERE p.id = '` + string(other.Person()) + `' AND d.` + ofPerson(deputy), other},
	} {
		must(t, h.asApp(tt.alter))
		if err := second(g.Decide(t.Context(), tt.who, q.ID, verdict(article4.ActAuthorize, q))); err == nil {
			t.Fatalf("%s: it let somebody decide", name)
		} else {
			refused(t, err)
		}
		self, err := g.Self(t.Context(), tt.who)
		must(t, err)
		if len(self.Delegations) != 0 {
			t.Errorf("%s: it is shown to whoever holds it", name)
		}
		if err := g.TellDelegations(t.Context()); name != "who holds it" && !errors.Is(err, register.ErrAltered) {
			t.Errorf("%s: the operations log is told %v", name, err)
		}
		h.superuser(`DELETE FROM delegation WHERE id = 'del_other'; UPDATE delegation d SET acts = k.acts,
			valid_from = k.valid_from, valid_until = k.valid_until, ended_at = k.ended_at, ended_entry = k.ended_entry,
			subject_token = k.subject_token FROM kept k WHERE k.id = d.id`)
	}
	must(t, g.TellDelegations(t.Context()))
	must(t, second(g.Decide(t.Context(), deputy, q.ID, verdict(article4.ActAuthorize, q))))
}

// ofPerson finds the Delegations of somebody.
func ofPerson(a exchange.Actor) string {
	return `subject_token = (SELECT subject_token FROM person WHERE id = '` + string(a.Person()) + `')`
}
