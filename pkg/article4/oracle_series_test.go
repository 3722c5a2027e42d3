package article4_test

import (
	"testing"

	"chancery.example/gateway/pkg/article4"
)

func seriesInOrder() article4.SeriesFacts {
	return article4.SeriesFacts{
		Discloser:        wco,
		Recipient:        unoct,
		Markings:         []article4.Marking{article4.Restricted},
		Purposes:         []article4.PurposeCode{"art2.a", "art2.b"},
		EntitiesDeclared: true,
		Entities:         []article4.OrganisationID{customs},
		Purpose:          "art2.a",
		Until:            now.AddDate(0, 0, 30),
		StatementPresent: true,
		PeopleBelong:     true,
		EntitiesRepeated: true,
		Evidence:         article4.EvidenceOIDC,
		EvidenceValid:    true,
	}
}

// seriesVocabulary is what a case may say of a series (reading 0111).
var seriesVocabulary = map[string]func(*world, string) error{
	"in a series": yes(func(w *world, b bool) {
		w.deposit.SeriesNamed, w.deposit.Series, w.document.Series = b, nil, ""
		if b {
			w.deposit.Series, w.document.Series = &w.series, "ser_1"
		}
	}),
	"series known": yes(func(w *world, b bool) {
		if !b {
			w.deposit.Series = nil
		}
	}),
	"series named":    yes(func(w *world, b bool) { w.deposit.SeriesNamed = b }),
	"series of":       func(w *world, v string) error { w.series.Discloser = organisation(v); return nil },
	"series for":      func(w *world, v string) error { w.series.Recipient = organisation(v); return nil },
	"series markings": func(w *world, v string) error { w.series.Markings = list[article4.Marking](v); return nil },
	"series purposes": func(w *world, v string) error {
		w.series.Purposes = list[article4.PurposeCode](v)
		return nil
	},
	"series entities":      func(w *world, v string) error { w.series.Entities = organisations(v); return nil },
	"series personal data": yes(func(w *world, b bool) { w.series.PersonalData = b }),
	"series proprietary":   yes(func(w *world, b bool) { w.series.Proprietary = b }),
}

// Who opens a series, gives an authorization that stands for it, and takes it back.
func TestSeriesAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions("act: open-series | authorize-series | withdraw-series",
		"role: staff | focal-point | signatory | auditor | service, signatory",
		"of: wco | unoct | customs | piu | operator", "delegated: yes | no",
		"series entities: customs | customs, unoct | none", "sign-in: fresh | stale | weak | odd",
		"suspended: yes | no", "statement: yes | no", "evidence valid: yes | no", "people belong: yes | no",
	), func(x choice) {
		f := say(t, x.lines([]string{"act", "series entities", "sign-in", "suspended", "statement", "evidence valid",
			"people belong"}, x.who())...)
		c.check(x, f, seriesRefusals(x))
	})
	c.done(true)
}

func seriesRefusals(x choice) []string {
	var no refusals
	reader := "org_" + x["of"]
	third := !x.party()
	asked := x.is("of", "wco") || x.is("of", "customs") && !x.is("series entities", "none") ||
		x.is("of", "unoct") && x.is("series entities", "customs, unoct")
	may := asked && (x.party() && x.signs() || x.is("of", "customs") && x.is("role", "focal-point"))
	suspended := x.is("suspended", "yes")
	switch x["act"] {
	case "open-series":
		no.when(!(x.is("of", "wco") && x.official()), "art4.4/no-authority", "")
	case "withdraw-series":
		no.when(!may, "art4.4/no-authority", "")
		suspended = suspended && !third
	default:
		no.when(!may, "art4.4/no-authority", reader)
		no.when(x.is("sign-in", "stale"), "gateway/step-up", "")
		no.when(x.is("sign-in", "weak", "odd"), "gateway/sign-in-too-weak", "")
		no.when(x.is("statement", "no"), "art4.7/no-purpose", reader)
		no.when(x.is("evidence valid", "no"), "art4.4/evidence-invalid", reader)
		no.when(x.is("people belong", "no"), "art4.4/not-the-recipient", reader)
	}
	no.when(suspended, "art4.6/suspended", "")
	return no.sorted()
}

