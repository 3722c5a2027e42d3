package exchange_test

import (
	"errors"
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/invalid"
)

// A third party sees of a document the version that it has a consent for, and nothing of any other.
func TestStandingAThirdPartySeesNothingOfAVersionItHasNoConsentFor(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff, analyst := h.staff(g, "staff.wco"), h.staff(g, "analyst.piu")
	doc, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
	must(t, err)
	request := ask(g, piu)
	request.People = []article4.PersonID{analyst.Person()}
	q, err := g.Request(t.Context(), h.signatory(g, "focal.unoct"), doc.ID, request)
	must(t, err)
	must(t, second(g.Decide(t.Context(), h.signatory(g, "focal.wco"), q.ID, verdict(article4.ActConsent, q))))
	first, err := g.Describe(t.Context(), analyst, doc.ID)
	must(t, err)
	if first.Version != doc.Version || first.SHA256 != doc.SHA256 {
		t.Fatalf("with a consent for version 1 the third party sees %+v", first)
	}
	_, err = g.Correct(t.Context(), staff, doc.ID, exchange.Correction{SourcesDeclared: true, Kind: article4.Updates,
		Explanation: "The second half", Size: -1}, content(secret+", more of it"))
	must(t, err)

	seen, err := g.Describe(t.Context(), analyst, doc.ID)
	must(t, err)
	listed, err := g.List(t.Context(), analyst, exchange.DocumentQuery{})
	must(t, err)
	for _, one := range append(listed.Items, seen) {
		if one.Version != doc.Version || one.SHA256 != doc.SHA256 || one.Size != doc.Size {
			t.Errorf("with a consent for version 1 the third party sees version %d, %s, %d bytes", one.VersionNumber,
				one.SHA256, one.Size)
		}
	}
	versions, err := g.Versions(t.Context(), analyst, doc.ID)
	must(t, err)
	if len(versions) != 1 || versions[0].ID != doc.Version {
		t.Errorf("with a consent for version 1 the third party is told of %+v", versions)
	}
	own, err := g.Versions(t.Context(), staff, doc.ID)
	must(t, err)
	if len(own) != 2 {
		t.Errorf("the depositor finds %d versions; want 2", len(own))
	}
}

// Agreements name no document that the caller may not know of.
func TestAnAgreementNamesNoDocumentWithoutStanding(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
	must(t, err)
	put, err := g.Propose(t.Context(), h.signatory(g, "focal.wco"),
		exchange.Proposal{Organisation: piu, Text: "We keep it.", Document: doc.ID})
	must(t, err)
	for _, c := range []struct {
		by   exchange.Actor
		want article4.DocumentID
	}{
		{h.staff(g, "analyst.piu"), ""},
		{h.staff(g, "staff.unoct"), doc.ID},
	} {
		one, err := g.DescribeAgreement(t.Context(), c.by, put.ID)
		must(t, err)
		all, err := g.Agreements(t.Context(), c.by, exchange.Paging{})
		must(t, err)
		if len(all.Items) != 1 {
			t.Fatalf("%s finds %d agreements; want 1", c.by.Person(), len(all.Items))
		}
		if one.Document != c.want || all.Items[0].Document != c.want {
			t.Errorf("%s is told of document %q and %q; want %q", c.by.Person(), one.Document, all.Items[0].Document,
				c.want)
		}
	}
	signed, err := g.Sign(t.Context(), h.person(g, "focal.piu", article4.RoleStaff, article4.RoleFocalPoint), put.ID,
		exchange.Signing{SHA256: put.SHA256, Name: "R. Silva", Function: "Head", Authority: "Decree 12", Accepts: true})
	must(t, err)
	if signed.Document != "" {
		t.Errorf("signing, the third party is told of %s", signed.Document)
	}
}

// A country is a code that ISO 3166-1 knows, each by itself, and a title has a character that somebody can see.
func TestADepositsCountriesAndTitleAreReadable(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	staff := h.staff(g, "staff.wco")
	for _, country := range []string{"É", ",,", "1A", "..", "fr", "FRA", "", "AB", "UK", "EU", "ZZ"} {
		m := metadata()
		m.Countries = []string{"FR", country}
		var bad *invalid.Error
		if err := second(g.Deposit(t.Context(), staff, m, content(secret))); !errors.As(err, &bad) ||
			len(bad.Faults) != 1 || bad.Faults[0].Field != "countries[1]" {
			t.Errorf("country %q: %v", country, err)
		}
	}
	for _, title := range []string{"\u200b", "\u2060\u00ad", " \ufeff ", "\u3164"} {
		m := metadata()
		m.Title = title
		refusedFor(t, second(g.Deposit(t.Context(), staff, m, content(secret))), "gateway/untitled")
	}
}
