package exchange_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// How many entities are concerned, and when each decided, is the Discloser's to know: what the Recipient and the other
// entity are shown of a request does not change when one of them authorizes.
func TestTheCircleHowManyEntitiesAreConcernedAndWhenEachDecidedIsTheDisclosersToKnow(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	reader, focal := h.staff(g, "staff.unoct"), h.signatory(g, "focal.wco")
	first := h.person(g, "focal.customs", article4.RoleStaff, article4.RoleFocalPoint)
	other := h.person(g, "focal.piu", article4.RoleStaff, article4.RoleFocalPoint)
	m := metadata()
	m.Entities = []article4.OrganisationID{customs, piu}
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	shown := func(a exchange.Actor) exchange.AccessRequest { return h.shown(g, a, q) }
	before := map[*exchange.Actor]exchange.AccessRequest{&reader: shown(reader), &other: shown(other)}
	drafted, err := g.Draft(t.Context(), other, q.ID, verdict(article4.ActAuthorize, q))
	must(t, err)
	must(t, second(g.Decide(t.Context(), first, q.ID, verdict(article4.ActAuthorize, shown(first)))))

	for a, was := range before {
		if now := shown(*a); !reflect.DeepEqual(now, was) {
			t.Errorf("once an entity authorized, %s is shown\n%+v\nand before\n%+v", a.Person(), now, was)
		}
	}
	again, err := g.Draft(t.Context(), other, q.ID, verdict(article4.ActAuthorize, before[&other]))
	must(t, err)
	if again.Text != drafted.Text {
		t.Errorf("the text that the other entity is to authorize tells of the first:\n%s", again.Text)
	}
	if strings.Contains(again.Text, string(doc.SHA256)) {
		t.Errorf("the text that an entity is to authorize tells the digest of a file that it is not shown:\n%s",
			again.Text)
	}
	if own := shown(first); len(own.Decisions) != 1 || own.Decisions[0].Organisation != customs {
		t.Errorf("who authorized is shown of it %+v", own.Decisions)
	}

	// What they may know of changes what they are shown, and the state that a decision is taken on.
	must(t, second(g.Decide(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, shown(focal)))))
	if _, err := g.Decide(t.Context(), other, q.ID, verdict(article4.ActAuthorize, before[&other])); !errors.Is(err,
		exchange.ErrChanged) {
		t.Errorf("decided on what stood before the Discloser decided: %v; want ErrChanged", err)
	}
	must(t, second(g.Decide(t.Context(), other, q.ID, verdict(article4.ActAuthorize, shown(other)))))
	if last := shown(reader); last.State != article4.StateInForce || len(last.Decisions) != 1 ||
		last.ETag == before[&reader].ETag {
		t.Errorf("with every authorization the Recipient is shown %s, %d decisions, ETag %s", last.State,
			len(last.Decisions), last.ETag)
	}
	if all := shown(focal); len(all.Decisions) != 3 {
		t.Errorf("the Discloser is shown %d decisions; want 3", len(all.Decisions))
	}
}

// The Discloser gives its own document to a third party without a word of the Recipient's: the Recipient's staff do not
// read whom it named and under which conditions.
func TestTheCircleARequestOfTheDisclosersForAThirdPartyIsNoneOfTheRecipients(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	of := func(a exchange.Actor) exchange.AccessRequest {
		request := ask(g, piu)
		request.People = []article4.PersonID{h.staff(g, "analyst.piu").Person()}
		q, err := g.Request(t.Context(), a, doc.ID, request)
		must(t, err)
		return q
	}
	own, theirs := of(h.staff(g, "staff.wco")), of(h.signatory(g, "focal.unoct"))
	for _, a := range []exchange.Actor{h.staff(g, "staff.unoct"), h.signatory(g, "focal.unoct"),
		h.auditor(g, "auditor.unoct")} {
		if _, err := g.DescribeRequest(t.Context(), a, own.ID); !isNotFound(err) {
			t.Errorf("%s is shown whom the Discloser asks for: %v; want not found", a.Person(), err)
		}
		must(t, second(g.DescribeRequest(t.Context(), a, theirs.ID)))
	}
	must(t, second(g.DescribeRequest(t.Context(), h.signatory(g, "focal.wco"), own.ID)))
}

// A consent that names people says that the recipient's focal point may admit more (Article 4(6)).
func TestArticle4_6AConsentThatNamesPeopleSaysWhoMayAdmitOthers(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	analyst := h.staff(g, "analyst.piu")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	request := ask(g, piu)
	request.People = []article4.PersonID{analyst.Person()}
	q, err := g.Request(t.Context(), h.signatory(g, "focal.unoct"), doc.ID, request)
	must(t, err)
	draft, err := g.Draft(t.Context(), h.signatory(g, "focal.wco"), q.ID, verdict(article4.ActConsent, q))
	must(t, err)
	want := "people: " + string(analyst.Person()) + ", and those whom the recipient's focal point admits\n"
	if !strings.Contains(draft.Text, want) {
		t.Errorf("the text does not say %q:\n%s", want, draft.Text)
	}
}

// On whose word a document went is told as the requests tell it: the Discloser sees each, an entity its own, and the
// Recipient and the third party that of the Discloser alone; a withdrawn word is none any more.
func TestTheCircleTellsOnWhoseWordAndToWhomAsTheRequestsDo(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	reader, focal := h.staff(g, "staff.unoct"), h.signatory(g, "focal.wco")
	entity := h.person(g, "focal.customs", article4.RoleStaff, article4.RoleFocalPoint)
	m := metadata()
	m.Entities = []article4.OrganisationID{customs}
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), m, content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	for _, by := range []exchange.Actor{entity, focal} {
		must(t, second(g.Decide(t.Context(), by, q.ID, verdict(article4.ActAuthorize, h.shown(g, by, q)))))
	}
	words := func(a exchange.Actor) (by []article4.OrganisationID) {
		t.Helper()
		circle, err := g.Circle(t.Context(), a, doc.ID)
		must(t, err)
		if len(circle.Edges) != 1 || !slices.Equal(circle.Edges[0].Readers, []article4.PersonID{reader.Person()}) {
			t.Fatalf("the ways are %+v", circle.Edges)
		}
		for _, word := range circle.Edges[0].Words {
			by = append(by, word.Organisation)
		}
		for _, named := range circle.Names {
			if named.Organisation == customs && a.Organisation().ID == unoct {
				t.Errorf("the Recipient is told of %s", named.Name)
			}
		}
		return by
	}
	for _, c := range []struct {
		a    exchange.Actor
		want []article4.OrganisationID
	}{{focal, []article4.OrganisationID{customs, wco}}, {reader, []article4.OrganisationID{wco}},
		{entity, []article4.OrganisationID{customs, wco}}} {
		if got := words(c.a); !slices.Equal(slices.Sorted(slices.Values(got)), c.want) {
			t.Errorf("%s is told that it went on the word of %q, want %q", c.a.Organisation().ID, got, c.want)
		}
	}
	must(t, second(g.Withdraw(t.Context(), focal, q.ID, exchange.Withdrawal{Statement: "No longer"})))
	if got := words(reader); len(got) != 0 {
		t.Errorf("once it was withdrawn, it went on the word of %q", got)
	}
}
