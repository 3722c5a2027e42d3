package exchange_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// kindsOf are the kinds of what somebody is told, the newest first, the configuration left out.
func kindsOf(t *testing.T, g *exchange.Gateway, a exchange.Actor) string {
	t.Helper()
	page, err := g.Notices(t.Context(), a, exchange.NoticeQuery{})
	must(t, err)
	var out []string
	for _, n := range page.Items {
		english, french := n.Words()
		for _, said := range []string{english, french} {
			if said == "" || strings.ContainsAny(said, "{}") {
				t.Errorf("%s says %q", n.Kind, said)
			}
			for _, canary := range []string{metadata().Title, metadata().PurposeStatement, "Joint training in May"} {
				if strings.Contains(said, canary) {
					t.Errorf("%s tells %q", n.Kind, canary)
				}
			}
		}
		if n.Kind != "configuration" {
			out = append(out, n.Kind)
		}
	}
	return strings.Join(out, " ")
}

// Issue by issue of a request, whoever is to do something is told, whoever asked learns what became of it, and nobody
// else is told anything.
func TestWhoeverARequestConcernsIsToldAndNobodyElse(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff, focal := h.staff(g, "staff.wco"), h.signatory(g, "focal.wco")
	reader, theirs := h.staff(g, "staff.unoct"), h.signatory(g, "focal.unoct")
	other, third := h.staff(g, "other.unoct"), h.signatory(g, "focal.piu")
	doc, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	_, err = g.Ask(t.Context(), focal, q.ID, "For which course?")
	must(t, err)
	_, err = g.Ask(t.Context(), reader, q.ID, "The one in May.")
	must(t, err)
	q, err = g.DescribeRequest(t.Context(), focal, q.ID)
	must(t, err)
	_, err = g.Decide(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, q))
	must(t, err)
	refused, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	_, err = g.Decide(t.Context(), focal, refused.ID, verdict(article4.ActRefuse, refused))
	must(t, err)
	for name, c := range map[string]struct {
		who  exchange.Actor
		want string
	}{
		"who decides":            {focal, "asked answered asked"},
		"who asked":              {reader, "decided in-force question"},
		"the asker's Party":      {theirs, "decided in-force question"},
		"who only deposited":     {staff, ""},
		"a colleague who is not": {other, ""},
		"a third party":          {third, ""},
	} {
		if told := kindsOf(t, g, c.who); told != c.want {
			t.Errorf("%s is told %q; want %q", name, told, c.want)
		}
	}
}

// A third party learns of a request for it when it may read, and of an agreement when it is to sign it, without the
// document that the text was put for.
func TestAThirdPartyIsToldWhatItIsToSignAndWhenItMayRead(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff, focal := h.staff(g, "staff.wco"), h.signatory(g, "deputy.wco")
	asker, signs := h.signatory(g, "focal.unoct"), h.person(g, "focal.piu", article4.RoleStaff,
		article4.RoleFocalPoint)
	doc, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
	must(t, err)
	q, err := g.Request(t.Context(), asker, doc.ID, ask(g, piu))
	must(t, err)
	agreement, err := g.Propose(t.Context(), focal, exchange.Proposal{Organisation: piu, Document: doc.ID,
		Text: "The third party keeps it in confidence."})
	must(t, err)
	page, err := g.Notices(t.Context(), signs, exchange.NoticeQuery{})
	must(t, err)
	if len(page.Items) != 1 || page.Items[0].Kind != "agreement" || page.Items[0].Document != "" ||
		page.Items[0].Reference != "" || page.Items[0].Subject != string(agreement.ID) {
		t.Fatalf("before the consent the third party is told %+v; want the agreement alone", page.Items)
	}
	q, err = g.DescribeRequest(t.Context(), focal, q.ID)
	must(t, err)
	consent := verdict(article4.ActConsent, q)
	_, err = g.Decide(t.Context(), focal, q.ID, consent)
	must(t, err)
	if told := kindsOf(t, g, signs); told != "agreement" {
		t.Errorf("unsigned, the third party is told %q", told)
	}
	_, err = g.Sign(t.Context(), signs, agreement.ID, exchange.Signing{SHA256: agreement.SHA256, Name: "a",
		Function: "b", Authority: "c", Accepts: true})
	must(t, err)
	if told := kindsOf(t, g, signs); told != "in-force agreement" {
		t.Errorf("the third party is told %q; want that it may read", told)
	}
	if told := kindsOf(t, g, asker); !strings.HasPrefix(told, "in-force decided") {
		t.Errorf("the asker is told %q", told)
	}
}

