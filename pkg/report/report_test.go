package report_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/report"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const (
	wco   = "org_wco"
	unoct = "org_unoct"
	piu   = "org_piu"
)

// log is one under construction: its entries are hashed and signed as they have to be, and say what a test wants.
type log struct {
	t      *testing.T
	signer note.Signer
	key    note.Verifier
	at     time.Time
	leaves []ledger.Hash
	wrote  []ledger.Record
	bodies []ledger.Body
	number int64
	names  []ledger.Named
}

func newLog(t *testing.T) *log {
	t.Helper()
	private, public, err := ledger.GenerateKey("chancery.example/report")
	must(t, err)
	l := &log{t: t, at: time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)}
	l.signer, err = note.NewSigner(private)
	must(t, err)
	l.key, err = note.NewVerifier(public)
	must(t, err)
	return l
}

// tell appends an entry, a minute after the last, and gives its name.
func (l *log) tell(b ledger.Body, private map[string]string) string {
	l.t.Helper()
	l.at, l.number = l.at.Add(time.Minute), l.number+1
	b.Version, b.ID, b.Build = 1, fmt.Sprintf("ent_%d", len(l.wrote)), "test"
	b.Rules = "sha256:" + fmt.Sprintf("%x", sha256.Sum256([]byte("the rules")))
	if b.At.IsZero() {
		b.At = l.at
	}
	if b.Outcome == "" {
		b.Outcome = ledger.Permitted
	}
	r := ledger.Record{Opened: true}
	for field, value := range private {
		commitment, salt, err := ledger.Commit(value)
		must(l.t, err)
		if b.Private == nil {
			b.Private = map[string]string{}
		}
		b.Private[field] = commitment
		r.Details = append(r.Details, ledger.Detail{Field: field, Salt: salt, Value: value})
	}
	slices.SortFunc(r.Details, func(a, b ledger.Detail) int { return strings.Compare(a.Field, b.Field) })
	var err error
	r.Body, err = ledger.Encode(b)
	must(l.t, err)
	r.Nonce, err = ledger.NewNonce()
	must(l.t, err)
	closed, err := ledger.Close(r.Nonce, r.Body)
	must(l.t, err)
	r.Leaf, err = ledger.EncodeLeaf(ledger.Leaf{Closed: closed,
		Parties: []ledger.PartyNumber{{Party: unoct, N: l.number}, {Party: wco, N: l.number}}})
	must(l.t, err)
	l.wrote, l.leaves, l.bodies = append(l.wrote, r), append(l.leaves, ledger.LeafHash(r.Leaf)), append(l.bodies, b)
	return ledger.BodyHash(r.Body).String()
}

func (l *log) checkpoint() []byte {
	l.t.Helper()
	signed, err := ledger.Sign(int64(len(l.leaves)), root(l.leaves), l.signer)
	must(l.t, err)
	return signed
}

// root is RFC 6962's, of two or more leaves split at the largest power of two below.
func root(leaves []ledger.Hash) ledger.Hash {
	if len(leaves) == 1 {
		return leaves[0]
	}
	split := 1
	for split*2 < len(leaves) {
		split *= 2
	}
	left, right := root(leaves[:split]), root(leaves[split:])
	return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
}

// bundle ends the log with its own export.
func (l *log) bundle() ledger.Bundle {
	l.t.Helper()
	l.tell(ledger.Body{Kind: ledger.KindReading, Organisation: wco, Terms: &ledger.Terms{Subject: "export"}}, nil)
	var out bytes.Buffer
	w, err := ledger.NewBundleWriter(&out, ledger.BundleParts{Checkpoint: l.checkpoint(), Rules: "the rules",
		Head: ledger.BundleHead{Origin: l.signer.Name(), Party: wco, Parties: []string{unoct, wco}}})
	must(l.t, err)
	for _, r := range l.wrote {
		must(l.t, w.Add(r))
	}
	if len(l.names) > 0 {
		must(l.t, w.Names(l.names))
	}
	last := len(l.bodies) - 1
	must(l.t, w.Close(ledger.Manifest{Exporter: "per_auditor", Of: wco, Entry: l.bodies[last].ID, Index: int64(last),
		At: l.at}, func(text string) ([]byte, error) { return ledger.SignManifest(text, l.signer) }))
	return ledger.Bundle{R: bytes.NewReader(out.Bytes()), Size: int64(out.Len())}
}

