package rest_test

import (
	"strings"
	"testing"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/devstack"
)

// One factor reaches nothing that is protected, no deposit and no log; the answer says which sign-in does (ASVS V6.3.3,
// RFC 9470).
func TestAWeakSignInReachesNothingProtected(t *testing.T) {
	w := newWorld(t)
	doc, _ := w.authorized(secret)
	free := w.depositAs("staff.wco", strings.Replace(declared, "confidential", "non-confidential", 1)).Id
	made := want[api.Disclosure](t, w.as("staff.unoct", "POST", "/documents/"+doc.Id+"/disclosures", reading), 201)
	body, kind := deposit(part{"metadata", "", declared}, part{"content", "a.txt", secret})
	weakly := func(person, method, path, body string, header ...string) answer {
		token := w.token(person, devstack.TokenOptions{ACR: devstack.ACRPassword})
		return w.as(person, method, path, body, append(header, "Authorization", "Bearer "+token)...)
	}
	for _, a := range []answer{
		weakly("staff.unoct", "POST", "/documents/"+doc.Id+"/disclosures", reading),
		weakly("staff.unoct", "GET", "/disclosures/"+made.Id+"/content", ""),
		weakly("staff.wco", "POST", "/documents/"+doc.Id+"/disclosures", reading),
		weakly("staff.wco", "POST", "/documents", body, "Content-Type", kind),
		weakly("auditor.wco", "GET", "/log/entries", ""),
		weakly("auditor.wco", "POST", "/log/exports", `{}`),
		weakly("auditor.wco", "POST", "/trace", `{"text":"C-11111-11111"}`),
	} {
		refused(t, a, 401, "gateway/sign-in-too-weak")
		if challenge := a.Header.Get("WWW-Authenticate"); !strings.Contains(challenge, `acr_values="mfa"`) {
			t.Errorf("%s: challenged with %q", a.Request.URL.Path, challenge)
		}
	}
	want[api.Disclosure](t, weakly("staff.unoct", "POST", "/documents/"+free+"/disclosures", reading), 201)
	want[api.Document](t, weakly("staff.unoct", "GET", "/documents/"+doc.Id, ""), 200)
}
