package rest_test

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/ledger"
)

func TestTheLogIsForTheAuditorsOfThePartiesAlone(t *testing.T) {
	w := newWorld(t)
	w.authorized(secret)
	routes := []string{"/log/entries", "/log/entries/ent_1", "/log/entries/ent_1/proof", "/log/checkpoint",
		"/log/tile/0/000", "/log/tile/entries/000",
		"/log/consistency?first=1&second=2", "/log/keys",
		"/log/monitoring?since=2026-01-01T00:00:00Z&until=2030-01-01T00:00:00Z"}
	for _, person := range []string{"staff.wco", "focal.wco", "auditor.piu", "focal.customs", "operator.operator",
		"machine.wco"} {
		for _, route := range routes {
			if a := w.as(person, "GET", route, ""); a.StatusCode != 403 && a.StatusCode != 404 {
				t.Errorf("%s reads %s: %d %s", person, route, a.StatusCode, a.body)
			}
		}
		if a := w.as(person, "POST", "/log/exports", "{}"); a.StatusCode != 403 && a.StatusCode != 404 {
			t.Errorf("%s exports: %d", person, a.StatusCode)
		}
	}
}

func TestEntriesAreListedFilteredAndOpened(t *testing.T) {
	w := newWorld(t)
	doc, _ := w.authorized(secret)
	refused(t, w.as("other.unoct", "POST", "/documents/"+doc.Id+"/disclosures", reading), 403)
	// waits for the log
	want[api.Disclosure](t, w.as("staff.unoct", "POST", "/documents/"+doc.Id+"/disclosures", reading), 201)
	seen, after, number := 0, "", int64(0)
	for {
		page := want[api.LogEntryPage](t, w.as("auditor.wco", "GET", "/log/entries?limit=2&document="+doc.Id+after, ""),
			200)
		for _, e := range page.Items {
			if e.Body != nil || e.Document == nil || *e.Document != doc.Id || number > 0 && e.Number >= number {
				t.Errorf("listed %+v after number %d", e, number)
			}
			number = e.Number
		}
		if seen += len(page.Items); page.Next == nil {
			break
		}
		after = "&after=" + url.QueryEscape(*page.Next)
	}
	if seen < 4 {
		t.Errorf("%d entries of a deposit, a request, a decision and a refusal", seen)
	}
	page := want[api.LogEntryPage](t,
		w.as("auditor.unoct", "GET", "/log/entries?outcome=refuse&kind=disclosure&paragraph="+url.QueryEscape("4(6)"),
			""), 200)
	if len(page.Items) != 1 || page.Items[0].Reasons == nil ||
		!slices.Contains(*page.Items[0].Reasons, "art4.6/not-admitted") {
		t.Fatalf("refusals by 4(6): %+v", page)
	}
	one := want[api.LogEntry](t, w.as("auditor.unoct", "GET", "/log/entries/"+page.Items[0].Id, ""), 200)
	opened := sha256.Sum256(append(slices.Clone(*one.Nonce), *one.Body...))
	if !strings.Contains(*one.Leaf, fmt.Sprintf("%x", opened)) {
		t.Errorf("the body and the nonce do not open the leaf %s", *one.Leaf)
	}
	for query, code := range map[string]string{
		"?outcome=maybe": "request/unknown-value", "?since=yesterday": "request/bad-parameter",
		"?until=2026-01-01T00:00:00Z&since=2026-01-01T00:00:00Z": "request/out-of-range",
		"?after=!": "request/bad-cursor", "?party=org_wco": "request/unknown-parameter",
	} {
		refused(t, w.as("auditor.wco", "GET", "/log/entries"+query, ""), 400, code)
	}
}

func TestWhatWasHashedOrSignedIsSentByteForByte(t *testing.T) {
	w := newWorld(t)
	doc, _ := w.authorized(secret)
	d := want[api.Disclosure](t, w.as("staff.unoct", "POST", "/documents/"+doc.Id+"/disclosures", reading), 201)
	text := func(path string) []byte {
		a := w.as("auditor.unoct", "GET", path, "")
		if a.StatusCode != 200 || a.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Fatalf("%s: %d %s", path, a.StatusCode, a.Header.Get("Content-Type"))
		}
		return a.body
	}
	if _, err := ledger.OpenCheckpoint(text("/log/checkpoint"), w.log); err != nil {
		t.Error(err)
	}
	proof, err := ledger.ParseProof(text("/log/entries/" + d.LogEntry + "/proof"))
	must(t, err)
	entry := want[api.LogEntry](t, w.as("auditor.unoct", "GET", "/log/entries/"+d.LogEntry, ""), 200)
	if _, err := proof.Verify(sha256.Sum256(append([]byte{0}, *entry.Leaf...)), w.log); err != nil { // RFC 6962 2.1
		t.Error(err)
	}
	if lines := bytes.Count(text("/log/consistency?first=1&second=2"), []byte("\n")); lines < 2 {
		t.Errorf("%d lines of consistency", lines)
	}
	for _, reader := range []string{"staff.unoct", "focal.wco", "auditor.wco"} {
		receipt, err := ledger.ReadReceipt(w.as(reader, "GET", "/disclosures/"+d.Id+"/receipt", "").body)
		must(t, err)
		if _, err := receipt.Verify(w.log); err != nil || receipt.Body.ID != d.LogEntry {
			t.Errorf("the receipt for %s: %v of %s", reader, err, receipt.Body.ID)
		}
	}
	// Whoever acted goes away with a receipt of the act, a refused one included; nobody else has it.
	no := refused(t, w.as("staff.unoct", "POST", "/documents/"+d.Document+"/recall", `{"statement":"x"}`), 403)
	for _, entry := range []string{d.LogEntry, no.LogEntry} {
		receipt, err := ledger.ReadReceipt(w.as("staff.unoct", "GET", "/receipts/"+entry, "").body)
		must(t, err)
		if _, err := receipt.Verify(w.log); err != nil || receipt.Body.ID != entry {
			t.Errorf("the receipt of %s: %v of %s", entry, err, receipt.Body.ID)
		}
		for _, other := range []string{"focal.unoct", "auditor.unoct", "focal.wco", "auditor.wco"} {
			refused(t, w.as(other, "GET", "/receipts/"+entry, ""), 404)
		}
	}
	refused(t, w.as("auditor.wco", "GET", "/log/consistency?first=1", ""), 400, "request/missing-parameter")
	refused(t, w.as("auditor.wco", "GET", "/log/consistency?first=2&second=1", ""), 400, "request/out-of-range")
	refused(t, w.as("auditor.wco", "GET", "/log/consistency?first=1&second=1000000", ""), 404)
	keys := want[api.LogKeys](t, w.as("auditor.wco", "GET", "/log/keys", ""), 200)
	if v, err := note.NewVerifier(keys.Keys[len(keys.Keys)-1]); err != nil || v.KeyHash() != w.log.KeyHash() {
		t.Errorf("keys %v: %v", keys, err)
	}
}

