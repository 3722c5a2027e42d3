package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
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
	for what, answer := range map[string]struct {
		status int
		body   any
		args   []string
	}{
		"rows": {200, map[string]any{"name": evil, "organisation": map[string]any{"name": evil}},
			[]string{"auth", "status"}},
		"JSON": {200, map[string]any{"title": evil}, []string{"log", "view", "ent_1"}},
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
