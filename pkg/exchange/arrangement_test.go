package exchange_test

import (
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/instrument"
)

const (
	days       = 24 * time.Hour
	portIssuer = "https://id.port.example.int"
)

// today is the rules' day.
func (h *fixture) today() time.Time { return h.clock(time.Now()).UTC().Truncate(days) }

// terminate gives notice for the WCO from today.
func (h *fixture) terminate(g *exchange.Gateway) exchange.NoticeOfTermination {
	h.t.Helper()
	_, err := g.GiveNotice(h.t.Context(), h.signatory(g, "focal.wco"),
		exchange.NoticeOfTermination{GivenOn: h.today(), Statement: "We close."})
	must(h.t, err)
	out, err := g.ConfirmNotice(h.t.Context(), h.signatory(g, "deputy.wco"))
	must(h.t, err)
	return out
}

// specific puts a specific arrangement into the gateway's Arrangement file.
func (h *fixture) specific(ends *time.Time) {
	h.instrument.SpecificArrangements = []instrument.Specific{{Title: "Project on maritime targeting",
		SignedOn: time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC), EndsOn: ends,
		Purposes: []instrument.Purpose{{Code: "sa1.a", Label: "Joint targeting of containers", Paragraph: "2(d)"}}}}
}

func TestArticle11_4NoticeTakesTwoOfficialsOfOnePartyAndCountsNinetyDays(t *testing.T) {
	h := newFixture(t)
	h.moveToNoon()
	g := h.gateway()
	defer h.inOrder(g)
	focal, deputy := h.signatory(g, "focal.wco"), h.signatory(g, "deputy.wco")
	said := exchange.NoticeOfTermination{GivenOn: h.today(), Statement: "The programme ends."}

	backdated := said
	backdated.GivenOn = h.today().Add(-days)
	refusedFor(t, second(g.GiveNotice(t.Context(), focal, backdated)), "art11.4/notice-backdated")
	refusedFor(t, second(g.GiveNotice(t.Context(), h.staff(g, "staff.wco"), said)), "art11.4/no-authority")
	if _, err := g.ConfirmNotice(t.Context(), deputy); !isNotFound(err) {
		t.Fatalf("confirming what nobody said: %v; want not found", err)
	}
	first, err := g.GiveNotice(t.Context(), focal, said)
	must(t, err)
	if first.Pending == nil || first.EndsOn != nil {
		t.Fatalf("the first official: %+v; want it to wait for a second", first)
	}
	seen, err := g.Arrangement(t.Context(), deputy)
	must(t, err)
	if seen.Phase != article4.InEffect || seen.PendingNotice == nil || seen.PendingNotice.Statement != said.Statement {
		t.Errorf("before the second official: phase %s, waiting %+v", seen.Phase, seen.PendingNotice)
	}
	other, err := g.Arrangement(t.Context(), h.signatory(g, "focal.unoct"))
	must(t, err)
	if other.PendingNotice != nil {
		t.Error("the other Party sees a notice that nobody confirmed")
	}
	refusedFor(t, second(g.ConfirmNotice(t.Context(), focal)), "art11.4/second-person-missing")
	if _, err := g.ConfirmNotice(t.Context(), h.signatory(g, "focal.unoct")); !isNotFound(err) {
		t.Errorf("the other Party confirms: %v; want not found", err)
	}
	given, err := g.ConfirmNotice(t.Context(), deputy)
	must(t, err)
	if want := h.today().AddDate(0, 0, 90); given.EndsOn == nil || !given.EndsOn.Equal(want) || given.Pending != nil {
		t.Errorf("confirmed: %+v; want the last day %s", given, want)
	}
	seen, err = g.Arrangement(t.Context(), deputy)
	must(t, err)
	if seen.Phase != article4.NoticeGiven || seen.PendingNotice != nil || !seen.NoticeGiven.Equal(h.today()) {
		t.Errorf("after notice: %+v", seen)
	}
	refusedFor(t, second(g.GiveNotice(t.Context(), h.signatory(g, "focal.unoct"), said)), "art11.4/notice-stands")

	told := ofKind(t, g, h.signatory(g, "focal.unoct"), "termination")
	if len(told) != 1 || !strings.Contains(english(told[0]), given.EndsOn.Format(time.DateOnly)) {
		t.Errorf("the other Party is told %+v; want one notice with the last day", told)
	}
	if n := h.count(`SELECT count(*) FROM log_entry WHERE kind = 'notice'`); n < 2 {
		t.Errorf("%d entries of notice; want both halves", n)
	}
}

