package main

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// Whoever has no standing for an act gets no page for it, and what they send all the same does nothing: the other
// Party, a third party, the operator, and one official alone where it takes two.
func TestAttacksOnTheActsOfOthersThroughTheirPages(t *testing.T) {
	t.Parallel()
	p := play(t, t.TempDir())
	focal := in(t, p.BaseURL, "focal.wco", "en")
	document := focal.put("Of the WCO", "restricted", "org_unoct", "art2.e", nil)
	begun := focal.does(document+"/destroy", "destroy", url.Values{"reason": {"Wrong file"},
		"version": {first(ticks(focal.send(document+"/destroy", nil).body, "version"))}})
	focal.wants(begun, "You began this")
	waits := begun.at

	acts := map[string]url.Values{
		document + "/give": said("do", "give", "people", "per_any", "purpose", "art2.e", "statement", "x", "until",
			"2099-01-01"),
		document + "/entities": said("do", "add", "add", "org_customs-exampleland"),
		document + "/details":  said("do", "amend", "title", "Forged", "purposes", "art2.e", "reason", "x"),
		document + "/release": said("do", "release", "organisation", "org_piu-exampleland", "purpose", "art2.e",
			"statement", "x"),
		document + "/destroy":       said("do", "destroy", "version", "ver_any", "reason", "x"),
		document + "/not-concerned": said("do", "say", "reason", "x"),
		document + "/proprietary":   said("do", "state", "reason", "x"),
		waits:                       said("do", "confirm", "reason", "x"),
		"/third-parties/new": said("do", "propose", "short", "mine", "name", "Mine", "type", "carrier", "issuer",
			"https://mine.example"),
		"/arrangement/delegations/new": said("do", "delegate", "subject", "me", "name", "Me", "acts", "consent",
			"since", "2099-01-01", "until", "2099-02-01", "instrument_sha256", anyDigest),
		"/arrangement/focal-point": said("do", "designate", "subject", "me", "name", "Me", "instrument_sha256",
			anyDigest),
		"/arrangement/notice": said("do", "notice", "given_on", "2099-01-01", "statement", "x", "words",
			"We give notice"),
		"/offices":  said("do", "open", "name", "My desk"),
		"/erasures": said("do", "field", "entry", "ent_any", "field", "title", "legal_basis", "x"),
		"/audit":    said("do", "bundle"),
		"/trace":    said("do", "text", "text", "C-0000-0000"),
	}
	theirs := map[string]bool{"/third-parties/new": true, "/arrangement/delegations/new": true, "/offices": true,
		"/arrangement/focal-point": true, "/arrangement/notice": true, "/erasures": true, "/trace": true,
		document + "/proprietary": true} // either Party's, Article 4(5)
	for _, who := range []string{"focal.unoct", "focal.piu", "focal.customs", "operator", "staff.unoct",
		"auditor.unoct"} {
		b := in(t, p.BaseURL, who, "en")
		for path, form := range acts {
			if theirs[path] && who == "focal.unoct" || path == "/audit" && who == "auditor.unoct" ||
				path == "/trace" && who == "auditor.unoct" {
				continue // that is theirs to do, for their own Party
			}
			a := b.follow(b.send(path, form))
			if strings.Contains(a.at, "done=") || strings.HasPrefix(a.at, "/confirmations/") && a.at != waits ||
				strings.HasPrefix(a.Header.Get("Content-Type"), "application/x-tar") || a.StatusCode < 400 &&
				!strings.Contains(a.body, "This is not for you to do") {
				t.Errorf("%s, %s: %d at %s\n%s", who, path, a.StatusCode, a.at, textOf(a.body))
			}
			if a.StatusCode >= http.StatusInternalServerError {
				t.Errorf("%s, %s: %d", who, path, a.StatusCode)
			}
		}
	}
	// One official alone is not two.
	alone := focal.follow(focal.send(waits, url.Values{"do": {"confirm"}, "reason": {"x"}}))
	if alone.StatusCode < 400 {
		t.Errorf("alone: %d %s", alone.StatusCode, textOf(alone.body))
	}
	// A refusal leads to what the log says of it, for whoever was refused, and for nobody else.
	staff := in(t, p.BaseURL, "staff.wco", "en")
	record := regexp.MustCompile(`/receipts/ent_[0-9a-z]+`).FindString(
		staff.send(document+"/acts/recall", url.Values{"reason": {"x"}}).body)
	staff.wants(staff.send(record, nil), "stands in the log", "Place in the whole log")
	staff.wants(staff.does(record, "take", nil), "chancery_receipt")
	for _, who := range []string{"focal.wco", "auditor.wco", "focal.unoct", "focal.piu"} {
		if a := in(t, p.BaseURL, who, "en").send(record, nil); a.StatusCode != http.StatusNotFound {
			t.Errorf("%s, the entry of another's refusal: %d %s", who, a.StatusCode, textOf(a.body))
		}
	}
	if left := ticks(focal.send(document+"/destroy", nil).body, "version"); len(left) != 1 {
		t.Errorf("%d versions are left", len(left))
	}
}

// said makes a form of names and values.
func said(pairs ...string) url.Values {
	out := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		out.Add(pairs[i], pairs[i+1])
	}
	return out
}

func first(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

// ticks are the answers that a page offers to a question.
func ticks(page, name string) []string {
	var out []string
	for _, part := range strings.Split(page, `name="`+name+`" value="`)[1:] {
		value, _, _ := strings.Cut(part, `"`)
		out = append(out, value)
	}
	return out
}