// What is about to lapse or to end, and what was disclosed the day before, is told once: whatever replica looks, and
// however often.
func TestWhatIsAboutToEndIsToldOnce(t *testing.T) {
	h := newFixture(t)
	h.moveToNoon() // the day after the disclosure begins while the test looks, at whatever hour it runs
	g, replica := h.gateway(), h.gateway()
	staff, focal := h.staff(g, "staff.wco"), h.signatory(g, "focal.wco")
	reader := h.staff(g, "staff.unoct")
	doc, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
	must(t, err)
	granted, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	_, err = g.Decide(t.Context(), focal, granted.ID, verdict(article4.ActAuthorize, granted))
	must(t, err)
	_, err = g.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)
	_, err = g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	look := func() {
		for _, each := range []*exchange.Gateway{g, replica, g} {
			must(t, each.TellDue(t.Context()))
		}
	}
	of := func(a exchange.Actor, kind string) int { return len(ofKind(t, g, a, kind)) }
	look()
	if of(focal, "lapsing")+of(reader, "lapsing")+of(reader, "ending") != 0 {
		t.Error("something is told long before")
	}
	h.moveClock(11*24*time.Hour + time.Hour)
	look()
	if of(focal, "lapsing") != 1 || of(reader, "lapsing") != 1 {
		t.Errorf("three days before: %d and %d", of(focal, "lapsing"), of(reader, "lapsing"))
	}
	h.moveClock(2 * 24 * time.Hour)
	look()
	if of(focal, "lapsing") != 2 || of(reader, "lapsing") != 2 {
		t.Errorf("a day before: %d and %d", of(focal, "lapsing"), of(reader, "lapsing"))
	}
	h.moveClock(4 * 24 * time.Hour)
	look()
	if of(focal, "ending") != 1 || of(reader, "ending") != 1 || of(focal, "lapsing") != 2 {
		t.Errorf("two weeks before the end: %d and %d", of(focal, "ending"), of(reader, "ending"))
	}
	h.moveClock(-16*24*time.Hour - time.Hour) // the day after the disclosure
	look()
	told := ofKind(t, g, focal, "disclosed")
	if len(told) != 1 || !strings.Contains(english(told[0]), "Disclosures: 1. Documents: "+doc.Reference) {
		t.Errorf("of the day's disclosures the Discloser is told %+v", told)
	}
	if of(h.signatory(g, "focal.unoct"), "disclosed") != 0 {
		t.Error("the Recipient is told what was disclosed of the Discloser's documents")
	}
}

// The day's word of the disclosures waits for a gateway: where none ran on the day after, the next one tells of them
// within a week, of each day in a notice of its own.
func TestDisclosuresAreToldOfWhenNoGatewayRanOnTheDayAfter(t *testing.T) {
	h := newFixture(t)
	h.moveToNoon()
	g := h.still() // no rounds: whatever is told, this test asks for
	reader, focal := h.staff(g, "staff.unoct"), h.signatory(g, "focal.wco")
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	granted, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	_, err = g.Decide(t.Context(), focal, granted.ID, verdict(article4.ActAuthorize, granted))
	must(t, err)
	disclose := func() {
		_, err := g.Disclose(t.Context(), reader, doc.ID, reading())
		must(t, err)
	}
	told := func() (days []string) {
		must(t, g.TellDue(t.Context()))
		for _, n := range ofKind(t, g, focal, "disclosed") {
			days = append(days, english(n))
		}
		slices.Sort(days)
		return days
	}
	word := func(on time.Time, count int) string {
		return fmt.Sprintf("On %s, documents of your organisation were disclosed. Disclosures: %d. Documents: %s.",
			on.Format(time.DateOnly), count, doc.Reference)
	}
	want := []string{word(h.today(), 1), word(h.today().AddDate(0, 0, 1), 2)}
	disclose()
	h.moveClock(24 * time.Hour)
	disclose()
	disclose()
	h.moveClock(48 * time.Hour)
	for range 2 {
		if days := told(); !slices.Equal(days, want) {
			t.Errorf("after a day without a gateway the Discloser is told %q; want %q", days, want)
		}
	}
	disclose()
	h.moveClock(9 * 24 * time.Hour)
	if days := told(); len(days) != len(want) {
		t.Errorf("of what is longer ago than a week the Discloser is told %q", days)
	}
}