func TestReading0008NoticeConfirmedAfterItsDayIsNotTaken(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	_, err := g.GiveNotice(t.Context(), h.signatory(g, "focal.wco"),
		exchange.NoticeOfTermination{GivenOn: h.today(), Statement: "We close."})
	must(t, err)
	h.moveClock(days)
	refusedFor(t, second(g.ConfirmNotice(t.Context(), h.signatory(g, "deputy.wco"))), "art11.4/notice-backdated")
}

func TestReading0008TheDayOfNoticeNeverChangesNotEvenBehindTheGateway(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	h.terminate(g)
	h.superuser(`DO $$ BEGIN UPDATE arrangement SET notice_given_on = notice_given_on - 30; RAISE
		'the day of notice was moved';
		EXCEPTION WHEN check_violation THEN NULL; END $$`)
	h.gateway() // adopts the Arrangement file again
	seen, err := g.Arrangement(t.Context(), h.signatory(g, "focal.wco"))
	must(t, err)
	if !seen.NoticeGiven.Equal(h.today()) {
		t.Errorf("notice counts from %s; want %s", seen.NoticeGiven, h.today())
	}
}

func TestReading0009Day89Day91AndASpecificArrangementUntouched(t *testing.T) {
	h := newFixture(t)
	h.specific(nil)
	g := h.gateway()
	defer h.inOrder(g)
	staff, focal, reader := h.staff(g, "staff.wco"), h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	m := metadata()
	m.Purposes = []article4.PurposeCode{"art2.e", "sa1.a"}
	doc, err := g.Deposit(t.Context(), staff, m, content(secret))
	must(t, err)
	granted := func(purpose article4.PurposeCode, until time.Time) exchange.AccessRequest {
		q := ask(g, unoct)
		q.Purpose, q.Until = purpose, until
		made, err := g.Request(t.Context(), reader, doc.ID, q)
		must(t, err)
		made, err = g.Decide(t.Context(), focal, made.ID, verdict(article4.ActAuthorize, made))
		must(t, err)
		return made
	}
	long := h.clock(time.Now()).AddDate(1, 0, 0)
	ordinary, project := granted("art2.e", long), granted("sa1.a", long)
	nothing, err := g.WindDown(t.Context(), focal, exchange.Paging{})
	must(t, err)
	if len(nothing.Items) != 0 {
		t.Errorf("before notice %d items are to be wound down; want none", len(nothing.Items))
	}
	h.terminate(g)

	forProject := reading()
	forProject.Purpose = "sa1.a"
	permitted := func(day string, r exchange.Reading) {
		t.Helper()
		d, err := g.Disclose(t.Context(), reader, doc.ID, r)
		if err != nil {
			t.Fatalf("%s, %s: %v; want a disclosure", day, r.Purpose, err)
		}
		readAll(t, g, reader, d)
	}
	open, err := g.WindDown(t.Context(), focal, exchange.Paging{})
	must(t, err)
	for _, item := range open.Items {
		if item.ID == ordinary.ID && (!item.BeyondEnd || item.Survives) || item.ID == project.ID && !item.Survives {
			t.Errorf("wind-down: %s for %s, beyond %t, survives %t", item.ID, item.Purpose, item.BeyondEnd,
				item.Survives)
		}
	}
	if len(open.Items) != 2 {
		t.Errorf("%d items are to be wound down; want 2", len(open.Items))
	}
	page, err := g.WindDown(t.Context(), focal, exchange.Paging{Limit: 1})
	must(t, err)
	rest, err := g.WindDown(t.Context(), focal, exchange.Paging{Limit: 1, After: page.Next})
	must(t, err)
	if len(page.Items) != 1 || len(rest.Items) != 1 || page.Items[0].ID == rest.Items[0].ID || page.Next == "" {
		t.Errorf("in pages of one: %+v, then %+v", page, rest)
	}
	none, err := g.WindDown(t.Context(), reader, exchange.Paging{})
	must(t, err)
	if len(none.Items) != 0 {
		t.Error("staff sees the wind-down list")
	}

	late := ask(g, unoct)
	late.Until = long
	refusedFor(t, second(g.Request(t.Context(), reader, doc.ID, late)), "art11.4/notice-given")
	late.Purpose = "sa1.a"
	asked, err := g.Request(t.Context(), reader, doc.ID, late)
	must(t, err)
	_, err = g.Decide(t.Context(), focal, asked.ID, verdict(article4.ActAuthorize, asked))
	must(t, err)
	h.moveClock(89 * days)
	permitted("day 89", reading())
	permitted("day 89", forProject)
	h.moveClock(2 * days)
	refusal := refused(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())))
	if !slices.Contains(codes(refusal), "art11.4/ended") {
		t.Errorf("day 91: %v; want art11.4/ended", codes(refusal))
	}
	permitted("day 91", forProject)
	refusal = refused(t, second(g.Request(t.Context(), reader, doc.ID, ask(g, unoct))))
	if !slices.Contains(codes(refusal), "art11.4/ended") {
		t.Errorf("a request on day 91: %v; want art11.4/ended", codes(refusal))
	}
	seen, err := g.Arrangement(t.Context(), focal)
	must(t, err)
	if s := seen.SpecificArrangements; seen.Phase != article4.Ended || len(s) != 1 || !s[0].InForce ||
		!s[0].Purposes[0].Open {
		t.Errorf("on day 91: phase %s, %+v; want the specific arrangement in force", seen.Phase, s)
	}
}

