package exchange_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/review"
	"chancery.example/gateway/pkg/sequencer"
)

func (h *fixture) auditor(g *exchange.Gateway, subject string) exchange.Actor {
	return h.person(g, subject, article4.RoleAuditor)
}

// told plays the main ways through the gateway and returns the disclosure that a third party got.
func told(t *testing.T, h *fixture, g *exchange.Gateway) exchange.Disclosure {
	t.Helper()
	staff, focal, asker := h.staff(g, "staff.wco"), h.signatory(g, "focal.wco"), h.signatory(g, "focal.unoct")
	reader, analyst := h.staff(g, "staff.unoct"), h.staff(g, "analyst.piu")
	signer := h.person(g, "focal.piu", article4.RoleStaff, article4.RoleFocalPoint)
	doc, err := g.Deposit(t.Context(), staff, metadata(), content(secret))
	must(t, err)
	refusedFor(t, second(g.Disclose(t.Context(), reader, doc.ID, reading())), "art4.4/authorization-missing",
		"art4.5/not-granted")
	q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
	must(t, err)
	_, err = g.Decide(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, q))
	must(t, err)
	d, err := g.Disclose(t.Context(), reader, doc.ID, reading())
	must(t, err)
	readAll(t, g, reader, d)
	own := reading()
	own.Purpose = ""
	d, err = g.Disclose(t.Context(), staff, doc.ID, own)
	must(t, err)
	readAll(t, g, staff, d)

	agreement, err := g.Propose(t.Context(), focal,
		exchange.Proposal{Organisation: piu, Text: "We keep it to ourselves."})
	must(t, err)
	request := ask(g, piu)
	request.People = []article4.PersonID{analyst.Person()}
	p, err := g.Request(t.Context(), asker, doc.ID, request)
	must(t, err)
	_, err = g.Decide(t.Context(), focal, p.ID, verdict(article4.ActConsent, p))
	must(t, err)
	_, err = g.Sign(t.Context(), signer, agreement.ID,
		exchange.Signing{SHA256: agreement.SHA256, Name: "R. Silva", Function: "Head", Authority: "Decree 12",
			Accepts: true})
	must(t, err)
	third, err := g.Disclose(t.Context(), analyst, doc.ID, reading())
	must(t, err)
	readAll(t, g, analyst, third)
	_, err = g.Withdraw(t.Context(), focal, q.ID, exchange.Withdrawal{Statement: "The training is cancelled"})
	must(t, err)
	return third
}

func (h *fixture) export(g *exchange.Gateway, a exchange.Actor, q exchange.LogQuery) ledger.Bundle {
	h.t.Helper()
	write, err := g.LogExport(h.t.Context(), a, q)
	must(h.t, err)
	var out bytes.Buffer
	must(h.t, write(&out))
	return ledger.Bundle{R: bytes.NewReader(out.Bytes()), Size: int64(out.Len())}
}

func good(t *testing.T, r ledger.Report, err error) {
	t.Helper()
	must(t, err)
	for _, c := range r.Checks {
		t.Logf("%-16s %t %s", c.Name, c.Good, c.Says)
	}
	for _, gap := range r.NotProvable {
		t.Logf("not provable: %d %s", gap.Count, gap.What)
	}
	if !r.Good {
		t.Errorf("found %+v", r.Findings)
	}
}

// inOrder verifies the log that a story left, as the auditors of both Parties would: what the rules permitted is no
// alarm.
func (h *fixture) inOrder(g *exchange.Gateway) {
	h.t.Helper()
	if h.t.Failed() {
		return
	}
	again, err := review.New()
	must(h.t, err)
	options := ledger.Options{Keys: []note.Verifier{h.verifier}, Decider: again}
	one, other := h.export(g, h.auditor(g, "auditor.wco"), exchange.LogQuery{}),
		h.export(g, h.auditor(g, "auditor.unoct"), exchange.LogQuery{})
	for _, b := range []ledger.Bundle{one, other} {
		r, err := ledger.Verify(b, options)
		must(h.t, err)
		if !r.Good {
			h.t.Errorf("%v: false alarm: %v", r.Parties, r.Findings)
		}
	}
	r, err := ledger.VerifyJoint(one, other, options)
	must(h.t, err)
	if !r.Good {
		h.t.Errorf("both: false alarm: %v", r.Findings)
	}
}

