package rest_test

import (
	"testing"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/devstack"
)

const (
	unitMandates    = "/organisations/org_piu-exampleland/mandates"
	customsMandates = "/organisations/org_customs-exampleland/mandates"
)

// mandate is who is to speak for a third party.
func (w *world) mandate(subject string) fields {
	w.t.Helper()
	w.paper("focal.wco", "")
	return fields{
		"subject":           subject,
		"name":              "A. Nalyst",
		"function":          "Analyst in charge",
		"authority":         "Order 3 of the Head",
		"until":             w.in(365 * day),
		"instrument_sha256": sha,
	}
}

// asFocal sends what somebody sends whom the group at the own identity provider makes a focal point.
func (w *world) asFocal(person, method, path, body string, header ...string) answer {
	token := w.token(person, devstack.TokenOptions{Groups: []string{"staff", "focal-point"}})
	return w.as(person, method, path, body, append(header, "Authorization", "Bearer "+token)...)
}

// proposedAgreement puts a text to a third party; it answers where it is signed, and what signs it.
func (w *world) proposedAgreement(of, text string) (path, signing string) {
	w.t.Helper()
	a := want[api.Agreement](w.t, w.do(post("focal.wco", "/agreements", fields{"organisation": of, "text": text})), 201)
	return "/agreements/" + a.Id + "/signatures", fields{"text_sha256": a.TextSha256, "name": "A. Nalyst",
		"function": "Analyst in charge", "authority": "Order 3", "accepts": true}.with(nil)
}

func TestAGroupAtTheProviderNeverSpeaksForAThirdParty(t *testing.T) {
	w := newWorld(t)
	path, signing := w.proposedAgreement("org_piu-exampleland", "Kept in confidence.")
	refused(t, w.asFocal("staff.piu", "POST", path, signing), 403, "art4.8/no-authority")
	document := w.put(fields{"entities_concerned": []string{"org_customs-exampleland"}})
	request := w.done(w.askOf("staff.unoct", document, "org_unoct", nil))
	for _, act := range []string{"authorize", "refuse"} {
		tag := w.as("focal.customs", "GET", "/requests/"+request, "").Header.Get("ETag")
		a := w.asFocal("staff.customs", "POST", "/requests/"+request+"/decisions", `{"act":"`+act+`","statement":"x"}`,
			"If-Match", tag)
		refused(t, a, 403, "art4.4/no-authority")
	}
	w.done(decisionOf("focal.customs", request, "authorize", nil)) // whom both Parties let speak for it
}

func TestAMandateIsProposedByOnePartyAndConfirmedByTheOther(t *testing.T) {
	w := newWorld(t)
	path, signing := w.proposedAgreement("org_piu-exampleland", "Kept in confidence.")
	said := w.mandate("staff.piu")
	at := w.waits(post("focal.wco", unitMandates, said))
	for name, confirms := range map[string]call{
		"the other official of the same Party":        confirm("deputy.wco", at),
		"the same official, by the same words":        post("focal.wco", unitMandates, said),
		"another official of the Party, by the words": post("deputy.wco", unitMandates, said),
	} {
		if a := w.do(confirms); a.StatusCode != 409 {
			t.Errorf("confirmed by %s: %d %s", name, a.StatusCode, a.body)
		}
	}
	refused(t, w.do(post("focal.piu", unitMandates, said)), 409, "request/conflict")
	refused(t, w.do(post("focal.customs", unitMandates, said)), 404)
	refused(t, w.do(post("staff.unoct", unitMandates, said)), 403, "gateway/no-authority")
	refused(t, w.asFocal("staff.piu", "POST", path, signing), 403, "art4.8/no-authority")
	first := want[api.MandatePage](t, w.as("focal.unoct", "GET", unitMandates, ""), 200).Items[0]
	if first.State != "proposed" || first.Waiting == nil || *first.ByOrganisation != "org_wco" ||
		first.Function != "Analyst in charge" {
		t.Errorf("what waits is shown as %+v", first)
	}
	want[api.Confirmed](t, w.do(confirm("focal.unoct", at)), 200)
	given := want[api.MandatePage](t, w.as("staff.piu", "GET", unitMandates, ""), 200).Items[0]
	if given.State != "given" || given.Authority != "Order 3 of the Head" || *given.Holder != w.personOf("staff.piu") {
		t.Errorf("in force: %+v", given)
	}
	want[api.Agreement](t, w.asFocal("staff.piu", "POST", path, signing), 201)

	// The end takes one person of one Party; what was signed stands, and nothing more is signed.
	want[api.Mandate](t, w.do(post("deputy.unoct", unitMandates, fields{"ends": *given.Id})), 201)
	refused(t, w.do(post("focal.wco", unitMandates, fields{"ends": *given.Id})), 422, "gateway/record-incomplete")
	later, signingLater := w.proposedAgreement("org_piu-exampleland", "Kept in confidence, and returned.")
	refused(t, w.asFocal("staff.piu", "POST", later, signingLater), 403, "art4.8/no-authority")
	kept := want[api.AgreementPage](t, w.as("focal.piu", "GET", "/agreements", ""), 200).Items
	if kept[1].Signature == nil {
		t.Errorf("what was signed under the Mandate is gone: %+v", kept)
	}
}