func TestArticle6_3ASpecificArrangementEndsWithItsOwnTerm(t *testing.T) {
	h := newFixture(t)
	last := time.Now().UTC().Truncate(days).AddDate(0, 0, 10)
	h.specific(&last)
	g := h.gateway()
	open := func() bool {
		all, err := g.Purposes(t.Context(), h.staff(g, "staff.wco"))
		must(t, err)
		i := slices.IndexFunc(all, func(p exchange.Purpose) bool { return p.Code == "sa1.a" })
		return i >= 0 && all[i].Open
	}
	h.moveClock(time.Until(last.Add(23 * time.Hour)))
	if !open() {
		t.Error("on its last day the purpose is closed; want open")
	}
	h.moveClock(2 * time.Hour)
	if open() {
		t.Error("after its last day the purpose is open; want closed")
	}
}

func TestADelegationTakesTwoOfficialsAndItsEndLeavesWhatWasDecidedUnderIt(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	focal, deputy, newcomer := h.signatory(g, "focal.wco"), h.signatory(g, "deputy.wco"), h.signatory(g, "newcomer.wco")
	reader := h.staff(g, "staff.unoct")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	request := func() exchange.AccessRequest {
		q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
		must(t, err)
		return q
	}
	q := request()
	in := exchange.DelegationFiled{
		Subject:          "newcomer.wco",
		Name:             "N. Newcomer",
		Acts:             []article4.Act{article4.ActAuthorize},
		From:             h.today(),
		Until:            h.today().AddDate(1, 0, 0),
		InstrumentSHA256: h.paper(g, focal, ""),
	}

	unknown := in
	unknown.Acts = []article4.Act{article4.ActDisclose}
	refusedFor(t, third(g.FileDelegation(t.Context(), focal, unknown)), "gateway/delegation-unclear")
	without := in
	without.InstrumentSHA256 = ""
	refusedFor(t, third(g.FileDelegation(t.Context(), focal, without)), "gateway/no-instrument")
	over := in
	over.From, over.Until = h.today().AddDate(-2, 0, 0), h.today().AddDate(-1, 0, 0)
	refusedFor(t, third(g.FileDelegation(t.Context(), focal, over)), "gateway/delegation-unclear")
	_, pending, err := g.FileDelegation(t.Context(), focal, in)
	must(t, err)
	refusedFor(t, second(g.Decide(t.Context(), newcomer, q.ID, verdict(article4.ActAuthorize, q))),
		"art4.4/no-authority")
	refusedFor(t, second(g.ConfirmDelegation(t.Context(), focal, pending.ID)), "gateway/second-person-missing")
	if _, err := g.ConfirmDelegation(t.Context(), h.signatory(g, "focal.unoct"), pending.ID); !isNotFound(err) {
		t.Errorf("the other Party confirms: %v; want not found", err)
	}
	waiting, err := g.Delegations(t.Context(), deputy, exchange.Paging{})
	must(t, err)
	if len(waiting.Items) != 5 || waiting.Items[0].Pending == nil || waiting.Items[0].Pending.ID != pending.ID {
		t.Fatalf("the second official sees %+v; want what waits before the four that stand", waiting.Items)
	}
	filed, err := g.ConfirmDelegation(t.Context(), deputy, pending.ID)
	must(t, err)
	shown, err := g.Delegations(t.Context(), h.staff(g, "staff.unoct"), exchange.Paging{})
	must(t, err)
	if len(shown.Items) != 5 || shown.Items[0].ID != filed.ID || shown.Items[0].Holder != newcomer.Person() ||
		shown.Items[0].Name != "N. Newcomer" {
		t.Errorf("the other Party sees %+v; want the new Delegation first", shown.Items)
	}
	if hidden, err := g.Delegations(t.Context(), h.staff(g, "analyst.piu"), exchange.Paging{}); err != nil ||
		len(hidden.Items) != 0 {
		t.Errorf("a third party sees %d Delegations, %v", len(hidden.Items), err)
	}

	_, err = g.Decide(t.Context(), newcomer, q.ID, verdict(article4.ActAuthorize, q))
	must(t, err)
	_, err = g.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)
	end := exchange.DelegationFiled{Ends: filed.ID, InstrumentSHA256: h.paper(g, focal, "")}
	if err := third(g.FileDelegation(t.Context(), h.staff(g, "analyst.piu"), end)); !isNotFound(err) {
		t.Errorf("a third party ends a Delegation: %v; want not found", err)
	}
	refusedFor(t, third(g.FileDelegation(t.Context(), h.signatory(g, "focal.unoct"), end)), "gateway/no-authority")
	_, pending, err = g.FileDelegation(t.Context(), deputy, end)
	must(t, err)
	_, err = g.ConfirmDelegation(t.Context(), focal, pending.ID)
	must(t, err)

	d, err := g.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)
	readAll(t, g, reader, d)
	q = request()
	refusedFor(t, second(g.Decide(t.Context(), newcomer, q.ID, verdict(article4.ActAuthorize, q))),
		"art4.4/no-authority")
	if err := third(g.FileDelegation(t.Context(), deputy, end)); !errors.Is(err, exchange.ErrConflict) {
		t.Errorf("ended twice: %v; want ErrConflict", err)
	}

	// What was ended stays ended at the next start, and the same instrument filed again is another Delegation.
	_, pending, err = h.gateway().FileDelegation(t.Context(), focal, in)
	must(t, err)
	again, err := g.ConfirmDelegation(t.Context(), deputy, pending.ID)
	must(t, err)
	if again.ID == filed.ID {
		t.Error("the Delegation that was ended came back")
	}
	_, err = g.Decide(t.Context(), newcomer, q.ID, verdict(article4.ActAuthorize, q))
	must(t, err)
}

