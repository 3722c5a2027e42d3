package rest_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/identity"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/rest"
)

// Every fault that there is a key for may be answered, and its code leads to a page; and no page is of a fault that
// nobody finds.
func TestEveryFaultHasItsCodeInTheTable(t *testing.T) {
	found := map[string]bool{}
	for _, key := range invalid.Keys() {
		code := invalid.Fault{Key: key}.Code()
		found[code] = true
		if !slices.Contains(rest.Codes(), code) {
			t.Errorf("%s stands in no table", code)
		}
	}
	for _, code := range rest.FaultCodes() {
		if !found[code] {
			t.Errorf("%s stands in the table, and is of no fault", code)
		}
	}
}

func TestTheContractAndThePagesOfProblemsNeedNoToken(t *testing.T) {
	h := newFixture(t, anybody)
	for path, want := range map[string]string{
		"/": `"contract":"/api/v1/openapi.yaml"`, "/api/v1": `"name":"Chancery"`,
		"/api/v1/openapi.yaml": "openapi: 3.1.0", "/problems": "art4.8/no-written-consent",
		"/problems/art4.8/no-written-consent": "4(8)", "/problems/request/unknown-field": "no such member",
		"/problems/unavailable": "503",
	} {
		w := h.sendTo("GET", path)
		if w.Code != 200 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d, without %q", path, w.Code, want)
		}
	}
	if w := h.sendTo("GET", "/problems/no-such-code"); w.Code != 404 {
		t.Errorf("a code that there is not: %d", w.Code)
	}
	for _, code := range rest.Codes() {
		if w := h.sendTo("GET", "/problems/"+code); w.Code != 200 {
			t.Errorf("the page of %s: %d", code, w.Code)
		}
	}
}

// Whoever is answered 401 is told where tokens come from, and of nobody but the Parties.
func TestARejectedClientIsLedToTheProvidersOfTheParties(t *testing.T) {
	h := newFixture(t, func(*http.Request) error { return identity.ErrNoToken })
	w := h.send("GET", "/me", "", "", nil)
	const address = "https://gateway.example/.well-known/oauth-protected-resource/api/v1"
	if said := w.Header().Get("WWW-Authenticate"); !strings.HasSuffix(said, `, resource_metadata="`+address+`"`) {
		t.Errorf("challenged with %s", said)
	}
	told := h.sendTo("GET", strings.TrimPrefix(address, "https://gateway.example"))
	var got struct {
		Resource string   `json:"resource"`
		Servers  []string `json:"authorization_servers"`
		Methods  []string `json:"bearer_methods_supported"`
	}
	if err := json.Unmarshal(told.Body.Bytes(), &got); err != nil || told.Code != 200 ||
		got.Resource != "https://gateway.example/api/v1" || !slices.Equal(got.Methods, []string{"header"}) ||
		!slices.Equal(got.Servers, []string{"https://id.one.example", "https://id.other.example"}) {
		t.Errorf("answered %d: %s", told.Code, told.Body)
	}
}