func TestWhatAThirdPartyProposesForItselfTakesBothParties(t *testing.T) {
	w := newWorld(t)
	said := w.mandate("staff.customs")
	at := w.waits(post("focal.customs", customsMandates, said))
	refused(t, w.do(post("focal.customs", customsMandates, said)), 409, "request/conflict")
	refused(t, w.do(confirm("focal.wco", at)), 404) // a Party takes it up by its own word
	taken := w.waits(post("focal.wco", customsMandates, said))
	path, signing := w.proposedAgreement("org_customs-exampleland", "Kept in confidence.")
	refused(t, w.asFocal("staff.customs", "POST", path, signing), 403, "art4.8/no-authority")
	refused(t, w.do(confirm("deputy.wco", taken)), 409, "gateway/second-person-missing")
	want[api.Confirmed](t, w.do(confirm("focal.unoct", taken)), 200)
	want[api.Agreement](t, w.asFocal("staff.customs", "POST", path, signing), 201)
	// It ends a Mandate of its own people, and no one else's.
	held := want[api.MandatePage](t, w.as("focal.customs", "GET", customsMandates, ""), 200).Items[0]
	refused(t, w.do(post("focal.piu", unitMandates, fields{"ends": *held.Id})), 404)
	want[api.Mandate](t, w.do(post("focal.customs", customsMandates, fields{"ends": *held.Id})), 201)
}

func TestMandatesAreToldToThePartiesAndToTheirOwnOrganisation(t *testing.T) {
	w := newWorld(t)
	for _, person := range []string{"staff.wco", "staff.unoct", "auditor.wco", "staff.piu"} {
		if found := want[api.MandatePage](t, w.as(person, "GET", unitMandates, ""), 200).Items; len(found) != 1 {
			t.Errorf("%s sees %+v", person, found)
		}
	}
	for _, person := range []string{"focal.customs", "operator.operator", "other.wco"} {
		a := w.as(person, "GET", unitMandates, "")
		if person == "other.wco" {
			a = w.as(person, "GET", unitMandates, "", "Authorization",
				"Bearer "+w.token(person, devstack.TokenOptions{Groups: []string{}}))
		}
		refused(t, a, 404)
	}
	// Mandates are no Delegations of a Party.
	for _, d := range want[api.DelegationPage](t, w.as("focal.wco", "GET", "/arrangement/delegations", ""), 200).Items {
		if d.Organisation != "org_wco" && d.Organisation != "org_unoct" {
			t.Errorf("among the Delegations: %+v", d)
		}
	}
}