func TestArticle5_3APartyNamesItsFocalPointInWritingAndTheFileDoesNotTakeItBack(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	focal, deputy := h.signatory(g, "focal.wco"), h.signatory(g, "deputy.wco")
	in := exchange.Designation{Subject: "deputy.wco", Name: "Daniel Moreau", InstrumentSHA256: h.paper(g, focal, "")}
	refusedFor(t, third(g.Designate(t.Context(), h.staff(g, "staff.wco"), in)), "art5.3/no-authority")
	refusedFor(t, third(g.Designate(t.Context(), h.person(g, "focal.piu", article4.RoleFocalPoint), in)),
		"art5.3/no-authority")
	_, pending, err := g.Designate(t.Context(), focal, in)
	must(t, err)
	other := in
	other.Name = "Somebody else"
	refusedFor(t, third(g.Designate(t.Context(), deputy, other)), "art5.3/second-person-missing")
	named, err := g.ConfirmDesignation(t.Context(), deputy, pending.ID)
	must(t, err)
	if named.Person != deputy.Person() || !named.DesignatedOn.Equal(h.today()) {
		t.Errorf("designated %+v; want %s today", named, deputy.Person())
	}
	if _, err := g.ConfirmDesignation(t.Context(), deputy, pending.ID); !isNotFound(err) {
		t.Errorf("confirmed twice: %v; want not found", err)
	}
	seen, err := h.gateway().Arrangement(t.Context(), h.staff(g, "staff.unoct"))
	must(t, err)
	for _, f := range seen.FocalPoints {
		if f.Organisation == wco && f.Name != "Daniel Moreau" {
			t.Errorf("after a start the focal point is %q; want the one designated", f.Name)
		}
	}
	if told := ofKind(t, g, h.signatory(g, "focal.unoct"), "designation"); len(told) != 1 {
		t.Errorf("the other Party is told %+v; want the name of the focal point", told)
	}
}

