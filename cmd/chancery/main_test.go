package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// ran carries out a command and gives its exit code and what it said.
func ran(t *testing.T, variables []string, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = run(t.Context(), args, environment{variables: variables, stdout: &stdout, stderr: &stderr})
	return code, stdout.String(), stderr.String()
}

// desk is what an auditor has on a disk: a bundle of one entry, the log's key, a checkpoint and a receipt.
type desk struct{ bundle, key, other, checkpoint, receipts string }

func newDesk(t *testing.T) desk {
	t.Helper()
	dir := t.TempDir()
	at := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		must(t, os.MkdirAll(filepath.Dir(path), 0o755))
		must(t, os.WriteFile(path, data, 0o644))
		return path
	}
	private, public, err := ledger.GenerateKey("chancery.example/desk")
	must(t, err)
	_, foreign, err := ledger.GenerateKey("chancery.example/desk")
	must(t, err)
	signer, err := note.NewSigner(private)
	must(t, err)
	verifier, err := note.NewVerifier(public)
	must(t, err)
	rules := sha256.Sum256([]byte("the rules"))
	body, err := ledger.Encode(ledger.Body{
		Version:      1,
		Kind:         ledger.KindReading,
		ID:           "ent_1",
		At:           time.Now(),
		Outcome:      ledger.Permitted,
		Organisation: "org_wco",
		Rules:        "sha256:" + hex.EncodeToString(rules[:]),
		Build:        "test",
		Terms:        &ledger.Terms{Subject: "export"},
	})
	must(t, err)
	nonce, err := ledger.NewNonce()
	must(t, err)
	closed, err := ledger.Close(nonce, body)
	must(t, err)
	leaf, err := ledger.EncodeLeaf(ledger.Leaf{Parties: []ledger.PartyNumber{{Party: "org_wco", N: 1}}, Closed: closed})
	must(t, err)
	signed, err := ledger.Sign(1, ledger.LeafHash(leaf), signer)
	must(t, err)
	c, err := ledger.OpenCheckpoint(signed, verifier)
	must(t, err)
	receipt, err := c.Receipt(leaf, body, nonce, 0, tlog.RecordProof{}, time.Now())
	must(t, err)
	file, err := receipt.File()
	must(t, err)
	var out bytes.Buffer
	w, err := ledger.NewBundleWriter(&out, ledger.BundleParts{Checkpoint: signed, Rules: "the rules",
		Head: ledger.BundleHead{Origin: signer.Name(), Party: "org_wco", Parties: []string{"org_unoct", "org_wco"},
			Filter: ledger.Filter{Kind: "consent"}}})
	must(t, err)
	must(t, w.Add(ledger.Record{Leaf: leaf, Opened: true, Nonce: nonce, Body: body}))
	must(t, w.Close(ledger.Manifest{Entry: "ent_1", At: time.Now()},
		func(text string) ([]byte, error) { return ledger.SignManifest(text, signer) }))
	return desk{bundle: at("bundle", out.Bytes()), key: at("log.key.pub", []byte(public+"\n")),
		other:      at("other.pub", []byte(foreign+"\n")),
		checkpoint: at("checkpoint", signed), receipts: filepath.Dir(at("receipts/one", file))}
}

func TestAccountingIsMadeOfABundleOffline(t *testing.T) {
	d := newDesk(t)
	if code, out, errs := ran(t, nil, "log", "accounting", d.bundle, "doc_1"); code != exitDone || out != "" {
		t.Errorf("of a document without disclosures: exit %d\n%s%s", code, out, errs)
	}
	if code, out, errs := ran(t, nil, "log", "accounting", d.bundle, "--organisation", "org_piu", "--since",
		"2026-01-01T00:00:00Z"); code != exitDone || out != "" {
		t.Errorf("of a third party without disclosures: exit %d\n%s%s", code, out, errs)
	}
	if code, _, errs := ran(t, nil, "log", "accounting", d.bundle, "--until", "tomorrow"); code != exitUsage ||
		!strings.Contains(errs, "--until tomorrow") {
		t.Errorf("until no instant: exit %d %s", code, errs)
	}
	for _, args := range [][]string{{d.checkpoint, "doc_1"}, {d.bundle + ".absent", "doc_1"}} {
		if code, _, errs := ran(t, nil, append([]string{"log", "accounting"}, args...)...); code != exitFailure ||
			errs == "" {
			t.Errorf("accounting %v: exit %d %s", args, code, errs)
		}
	}
}

