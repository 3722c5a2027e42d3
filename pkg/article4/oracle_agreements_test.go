package article4_test

import (
	"slices"
	"testing"

	"chancery.example/gateway/pkg/article4"
)

// Reading 0003: the text that the consent names is the text that must be signed, and each Party's texts bind by
// themselves: no signature under another text answers for one of them. A standing that nobody gave is unsigned.
func TestEachAgreementBindsByItself(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	standings := []article4.AgreementStanding{"not-required", "signed", "superseded", "unsigned", "unproven",
		"declined", "", "promised"}
	product([]int{len(standings), len(standings), len(standings), 2}, func(at []int) {
		if c.skip() {
			return
		}
		f := disclosure()
		g := &f.Access.Grants[0]
		all := []article4.AgreementStanding{standings[at[0]], standings[at[1]], standings[at[2]]}
		g.Agreements = article4.AgreementsFacts{Named: all[0], OfDiscloser: all[1], OfRecipient: all[2]}
		if at[3] == 1 { // between the Parties none is asked for
			f.Actor.Organisation, f.Actor.Kind = unoct, article4.Party
			*g = grantFor(unoct, article4.Party, f.Actor.Person)
			g.Agreements = article4.AgreementsFacts{Named: all[0], OfDiscloser: all[1], OfRecipient: all[2]}
		}
		var no refusals
		unsigned := func(s article4.AgreementStanding) bool { return s == "unsigned" || s == "" || s == "promised" }
		declined := at[3] == 0 && slices.Contains(all, "declined")
		no.when(declined && (all[0] == "declined" || all[1] == "declined"), "art4.8/agreement-declined", "org_wco")
		no.when(declined && all[2] == "declined", "art4.8/agreement-declined", "org_unoct")
		no.when(at[3] == 0 && !declined && slices.ContainsFunc(all, unsigned), "art4.8/agreement-unsigned", "org_piu")
		signed := at[3] == 0 && !declined && !slices.ContainsFunc(all, unsigned)
		unproven := slices.Contains(all, "unproven")
		no.when(signed && unproven, "art4.8/signature-unproven", "org_piu")
		no.when(signed && !unproven && slices.Contains(all, "superseded"), "art4.8/agreement-superseded", "org_piu")
		c.check(all, f, no.sorted())
	})
	c.done(true)
}

// Reading 0010: a signature is in writing when it brings evidence, and of a kind that the gateway admits.
func TestASignatureBringsEvidence(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"who: focal-point of piu | focal-point of piu without a Mandate | staff of piu", "newest text: yes | no",
		"statement: yes | no", "sign-in: fresh | stale", "evidence: oidc | letter | none | spoken",
		"evidence valid: yes | no", "evidence none admitted: no | yes",
	), func(x choice) {
		f := say(t, append(x.lines([]string{"who", "newest text", "statement", "sign-in", "evidence", "evidence valid",
			"evidence none admitted"}), "act: sign")...)
		var no refusals
		known := x.is("evidence", "oidc", "letter") || x.is("evidence", "none") && x.is("evidence none admitted", "yes")
		no.when(!known || x.is("evidence valid", "no"), "art4.8/signature-unproven", "org_piu")
		no.when(!x.is("who", "focal-point of piu"), "art4.8/no-authority", "org_piu")
		no.when(x.is("newest text", "no"), "art4.8/agreement-superseded", "org_piu")
		no.when(x.is("sign-in", "stale"), "gateway/step-up", "")
		no.when(x.is("statement", "no"), "gateway/signature-incomplete", "org_piu")
		c.check(x, f, no.sorted())
	})
	c.done(true)
}

// Nobody moves a document of their own deposit to a third party alone.
func TestNobodyConsentsAloneOnTheirOwnDeposit(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	each(c, dimensions(
		"act: consent | authorize | refuse", "depositor: per_reader | per_other", "second signatory: yes | no",
		"grant for: piu | unoct",
	), func(x choice) {
		f := say(t, x.lines([]string{"act", "depositor", "grant for", "second signatory"},
			"who: signatory of wco with a Delegation")...)
		var no refusals
		no.when(x.is("act", "consent") && x.is("depositor", "per_reader") && x.is("second signatory", "no"),
			"gateway/own-document", "org_wco")
		no.when(x.is("act", "consent") && x.is("grant for", "unoct"), "art4.8/not-a-third-party", "org_unoct")
		c.check(x, f, no.sorted())
	})
	c.done(true)
}