func port() exchange.OrganisationProposed {
	return exchange.OrganisationProposed{Short: "port-exampleland", Name: "Port Authority of Exampleland",
		Type: "member-state-authority", Country: "XE", Issuer: portIssuer}
}

func TestAThirdPartyIsOneWhenTheOtherPartyConfirms(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	focal, deputy, other := h.signatory(g, "focal.wco"), h.signatory(g, "deputy.wco"), h.signatory(g, "focal.unoct")
	const id article4.OrganisationID = "org_port-exampleland"

	for name, change := range map[string]func(*exchange.OrganisationProposed){
		"a short name that stands": func(p *exchange.OrganisationProposed) { p.Short = "customs-exampleland" },
		"a Party's short name":     func(p *exchange.OrganisationProposed) { p.Short = "wco" },
		"a Party's issuer":         func(p *exchange.OrganisationProposed) { p.Issuer = h.issuers.URL("unoct") },
		"a third party's issuer": func(
			p *exchange.OrganisationProposed) {
			p.Issuer = h.issuers.URL("piu-exampleland")
		},
	} {
		in := port()
		change(&in)
		if refusal := refused(t, third(g.ProposeOrganisation(t.Context(), focal, in))); !slices.Equal(codes(refusal),
			[]article4.Code{"gateway/record-incomplete"}) {
			t.Errorf("%s: %v", name, codes(refusal))
		}
	}
	var invalid *exchange.Invalid
	if err := third(g.ProposeOrganisation(t.Context(), focal,
		exchange.OrganisationProposed{Short: "Not one", Issuer: "x"})); !errors.As(err, &invalid) ||
		len(invalid.Faults) != 4 {
		t.Errorf("everything wrong at once: %v; want four problems", err)
	}
	stale, err := g.Recognise(t.Context(),
		exchange.Claims{Issuer: h.issuers.URL("wco"), Subject: "focal.wco", Client: "portal",
			Roles: []article4.Role{article4.RoleSignatory}, SignIn: article4.SignInStale})
	must(t, err)
	refusedFor(t, third(g.ProposeOrganisation(t.Context(), stale, port())), "gateway/step-up")
	proposed, pending, err := g.ProposeOrganisation(t.Context(), focal, port())
	must(t, err)
	if proposed.State != "proposed" || pending == nil || proposed.Proposal == nil {
		t.Fatalf("proposed %+v", proposed)
	}
	// Until the other Party confirms, it is nobody to the rules, to its own people and to third parties.
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	forPort := ask(g, id)
	refused(t, second(g.Request(t.Context(), other, doc.ID, forPort)))
	signIn := exchange.Claims{
		Issuer:   portIssuer,
		Subject:  "focal@port.example.int",
		Client:   "portal",
		Name:     "F. Harbour",
		Roles:    []article4.Role{article4.RoleStaff, article4.RoleFocalPoint},
		ACR:      "mfa",
		AuthTime: time.Now(),
		SignIn:   article4.SignInFresh,
	}
	if _, err := g.Recognise(t.Context(), signIn); !errors.Is(err, exchange.ErrUnrecognised) {
		t.Errorf("its people sign in before: %v; want unrecognised", err)
	}
	if _, err := g.Organisation(t.Context(), h.staff(g, "analyst.piu"), id); !isNotFound(err) {
		t.Errorf("a third party sees the proposal: %v; want not found", err)
	}
	if third(g.ProposeOrganisation(t.Context(), deputy, port())) == nil {
		t.Error("the same Party proposed the same twice")
	}
	refusedFor(t, second(g.ConfirmOrganisation(t.Context(), deputy, id, proposed.ETag)),
		"gateway/second-person-missing")

	shown, err := g.Organisation(t.Context(), other, id)
	must(t, err)
	changed := port()
	changed.Name = "Another authority"
	_, _, err = g.ProposeOrganisation(t.Context(), deputy, changed)
	must(t, err)
	if _, err := g.ConfirmOrganisation(t.Context(), other, id, shown.ETag); !errors.Is(err, exchange.ErrChanged) {
		t.Errorf("confirming what was exchanged meanwhile: %v; want ErrChanged", err)
	}
	all, err := g.Organisations(t.Context(), other, exchange.Paging{})
	must(t, err)
	i := slices.IndexFunc(all.Items, func(o exchange.Organisation) bool { return o.ID == id })
	if len(all.Items) != 6 || i < 0 || all.Items[i].Name != "Another authority" || all.Items[i].State != "proposed" {
		t.Fatalf("the other Party sees %+v; want the later proposal", all.Items)
	}
	var paged []exchange.Organisation
	for p := (exchange.Paging{Limit: 2}); ; {
		list, err := g.Organisations(t.Context(), other, p)
		must(t, err)
		paged = append(paged, list.Items...)
		if p.After = list.Next; p.After == "" {
			break
		}
	}
	if diff := cmp.Diff(all.Items, paged); diff != "" {
		t.Errorf("in pages of two the list differs:\n%s", diff)
	}
	done, err := g.ConfirmOrganisation(t.Context(), other, id, all.Items[i].ETag)
	must(t, err)
	if done.State != "in-force" || done.Proposal != nil || done.Record != all.Items[i].Record {
		t.Errorf("confirmed %+v; want it in force as shown", done)
	}

	// Its people sign in on every replica, though it has no keyset of its own, and no name stands in clear.
	replica := h.gateway()
	signer, err := replica.Recognise(t.Context(), signIn)
	must(t, err)
	again, err := g.Recognise(t.Context(), signIn)
	must(t, err)
	if again.Person() != signer.Person() {
		t.Error("one person of the new organisation became two")
	}
	agreement, err := g.Propose(t.Context(), focal,
		exchange.Proposal{Organisation: id, Text: "We keep it to ourselves."})
	must(t, err)
	mandate := exchange.MandateProposed{
		Subject:          signIn.Subject,
		Name:             "F. Harbour",
		Function:         "Head",
		Authority:        "Decree 7",
		Until:            h.clock(time.Now()).Add(30 * days),
		InstrumentSHA256: h.paper(g, focal, ""),
	}
	for _, party := range []exchange.Actor{focal, other} { // each Party says who speaks for it
		must(t, third(g.Mandate(t.Context(), party, id, mandate)))
	}
	_, err = g.Sign(t.Context(), signer, agreement.ID,
		exchange.Signing{SHA256: agreement.SHA256, Name: "F. Harbour", Function: "Head", Authority: "Decree 7",
			Accepts: true})
	must(t, err)
	signed, err := replica.DescribeAgreement(t.Context(), other, agreement.ID)
	must(t, err)
	if signed.Signature == nil || signed.Signature.Name != "F. Harbour" {
		t.Errorf("the signature reads %+v", signed.Signature)
	}
	_, err = g.Request(t.Context(), other, doc.ID, forPort)
	must(t, err)
}

