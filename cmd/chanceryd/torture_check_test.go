package main

import (
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/minio/minio-go/v7"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"chancery.example/gateway/pkg/ledger"
)

func (r *rack) tell(t *testing.T, cycles int) {
	var deposits, decisions, disclosures, withdrawals int
	for _, p := range r.promises {
		deposits += count(p.document != "")
		decisions += count(p.authorized)
		disclosures += count(p.entry != "")
		withdrawals += count(p.takenBack)
	}
	t.Logf("%d kills: %d deposits, %d decisions, %d disclosures, %d withdrawals acknowledged, %d checkpoints kept",
		cycles, deposits, decisions, disclosures, withdrawals, len(r.checkpoints))
	if disclosures < cycles {
		t.Errorf("%d disclosures in %d cycles: this run shows little", disclosures, cycles)
	}
}

func count(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// checkPromises asks for everything that was acknowledged.
func (r *rack) checkPromises(t *testing.T, made []*promise) {
	t.Helper()
	for _, p := range made {
		if p.document != "" {
			var d object
			if err := r.as("staff.wco").do(t.Context(), http.MethodGet, "/documents/"+p.document, nil,
				&d); err != nil || d.text("title") != canary {
				t.Errorf("an acknowledged deposit is lost: %v %v", d, err)
			}
		}
		if p.authorized {
			var q object
			err := r.as("focal.wco").do(t.Context(), http.MethodGet, "/requests/"+p.request, nil, &q)
			state := q.text("state")
			if err != nil || state != "in-force" && !p.wantsBack || state != "withdrawn" && p.takenBack {
				t.Errorf("request %s is %q (%v); withdrawal asked for %t, acknowledged %t", p.request, state, err,
					p.wantsBack, p.takenBack)
			}
		}
		if p.entry != "" {
			r.checkDisclosure(t, p)
		}
	}
}

// repeat asks again for what got no answer, under the same Idempotency-Key, whether it was done before or not.
func (r *rack) repeat(t *testing.T, made []*promise) {
	t.Helper()
	for _, p := range made {
		if p.document == "" {
			if err := r.deposited(t.Context(), p); err != nil {
				t.Errorf("deposit %d, asked for again: %v", p.number, err)
			}
		}
		if p.authorized && p.entry == "" {
			if err := r.disclosed(t.Context(), p); err != nil {
				t.Errorf("disclosure %d, asked for again: %v", p.number, err)
			}
		}
		if p.entry != "" && !p.questioned {
			if err := r.questioned(t.Context(), p); err != nil {
				t.Errorf("question %d, asked for again: %v", p.number, err)
			}
		}
	}
}

// checkOnce counts: what was asked for twice stands once.
func (r *rack) checkOnce(t *testing.T) {
	t.Helper()
	disclosed := 0
	for _, p := range r.promises {
		disclosed += count(p.entry != "")
	}
	conn, err := pgx.Connect(t.Context(), r.postgres.URL("chancery"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	for table, want := range map[string]int{"document": len(r.promises), "disclosure": disclosed,
		"message": disclosed} {
		var got int
		if err := conn.QueryRow(t.Context(), "SELECT count(*) FROM "+table).Scan(&got); err != nil || got != want {
			t.Errorf("%d rows of %s; %d were asked for (%v)", got, table, want, err)
		}
	}
}

// checkVerified has the operator check the log against itself, and the auditors of both Parties take bundles home.
func (r *rack) checkVerified(t *testing.T) {
	t.Helper()
	r.log(t, 0, "everything fits", "check")
	key, err := openLogKey(keysConfig{LogKey: filepath.Join(r.dir, "log.key")})
	if err != nil {
		t.Fatal(err)
	}
	options := ledger.Options{Keys: []note.Verifier{key.verifier}, Receipts: r.receipts}
	one, other := r.bundle(t, "auditor.wco"), r.bundle(t, "auditor.unoct")
	for name, verify := range map[string]func() (ledger.Report, error){
		"the WCO's bundle": func() (ledger.Report, error) { return ledger.Verify(one, options) },
		"UNOCT's bundle":   func() (ledger.Report, error) { return ledger.Verify(other, options) },
		"both together":    func() (ledger.Report, error) { return ledger.VerifyJoint(one, other, options) },
	} {
		begun := time.Now()
		report, err := verify()
		if err != nil || !report.Good {
			t.Errorf("%s: %v, first bad %+v, %+v", name, err, report.First, report.Findings)
		}
		t.Logf("%s: %d entries, %d receipts verified in %s", name, report.Size, len(r.receipts),
			time.Since(begun).Round(time.Millisecond))
	}
}

// bundle is what an auditor exports, as a file.
func (r *rack) bundle(t *testing.T, who string) ledger.Bundle {
	t.Helper()
	f, err := os.Create(filepath.Join(t.TempDir(), who))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	resp, err := r.request(t.Context(), who, http.MethodPost, "/log/exports", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	size, err := io.Copy(f, resp.Body)
	if err != nil || resp.StatusCode/100 != 2 {
		t.Fatalf("bundle of %s: %s, %v", who, resp.Status, err)
	}
	return ledger.Bundle{R: f, Size: size}
}

// checkDisclosure wants the entry at the index that was told, with a proof under the auditors' key.
func (r *rack) checkDisclosure(t *testing.T, p *promise) {
	t.Helper()
	var entry object
	if err := r.as("auditor.wco").do(t.Context(), http.MethodGet, "/log/entries/"+p.entry, nil, &entry); err != nil {
		t.Errorf("an acknowledged disclosure is lost: %v", err)
		return
	}
	text, err := r.text(t.Context(), "auditor.wco", "/log/entries/"+p.entry+"/proof")
	if err != nil {
		t.Errorf("proof of disclosure %s: %v", p.disclosure, err)
		return
	}
	if p.number%20 == 0 {
		if r.receipts[p.disclosure], err = r.text(t.Context(), "staff.unoct",
			"/disclosures/"+p.disclosure+"/receipt"); err != nil {
			t.Errorf("receipt of disclosure %s: %v", p.disclosure, err)
		}
	}
	key, err := openLogKey(keysConfig{LogKey: filepath.Join(r.dir, "log.key")})
	if err != nil {
		t.Fatal(err)
	}
	proof, err := ledger.ParseProof(text)
	if err == nil {
		_, err = proof.Verify(ledger.LeafHash([]byte(entry.text("leaf"))), key.verifier)
	}
	if err != nil || proof.Index != p.index || !strings.Contains(entry.text("body"), p.disclosure) {
		t.Errorf("disclosure %s was told index %d, its proof says %d: %v\n%s", p.disclosure, p.index, proof.Index, err,
			entry.text("body"))
	}
}

// checkLog wants the tree of now to extend the trees that were handed out before, from one of them on.
func (r *rack) checkLog(t *testing.T, from int) {
	t.Helper()
	signed, err := r.text(t.Context(), "auditor.unoct", "/log/checkpoint")
	if err != nil {
		t.Fatal(err)
	}
	now := r.keep(t, signed)
	for _, before := range r.checkpoints[from : len(r.checkpoints)-1] {
		if before.Size() == 0 {
			continue
		}
		text, err := r.text(t.Context(), "auditor.unoct",
			fmt.Sprintf("/log/consistency?first=%d&second=%d", before.Size(), now.Size()))
		if err != nil {
			t.Errorf("from %d to %d: %v", before.Size(), now.Size(), err)
			continue
		}
		var proof tlog.TreeProof
		for _, line := range strings.Fields(string(text))[3:] {
			hash, err := base64.StdEncoding.DecodeString(line)
			if err != nil || len(hash) != tlog.HashSize {
				t.Fatalf("consistency: %q", line)
			}
			proof = append(proof, tlog.Hash(hash))
		}
		if err := now.Extends(before, proof); err != nil {
			t.Errorf("the log was forked between %d and %d: %v", before.Size(), now.Size(), err)
		}
	}
}

// checkObjects compares what the store holds with the versions, which alone have keys: an object without one cannot be
// opened and is still known as an upload that did not end; a version without its object is a lost document.
func (r *rack) checkObjects(t *testing.T) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), r.postgres.URL("chancery"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	rows, err := conn.Query(t.Context(),
		`SELECT u.object, u.state, v.id IS NOT NULL FROM upload u LEFT JOIN version v ON v.object = u.object`)
	if err != nil {
		t.Fatal(err)
	}
	owned, waiting := map[string]bool{}, map[string]bool{}
	var object, state string
	var version bool
	_, err = pgx.ForEachRow(rows, []any{&object, &state, &version}, func() error {
		owned[object], waiting[object] = version, !version
		if version != (state == "stored") {
			t.Errorf("upload %s is %s, with a version: %t", object, state, version)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	client, err := r.store.Client()
	if err != nil {
		t.Fatal(err)
	}
	orphans := 0
	for found := range client.ListObjects(t.Context(), "chancery", minio.ListObjectsOptions{Recursive: true}) {
		switch {
		case found.Err != nil:
			t.Fatal(found.Err)
		case owned[found.Key]:
			delete(owned, found.Key)
		case waiting[found.Key]:
			orphans++
		case !strings.HasPrefix(found.Key, "log/") && !strings.HasPrefix(found.Key, "tile/") &&
			found.Key != "checkpoint":
			t.Errorf("nobody knows the object %s", found.Key)
		}
	}
	for object, version := range owned {
		if version {
			t.Errorf("the object %s of a version is not in the store", object)
		}
	}
	t.Logf("%d objects wait to be swept, none of them has a key", orphans)
}

// checkCanary reads what lies on the disks of store and database.
func (r *rack) checkCanary(t *testing.T) {
	t.Helper()
	for _, part := range []string{"store", "postgres"} {
		err := filepath.WalkDir(filepath.Join(r.dir, part), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return nil // it went away meanwhile
			}
			if data, err := os.ReadFile(path); err == nil && strings.Contains(string(data), canary) {
				t.Errorf("%s can be read in %s", canary, path)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