func (l *log) options() ledger.Options { return ledger.Options{Keys: []note.Verifier{l.key}} }

// report is that of the log as it stands.
func (l *log) report(o report.Options) *report.Report {
	l.t.Helper()
	if o.Verify.Keys == nil {
		since := o.Verify.Since
		o.Verify = l.options()
		o.Verify.Since = since
	}
	r, err := report.Make([]ledger.Bundle{l.bundle()}, o)
	must(l.t, err)
	return r
}

func (l *log) deposit(title string) string {
	return l.tell(ledger.Body{Kind: ledger.KindDeposit, Organisation: wco, Actor: "per_staff", Document: "doc_1",
		Terms: &ledger.Terms{Discloser: wco, Recipient: unoct, Marking: "restricted"}},
		map[string]string{"title": title})
}

func (l *log) ask(request, person, organisation, recipient string, until time.Time) string {
	return l.tell(ledger.Body{Kind: ledger.KindRequest, Organisation: organisation, Actor: person, Document: "doc_1",
		Request: request, Terms: &ledger.Terms{Discloser: wco, Recipient: recipient, Marking: "restricted",
			Purposes: []string{"art2.e"}, Until: until}}, map[string]string{"statement": "for training"})
}

func (l *log) decide(kind ledger.Kind, organisation, request, evidence string) string {
	return l.tell(ledger.Body{Kind: kind, Organisation: organisation, Actor: "per_focal", Document: "doc_1",
		Request: request, Terms: &ledger.Terms{Discloser: wco, Recipient: piu, Marking: "restricted",
			Purposes: []string{"art2.e"}, Evidence: evidence}}, nil)
}

func (l *log) disclose(person, to string, authorizations []string, consent string) string {
	return l.tell(ledger.Body{Kind: ledger.KindDisclosure, Organisation: to, Actor: person, Document: "doc_1",
		Disclosure: &ledger.Disclosure{ID: "dis_1", Version: "ver_1", From: wco, To: to, Marking: "restricted",
			Purpose: "art2.e", Form: "original", CopyNumber: "C-1", Authorizations: authorizations,
			Consent: consent, Expires: l.at.Add(time.Hour)}}, map[string]string{"statement": "to train the unit"})
}

func (l *log) complete(disclosure, to string) {
	l.tell(ledger.Body{Kind: ledger.KindCompletion, Organisation: to, Document: "doc_1",
		Completion: &ledger.Completion{Closes: disclosure, End: ledger.EndComplete, Bytes: 957}}, nil)
}

func (l *log) refuse(person string) {
	l.tell(ledger.Body{Kind: ledger.KindDisclosure, Organisation: piu, Actor: person, Document: "doc_1",
		Outcome: ledger.Refused, Reasons: []string{"art4.8/no-written-consent"}}, nil)
}

// whole is a copy for a third party, on an authorization and a consent.
func (l *log) whole(title string) {
	l.deposit(title)
	l.ask("req_1", "per_staff2", unoct, piu, l.at.AddDate(1, 0, 0))
	authorization := l.decide(ledger.KindAuthorization, unoct, "req_1", "")
	consent := l.decide(ledger.KindConsent, wco, "req_1", "oidc")
	l.complete(l.disclose("per_petra", piu, []string{authorization}, consent), piu)
}

func files(t *testing.T, r *report.Report) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, f := range r.Files() {
		var text bytes.Buffer
		must(t, f.Write(&text))
		out[f.Name] = text.String()
	}
	return out
}

func table(t *testing.T, text string) []map[string]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	must(t, err)
	var out []map[string]string
	for _, row := range rows[1:] {
		line := map[string]string{}
		for i, cell := range row {
			line[rows[0][i]] = cell
		}
		out = append(out, line)
	}
	return out
}

