package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// machineAt is the environment of a machine client whose identity provider is that.
func machineAt(t *testing.T, server, issuer string) []string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "secret")
	must(t, os.WriteFile(file, []byte("machine-secret\n"), 0o600))
	return []string{"CHANCERY_SERVER=" + server, "CHANCERY_CLIENT_ID=machine", "CHANCERY_CLIENT_SECRET_FILE=" + file,
		"CHANCERY_ISSUER=" + issuer, "CHANCERY_CONFIG_DIR=" + t.TempDir()}
}

// A machine's secret goes to the identity provider that was configured by its whole address, whatever a gateway names.
func TestAMachinesSecretGoesWhereNoGatewaySays(t *testing.T) {
	l := newLying(t)
	l.answers["GET /.well-known/oauth-protected-resource/api/v1"] = map[string]any{"resource": l.URL + "/api/v1",
		"authorization_servers": []string{l.URL + "/other"}}
	l.answers["POST /idp/token"] = map[string]any{"access_token": "good", "token_type": "Bearer", "expires_in": 600}
	l.answers["POST /other/token"] = l.answers["POST /idp/token"]
	l.answers["GET /api/v1/me"] = map[string]any{"name": "Machine"}
	for issuer, want := range map[string]int{"": exitUsage, "other": exitUsage, "/other": exitUsage,
		l.URL + "/idp/": exitFailure, l.URL + "/idp": exitDone} {
		l.asked, l.secrets = nil, nil
		code, _, errs := ran(t, machineAt(t, l.URL, issuer), "auth", "status")
		if code != want || want == exitUsage && !strings.Contains(errs, "CHANCERY_ISSUER") {
			t.Errorf("issuer %q: exit %d, want %d\n%s", issuer, code, want, errs)
		}
		for _, one := range l.secrets {
			if strings.Contains(one, " Basic ") && !strings.HasPrefix(one, "POST /idp/token ") {
				t.Errorf("issuer %q: the secret went to %s", issuer, one)
			}
		}
	}
}

// Only what an administrator has to mend ends with "sign-in needed", in words for a machine; after anything else that
// an identity provider answers the same may be asked again.
func TestAMachineIsRefusedForGoodByItsOwnFaultsAlone(t *testing.T) {
	code, body := 0, ""
	idp := http.NewServeMux()
	l := newLying(t)
	idp.HandleFunc("POST /idp/token", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		_, _ = w.Write([]byte(body))
	})
	idp.Handle("/", l.Config.Handler)
	l.Config.Handler = idp
	long := strings.Repeat("\x1b[31mtrace of a proxy ", 5000)
	for _, tt := range []struct {
		status int
		body   string
		code   int
		says   string
	}{
		{503, long, exitFailure, "answers 503"},
		{500, `{"error":"server_error"}`, exitFailure, "answers server_error"},
		{400, `{"error":"temporarily_unavailable","error_description":"` + strings.Repeat("x", 9000) + `"}`,
			exitFailure, "answers temporarily_unavailable"},
		{401, `{"error":"invalid_client"}`, exitSignIn, "CHANCERY_CLIENT_SECRET_FILE"},
		{400, `{"error":"unauthorized_client"}`, exitSignIn, "client credentials"},
		{400, `{"error":"invalid_grant"}`, exitSignIn, "answers invalid_grant"},
	} {
		code, body = tt.status, tt.body
		exit, _, errs := ran(t, machineAt(t, l.URL, l.URL+"/idp"), "auth", "status")
		if exit != tt.code || !strings.Contains(errs, tt.says) || strings.Contains(errs, "--client-id") ||
			len(errs) > 1000 || strings.Contains(errs, "\x1b") {
			t.Errorf("%d %.60s: exit %d, want %d, %d letters\n%.400s", tt.status, tt.body, exit, tt.code, len(errs),
				errs)
		}
	}
}
