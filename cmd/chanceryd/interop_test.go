package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"chancery.example/gateway/pkg/client"
	"chancery.example/gateway/pkg/devstack"
)

// foreignProvider names the directory that holds provider.mjs and its modules; `make interop` makes it.
const foreignProvider = "CHANCERY_FOREIGN_PROVIDER"

// An identity provider that we did not write speaks for the WCO: the gateway takes its tokens by configuration alone.
func TestAForeignProvidersTokensAreTakenByConfigurationAlone(t *testing.T) {
	dir := os.Getenv(foreignProvider)
	if dir == "" {
		t.Skipf("SKIPPED, NOT TESTED: %s is not set; make interop sets it", foreignProvider)
	}
	s := newSite(t)
	p := startForeignProvider(t, dir)
	for _, name := range []string{"gateway.yaml", "wco-unoct-2022.yaml"} {
		path := filepath.Join(s.dir, name)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		write(t, path, strings.ReplaceAll(string(text), s.issuers.URL("wco"), p.issuer))
	}
	s.grant(t)
	s.migrate(t)
	if code, out, errs := ran(t, nil, "keys", "create", "--config", s.config); code != 0 {
		t.Fatalf("keys create: exit %d\n%s%s", code, out, errs)
	}
	defer s.serving(t, "CHANCERY_ADMIT_NOT_INSPECTED=true")() // no malware scanner runs here
	api := "http://" + s.base + "/api/v1"

	staff, focal := p.signIn(t, "staff.wco", "any"), p.signIn(t, "focal.wco", "any")
	var me object
	call(t, 200, staff.AccessToken, http.MethodGet, api+"/me", nil, &me)
	if organisation, _ := me["organisation"].(map[string]any); organisation["id"] != "org_wco" ||
		fmt.Sprint(me["roles"]) != "[staff]" || me["name"] != "Sofia Brandt" {
		t.Errorf("staff.wco is taken for %v", me)
	}
	call(t, 401, staff.Extra("id_token").(string), http.MethodGet, api+"/me", nil, nil)
	call(t, 200, p.machine(t), http.MethodGet, api+"/me", nil, &me)
	if fmt.Sprint(me["roles"]) != "[service]" {
		t.Errorf("gtas is taken for %v", me)
	}

	var request, draft, decided object
	document, err := caller{stage: &stage{base: api}, id: "staff.wco", token: staff.AccessToken}.deposit(t.Context(),
		metadata("Indicators", "restricted", "unoct", "art2.e", "For both"))
	if err != nil {
		t.Fatal(err)
	}
	asker, _, err := s.issuers.Token("unoct", "focal.unoct", devstack.TokenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	until := time.Now().AddDate(0, 0, 30).UTC().Format(time.RFC3339)
	call(t, 201, asker, http.MethodPost, api+"/documents/"+document.text("id")+"/requests",
		object{"for": object{"organisation": "org_piu-exampleland"},
			"purpose": "art2.e", "statement": "The unit begins", "form": "original", "until": until}, &request)

	// Step-up: a fresh sign-in whose nonce is the hash of the text; its ID token is the evidence (reading 0010).
	decisions := api + "/requests/" + request.text("id") + "/decisions"
	consent := object{"act": "consent", "statement": "Agreed", "evidence": object{"kind": "oidc"}}
	call(t, 200, focal.AccessToken, http.MethodPost, decisions+"/draft", consent, &draft)
	tag := call(t, 200, focal.AccessToken, http.MethodGet, api+"/requests/"+request.text("id"), nil,
		&request).Get("ETag")
	consent["evidence"] = object{"kind": "oidc",
		"id_token": p.signIn(t, "focal.wco", "another nonce").Extra("id_token")}
	call(t, 403, focal.AccessToken, http.MethodPost, decisions, consent, &decided, "If-Match", tag)
	if decided.text("code") != "art4.8/evidence-invalid" {
		t.Errorf("an ID token for another text: %v", decided)
	}
	fresh := p.signIn(t, "focal.wco", draft.text("nonce"))
	consent["evidence"] = object{"kind": "oidc", "id_token": fresh.Extra("id_token")}
	call(t, 201, fresh.AccessToken, http.MethodPost, decisions, consent, &decided, "If-Match", tag)
}

// stranger is npm's oidc-provider as a process.
type stranger struct{ issuer string }

func startForeignProvider(t *testing.T, dir string) *stranger {
	t.Helper()
	p := &stranger{issuer: "http://127.0.0.1:" + freePort(t)}
	cmd := exec.Command("node", "provider.mjs", p.issuer, demoAudience)
	cmd.Dir, cmd.Stderr, cmd.SysProcAttr = dir, os.Stderr, &syscall.SysProcAttr{Setpgid: true}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		t.Fatalf("the provider says %q, %v", line, err)
	}
	return p
}

