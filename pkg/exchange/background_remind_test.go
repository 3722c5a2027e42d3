package exchange_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/instrument"
	"chancery.example/gateway/pkg/ledger"
)

func ofKind(t *testing.T, g *exchange.Gateway, a exchange.Actor, kind string) (out []exchange.Notice) {
	t.Helper()
	told, err := g.Notices(t.Context(), a, exchange.NoticeQuery{})
	must(t, err)
	for _, n := range told.Items {
		if n.Kind == kind {
			out = append(out, n)
		}
	}
	return out
}

// Article 4(9), reading 0003: currency is dated and reminded of, and never bars anybody.
func TestArticle4_9TheDiscloserIsRemindedOnceToReviewADocument(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	defer h.inOrder(g)
	staff, focal, reader := h.staff(g, "staff.wco"), h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	m := metadata()
	m.ReviewBy = time.Now().Add(10 * 24 * time.Hour)
	doc, err := g.Deposit(t.Context(), staff, m, content(secret))
	must(t, err)
	must(t, g.Remind(t.Context()))
	if told := ofKind(t, g, staff, "review"); len(told) != 0 {
		t.Errorf("before its day: %+v", told)
	}
	h.moveClock(10 * 24 * time.Hour)
	for _, replica := range []*exchange.Gateway{h.gateway(), h.gateway(), g} {
		must(t, replica.Remind(t.Context()))
	}
	if n := h.count(`SELECT count(*) FROM notice WHERE kind = 'review'`); n != 1 {
		t.Errorf("%d reminders; want 1", n)
	}
	for _, a := range []exchange.Actor{staff, focal} {
		told := ofKind(t, g, a, "review")
		if len(told) != 1 || !strings.Contains(english(told[0]), doc.Reference) ||
			strings.Contains(english(told[0]), m.Title) {
			t.Errorf("told %+v; want one reminder, with the reference and without the title", told)
		}
	}
	if told := ofKind(t, g, h.signatory(g, "focal.unoct"), "review"); len(told) != 0 {
		t.Errorf("the Recipient is reminded: %+v", told)
	}
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	if q.State == "" {
		t.Error("a review that is due bars a request")
	}
}

// Whoever moves the day of a review is reminded of the new one, once too.
func TestArticle4_9AReviewWhoseDayWasMovedIsRemindedOfAgain(t *testing.T) {
	h := newFixture(t)
	h.moveToNoon()
	g := h.still()
	staff := h.staff(g, "staff.wco")
	m := metadata()
	m.ReviewBy = h.today().AddDate(0, 0, 5)
	doc, err := g.Deposit(t.Context(), staff, m, content(secret))
	must(t, err)
	told := func(want int, when string) {
		t.Helper()
		for range 2 {
			must(t, g.Remind(t.Context()))
		}
		if n := len(ofKind(t, g, staff, "review")); n != want {
			t.Errorf("%s: reminded %d times; want %d", when, n, want)
		}
	}
	h.moveClock(6 * 24 * time.Hour)
	told(1, "its day has come")
	h.superuser(`SET session_replication_role = replica; UPDATE notice SET once = NULL WHERE kind = 'review'`)
	told(1, "reminded by a build from before reminders had names")
	by := h.today().AddDate(0, 0, 10)
	must(t, second(h.amending(g, staff, doc.ID, func(in *exchange.Amendment) { in.ReviewBy = &by })))
	told(1, "its day was moved")
	h.moveClock(11 * 24 * time.Hour)
	told(2, "its new day has come")
}

// What the configuration says is told to both Parties' focal points at each start that differs.
func TestANewConfigurationIsToldToBothFocalPoints(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	parties := []exchange.Actor{h.signatory(g, "focal.wco"), h.signatory(g, "focal.unoct")}
	h.gateway()
	for _, focal := range parties {
		told := ofKind(t, g, focal, "configuration")
		if len(told) != 1 || !strings.Contains(english(told[0]), "consent_evidence_none") {
			t.Fatalf("%s is told %+v; want the one configuration, with what it weakens", focal.Organisation().Short,
				told)
		}
	}
	must(t, g.ApplyInstrument(t.Context(), h.instrument, nil, ""))
	for _, focal := range parties {
		if told := ofKind(t, g, focal, "configuration"); len(told) != 2 ||
			!strings.Contains(english(told[0]), "accept less: none") {
			t.Errorf("%s is told %+v of another configuration", focal.Organisation().Short, told)
		}
	}
	if told := ofKind(t, g, h.staff(g, "staff.wco"), "configuration"); len(told) != 0 {
		t.Errorf("staff are told: %+v", told)
	}
}

// Whoever runs the gateway could take any sign-in for a strong one, or give a role to everybody: the entry says what is
// taken, in clear, to the auditors of both Parties.
func TestTheConfigurationSaysInClearHowTokensAreRead(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	in, issuer := h.instrument, h.issuers.URL("wco")
	in.SignIn = map[string]instrument.SignIn{issuer: {Clients: []string{"portal"}, ACR: []string{"pwd"},
		ACRClaim: "amr", RoleClaim: "groups", Roles: map[string]string{"everybody": "signatory"}}}
	must(t, g.ApplyInstrument(t.Context(), in, nil, "of other claims"))
	for _, auditor := range []string{"auditor.wco", "auditor.unoct"} {
		body, _ := newest(t, h, g, h.auditor(g, auditor), ledger.KindConfiguration)
		at := slices.IndexFunc(body.Configured.Organisations,
			func(b ledger.Binding) bool { return b.Organisation == "org_wco" })
		said := body.Configured.Organisations[at]
		want := in.SignIn[issuer]
		if diff := cmp.Diff(ledger.Binding{
			Organisation: "org_wco",
			Issuer:       issuer,
			Clients:      want.Clients,
			ACR:          want.ACR,
			ACRClaim:     want.ACRClaim,
			RoleClaim:    want.RoleClaim,
			Roles:        want.Roles,
		}, said); diff != "" {
			t.Errorf("%s reads otherwise:\n%s", auditor, diff)
		}
	}
}
