package main

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// furnish leaves what pages are to be looked at with: a Hold, a suspension and a leak, acts that wait for a second
// person, an address that is sent word and one that waits, a series that is authorized, a third party that one Party
// proposed, a marking that would be lowered, a signed paper, and a file that waits for its deposit.
func (p *playing) furnish(t *testing.T) {
	t.Helper()
	focal, deputy := in(t, p.BaseURL, "focal.wco", "en"), in(t, p.BaseURL, "deputy.wco", "en")
	clerk := in(t, p.BaseURL, "staff.wco", "en")
	why := said("reason", "For the test")
	for _, address := range []string{"https://first.example/chancery", "https://second.example/chancery"} {
		waits := deputy.does("/webhooks", "keep", said("address", address))
		if strings.Contains(address, "first") {
			focal.wants(focal.confirms(waits.at, nil), "Confirmed.")
		}
	}
	series := focal.does("/series", "open", url.Values{"name": {"Weekly list of quays"}, "markings": {"restricted"},
		"purposes": {"art2.e"}, "entities": {"none"}})
	at, _, _ := strings.Cut(series.at, "?")
	shown := focal.does(at, "authorize", said("purpose", "art2.e", "people", first(ticks(series.body, "people")),
		"until", time.Now().AddDate(0, 3, 0).Format(time.DateOnly), "form", "original", "reason", "Each week"))
	for _, form := range formOf.FindAllString(shown.body, -1) {
		if strings.Contains(form, `name="signs"`) {
			focal.wants(focal.follow(focal.send(at, fieldsOf(form))), "The series is authorized")
		}
	}
	stopped := clerk.put("Quays of the second week", "restricted", "org_unoct", "art2.e", nil)
	for _, act := range []string{"hold", "suspend", "report-leak"} {
		deputy.follow(deputy.send(stopped+"/acts/"+act, why))
	}
	list := focal.send("/stops", nil).body
	for _, one := range []string{`/stops/sus_[^"]+`, `/stops/hld_[^"]+`} {
		if !regexp.MustCompile(one).MatchString(list) {
			t.Errorf("there is no %s", one)
		}
	}
	concerned := clerk.put("Quays of the third week", "confidential", "org_unoct", "art2.b",
		url.Values{"entities": {"some"}, "entity": {"org_customs-exampleland"}})
	etag := fieldsOf(focal.send(concerned+"/acts/mark", nil).body).Get("etag")
	focal.wants(focal.follow(focal.send(concerned+"/acts/mark", said("marking", "non-confidential",
		"reason", "It is known", "etag", etag))), "You began this")
	focal.wants(focal.does(concerned+"/destroy", "destroy", said("reason", "The wrong file", "version",
		first(ticks(focal.send(concerned+"/destroy", nil).body, "version")))), "You began this")
	focal.wants(focal.does("/third-parties/new", "propose", said("short", "carrier", "name", "A carrier",
		"type", "carrier", "country", "", "issuer", "https://carrier.example")), "Proposed.")
	focal.deposits("")
	clerk.follow(clerk.sendParts("/documents/new", said("marking", "confidential"), "paper.pdf",
		string(onePage("It waits", []string{"Words of the test."}))))
}

// poison leaves titles, names and a file's name that would be markup, or a header, wherever they came out as they are.
func (p *playing) poison(t *testing.T) {
	t.Helper()
	const evil = `"><script>alert(1)</script><b x='`
	focal, clerk := in(t, p.BaseURL, "focal.wco", "en"), in(t, p.BaseURL, "staff.wco", "en")
	document := clerk.put(evil, "restricted", "org_unoct", "art2.e",
		url.Values{"purpose_statement": {evil}, "handling": {evil}})
	focal.does("/offices", "open", said("name", evil))
	focal.does("/series", "open", url.Values{"name": {evil}, "markings": {"restricted"}, "purposes": {"art2.e"},
		"entities": {"none"}})
	focal.does("/third-parties/new", "propose", said("short", "evil", "name", evil, "type", "carrier", "country", "",
		"issuer", "https://evil.example"))
	focal.does(document+"/details", "amend", said("title", evil, "reason", evil, "purposes", "art2.e"))
	focal.sends("/instruments", "deposit", nil, `"><script>alert(1)<.pdf`, "%PDF-1.7\n"+evil)
	focal.sends(document+"/version", "version", said("kind", "corrects", "statement", evil), "a\r\nX-Evil: 1"+evil,
		string(onePage(evil, []string{evil})))
	reader := in(t, p.BaseURL, "staff.unoct", "en")
	reader.send(document+"/request", said("for", "org_unoct", "purpose", "art2.e", "statement", evil, "until", "day",
		"day", time.Now().AddDate(0, 1, 0).Format(time.DateOnly), "form", "stamped"))
}
