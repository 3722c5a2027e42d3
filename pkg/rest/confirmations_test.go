package rest_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/rest"
)

// Whoever is to be the second of two people finds, in one list, what the first said and where to say the same;
// following it does each act. Nobody who could not confirm it is sent there, and the other Party learns of nothing but
// the third parties that are proposed to it.
func TestTheSecondPersonSeesWhatWaitsAndWhereToConfirmIt(t *testing.T) {
	c := newCircle(t)
	entry := *want[api.Document](t, c.as("staff.wco", "GET", "/documents/"+c.c, ""), 200).LogEntry
	c.waits(post("focal.wco", "/documents/"+c.d+"/marking",
		fields{"marking": "non-confidential", "statement": "Published since"}))
	unasked := c.depositAs("staff.unoct", ofUnoct).Id // an entity that was asked stays
	c.waits(post("focal.unoct", "/documents/"+unasked+"/entities",
		fields{"remove": "org_customs-exampleland", "statement": "Named by mistake"}))
	c.waits(post("focal.wco", "/documents/"+c.a+"/versions/"+c.versionA+"/destruction",
		fields{"statement": "A wrong file"}))
	c.waits(post("focal.wco", "/suspensions/"+c.stopW+"/ending", fields{"statement": "Found again"}))
	c.waits(post("focal.unoct", "/suspensions/"+c.stopU+"/ending", fields{"statement": "Found again"}))
	c.waits(post("auditor.wco", "/holds/"+c.holdW+"/ending", fields{"statement": "The audit is over"}))
	c.waits(post("focal.unoct", "/holds/"+c.holdU+"/ending", fields{"statement": "The audit is over"}))
	c.done(post("deputy.unoct", "/holds/"+c.holdU+"/ending", fields{"statement": "The audit is over"}))
	c.waits(post("focal.wco", "/arrangement/notice",
		fields{"given_on": "2199-12-31", "statement": "The programme ends."}))

	waiting := c.waiting("deputy.wco")
	says := map[api.Act]string{
		"mark": `{"marking":"non-confidential","proprietary":false}`, "destroy": `{}`, "lift": `{}`, "end-hold": `{}`,
		"designate":   `{"instrument_sha256":"` + sha + `","name":"Other","subject":"other.wco"}`,
		"give-notice": `{"given_on":"2199-12-31","statement":"The programme ends."}`,
		"recognise":   `{"issuer":"https://newcomer.example","name":"Newcomer","short":"newcomer","type":"carrier"}`,
	}
	for act, wanted := range says {
		if got, err := json.Marshal(waiting[act].Says); err != nil || string(got) != wanted {
			t.Errorf("%s says %s, want %s", act, got, wanted)
		}
	}
	if got := slices.Sorted(maps.Keys(waiting)); !slices.Equal(got,
		[]api.Act{"delegate", "designate", "destroy", "end-hold", "give-notice", "lift", "mark", "recognise"}) {
		t.Errorf("the WCO's second signatory sees %v", got)
	}
	if own := waiting["recognise"]; own.Confirm != nil {
		t.Errorf("the Party that proposed is sent to confirm at %+v", own.Confirm)
	}
	for act, one := range c.waiting("focal.wco") {
		if mine := act != "end-hold"; mine != (one.Confirm == nil) {
			t.Errorf("whoever began %s: confirm is %+v", act, one.Confirm)
		}
	}
	if got := slices.Sorted(maps.Keys(c.waiting("deputy.unoct"))); !slices.Equal(got,
		[]api.Act{"file", "lift", "mark", "recognise", "remove-entity"}) {
		t.Errorf("UNOCT's second signatory sees %v", got)
	}
	for _, person := range []string{"staff.wco", "staff.piu", "operator.operator", "machine.wco"} {
		if got := c.waiting(person); len(got) > 0 {
			t.Errorf("%s sees %v", person, got)
		}
	}

	c.confirms("deputy.unoct", c.waiting("deputy.unoct"), "lift", "file", "remove-entity", "recognise")
	c.confirms("deputy.wco", waiting, "mark", "lift", "end-hold", "destroy", "delegate", "designate")
	c.waits(post("focal.wco", "/erasures", fields{"entry": entry, "field": "title", "legal_basis": "Regulation 4(2)"}))
	c.confirms("deputy.wco", c.waiting("deputy.wco"), "erase", "give-notice")
	if left := c.waiting("deputy.wco"); len(left) > 0 {
		t.Errorf("confirmed, and still waiting: %v", left)
	}
}

// waiting is what waits for a second person, by act.
func (c *circle) waiting(person string) map[api.Act]api.Confirmation {
	c.t.Helper()
	out := map[api.Act]api.Confirmation{}
	for _, one := range want[api.ConfirmationPage](c.t, c.as(person, "GET", "/confirmations", ""), 200).Items {
		out[one.Pending.Act] = one
	}
	return out
}

// confirms follows what the list says of each act.
func (c *circle) confirms(person string, waiting map[api.Act]api.Confirmation, acts ...api.Act) {
	c.t.Helper()
	for _, act := range acts {
		one, found := waiting[act]
		if !found || one.Confirm == nil {
			c.t.Errorf("%s cannot confirm %s: %+v", person, act, one)
			continue
		}
		next := confirm(person, strings.TrimPrefix(one.Confirm.Href, rest.Base))
		if a := c.do(next); a.StatusCode/100 != 2 || a.StatusCode == 202 {
			c.t.Errorf("%s of %s at %s: %d: %s", act, person, next.path, a.StatusCode, a.body)
		}
	}
}

// A list of suspensions or Holds tells that the end of one waits for a second person; auditors see their Party's
// suspensions too.
func TestListsTellThatAnEndWaitsForASecondPerson(t *testing.T) {
	c := newCircle(t)
	c.waits(post("focal.wco", "/suspensions/"+c.stopW+"/ending", fields{"statement": "Found again"}))
	c.waits(post("auditor.wco", "/holds/"+c.holdW+"/ending", fields{"statement": "The audit is over"}))
	for _, person := range []string{"deputy.wco", "auditor.wco"} {
		stops := want[api.SuspensionPage](t, c.as(person, "GET", "/suspensions", ""), 200).Items
		if len(stops) != 1 || stops[0].Waiting == nil || stops[0].Waiting.Act != "lift" {
			t.Errorf("%s sees the suspensions %+v", person, stops)
		}
	}
	for person, waits := range map[string]bool{"deputy.wco": true, "auditor.unoct": false} {
		for _, h := range want[api.HoldPage](t, c.as(person, "GET", "/holds", ""), 200).Items {
			if told := h.Waiting != nil; told != (waits && h.Id == c.holdW) {
				t.Errorf("%s is told of %s that its end waits: %t", person, h.Id, told)
			}
		}
	}
	if stops := want[api.SuspensionPage](t, c.as("auditor.unoct", "GET", "/suspensions", ""),
		200).Items; len(stops) != 1 || stops[0].Id != c.stopU {
		t.Errorf("UNOCT's auditor sees %+v", stops)
	}
}