// For how long, for what and in which phase an authorization may stand for a series.
func TestTermsOfAStandingAuthorizationAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"phase: in-effect | not-in-effect | notice-given, last day in 20 days | ended, last day 1 days ago",
		"purpose: art2.a | art2.b | art2.c | none", "open purposes: art2.a | none",
		"decision until: in 10 days | in 30 days | now | 1 days ago | not given", "none repeated: yes | no",
		"evidence: oidc | letter | none | odd", "evidence none admitted: yes | no",
	), func(x choice) {
		f := say(t, x.lines([]string{"phase", "purpose", "open purposes", "decision until", "none repeated", "evidence",
			"evidence none admitted"}, "act: authorize-series", "who: signatory of wco with a Delegation")...)
		var no refusals
		named, open := !x.is("purpose", "none"), x.is("purpose", "art2.a") && x.is("open purposes", "art2.a")
		ended := x.is("phase", "ended, last day 1 days ago")
		no.when(!named, "art4.7/no-purpose", "org_wco")
		no.when(x.is("purpose", "art2.c"), "art4.7/purpose-not-permitted", "org_wco")
		no.when(named && !ended && !open, "art4.7/purpose-closed", "org_wco")
		no.when(ended && !open, "art11.4/ended", "")
		no.when(x.is("phase", "not-in-effect"), "art11.1/not-in-effect", "")
		no.when(x.is("phase", "notice-given, last day in 20 days") && x.is("decision until", "in 30 days"),
			"art11.4/notice-given", "org_wco")
		no.when(!x.is("decision until", "in 10 days", "in 30 days"), "art4.5/no-end-ahead", "org_wco")
		no.when(x.is("none repeated", "no"), "art4.4/entities-unconfirmed", "org_wco")
		no.when(x.is("evidence", "odd") || x.is("evidence", "none") && x.is("evidence none admitted", "no"),
			"art4.4/evidence-invalid", "org_wco")
		c.check(x, f, no.sorted())
	})
	c.done(true)
}

// What may be deposited into a series: nothing beyond its bounds.
func TestADepositLiesWithinItsSeriesAgainstTheOracle(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions("in a series: yes | no", "series known: yes | no", "series of: wco | unoct",
		"series for: unoct | wco", "series markings: restricted | confidential | confidential, restricted | none",
		"series purposes: art2.a | art2.b | none", "series entities: customs | piu | none",
		"personal data: no | yes, with safeguards", "series personal data: yes | no",
		"proprietary: yes | no", "series proprietary: yes | no",
	), func(x choice) {
		f := say(t, x.lines([]string{"in a series", "series known", "series of", "series for", "series markings",
			"series purposes", "series entities", "personal data", "series personal data", "proprietary",
			"series proprietary"}, "act: deposit", "who: staff of wco")...)
		within := x.is("series known", "yes") && x.is("series of", "wco") && x.is("series for", "unoct") &&
			x.is("series markings", "restricted", "confidential, restricted") && x.is("series purposes", "art2.a") &&
			x.is("series entities", "customs") &&
			(x.is("personal data", "no") || x.is("series personal data", "yes")) &&
			(x.is("proprietary", "no") || x.is("series proprietary", "yes"))
		var no refusals
		no.when(x.is("in a series", "yes") && !within, "art4.4/not-of-the-series", "org_wco")
		c.check(x, f, no.sorted())
	})
	c.done(true)
}

// A series that is handed in without being named is as good as none that the rules know.
func TestASeriesThatWasNotNamedHoldsNothing(t *testing.T) {
	f := say(t, "act: deposit", "who: staff of wco", "in a series: yes", "series named: no")
	if d := load(t).Decide(f); d.Permit {
		t.Error("a deposit is permitted that names no series and brings one")
	}
}

func TestASeriesThatContradictsItselfIsHeldInConfidence(t *testing.T) {
	for what, lines := range map[string][]string{
		"one Party twice":         {"series for: wco"},
		"a Party that is neither": {"series of: piu"},
	} {
		f := say(t, append(lines, "act: authorize-series", "who: signatory of wco with a Delegation")...)
		if what == "a Party that is neither" {
			f.Actor.Organisation = "org_third"
		}
		d := load(t).Decide(f)
		if d.Permit || len(d.Reasons) != 1 || d.Reasons[0].Code != "art4.5/held-in-confidence" {
			t.Errorf("%s: %+v", what, d)
		}
	}
}
