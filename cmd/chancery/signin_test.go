package main

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/zalando/go-keyring"
)

// Whoever lies about where tokens come from gets none: neither a gateway that speaks for another, nor a provider that
// is another or wants secrets in clear.
func TestWhoLiesAboutWhereTokensComeFromGetsNone(t *testing.T) {
	told := map[string]any{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if answer, found := told[r.URL.Path]; found {
			_ = json.NewEncoder(w).Encode(answer)
			return
		}
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	}))
	defer server.Close()
	const resource = "/.well-known/oauth-protected-resource/api/v1"
	found := func(name string, issuers ...string) map[string]any {
		return map[string]any{"resource": name, "authorization_servers": issuers}
	}
	const openid = "/idp/.well-known/openid-configuration"
	self := found(server.URL+"/api/v1", server.URL+"/idp")
	good := map[string]any{"issuer": server.URL + "/idp", "token_endpoint": server.URL + "/token"}
	for name, tt := range map[string]struct {
		told map[string]any
		says string
	}{
		"a gateway that is another": {map[string]any{resource: found("https://other.example/api/v1",
			server.URL+"/idp")},
			"says that it is https://other.example/api/v1"},
		"a gateway that leads elsewhere": {nil, "302"},
		"a provider in clear": {map[string]any{resource: found(server.URL+"/api/v1", "http://idp.example")},
			"no address under TLS"},
		"a provider that is another": {map[string]any{resource: self,
			openid: map[string]any{"issuer": "https://other.example"}}, "says that it is https://other.example"},
		"an end point in clear": {map[string]any{resource: self, openid: map[string]any{"issuer": server.URL + "/idp",
			"token_endpoint": "http://idp.example/token"}}, "which is not under TLS"},
		"a provider without devices": {map[string]any{resource: self, openid: good}, "no sign-in by device"},
	} {
		told = tt.told
		home := t.TempDir()
		code, out, errs := ran(t, []string{"CHANCERY_CONFIG_DIR=" + home, "CHANCERY_KEYRING=off"}, "auth", "login",
			"--server", server.URL)
		if code != exitFailure || out != "" || !strings.Contains(errs, tt.says) {
			t.Errorf("%s: exit %d\n%s%s", name, code, out, errs)
		}
	}
}

// A gateway that redirects is handed no token elsewhere (ASVS V12.2.1).
func TestATokenFollowsNoRedirect(t *testing.T) {
	taken := ""
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		taken = r.Header.Get("Authorization") + r.URL.Path
	}))
	defer other.Close()
	server := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	code, _, errs := ran(t, []string{"CHANCERY_TOKEN=secret", "CHANCERY_SERVER=" + server.URL}, "auth", "status")
	if code != exitFailure || taken != "" || strings.Contains(errs, "secret") {
		t.Errorf("exit %d, the other got %q\n%s", code, taken, errs)
	}
}

// What a gateway sends plays with no terminal, as a table, as rows, as JSON and in a refusal.
func TestWhatOthersWrotePlaysWithNoTerminal(t *testing.T) {
	const evil = "a\x1b[31mb\u202ec\u009bd\x07"
	entries := map[string]any{"items": []any{map[string]any{"id": evil, "at": "2026-12-01T12:00:00Z", "kind": evil,
		"outcome": evil, "organisation": evil, "document": evil, "step": evil, "reasons": []any{evil}}}}
	for what, answer := range map[string]struct {
		status int
		body   any
		args   []string
	}{
		"rows": {200, map[string]any{"name": evil, "organisation": map[string]any{"name": evil}},
			[]string{"auth", "status"}},
		"JSON":           {200, map[string]any{"title": evil}, []string{"log", "view", "ent_1"}},
		"a list":         {200, entries, []string{"log", "list"}},
		"a list in JSON": {200, entries, []string{"log", "list", "--json", "all"}},
		"a watch": {200, map[string]any{"items": []any{map[string]any{"id": evil, "kind": evil}}},
			[]string{"watch", "--count", "1"}},
		"a refusal": {403, map[string]any{"title": evil, "detail": evil, "log_entry": evil}, []string{"auth",
			"status"}},
		"a reason": {403, map[string]any{"title": evil, "effect": evil, "reasons": []any{map[string]any{"code": evil,
			"title": evil, "detail": evil, "from": evil, "remedy": map[string]any{"method": "GET", "href": evil}}}},
			[]string{"auth", "status"}},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(answer.status)
			_ = json.NewEncoder(w).Encode(answer.body)
		}))
		_, out, errs := ran(t, []string{"CHANCERY_TOKEN=x", "CHANCERY_SERVER=" + server.URL}, answer.args...)
		server.Close()
		if strings.ContainsAny(out+errs, "\x1b\u202e\u009b\x07") || !strings.Contains(out+errs, "[31mb") {
			t.Errorf("%s: %q %q", what, out, errs)
		}
	}
}