func TestVerifySaysALineACheckAndEndsAsItFound(t *testing.T) {
	d := newDesk(t)
	for _, tt := range []struct {
		code int
		says string
		args []string
	}{
		{exitDone, "GOOD: 1 entry of", []string{d.bundle, "--key", d.key}},
		{exitDone, "1 kept, each in the tree",
			[]string{d.bundle, "--key", d.key, "--since", d.checkpoint, "--receipts", d.receipts}},
		{exitDone, ", 0 as asked for", []string{d.bundle, "--key", d.key}},
		{exitUnverified, "UNANCHORED", []string{d.bundle}},
		{exitUnverified, "WRONG  signature", []string{d.bundle, "--key", d.other}},
		{exitUnverified, "both bundles are of org_wco", []string{d.bundle, d.bundle, "--key", d.key}},
		{exitUnverified, "ends without a manifest", []string{d.checkpoint, "--key", d.key}},
		{exitFailure, "", []string{d.bundle, "--key", d.bundle}},
		{exitFailure, "", []string{d.bundle + ".absent", "--key", d.key}},
		{exitFailure, "", []string{d.receipts, "--key", d.key}},
		{exitFailure, "", []string{d.bundle, "--key", d.key, "--issuer-keys", d.key}},
		{exitUsage, "", []string{}},
		{exitUsage, "", []string{d.bundle, "--nonsense"}},
	} {
		code, out, errs := ran(t, nil, append([]string{"verify"}, tt.args...)...)
		if code != tt.code || !strings.Contains(out, tt.says) ||
			(code == exitFailure || code == exitUsage) == (errs == "") {
			t.Errorf("verify %v: exit %d, want %d with %q\n%s%s", tt.args, code, tt.code, tt.says, out, errs)
		}
	}
	code, out, _ := ran(t, nil, "verify", d.bundle, "--key", d.key, "--json")
	var report ledger.Report
	if err := json.Unmarshal([]byte(out), &report); err != nil || code != exitDone || !report.Good || report.Size != 1 {
		t.Errorf("exit %d, %+v, %v", code, report, err)
	}
}

func TestEveryAlteredByteOfABundleEndsWithFive(t *testing.T) {
	d := newDesk(t)
	data, err := os.ReadFile(d.bundle)
	must(t, err)
	path := filepath.Join(t.TempDir(), "altered")
	for at := 0; at < len(data); at += 97 {
		data[at] ^= 4
		must(t, os.WriteFile(path, data, 0o600))
		if code, out, _ := ran(t, nil, "verify", path, "--key", d.key); code != exitUnverified {
			t.Errorf("byte %d: exit %d\n%s", at, code, out)
		}
		data[at] ^= 4
	}
}