func TestTilesHaveThePathsOfTheirSpecification(t *testing.T) {
	w := newWorld(t)
	w.authorized(secret)
	checkpoint, err := ledger.OpenCheckpoint(w.as("auditor.wco", "GET", "/log/checkpoint", "").body, w.log)
	must(t, err)
	size := checkpoint.Size()
	for path, bytes := range map[string]int64{fmt.Sprintf("/log/tile/0/000.p/%d", size): 32 * size,
		fmt.Sprintf("/log/tile/entries/000.p/%d", size): 0} {
		a := w.as("auditor.wco", "GET", path, "")
		if a.StatusCode != 200 || bytes > 0 && int64(len(a.body)) != bytes ||
			a.Header.Get("Content-Type") != "application/octet-stream" {
			t.Errorf("%s: %d, %d bytes", path, a.StatusCode, len(a.body))
		}
	}
	for _, path := range []string{"/log/tile/0", "/log/tile/0/0", "/log/tile/../keys", "/log/tile/0/000%00",
		"/log/tile/0/000.p/256", "/log/tile/-1/000", "/log/tile/"} {
		if a := w.as("auditor.wco", "GET", path, ""); a.StatusCode != 400 && a.StatusCode != 404 {
			t.Errorf("%s: %d", path, a.StatusCode)
		}
	}
	refused(t, w.as("auditor.wco", "GET", "/log/tile/0/x900/000", ""), 404)
}

func TestAnExportedBundleVerifies(t *testing.T) {
	w := newWorld(t)
	doc, _ := w.authorized(secret)
	want[api.Disclosure](t, w.as("staff.unoct", "POST", "/documents/"+doc.Id+"/disclosures", reading), 201)
	refused(t, w.as("auditor.unoct", "POST", "/log/exports", `{"party":"org_wco"}`), 400, "request/unknown-field")
	refused(t, w.as("auditor.unoct", "POST", "/log/exports", `{"outcome":"maybe"}`), 400, "request/unknown-value")
	a := w.as("auditor.unoct", "POST", "/log/exports", `{"kind":"disclosure"}`)
	if a.StatusCode != 200 || a.Header.Get("Content-Type") != "application/x-tar" ||
		!strings.HasPrefix(a.Header.Get("Content-Disposition"), "attachment") {
		t.Fatalf("%d %v %s", a.StatusCode, a.Header, a.body[:min(len(a.body), 300)])
	}
	report, err := ledger.Verify(ledger.Bundle{R: bytes.NewReader(a.body), Size: int64(len(a.body))},
		ledger.Options{Keys: []note.Verifier{w.log}})
	must(t, err)
	if !report.Good || !report.Anchored || report.Parties[0] != "org_unoct" {
		t.Errorf("verified: %+v", report)
	}
	members := 0
	for r := tar.NewReader(bytes.NewReader(a.body)); ; members++ {
		if _, err := r.Next(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if members < 5 {
		t.Errorf("%d members", members)
	}
}

func TestArticle5_4BothPartiesGetTheSameReport(t *testing.T) {
	w := newWorld(t)
	doc, _ := w.authorized(secret)
	w.ask("focal.unoct", doc.Id, "org_piu-exampleland")
	// A disclosure waits until the log has taken it in, and with it what was asked before.
	want[api.Disclosure](t, w.as("staff.unoct", "POST", "/documents/"+doc.Id+"/disclosures", reading), 201)
	over := "/log/monitoring?since=2026-01-01T00:00:00Z&until=" + time.Now().Add(time.Hour).UTC().Format(time.RFC3339)
	one, two := w.as("auditor.wco", "GET", over, ""), w.as("auditor.unoct", "GET", over, "")
	report := want[api.Monitoring](t, one, 200)
	if report.Exchanged["confidential"] != 1 || report.Consents.Asked != 1 || !bytes.Equal(one.body, two.body) {
		t.Errorf("one %s\ntwo %s", one.body, two.body)
	}
	refused(t, w.as("auditor.wco", "GET", "/log/monitoring", ""), 400, "request/missing-parameter")
}