// A sign-in from a new place is the person's alone to know, not even their focal point's.
func TestANewSignInIsToldToThePersonAlone(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	for _, who := range []string{"staff.wco", "staff.piu"} {
		must(t, g.NewSignIn(t.Context(), h.staff(g, who), "Firefox, 192.0.2.0/24"))
		if told := kindsOf(t, g, h.staff(g, who)); told != "sign-in" {
			t.Errorf("%s is told %q", who, told)
		}
	}
	for _, who := range []string{"focal.wco", "focal.unoct", "focal.piu"} {
		focal := h.signatory(g, who)
		if told := ofKind(t, g, focal, "sign-in"); len(told) != 0 {
			t.Errorf("%s is told %+v", who, told)
		}
		for _, mine := range ofKind(t, g, h.staff(g, "staff.wco"), "sign-in") {
			if _, err := g.Acknowledge(t.Context(), focal, mine.ID,
				exchange.Acknowledgement{Disposition: "read"}); !isNotFound(err) {
				t.Errorf("%s answers it: %v", who, err)
			}
		}
	}
}

// The address is the one that the provider verified, kept sealed; people say how they are sent word, and whoever
// answers for the organisation learns that mail came back.
func TestWherePeopleAreSentWordIsWhatTheProviderVerified(t *testing.T) {
	h := newFixture(t)
	g := h.still() // its own rounds would tell as well
	sign := func(email string) exchange.Actor {
		a, err := g.Recognise(t.Context(), exchange.Claims{Issuer: h.issuers.URL("wco"), Subject: "staff.wco",
			Name: "Sofia", Client: "portal", Email: email, Roles: []article4.Role{article4.RoleStaff}})
		must(t, err)
		return a
	}
	staff := sign("sofia@wco.example")
	set := exchange.Notifications{Mail: "daily", Language: "fr"}
	_, err := g.SetNotifications(t.Context(), staff, set)
	must(t, err)
	set.Address = "sofia@wco.example"
	if now, err := g.Notifications(t.Context(), sign("")); err != nil || now != set {
		t.Errorf("a sign-in without an address leaves %+v, %v", now, err)
	}
	if now, _ := g.Notifications(t.Context(), sign("brandt@wco.example")); now.Address != "brandt@wco.example" {
		t.Errorf("another address is told: %+v", now)
	}
	const inClear = `SELECT count(*) FROM contact WHERE position('@wco' IN encode(address_sealed, 'escape')) > 0`
	if h.count(inClear) != 0 {
		t.Error("an address stands in the database in clear")
	}
	for _, wrong := range []exchange.Notifications{{Mail: "never", Language: "en"}, {Mail: "daily", Language: "ar"}} {
		if _, err := g.SetNotifications(t.Context(), staff, wrong); err == nil {
			t.Errorf("%+v is taken", wrong)
		}
	}
	focal := h.signatory(g, "focal.wco")
	h.superuser(`UPDATE contact SET bounced_at = now() WHERE address_sealed IS NOT NULL`)
	for range 2 {
		must(t, g.TellBounces(t.Context()))
	}
	if told := ofKind(t, g, focal, "bounced"); len(told) != 1 || !strings.Contains(english(told[0]), "Sofia") {
		t.Errorf("the focal point is told %+v", told)
	}
	if now, _ := g.Notifications(t.Context(), staff); now.Bounced == nil {
		t.Error("the person is not told")
	}
}