// What an identity provider answers is repeated by its code or status, never whole, and plays with no terminal either.
func TestARenewalThatFailsRepeatsNoWholeAnswer(t *testing.T) {
	server := httptest.NewServer(nil)
	defer server.Close()
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			_ = json.NewEncoder(w).Encode(map[string]any{"issuer": server.URL, "token_endpoint": server.URL + "/token"})
			return
		}
		w.WriteHeader(http.StatusBadGateway)
		_, _ = w.Write([]byte(strings.Repeat("\x1b[31m\u202ea page of a proxy\n", 3000)))
	})
	home := t.TempDir()
	must(t, keep(filepath.Join(home, "config.json"), settings{Current: server.URL,
		SignIns: map[string]signIn{server.URL: {Issuer: server.URL, Client: "cli", InFile: true}}}))
	must(t, keep(filepath.Join(home, tokenFile), map[string]tokens{server.URL: {Access: "old", Refresh: "refresh",
		Expires: time.Now().Add(-time.Hour)}}))
	code, _, errs := ran(t, []string{"CHANCERY_CONFIG_DIR=" + home, "CHANCERY_KEYRING=off"}, "auth", "token")
	if code != exitFailure || len(errs) > 500 || strings.ContainsAny(errs, "\x1b\u202e") ||
		!strings.Contains(errs, "answers 502") {
		t.Errorf("exit %d, %d letters\n%.600q", code, len(errs), errs)
	}
}

// A sign-in is asked for as the last one was, by login and for a text: without its scopes and its strength a provider
// gives other tokens.
func TestASignInIsAskedForAsTheLastOneWas(t *testing.T) {
	l := newLying(t)
	var asked []string
	before := l.Config.Handler
	l.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/idp/device" {
			asked = append(asked, r.FormValue("scope")+" "+r.FormValue("acr_values")+" "+r.FormValue("client_id"))
		}
		before.ServeHTTP(w, r)
	})
	l.answers["GET /api/v1/me"] = map[string]any{"issuer": l.URL + "/idp"}
	l.answers["GET /api/v1/requests/req_1"] = map[string]any{"id": "req_1", "marking": "non-confidential"}
	l.answers["POST /api/v1/requests/req_1/decisions/draft"] = textOf("decision", "decision")
	home := t.TempDir()
	must(t, keep(filepath.Join(home, "config.json"), settings{Current: l.URL, SignIns: map[string]signIn{l.URL: {
		Issuer: l.URL + "/idp", Client: "cli", ACR: "strong", Scopes: []string{"documents"}}}}))
	env := []string{"CHANCERY_TOKEN=x", "CHANCERY_CONFIG_DIR=" + home, "CHANCERY_KEYRING=off"}
	for _, args := range [][]string{{"auth", "login"},
		{"inbox", "consent", "req_1", "--statement", "S", "--yes"}} {
		asked = nil
		_, _, errs := ran(t, env, args...)
		if len(asked) != 1 || !strings.Contains(asked[0], " documents ") ||
			!strings.HasSuffix(asked[0], " strong cli") {
			t.Errorf("%v asks for %q\n%s", args, asked, errs)
		}
	}
}

// What a keyring and the file hold of one server goes with logout, here and at the provider.
func TestSignedOutNothingIsKeptInEitherPlace(t *testing.T) {
	keyring.MockInit()
	l := newLying(t)
	var revoked []string
	before := l.Config.Handler
	l.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/idp/revoke" {
			revoked = append(revoked, r.FormValue("token"))
		}
		before.ServeHTTP(w, r)
	})
	l.answers["GET /idp/.well-known/openid-configuration"] = map[string]any{"issuer": l.URL + "/idp",
		"token_endpoint": l.URL + "/idp/token", "revocation_endpoint": l.URL + "/idp/revoke"}
	l.answers["POST /idp/revoke"] = map[string]any{}
	home := t.TempDir()
	must(t, keep(filepath.Join(home, "config.json"), settings{Current: l.URL, SignIns: map[string]signIn{l.URL: {
		Issuer: l.URL + "/idp", Client: "cli", InFile: true, Before: true}}}))
	must(t, keep(filepath.Join(home, tokenFile), map[string]tokens{l.URL: {Access: "a", Refresh: "in the file"}}))
	must(t, keyring.Set(keyringService, l.URL, `{"access":"b","refresh":"in the keyring"}`))
	code, _, errs := ran(t, []string{"CHANCERY_CONFIG_DIR=" + home}, "auth", "logout")
	slices.Sort(revoked)
	if code != exitDone || !slices.Equal(revoked, []string{"in the file", "in the keyring"}) {
		t.Errorf("exit %d, revoked %q\n%s", code, revoked, errs)
	}
	if _, err := keyring.Get(keyringService, l.URL); !errors.Is(err, keyring.ErrNotFound) {
		t.Errorf("the keyring still holds it: %v", err)
	}
	if _, err := os.Stat(filepath.Join(home, tokenFile)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the file still holds it: %v", err)
	}
}
