package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// lying is a gateway and an identity provider at one address, which answers what it is told to; whoever is asked for is
// noted.
type lying struct {
	*httptest.Server
	answers map[string]any // by method and path; a string is sent as it is
	asked   []string
	secrets []string // what came as Authorization, by path
}

func newLying(t *testing.T) *lying {
	t.Helper()
	l := &lying{answers: map[string]any{}}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		at := r.Method + " " + r.URL.Path
		l.asked = append(l.asked, at)
		if header := r.Header.Get("Authorization"); header != "" {
			l.secrets = append(l.secrets, at+" "+header)
		}
		answer, found := l.answers[at]
		if !found {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		if answer, status := answer.(int); status {
			w.WriteHeader(answer)
			return
		}
		w.Header().Set("ETag", `"tag"`)
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer)
	}))
	t.Cleanup(l.Close)
	for _, idp := range []string{"/idp", "/other"} {
		l.answers["GET "+idp+"/.well-known/openid-configuration"] = map[string]any{"issuer": l.URL + idp,
			"token_endpoint": l.URL + idp + "/token", "device_authorization_endpoint": l.URL + idp + "/device"}
	}
	return l
}

// signedIn is the environment of somebody who is signed in there, by /idp.
func (l *lying) signedIn(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	text, err := json.Marshal(settings{SignIns: map[string]signIn{l.URL: {Issuer: l.URL + "/idp", Client: "cli"}}})
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "config.json"), text, 0o600))
	return []string{"CHANCERY_TOKEN=x", "CHANCERY_SERVER=" + l.URL, "CHANCERY_CONFIG_DIR=" + dir,
		"CHANCERY_KEYRING=off", "CHANCERY_ALLOW_YES=1"}
}

// signsIn reports whether a sign-in was begun, anywhere.
func (l *lying) signsIn() bool { return strings.Contains(fmt.Sprint(l.asked), "/device") }

func textOf(text, of string) map[string]any {
	sum := sha256.Sum256([]byte(of))
	return map[string]any{"text": text, "text_sha256": hex.EncodeToString(sum[:]),
		"nonce": base64.RawURLEncoding.EncodeToString(sum[:])}
}

// Reading 0010: what is signed is what was shown. A gateway that shows one text and wants the hash of another signed,
// or names another identity provider, gets no sign-in, and nothing is sent to it.
func TestAGatewayThatLiesAboutATextGetsNoSignature(t *testing.T) {
	const shown, other = "decision: one document", "decision: everything"
	agreement := textOf("Keep it.", "Keep it.")
	agreement["id"] = "agr_1"
	names := "agreement sha-256: " + fmt.Sprint(agreement["text_sha256"])
	half := textOf(shown, shown)
	half["nonce"] = textOf(other, other)["nonce"]
	stated := textOf(shown, shown)
	stated["text_sha256"] = textOf(other, other)["text_sha256"]
	framed := textOf("Keep it.", "Give it away.")
	framed["id"] = "agr_1"
	sign := []string{"agreement", "sign", "agr_1", "--name", "N", "--function", "F", "--authority", "A", "--yes"}
	for what, tt := range map[string]struct {
		issuer    string
		draft     any
		agreement any
		signature any
		args      []string
		code      int
		signsIn   bool
	}{
		"the truth": {issuer: "/idp", draft: textOf(shown, shown), code: exitFailure, signsIn: true,
			args: []string{"inbox", "authorize"}},
		"the nonce of another text": {issuer: "/idp", draft: half, code: exitUnverified,
			args: []string{"inbox", "consent"}},
		"the digest of another text": {issuer: "/idp", draft: stated, code: exitUnverified,
			args: []string{"inbox", "authorize"}},
		"both of another text": {issuer: "/idp", draft: textOf(shown, other), code: exitUnverified,
			args: []string{"inbox", "authorize", "--evidence", "none"}},
		"a refusal of another text": {issuer: "/idp", draft: textOf(shown, other), code: exitUnverified,
			args: []string{"inbox", "refuse"}},
		"a draft of another text": {issuer: "/idp", draft: textOf(shown, other), code: exitUnverified,
			args: []string{"inbox", "consent", "--draft"}},
		"another identity provider": {issuer: "/other", draft: textOf(shown, shown), code: exitSignIn,
			args: []string{"inbox", "authorize"}},
		"an agreement, in truth": {issuer: "/idp", agreement: agreement, signature: textOf(names, names),
			code: exitFailure, signsIn: true, args: sign},
		"the digest of another agreement": {issuer: "/idp", agreement: framed, signature: textOf(names, names),
			code: exitUnverified, args: sign},
		"the same, without evidence": {issuer: "/idp", agreement: framed, code: exitUnverified,
			args: append(sign, "--evidence", "none")},
		"a signature under another agreement": {issuer: "/idp", agreement: agreement, signature: textOf(other, other),
			code: exitUnverified, args: sign},
		"a signature of another text": {issuer: "/idp", agreement: agreement, signature: textOf(names, other),
			code: exitUnverified, args: sign},
	} {
		l := newLying(t)
		l.answers["GET /api/v1/me"] = map[string]any{"issuer": l.URL + tt.issuer}
		l.answers["GET /api/v1/requests/req_1"] = map[string]any{"id": "req_1", "marking": "restricted"}
		l.answers["POST /api/v1/requests/req_1/decisions/draft"] = tt.draft
		l.answers["POST /api/v1/requests/req_1/decisions"] = map[string]any{"id": "req_1", "state": "in-force"}
		l.answers["GET /api/v1/agreements/agr_1"] = tt.agreement
		l.answers["POST /api/v1/agreements/agr_1/signatures/draft"] = tt.signature
		l.answers["POST /api/v1/agreements/agr_1/signatures"] = agreement
		args := tt.args
		if args[0] == "inbox" {
			args = append(args, "req_1", "--statement", "S", "--yes")
		}
		code, out, errs := ran(t, l.signedIn(t), args...)
		gave := strings.Contains(fmt.Sprint(l.asked)+" ", "decisions ") ||
			strings.Contains(fmt.Sprint(l.asked)+" ", "signatures ")
		if code != tt.code || out != "" || gave || l.signsIn() != tt.signsIn {
			t.Errorf("%s: exit %d, want %d; asked %v\n%s%s", what, code, tt.code, l.asked, out, errs)
		}
		if strings.Contains(fmt.Sprint(l.asked), "/other/device") {
			t.Errorf("%s: a sign-in is begun where the gateway says", what)
		}
	}
}

// Whoever brings a token from elsewhere has kept no identity provider, and none is taken from the gateway.
func TestNobodySignsInWhereAGatewayAloneSays(t *testing.T) {
	l := newLying(t)
	l.answers["GET /api/v1/me"] = map[string]any{"issuer": l.URL + "/idp"}
	l.answers["GET /api/v1/requests/req_1"] = map[string]any{"id": "req_1", "marking": "non-confidential"}
	l.answers["POST /api/v1/requests/req_1/decisions/draft"] = textOf("decision", "decision")
	code, _, errs := ran(t, []string{"CHANCERY_TOKEN=x", "CHANCERY_SERVER=" + l.URL,
		"CHANCERY_CONFIG_DIR=" + t.TempDir()}, "inbox", "consent", "req_1", "--statement", "S", "--yes")
	if code != exitSignIn || l.signsIn() || !strings.Contains(errs, "chancery auth login --server "+l.URL) {
		t.Errorf("exit %d, asked %v\n%s", code, l.asked, errs)
	}
}