func TestALineSaysWhoGotWhatOnWhoseWordAndWhereItStands(t *testing.T) {
	l := newLog(t)
	l.whole("Indicators for maritime arrivals")
	l.names = []ledger.Named{{ID: "per_petra", Name: "Petra Varga"}, {ID: piu, Name: "PIU of Exampleland"}}
	made := files(t, l.report(report.Options{}))
	lines := table(t, made["disclosures.csv"])
	if len(lines) != 1 {
		t.Fatalf("%d disclosures; want 1", len(lines))
	}
	for head, want := range map[string]string{"person": "per_petra", "person_name": "Petra Varga", "organisation": piu,
		"discloser": wco, "third_party": "true", "document": "doc_1", "title": "Indicators for maritime arrivals",
		"marking": "restricted", "purpose": "art2.e", "statement": "to train the unit", "paragraph": "4(8)",
		"authority": "authorization org_unoct ent_2; consent org_wco ent_3", "end": "complete", "bytes": "957",
		"index": "4", "entry": "ent_4", "leaf_sha256": l.leaves[4].String(), "new": "false",
		"at": "2027-03-01T09:05:00Z"} {
		if got := lines[0][head]; got != want {
			t.Errorf("%s: %q; want %q", head, got, want)
		}
	}
	for _, want := range []string{"Petra Varga", "PIU of Exampleland", "Article 4(8)", "by a fresh sign-in",
		`class="banner top restricted"`} {
		if !strings.Contains(made[report.Page], want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	_, consents, _ := strings.Cut(made[report.Page], "<h2>Consents")
	consents, _, _ = strings.Cut(consents, "<h2>")
	if !strings.Contains(consents, "<span>Article 4(8)</span>") {
		t.Errorf("the page does not say under which paragraph the consent was given: %s", consents)
	}
	if got := table(t, made["third-parties.csv"]); len(got) != 1 || got[0]["disclosures"] != "1" ||
		got[0]["consents"] != "1" || got[0]["requests"] != "1" || got[0]["documents"] != "1" {
		t.Errorf("third parties: %v", got)
	}
	if got := table(t, made["consents.csv"]); len(got) != 1 || got[0]["evidence"] != "oidc" ||
		got[0]["paragraph"] != "4(8)" {
		t.Errorf("consents: %v", got)
	}
}

func TestWhatALogSaysCommandsNeitherThePageNorASpreadsheet(t *testing.T) {
	l := newLog(t)
	l.whole(`=HYPERLINK("https://evil.example")<script>alert(1)</script>` + "\u202etxt.exe")
	l.names = []ledger.Named{{ID: "per_petra", Name: `+cmd|"/c calc"!A1<img src=x>`}}
	made := files(t, l.report(report.Options{}))
	page := made[report.Page]
	if strings.Contains(page, "<script") || strings.Contains(page, "<img") || strings.Contains(page, "\u202e") {
		t.Error("the page holds what a title or a name says as markup, or turns the direction of a line")
	}
	line := table(t, made["disclosures.csv"])[0]
	for _, head := range []string{"title", "person_name"} {
		if !strings.HasPrefix(line[head], "'") {
			t.Errorf("%s: %q begins a formula", head, line[head])
		}
	}
	l = newLog(t)
	l.whole(`-1+cmd|"/c calc"!A1`) // it begins as a number does, and is none
	made = files(t, l.report(report.Options{}))
	if title := table(t, made["disclosures.csv"])[0]["title"]; !strings.HasPrefix(title, "'-1") {
		t.Errorf("title: %q begins a formula", title)
	}
}

func TestThePageAsksForNothingFromElsewhereAndRunsNothing(t *testing.T) {
	l := newLog(t)
	l.whole("Indicators")
	page := files(t, l.report(report.Options{}))[report.Page]
	style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(page)
	if style == nil {
		t.Fatal("no style")
	}
	sum := sha256.Sum256([]byte(style[1]))
	want := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	policy := regexp.MustCompile(`Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)
	if policy == nil || strings.NewReplacer("&#39;", "'", "&#43;", "+").Replace(policy[1]) != want {
		t.Errorf("the policy is %q; want %q", policy, want)
	}
	if found := regexp.MustCompile(`(?i)\b(src|href|action)\s*=|url\(|@import`).FindString(page); found != "" {
		t.Errorf("the page refers elsewhere: %s", found)
	}
}

// The first of two people changes no marking, and is not counted as if they had.
func TestWhatOneOfTwoPeopleBeganIsCountedApart(t *testing.T) {
	l := newLog(t)
	l.deposit("Indicators")
	kept := l.checkpoint()
	for _, step := range []ledger.Step{ledger.StepFirst, ledger.StepFirst, ledger.StepSecond} {
		l.tell(ledger.Body{Kind: ledger.KindMarking, Actor: "per_1", Organisation: wco, Document: "doc_1",
			Terms: &ledger.Terms{Step: step, Marking: "non-confidential"}}, nil)
	}
	r := l.report(report.Options{Verify: ledger.Options{Since: kept}})
	if r.Fresh[report.Begun] != 2 || r.Fresh[ledger.KindMarking] != 1 {
		t.Errorf("new are %v", r.Fresh)
	}
	page := files(t, r)[report.Page]
	for _, want := range []string{"act begun, which a second person completes 2", "change of marking 1"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestWhatIsNewStandsBehindTheCheckpointThatWasKept(t *testing.T) {
	l := newLog(t)
	l.deposit("Indicators")
	l.ask("req_1", "per_staff2", unoct, piu, l.at.AddDate(1, 0, 0))
	kept := l.checkpoint()
	authorization := l.decide(ledger.KindAuthorization, unoct, "req_1", "")
	l.refuse("per_petra")
	l.disclose("per_petra", piu, []string{authorization}, "")
	r := l.report(report.Options{Verify: ledger.Options{Since: kept}})
	if r.Since != 2 || r.FreshCount() != 4 || r.Fresh[ledger.KindAuthorization] != 1 || r.Fresh[""] != 1 {
		t.Errorf("since %d, new %v; want 2, and an authorization, a refused act, a disclosure and the export", r.Since,
			r.Fresh)
	}
	if !r.Disclosures[0].New || !r.Refusals[0].New || !r.Decisions[0].New {
		t.Error("what stands behind the checkpoint is not called new")
	}
	if page := files(t, r)[report.Page]; !strings.Contains(page, "refused acts 1") {
		t.Error("the page does not say how many refusals are new")
	}
}

func TestWhatLooksUnusualIsSaidWithItsEntries(t *testing.T) {
	year := func(l *log) time.Time { return l.at.AddDate(1, 0, 0) }
	for name, tt := range map[string]struct {
		kind  string
		count int
		tell  func(l *log)
	}{
		"a copy at night": {"night", 1, func(l *log) {
			l.at = time.Date(2027, 3, 1, 22, 0, 0, 0, time.UTC)
			l.complete(l.disclose("per_petra", piu, nil, ""), piu)
		}},
		"a burst": {"burst", 20, func(l *log) {
			for range 20 {
				l.complete(l.disclose("per_petra", piu, nil, ""), piu)
			}
		}},
		"refusals, then a success": {"tries", 1, func(l *log) {
			for range 3 {
				l.refuse("per_petra")
			}
			l.complete(l.disclose("per_petra", piu, nil, ""), piu)
		}},
		"one person for many third parties": {"third-parties", 3, func(l *log) {
			for i, of := range []string{piu, "org_customs", "org_port"} {
				l.ask(fmt.Sprintf("req_%d", i), "per_busy", unoct, of, year(l))
			}
		}},
		"a consent without evidence": {"evidence-none", 1, func(l *log) {
			l.decide(ledger.KindConsent, wco, "req_1", "none")
		}},
		"a consent on paper": {"evidence-letter", 1, func(l *log) {
			l.decide(ledger.KindConsent, wco, "req_1", "letter")
		}},
		"a disclosure that never ended": {"open", 1, func(l *log) {
			l.disclose("per_petra", piu, nil, "")
			l.at = l.at.Add(30 * time.Hour)
		}},
		"a term that nobody ended": {"overdue", 1, func(l *log) {
			l.ask("req_1", "per_staff2", unoct, piu, l.at.Add(time.Hour))
			l.decide(ledger.KindAuthorization, unoct, "req_1", "")
			l.at = l.at.Add(4 * time.Hour)
		}},
		"refusals too fast for entries": {"too-many", 1, func(l *log) {
			l.tell(ledger.Body{Kind: ledger.KindTooMany, Organisation: piu, Actor: "per_petra", Outcome: ledger.Refused,
				Reasons: []string{"art4.5/not-granted"}, Counted: &ledger.Counted{Refusals: 40}}, nil)
		}},
		"a gateway that accepts less": {"weakening", 1, func(l *log) {
			l.tell(ledger.Body{Kind: ledger.KindConfiguration, Configured: &ledger.Configured{
				Weakening: []string{"admit.consent_evidence_none"}}}, nil)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLog(t)
			l.deposit("Indicators")
			tt.tell(l)
			r := l.report(report.Options{})
			if len(r.Unusual) != 1 || r.Unusual[0].Kind != tt.kind || r.Unusual[0].Count != tt.count ||
				len(r.Unusual[0].Entries) == 0 {
				t.Errorf("unusual: %+v; want one %s of %d", r.Unusual, tt.kind, tt.count)
			}
			if lines := table(t, files(t, r)["unusual.csv"]); len(lines) != 1 || lines[0]["what"] != tt.kind {
				t.Errorf("unusual.csv: %v", lines)
			}
		})
	}
}

func TestWhatIsUsualIsNotCalledUnusual(t *testing.T) {
	l := newLog(t)
	l.whole("Indicators")
	l.refuse("per_petra")
	l.refuse("per_petra")
	l.complete(l.disclose("per_petra", piu, nil, ""), piu)
	l.ask("req_2", "per_busy", unoct, piu, l.at.AddDate(0, 0, 1))
	l.decide(ledger.KindAuthorization, wco, "req_2", "")
	l.tell(ledger.Body{Kind: ledger.KindExpiry, Document: "doc_1", Request: "req_2"}, nil)
	l.at = l.at.AddDate(0, 0, 3)
	// Night where the reader is, and office hours where the auditor looks.
	night := time.Date(2027, 3, 5, 21, 0, 0, 0, time.UTC)
	l.at = night
	l.complete(l.disclose("per_petra", piu, nil, ""), piu)
	zone := time.FixedZone("elsewhere", -3*3600)
	if r := l.report(report.Options{Zone: zone}); len(r.Unusual) != 0 {
		t.Errorf("unusual: %+v", r.Unusual)
	}
}

func TestABundleThatFailsIsReportedAndItsLinesSayWhatIsWrong(t *testing.T) {
	l := newLog(t)
	l.whole("Indicators")
	l.wrote[4].Nonce[0] ^= 1 // the leaf no longer closes over the disclosure's body
	r := l.report(report.Options{})
	if r.Verdict.Good || len(r.Disclosures) != 1 || len(r.Disclosures[0].Wrong) == 0 {
		t.Fatalf("good %v, disclosures %+v", r.Verdict.Good, r.Disclosures)
	}
	made := files(t, r)
	if !strings.HasPrefix(table(t, made["disclosures.csv"])[0]["verdict"], "wrong: ") ||
		!strings.Contains(made[report.Page], `class="box bad"`) {
		t.Error("neither the line nor the page says that it is wrong")
	}
}

func TestWithoutTheLogsKeyTheReportIsUnanchored(t *testing.T) {
	l := newLog(t)
	l.deposit("Indicators")
	r, err := report.Make([]ledger.Bundle{l.bundle()}, report.Options{})
	must(t, err)
	if page := files(t, r)[report.Page]; !strings.Contains(page, `class="box unanchored"`) && r.Verdict.Bad == 0 {
		t.Error("the page does not say that nothing anchors it")
	}
}

func TestThePeriodBoundsWhatIsListedAndNotWhatIsVerified(t *testing.T) {
	l := newLog(t)
	l.whole("Indicators")
	l.refuse("per_petra")
	size := int64(len(l.wrote)) + 1
	r := l.report(report.Options{From: l.at.Add(-30 * time.Second)})
	if len(r.Disclosures) != 0 || len(r.Decisions) != 0 || len(r.Refusals) != 1 || r.Verdict.Size != size {
		t.Errorf("%d disclosures, %d decisions, %d refusals of %d entries", len(r.Disclosures), len(r.Decisions),
			len(r.Refusals), r.Verdict.Size)
	}
	_, err := report.Make([]ledger.Bundle{l.bundle()}, report.Options{From: l.at, To: l.at})
	if err == nil || !strings.Contains(err.Error(), "before it begins") {
		t.Errorf("a period without an instant: %v", err)
	}
}

func TestALongListIsCutOnThePageAndWholeInTheFile(t *testing.T) {
	l := newLog(t)
	l.deposit("Indicators")
	for range 501 {
		l.refuse("per_petra")
		l.decide(ledger.KindAuthorization, wco, "req_1", "")
	}
	made := files(t, l.report(report.Options{}))
	if n := len(table(t, made["refusals.csv"])); n != 501 {
		t.Errorf("%d refusals in the file; want 501", n)
	}
	if page := made[report.Page]; strings.Count(page, "<tr>") > 1100 ||
		strings.Count(page, "1 older line stands in the CSV file only.") != 2 {
		t.Errorf("%d lines on the page; want 500 of each, and that one of each is older", strings.Count(page, "<tr>"))
	}
}

func TestTheFilesAppearWholeAndAreTheirOwnersAlone(t *testing.T) {
	l := newLog(t)
	l.whole("Indicators")
	dir := filepath.Join(t.TempDir(), "a", "report")
	r := l.report(report.Options{})
	must(t, r.Write(dir))
	must(t, r.Write(dir)) // over an earlier one
	entries, err := os.ReadDir(dir)
	must(t, err)
	if len(entries) != len(r.Files()) {
		t.Errorf("%d files; want %d", len(entries), len(r.Files()))
	}
	for _, e := range entries {
		info, err := e.Info()
		must(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s is readable by others: %v", e.Name(), info.Mode())
		}
	}
	if err := r.Write(filepath.Join(dir, report.Page)); err == nil {
		t.Error("a report was written into a file")
	}
}

func TestBothLanguagesHaveEveryWordThatThePageSays(t *testing.T) {
	text, err := os.ReadFile("words.txt")
	must(t, err)
	words := map[string]bool{}
	for block := range strings.SplitSeq(string(text), "\n\n") {
		lines := strings.Split(strings.Trim(block, "\n"), "\n")
		switch {
		case strings.HasPrefix(lines[0], "#"):
		case len(lines) != 3 || words[lines[0]]:
			t.Errorf("%q: want one key, English and French, once", lines[0])
		default:
			words[lines[0]] = true
			if a, b := strings.Count(lines[1], "%"), strings.Count(lines[2], "%"); a != b {
				t.Errorf("%s: %d values in English, %d in French", lines[0], a, b)
			}
		}
	}
	for _, row := range ledger.Grammar {
		if !words["kind."+string(row.Kind)] {
			t.Errorf("kind.%s is missing: entries of this kind have no name in the report", row.Kind)
		}
	}
	used := regexp.MustCompile(`\bt "([a-z.\-]+)"|say\("([a-z.\-]+[a-z])"`)
	for _, name := range []string{"page.html", "page.go"} {
		source, err := os.ReadFile(name)
		must(t, err)
		for _, found := range used.FindAllStringSubmatch(string(source), -1) {
			if key := found[1] + found[2]; !words[key] {
				t.Errorf("%s says %q, which has no words", name, key)
			}
		}
	}
	l := newLog(t)
	l.whole("Indicators")
	french := files(t, l.report(report.Options{Language: "fr"}))[report.Page]
	for _, want := range []string{`lang="fr"`, "article 4, par.\u00a08", "consentement par"} {
		if !strings.Contains(french, want) {
			t.Errorf("the French page does not say %q", want)
		}
	}
	if _, err := report.Make(nil, report.Options{Language: "xx"}); err == nil {
		t.Error("a language that there is not")
	}
	if _, err := report.Make(nil, report.Options{}); err == nil || !strings.Contains(err.Error(), "0 bundles") {
		t.Errorf("no bundle: %v", err)
	}
}