func TestArticle4_8AChangedThirdPartyIsAnotherRecipientOnceConfirmed(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	staff, focal, asker := h.staff(g, "staff.wco"), h.signatory(g, "focal.wco"), h.signatory(g, "focal.unoct")
	analyst := h.staff(g, "analyst.piu")
	doc, err := g.Deposit(t.Context(), staff, metadata(), content(strings.Repeat(secret, 200_000)))
	must(t, err)
	request := ask(g, piu)
	request.People = []article4.PersonID{analyst.Person()}
	q, err := g.Request(t.Context(), asker, doc.ID, request)
	must(t, err)
	_, err = g.Decide(t.Context(), focal, q.ID, verdict(article4.ActConsent, q))
	must(t, err)
	before, err := g.Organisation(t.Context(), focal, piu)
	must(t, err)

	renamed := exchange.OrganisationProposed{Changes: piu, Name: "Ministry of the Interior of Exampleland",
		Type: before.Type, Country: before.Country, Issuer: before.Issuer}
	proposed, _, err := g.ProposeOrganisation(t.Context(), asker, renamed)
	must(t, err)
	if proposed.Name != before.Name || proposed.Proposal == nil || proposed.Proposal.Name != renamed.Name {
		t.Errorf("a change proposed shows %+v; want the old record in force and the new one waiting", proposed)
	}
	d, err := g.Disclose(t.Context(), analyst, doc.ID, reading())
	must(t, err)
	transfer, err := g.Content(t.Context(), analyst, d.ID, nil)
	must(t, err)
	buf := make([]byte, 64<<10)
	_, err = io.ReadFull(transfer, buf)
	must(t, err)
	done, err := g.ConfirmOrganisation(t.Context(), focal, piu, proposed.ETag)
	must(t, err)
	if done.Name != renamed.Name || done.Record == before.Record {
		t.Errorf("confirmed %+v; want the new record", done)
	}
	select {
	case <-transfer.Cut():
	case <-time.After(3 * time.Second):
		t.Fatal("the download was not cut within 3 s")
	}
	must(t, transfer.Finish(t.Context(), int64(len(buf))))
	refusedFor(t, second(g.Disclose(t.Context(), analyst, doc.ID, reading())), "art4.8/other-recipient")

	// The Arrangement file, which still bears the old name, does not bring the consent back at the next start.
	g = h.gateway()
	refusedFor(t, second(g.Disclose(t.Context(), analyst, doc.ID, reading())), "art4.8/other-recipient")
	var invalid *exchange.Invalid
	renamed.Changes = wco
	if err := third(g.ProposeOrganisation(t.Context(), asker, renamed)); !errors.As(err, &invalid) {
		t.Errorf("a Party's record is changed by a proposal: %v; want invalid", err)
	}
}