// Whoever alters or removes what is kept behind a commitment, a superuser, is found: the gateway does not export it, or
// the bundle shows that it was held back.
func TestWhatStandsBehindACommitmentCannotBeAltered(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	told(t, h, g)
	auditor, options := h.auditor(g, "auditor.wco"), ledger.Options{Keys: []note.Verifier{h.verifier}}
	title := "(SELECT entry FROM log_detail WHERE field = 'title' LIMIT 1)"
	for _, attack := range []string{
		"UPDATE log_detail SET sealed = overlay(sealed PLACING '\\x00ff' FROM 20) WHERE field = 'title' AND entry = " +
			title,
		"UPDATE log_detail SET sealed = (SELECT sealed FROM log_detail WHERE field = 'statement' LIMIT 1) WHERE " +
			"field = 'title' AND entry = " + title,
		"UPDATE log_detail SET salt = substr(sha256('x'), 1, 16) WHERE field = 'title' AND entry = " + title,
		"UPDATE log_detail SET field = 'handling' WHERE field = 'title' AND entry = " + title,
		"DELETE FROM log_detail WHERE field = 'title' AND entry = " + title,
	} {
		h.superuser("CREATE TABLE kept AS TABLE log_detail; SET session_replication_role = replica; " + attack)
		write, err := g.LogExport(t.Context(), auditor, exchange.LogQuery{})
		must(t, err)
		var out bytes.Buffer
		if err := write(&out); err == nil {
			r, err := ledger.Verify(ledger.Bundle{R: bytes.NewReader(out.Bytes()), Size: int64(out.Len())}, options)
			must(t, err)
			if r.Good {
				t.Errorf("%s: not found", attack)
			}
		}
		h.superuser("SET session_replication_role = replica; " + // the readings of this attempt stay
			"DELETE FROM log_detail WHERE field <> 'facts' OR entry IN (SELECT entry FROM kept); " +
			"INSERT INTO log_detail SELECT * FROM kept; DROP TABLE kept")
	}
	h.inOrder(g)
}

func TestAnAuditorOfEachPartyVerifiesABundleOfARealGateway(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	before, err := g.LogCheckpoint(t.Context(), h.auditor(g, "auditor.wco"))
	must(t, err)
	third := told(t, h, g)
	kept, err := g.Receipt(t.Context(), h.staff(g, "analyst.piu"), third.ID)
	must(t, err)
	options := ledger.Options{Keys: []note.Verifier{h.verifier}, Since: before,
		Receipts: map[string][]byte{"piu": kept}}

	one := h.export(g, h.auditor(g, "auditor.wco"), exchange.LogQuery{Kind: "consent"})
	r, err := ledger.Verify(one, options)
	good(t, r, err)
	want := ledger.DisclosureCounts{Protected: 2, ThirdParty: 1, Own: 1, Complete: 3}
	if diff := cmp.Diff(want, r.Disclosures); diff != "" {
		t.Error("disclosures:", diff)
	}
	if r.Manifests[0].Matching != 1 || r.Evidence["none"] != 1 {
		t.Errorf("%d consents match, %v by evidence; want one without", r.Manifests[0].Matching, r.Evidence)
	}
	other := h.export(g, h.auditor(g, "auditor.unoct"), exchange.LogQuery{})
	r, err = ledger.Verify(other, options)
	good(t, r, err)
	if len(r.NotProvable) == 0 {
		t.Error("the Recipient's bundle alone claims to prove everything")
	}
	r, err = ledger.VerifyJoint(one, other, options)
	good(t, r, err)
	if unanchored, err := ledger.Verify(one, ledger.Options{}); err != nil || unanchored.Good || unanchored.Bad != 0 {
		t.Errorf("without a key: %+v, %v", unanchored, err)
	}
}