// The client of the log against answers as the gateway gives them; the gateway itself is tested where it stands.
func TestTheLogsCommandsTakeWhatTheGatewayAnswers(t *testing.T) {
	var asked []string
	answers := map[string]string{
		"GET /api/v1/log/checkpoint": "a checkpoint\n", "GET /api/v1/disclosures/dis_1/receipt": "a receipt\n",
		"GET /api/v1/log/entries/ent_1": `{"id":"ent_1"}`, "POST /api/v1/log/exports": "a bundle",
		"GET /api/v1/log/entries": `{"items":[{"id":"ent_1","index":5,"at":"2026-12-01T12:00:00Z","kind":"consent",` +
			`"outcome":"permit"}]}`,
	}
	status := 200
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.Header.Get("Authorization"))
		w.WriteHeader(status)
		if status != 200 {
			_, _ = w.Write([]byte(`{"title":"Refused","reasons":[{"code":"art4.6/not-admitted","paragraph":"4(6)","` +
				`title":"Not admitted"}],"log_entry":"ent_9"}`))
			return
		}
		_, _ = w.Write([]byte(answers[r.Method+" "+r.URL.Path]))
	}))
	defer server.Close()
	variables := []string{"CHANCERY_SERVER=" + server.URL, "CHANCERY_TOKEN=secret-token"}
	bundle := filepath.Join(t.TempDir(), "bundle")
	for _, tt := range []struct {
		says string
		args []string
	}{
		{"a checkpoint", []string{"checkpoint"}}, {"a receipt", []string{"receipt", "dis_1"}},
		{`"id": "ent_1"`, []string{"view", "ent_1"}},
		{"5 2026-12-01T12:00:00Z ent_1 consent", []string{"list", "--kind", "consent"}},
		{`[ { "id": "ent_1", "step": null } ]`, []string{"list", "--json", "id,step"}},
		{"", []string{"export", "-o", bundle, "--kind", "consent"}},
	} {
		code, out, errs := ran(t, variables, append([]string{"log"}, tt.args...)...)
		if code != exitDone || !strings.Contains(strings.Join(strings.Fields(out), " "),
			strings.Join(strings.Fields(tt.says), " ")) {
			t.Errorf("log %v: exit %d\n%s%s", tt.args, code, out, errs)
		}
	}
	if data, err := os.ReadFile(bundle); err != nil || string(data) != "a bundle" {
		t.Errorf("%q, %v", data, err)
	}
	for _, header := range asked {
		if header != "Bearer secret-token" {
			t.Errorf("asked with %q", header)
		}
	}
	for code, want := range map[int]int{401: exitSignIn, 403: exitRefused, 404: exitNotFound, 412: exitChanged,
		503: exitFailure} {
		status = code
		got, _, errs := ran(t, variables, "log", "checkpoint")
		if got != want || !strings.Contains(errs, "art4.6/not-admitted") || !strings.Contains(errs, "ent_9") ||
			strings.Contains(errs, "secret-token") {
			t.Errorf("%d: exit %d, want %d\n%s", code, got, want, errs)
		}
	}
	for want, variables := range map[int][]string{exitSignIn: {"CHANCERY_SERVER=" + server.URL},
		exitUsage: {"CHANCERY_TOKEN=x"}, exitFailure: {"CHANCERY_TOKEN=x", "CHANCERY_SERVER=http://127.0.0.1:1"}} {
		if got, _, errs := ran(t, variables, "log", "checkpoint"); got != want || errs == "" {
			t.Errorf("%v: exit %d, want %d\n%s", variables, got, want, errs)
		}
	}
	if code, _, _ := ran(t, variables, "log", "export"); code != exitUsage {
		t.Errorf("an export to nowhere: exit %d", code)
	}
}

// One list of reasons, and a line for each: where it is written, what did not happen, and what helps.
func TestEveryRefusalIsALineOfTheCommand(t *testing.T) {
	for _, code := range article4.Codes() {
		e, _ := article4.Lookup(code)
		effect, _ := e.Effect.Words()
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(e.Status)
			_ = json.NewEncoder(w).Encode(map[string]any{"title": e.English.Title, "effect": effect,
				"log_entry": "ent_9", "reasons": []any{map[string]any{
					"code": code, "paragraph": e.Paragraph, "title": e.English.Title, "detail": e.English.Detail,
					"remedy": map[string]string{"method": "GET", "href": "/api/v1/arrangement"}}}})
		}))
		exit, _, errs := ran(t, []string{"CHANCERY_SERVER=" + server.URL, "CHANCERY_TOKEN=x"}, "log", "checkpoint")
		server.Close()
		for _, says := range []string{string(code), e.English.Title, e.English.Detail, effect,
			"chancery api '/arrangement'", "ent_9"} {
			if !strings.Contains(errs, says) {
				t.Errorf("%s: %q is not in\n%s", code, says, errs)
			}
		}
		if exit == exitDone || strings.Contains(errs, "Article gateway") || e.Paragraph != "gateway" &&
			!strings.Contains(errs, "Article "+e.Paragraph) {
			t.Errorf("%s: exit %d\n%s", code, exit, errs)
		}
	}
}

