package article4_test

import (
	"slices"
	"testing"

	"chancery.example/gateway/pkg/article4"
)

// Article 4(3): personal data goes to a third party only with a legal basis for this transfer, which the consent names.
func TestPersonalDataGoesOnWithATransferBasisOnly(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"act: disclose | consent | authorize", "personal: no | yes", "basis: yes | no", "grant for: piu | unoct",
		"consent of wco: given | missing | refused | withdrawn",
		"marking: restricted | non-confidential",
	), func(x choice) {
		who := map[string]string{"piu": "who: staff of piu", "unoct": "who: staff of unoct"}[x["grant for"]]
		if !x.is("act", "disclose") {
			who = "who: signatory of wco with a Delegation"
		}
		lines := []string{"act: " + x["act"], who, "marking: " + x["marking"], "grant for: " + x["grant for"]}
		if x.is("grant for", "piu") {
			lines = append(lines, "consent of wco: "+x["consent of wco"])
		}
		lines = append(lines, "consent names a transfer basis: "+x["basis"], "released to: piu", "release basis: yes")
		if x.is("personal", "yes") {
			lines = append(lines, "personal data kept until: in 30 days")
		}
		f := say(t, lines...)
		if x.is("act", "consent", "authorize") && x.is("consent of wco", "refused", "withdrawn") &&
			x.is("grant for", "piu") {
			return // the request is closed; told elsewhere
		}
		c.check(x, f, transferRefusals(x))
	})
	c.done(true)
}

func transferRefusals(x choice) []string {
	var no refusals
	lacks := x.is("personal", "yes") && x.is("basis", "no")
	switch {
	case x.is("act", "consent"):
		no.when(x.is("grant for", "unoct"), "art4.8/not-a-third-party", "org_unoct")
		no.when(lacks, "art4.3/no-transfer-basis", "org_wco")
	case x.is("act", "disclose") && x.is("grant for", "piu") && x.is("marking", "restricted"):
		no.when(lacks && x.is("consent of wco", "given"), "art4.3/no-transfer-basis", "org_wco")
		no.when(x.is("consent of wco", "missing"), "art4.8/no-written-consent", "org_wco")
		no.when(x.is("consent of wco", "refused"), "art4.8/consent-refused", "org_wco")
		no.when(x.is("consent of wco", "withdrawn"), "art4.8/consent-withdrawn", "org_wco")
	}
	return no.sorted()
}

// Reading 0111: between the Parties, and never for a third party, an authorization may stand for a series.
func TestAStandingAuthorizationServesItsSeriesBetweenTheParties(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"for: unoct | piu", "of wco: version | its series | another series | another version | series, expired | "+
			"series, other purpose | series, of other markings | series, of the depositor | series, withdrawn",
		"of customs: version | its series | another series", "document: in the series | in no series",
	), func(x choice) {
		f := say(t, "who: staff of "+x["for"], "grant for: "+x["for"])
		if x.is("document", "in the series") {
			f.Document.Series = "ser_1"
		}
		g := &f.Access.Grants[0]
		stand(&g.Decisions[0], x["of wco"])
		stand(&g.Decisions[1], x["of customs"])
		c.check(x, f, standingRefusals(x))
	})
	c.done(true)
}

func stand(d *article4.DecisionFacts, word string) {
	switch word {
	case "version":
	case "another version":
		d.Version = "ver_0"
	case "another series":
		d.Version, d.Series = "", "ser_2"
	default:
		d.Version, d.Series, d.Markings = "", "ser_1", []article4.Marking{article4.Confidential, article4.Restricted}
	}
	switch word {
	case "series, expired":
		d.Until = now
	case "series, other purpose":
		d.Purpose = "art2.b"
	case "series, of other markings":
		d.Markings = d.Markings[:1]
	case "series, of the depositor":
		d.GivenBy = "per_staff_wco"
	case "series, withdrawn":
		d.State = article4.DecisionWithdrawn
	}
}

func standingRefusals(x choice) []string {
	var no refusals
	serves := x.is("for", "unoct") && x.is("document", "in the series")
	own := "art4.4/"
	if x.is("for", "piu") {
		own = "art4.8/"
	}
	of := x["of wco"]
	// a consent names a version: what stands for a series is none for a third party, whatever it calls itself
	outside := of == "series, of other markings" || of == "series, of the depositor"
	ofSeries := outside || slices.Contains([]string{"its series", "series, expired", "series, other purpose"}, of)
	no.when(outside && serves, "art4.4/authorization-outside-series", "org_wco")
	no.when(of == "another version" || of == "another series" || ofSeries && !serves, own+"other-version", "org_wco")
	no.when(of == "series, expired" && serves, "art4.4/authorization-expired", "org_wco")
	no.when(of == "series, other purpose" && serves, "art4.4/other-purpose", "org_wco")
	withdrawn := map[string]string{"art4.4/": "authorization-withdrawn", "art4.8/": "consent-withdrawn"}[own]
	no.when(of == "series, withdrawn", own+withdrawn, "org_wco")
	customs := x.is("of customs", "another series") || x.is("of customs", "its series") && !serves
	no.when(customs, "art4.4/other-version", "org_customs")
	return no.sorted()
}

// Article 4(6): who had the document, or quotes a copy of it, stops it by a report; who merely knows of it tells the
// Discloser.
func TestAReportStopsAtOnceWhereTheReporterHadTheDocument(t *testing.T) {
	f := say(t, "act: report-leak", "who: staff of unoct")
	if article4.LeakStops(f) {
		t.Error("a report stops a document that the reporter never had")
	}
	f.Change.HadDocument = true
	if !article4.LeakStops(f) {
		t.Error("a report by one who had the document does not stop it")
	}
	f.Act = article4.ActRecall
	if article4.LeakStops(f) || article4.LeakStops(article4.Facts{Act: article4.ActReportLeak}) {
		t.Error("what is no report stops")
	}
}