func TestOnlyAuditorsOfThePartiesReadTheLog(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	for _, subject := range []string{"auditor.piu", "auditor.operator"} {
		refusal := refusedFor(t, second(g.LogCheckpoint(t.Context(), h.auditor(g, subject))), "art4.6/not-admitted")
		if refusal.Entry == "" {
			t.Errorf("%s: the refusal has no entry", subject)
		}
	}
	refusedFor(t, second(g.LogEntries(t.Context(), h.signatory(g, "focal.wco"), exchange.LogQuery{})),
		"art4.6/not-admitted")
	refusedFor(t, second(g.LogExport(t.Context(), h.staff(g, "staff.unoct"), exchange.LogQuery{})),
		"art4.6/not-admitted")
}

func TestAnAuditorSeesWhatConcernsItsPartyAndEveryReadingIsAnEntry(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	told(t, h, g)
	a, b := h.auditor(g, "auditor.wco"), h.auditor(g, "auditor.unoct")
	seen := map[int64]bool{}
	q := exchange.LogQuery{Paging: exchange.Paging{Limit: 4}}
	var last exchange.LogEntry
	for {
		page, err := g.LogEntries(t.Context(), a, q)
		must(t, err)
		for _, e := range page.Items {
			if seen[e.Number] {
				t.Errorf("entry %d stands twice", e.Number)
			}
			seen[e.Number], last = true, e
		}
		if page.Next == "" {
			break
		}
		q.After = page.Next
	}
	for n := int64(1); n <= int64(len(seen)); n++ {
		if !seen[n] {
			t.Errorf("entry %d is missing", n)
		}
	}
	if last.Kind != "configuration" {
		t.Errorf("the log begins with %s; want the configuration", last.Kind)
	}
	page, err := g.LogEntries(t.Context(), a, exchange.LogQuery{Kind: "deposit"})
	must(t, err)
	deposit, err := g.LogEntry(t.Context(), a, page.Items[0].ID)
	must(t, err)
	for _, d := range deposit.Details {
		if !ledger.CheckCommitment(d.Commitment, d.Value, d.Salt) {
			t.Errorf("detail %s of the own deposit does not open", d.Field)
		}
	}
	theirs, err := g.LogEntry(t.Context(), b, deposit.ID)
	must(t, err)
	for _, d := range theirs.Details {
		if (d.Salt != nil) != (d.Field == "facts") { // they name nobody (decision 0231)
			t.Errorf("the Recipient's auditor is shown %s of the deposit", d.Field)
		}
	}
	own, err := g.LogEntries(t.Context(), a,
		exchange.LogQuery{Kind: "disclosure", Outcome: "permit", Organisation: wco})
	must(t, err)
	if _, err := g.LogEntry(t.Context(), b, own.Items[0].ID); !isNotFound(err) {
		t.Errorf("what the Discloser's own people read is shown to the other Party: %v", err)
	}
	refused, err := g.LogEntries(t.Context(), b, exchange.LogQuery{Paragraph: "4(4)"})
	must(t, err)
	if len(refused.Items) != 1 || refused.Items[0].Outcome != "refuse" {
		t.Errorf("%d entries by paragraph 4(4); want the one refusal", len(refused.Items))
	}
	if n := h.count("SELECT count(*) FROM log_entry WHERE kind = 'reading' AND outcome = 'permit'"); n < 8 {
		t.Errorf("%d readings recorded", n)
	}
	_, err = g.LogEntries(t.Context(), a, exchange.LogQuery{Paging: exchange.Paging{After: "?"}})
	var invalid *exchange.Invalid
	if !errors.As(err, &invalid) {
		t.Errorf("a made-up cursor: %v", err)
	}
}