// What an auditor keeps lies in folders: what does not belong there is refused by name, before anything is judged.
func TestWhatAnAuditorKeptIsReadFromFolders(t *testing.T) {
	d := newDesk(t)
	put := func(dir, name, text string) string {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
		return dir
	}
	const set = `{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},{"kty":"` +
		`oct"}]}`
	sets := put(t.TempDir(), "2026-11.jwks", set)
	for _, one := range []struct {
		says string
		code int
		args []string
	}{
		{"GOOD", exitDone, []string{"--issuer-keys", "https://idp.example=" + sets, "--issuer-keys",
			"https://other.example=" + filepath.Join(sets, "2026-11.jwks")}},
		{"GOOD", exitDone, []string{"--letters", put(t.TempDir(), "letter.pdf", "a letter"), "--party", "org_wco"}},
		{"you are an auditor of org_unoct", exitUnverified, []string{"--party", "org_unoct"}},
		{"no bundle proves", exitDone, nil},
		{"NOT PROVEN", exitUnverified, []string{"--strict"}},
		{"want the identity provider's address", exitFailure, []string{"--issuer-keys", sets}},
		{"holds no set of keys", exitFailure, []string{"--issuer-keys", "x=" + t.TempDir()}},
		{"no such file", exitFailure, []string{"--issuer-keys", "x=" + filepath.Join(sets, "none")}},
		{"no such file", exitFailure, []string{"--letters", filepath.Join(sets, "none")}},
		{"is no JWKS", exitFailure, []string{"--issuer-keys", "x=" + put(t.TempDir(), "README.txt", "notes")}},
		{"holds no key that can sign", exitFailure,
			[]string{"--issuer-keys", "x=" + put(t.TempDir(), "empty", `{"keys":[]}`)}},
		{"README.txt is no receipt", exitFailure,
			[]string{"--receipts", put(t.TempDir(), "README.txt", "keep this folder")}},
		{"holds no receipt", exitFailure, []string{"--receipts", t.TempDir()}},
	} {
		code, out, errs := ran(t, nil, append([]string{"verify", d.bundle, "--key", d.key}, one.args...)...)
		if code != one.code || !strings.Contains(out+errs, one.says) {
			t.Errorf("%v: exit %d, want %d and %q\n%s%s", one.args, code, one.code, one.says, out, errs)
		}
	}
}

func TestAReportIsMadeOfABundleOffline(t *testing.T) {
	d := newDesk(t)
	out := filepath.Join(t.TempDir(), "report")
	code, said, errs := ran(t, nil, "report", d.bundle, "--key", d.key, "--since", d.checkpoint, "-o", out)
	if code != exitDone || !strings.Contains(said, "GOOD: 1 entry of") {
		t.Errorf("exit %d\n%s%s", code, said, errs)
	}
	page, err := os.ReadFile(filepath.Join(out, "report.html"))
	must(t, err)
	if !bytes.Contains(page, []byte("Nothing is new.")) {
		t.Error("the page does not say that nothing is new since the checkpoint that was kept")
	}
	for name, tt := range map[string]struct {
		code int
		args []string
	}{
		"without the log's key":   {exitUnverified, []string{d.bundle, "-o", out, "--lang", "fr"}},
		"nowhere to":              {exitUsage, []string{d.bundle}},
		"an instant that is none": {exitUsage, []string{d.bundle, "-o", out, "--from", "yesterday"}},
		"a zone that is none":     {exitUsage, []string{d.bundle, "-o", out, "--zone", "Here/There"}},
		"a language":              {exitFailure, []string{d.bundle, "-o", out, "--lang", "xx"}},
		"no bundle":               {exitFailure, []string{d.bundle + ".absent", "-o", out}},
		"a folder":                {exitFailure, []string{d.receipts, "-o", out}},
		"one absent of two":       {exitFailure, []string{d.bundle, d.bundle + ".absent", "-o", out}},
		"a file in the way":       {exitFailure, []string{d.bundle, "-o", d.key}},
		"a key that is none":      {exitFailure, []string{d.bundle, "-o", out, "--key", d.bundle}},
	} {
		if code, _, errs := ran(t, nil, append([]string{"report"}, tt.args...)...); code != tt.code {
			t.Errorf("%s: exit %d; want %d\n%s", name, code, tt.code, errs)
		}
	}
}