func third[T, U any](_ T, _ U, err error) error { return err }

// refused asserts a refusal, for whatever reasons.
func refused(t *testing.T, err error) *exchange.Refusal {
	t.Helper()
	var refusal *exchange.Refusal
	if !errors.As(err, &refusal) {
		t.Fatalf("got %v; want a refusal", err)
	}
	return refusal
}

func codes(r *exchange.Refusal) []article4.Code {
	var out []article4.Code
	for _, reason := range r.Reasons {
		out = append(out, reason.Code)
	}
	return out
}

// No act tells of the end: a download that still runs at 24:00 UTC of the last day is cut by the clock.
func TestReading0009ADownloadThatRunsBeyondTheLastDayIsCut(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	reader := h.staff(g, "staff.unoct")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(strings.Repeat(secret, 200_000)))
	must(t, err)
	q := ask(g, unoct)
	q.Until = time.Now().AddDate(1, 0, 0)
	made, err := g.Request(t.Context(), reader, doc.ID, q)
	must(t, err)
	_, err = g.Decide(t.Context(), h.signatory(g, "focal.wco"), made.ID, verdict(article4.ActAuthorize, made))
	must(t, err)
	last := h.terminate(g).EndsOn
	h.moveClock(last.Add(days - time.Minute).Sub(h.clock(time.Now())))
	d, err := g.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)
	transfer, err := g.Content(t.Context(), reader, d.ID, nil)
	must(t, err)
	buf := make([]byte, 64<<10)
	_, err = io.ReadFull(transfer, buf)
	must(t, err)
	g.DecideAgain(t.Context())
	if _, err := transfer.Read(buf); err != nil {
		t.Fatalf("in the last minute of the last day: %v; want bytes", err)
	}
	h.moveClock(2 * time.Minute)
	select {
	case <-transfer.Cut():
	case <-time.After(3 * time.Second):
		t.Fatal("the download was not cut within 3 s")
	}
	must(t, transfer.Finish(t.Context(), int64(2*len(buf))))
}