// "Why was this allowed?": the entries that a disclosure names are told with it, one reading for all of them.
func TestAnEntryNamesTheEntriesThatItRestsOn(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	reader := h.staff(g, "staff.unoct")
	doc := granted(t, h, g, reader, secret)
	d, err := g.Disclose(t.Context(), reader, doc.ID, stamped())
	must(t, err)
	h.eventually(`SELECT count(*) FROM log_pending`, 0)
	for _, who := range []string{"auditor.wco", "auditor.unoct"} {
		a := h.auditor(g, who)
		before := h.count(`SELECT count(*) FROM log_entry WHERE kind = 'reading'`)
		entry, err := g.LogEntry(t.Context(), a, d.Entry)
		must(t, err)
		if after := h.count(`SELECT count(*) FROM log_entry WHERE kind = 'reading'`); after != before+1 {
			t.Errorf("%s: %d readings for one entry", who, after-before)
		}
		as := map[string]string{}
		for _, r := range entry.RestsOn {
			as[r.As] = r.Kind
			if !strings.Contains(string(entry.Body), r.BodySHA256) {
				t.Errorf("%s: %s is nowhere in the body", who, r.BodySHA256)
			}
			named, err := g.LogEntry(t.Context(), a, r.ID)
			if err != nil || named.BodySHA256 != r.BodySHA256 || named.Number != r.Number || named.Kind != r.Kind {
				t.Errorf("%s: %+v, and the entry itself is %+v (%v)", who, r, named, err)
			}
		}
		if as["request"] != "request" || as["authorization"] != "authorization" {
			t.Errorf("%s is told of %v; want the request and the authorization", who, as)
		}
	}
	page, err := g.LogEntries(t.Context(), h.auditor(g, "auditor.wco"), exchange.LogQuery{Kind: "disclosure"})
	must(t, err)
	if page.Items[0].RestsOn != nil {
		t.Error("a list names what its entries rest on")
	}
}

func TestProofsTilesAndConsistencyFitTheCheckpoint(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	told(t, h, g)
	a := h.auditor(g, "auditor.unoct")
	page, err := g.LogEntries(t.Context(), a, exchange.LogQuery{Kind: "consent"})
	must(t, err)
	entry, err := g.LogEntry(t.Context(), a, page.Items[0].ID)
	must(t, err)
	text, err := g.LogProof(t.Context(), a, entry.ID)
	must(t, err)
	proof, err := ledger.ParseProof(text)
	must(t, err)
	if _, err := proof.Verify(ledger.LeafHash(entry.Leaf), h.verifier); err != nil {
		t.Error(err)
	}
	older, err := ledger.OpenCheckpoint(must2(g.LogCheckpoint(t.Context(), a))(t), h.verifier)
	must(t, err)
	must(t, second(g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))))
	newer, err := ledger.OpenCheckpoint(must2(g.LogCheckpoint(t.Context(), a))(t), h.verifier)
	must(t, err)
	lines := strings.Split(strings.TrimSpace(string(must2(g.LogConsistency(t.Context(), a, older.Size(),
		newer.Size()))(t))), "\n")
	var hashes tlog.TreeProof
	for _, line := range lines[1:] {
		hash, err := tlog.ParseHash(line)
		must(t, err)
		hashes = append(hashes, hash)
	}
	if err := newer.Extends(older, hashes); err != nil {
		t.Error(err)
	}
	width := int(older.Size())
	decisions := must2(g.LogTile(t.Context(), a, sequencer.TilePath(sequencer.EntriesLevel, 0, width)))(t)
	tile := must2(g.LogTile(t.Context(), a, sequencer.TilePath(0, 0, width)))(t)
	for i := 0; len(decisions) > 0; i++ {
		n := int(decisions[0])<<8 | int(decisions[1])
		if hash := ledger.LeafHash(decisions[2 : 2+n]); !bytes.Equal(hash[:], tile[i*32:i*32+32]) {
			t.Errorf("leaf data %d does not hash into its tile", i)
		}
		decisions = decisions[2+n:]
	}
	for _, path := range []string{"tile/9/000", "tile/entries/x000/001"} {
		if _, err := g.LogTile(t.Context(), a, path); err == nil {
			t.Errorf("%s was handed out", path)
		}
	}
}