func (p *stranger) client() oauth2.Config {
	return oauth2.Config{ClientID: "chancery-portal", RedirectURL: "http://127.0.0.1/callback",
		Scopes: []string{"openid", "chancery"},
		Endpoint: oauth2.Endpoint{AuthURL: p.issuer + "/auth", TokenURL: p.issuer + "/token",
			AuthStyle: oauth2.AuthStyleInParams}}
}

// signIn is the code flow with PKCE, as a browser and the portal behind it go through it.
func (p *stranger) signIn(t *testing.T, person, nonce string) *oauth2.Token {
	t.Helper()
	app, verifier := p.client(), oauth2.GenerateVerifier()
	address := app.AuthCodeURL("state", oauth2.S256ChallengeOption(verifier), oauth2.SetAuthURLParam("nonce", nonce),
		oauth2.SetAuthURLParam("acr_values", "mfa"), oauth2.SetAuthURLParam("max_age", "0"),
		oauth2.SetAuthURLParam("resource", demoAudience))
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	var back *url.URL
	browser := &http.Client{Jar: jar, CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), app.RedirectURL) {
			back = r.URL
			return http.ErrUseLastResponse
		}
		return nil
	}}
	page, err := browser.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	page.Body.Close()
	done, err := browser.PostForm(page.Request.URL.String(), url.Values{"person": {person}})
	if err != nil {
		t.Fatal(err)
	}
	said, _ := io.ReadAll(done.Body)
	done.Body.Close()
	if back == nil || back.Query().Get("state") != "state" || back.Query().Get("iss") != p.issuer {
		t.Fatalf("sign-in of %s ended at %s with %s: %s", person, done.Request.URL, done.Status, said)
	}
	token, err := app.Exchange(t.Context(), back.Query().Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func (p *stranger) machine(t *testing.T) string {
	t.Helper()
	app := clientcredentials.Config{ClientID: "gtas", ClientSecret: "secret of one test", TokenURL: p.issuer + "/token",
		Scopes: []string{"chancery"}}
	token, err := app.Token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return token.AccessToken
}

// call asks with a token and reads the answer, which has to have that status.
func call(t *testing.T, want int, token, method, address string, in any, out *object, headers ...string) http.Header {
	t.Helper()
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		body = bytes.NewReader(text)
		headers = append(headers, "Content-Type", "application/json")
	}
	server, path, _ := strings.Cut(address, client.Base)
	its, err := client.New(client.Config{Server: server,
		Token: func(context.Context) (string, error) { return token, nil }, Retries: -1})
	if err != nil {
		t.Fatal(err)
	}
	with := http.Header{}
	for i := 0; i+1 < len(headers); i += 2 {
		with.Set(headers[i], headers[i+1])
	}
	resp, err := its.Send(t.Context(), client.Call{Method: method, Path: path, Body: body, Header: with})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != want {
		t.Fatalf("%s %s: %s, want %d: %s", method, address, resp.Status, want, text)
	}
	if out != nil {
		*out = nil
		if err := json.Unmarshal(text, out); err != nil {
			t.Fatal(err)
		}
	}
	return resp.Header
}