func TestTwoOfficialsAtOnceGiveOneNotice(t *testing.T) {
	h := newFixture(t)
	one, two := h.gateway(), h.gateway()
	_, err := one.GiveNotice(t.Context(), h.signatory(one, "focal.wco"),
		exchange.NoticeOfTermination{GivenOn: h.today(), Statement: "We close."})
	must(t, err)
	var given atomic.Int32
	var all sync.WaitGroup
	for _, g := range []*exchange.Gateway{one, two, one, two} {
		deputy := h.signatory(g, "deputy.wco")
		all.Go(func() {
			_, err := g.ConfirmNotice(t.Context(), deputy)
			if err == nil {
				given.Add(1)
			} else if !isNotFound(err) {
				t.Errorf("%v; want not found", err)
			}
		})
	}
	all.Wait()
	if given.Load() != 1 || h.count(`SELECT count(*) FROM notice WHERE kind = 'termination'`) != 1 {
		t.Errorf("notice was given %d times", given.Load())
	}
}

// Whoever writes into the database binds no other identity provider to a third party without losing its consents.
func TestArticle4_8ABindingAlteredInTheDatabaseIsAnotherRecipient(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	analyst := h.staff(g, "analyst.piu")
	request := ask(g, piu)
	request.People = []article4.PersonID{analyst.Person()}
	q, err := g.Request(t.Context(), h.signatory(g, "focal.unoct"), doc.ID, request)
	must(t, err)
	_, err = g.Decide(t.Context(), h.signatory(g, "focal.wco"), q.ID, verdict(article4.ActConsent, q))
	must(t, err)
	_, err = g.Disclose(t.Context(), analyst, doc.ID, reading())
	must(t, err)
	h.superuser(`UPDATE organisation SET issuer = 'https://id.thief.example' WHERE id = 'org_piu-exampleland'`)
	refusedFor(t, second(g.Disclose(t.Context(), analyst, doc.ID, reading())), "art4.8/other-recipient")
}