func must2[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		must(t, err)
		return v
	}
}

func TestArticle5_4BothPartiesMakeTheSameReport(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	told(t, h, g)
	from, to := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	one, err := g.Monitoring(t.Context(), h.auditor(g, "auditor.wco"), from, to)
	must(t, err)
	other, err := g.Monitoring(t.Context(), h.auditor(g, "auditor.unoct"), from, to)
	must(t, err)
	if diff := cmp.Diff(one, other); diff != "" {
		t.Error("the Parties get different reports:", diff)
	}
	if one.Exchanged["confidential"] != 2 || one.Consents.Asked != 1 || one.Consents.Given != 1 ||
		one.Refusals["4(4)"] != 1 || one.Consents.MedianSeconds == nil {
		t.Errorf("%+v", one)
	}
}

func TestAReceiptIsForTheReaderAndThoseWhoAnswerForTheParties(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	third := told(t, h, g)
	for _, who := range []exchange.Actor{h.staff(g, "analyst.piu"), h.signatory(g, "focal.wco"),
		h.auditor(g, "auditor.unoct")} {
		kept, err := ledger.ReadReceipt(must2(g.Receipt(t.Context(), who, third.ID))(t))
		must(t, err)
		if _, err := kept.Verify(h.verifier); err != nil || kept.Body.Disclosure.ID != string(third.ID) {
			t.Errorf("%v: %v", who, err)
		}
	}
	for _, who := range []exchange.Actor{h.staff(g, "other.piu"), h.staff(g, "staff.wco"),
		h.auditor(g, "auditor.operator")} {
		if _, err := g.Receipt(t.Context(), who, third.ID); !isNotFound(err) {
			t.Errorf("%v: %v; want not found", who, err)
		}
	}
}

// A transfer that runs, one that was cut and one whose replica died are no forgery.
func TestRunningAndKilledTransfersAreNoFalseAlarm(t *testing.T) {
	h := newFixture(t)
	one, two := h.gateway(), h.gateway()
	staff, auditor := h.staff(one, "staff.wco"), h.auditor(two, "auditor.wco")
	doc, err := one.Deposit(t.Context(), staff, metadata(), content(strings.Repeat(secret, 20_000)))
	must(t, err)
	own := reading()
	own.Purpose = ""
	begin := func(g *exchange.Gateway) *exchange.Transfer {
		d, err := g.Disclose(t.Context(), staff, doc.ID, own)
		must(t, err)
		transfer, err := g.Content(t.Context(), staff, d.ID, nil)
		must(t, err)
		return transfer
	}
	running, cut := begin(one), begin(one)
	must(t, cut.Finish(t.Context(), 10))
	options := ledger.Options{Keys: []note.Verifier{h.verifier}}
	r, err := ledger.Verify(h.export(two, auditor, exchange.LogQuery{}), options)
	good(t, r, err)
	if len(r.Open) != 1 || r.Disclosures.Complete != 0 {
		t.Errorf("open %v; want the one that runs", r.Open)
	}
	// The replica loses its hold of the transfer as one that died would: no signs of life come any more.
	h.superuser("UPDATE transfer SET heartbeat_at = heartbeat_at - interval '1 hour' WHERE ended IS NULL")
	for end := time.Now().Add(10 * time.Second); h.count("SELECT count(*) FROM transfer WHERE ended IS "+
		"NULL") > 0; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the silent transfer is not closed")
		}
		h.superuser("UPDATE transfer SET heartbeat_at = heartbeat_at - interval '1 hour' WHERE ended IS NULL")
	}
	must(t, running.Finish(t.Context(), 20))
	r, err = ledger.Verify(h.export(two, auditor, exchange.LogQuery{}), options)
	good(t, r, err)
	if len(r.Open) != 0 {
		t.Errorf("open %v; want none", r.Open)
	}
}
