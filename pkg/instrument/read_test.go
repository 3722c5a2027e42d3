package instrument_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/deploy"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/instrument"
)

func TestTheArrangementFileIsWhatThePartiesSigned(t *testing.T) {
	in, err := instrument.Read(strings.NewReader(string(deploy.Arrangement)))
	if err != nil {
		t.Fatal(err)
	}
	signed := time.Date(2022, 9, 22, 0, 0, 0, 0, time.UTC)
	for i, short := range []string{"wco", "unoct"} {
		p := in.Parties[i]
		if p.Short != short || !p.SignedOn.Equal(signed) || p.FocalPoint == nil ||
			p.FocalPoint.Subject != "focal."+short {
			t.Errorf("Party %d: %+v", i, p)
		}
		if p.FocalPoint.DesignatedOn.After(signed.AddDate(0, 0, 30)) {
			t.Errorf("%s named its focal point later than Article 5(3) says", short)
		}
		for _, d := range p.Delegations {
			checkInstrument(t, d.Subject, d.Instrument)
		}
	}
	for _, third := range in.ThirdParties {
		if len(third.Mandates) != 1 || !third.Mandates[0].Ends().Equal(third.Mandates[0].Until.AddDate(0, 0, 1)) {
			t.Errorf("who speaks for %s: %+v", third.Short, third.Mandates)
		}
		for _, m := range third.Mandates {
			checkInstrument(t, m.Subject, m.Instrument)
		}
	}
	var codes []string
	for _, p := range in.Purposes {
		codes = append(codes, p.Code)
	}
	want := "art2.a art2.b art2.c art2.d art2.e art2.f art2.g art2.h art2.i art2.j art2.k art3.a art3.b art3.c"
	if got := strings.Join(codes, " "); got != want {
		t.Errorf("purposes %s", got)
	}
	sum := sha256.Sum256(deploy.Arrangement)
	if in.Digest != hex.EncodeToString(sum[:]) {
		t.Errorf("digest %s", in.Digest)
	}
}

// checkInstrument wants the digest in a Delegation or a Mandate to be that of the paper beside the file.
func checkInstrument(t *testing.T, subject, digest string) {
	t.Helper()
	paper, err := os.ReadFile(filepath.Join("../../deploy/arrangements/instruments", subject+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(paper)
	if digest != hex.EncodeToString(sum[:]) {
		t.Errorf("what %s holds names another paper", subject)
	}
}

func TestEachProblemOfAnArrangementFileNamesItsKeyAndParagraph(t *testing.T) {
	for name, c := range map[string]struct{ old, new, field, detail, paragraph string }{
		"unknown key": {"title:", "titel: x\ntitle:", "titel", "unknown key titel", ""},
		"unknown key of a Party": {"    signed_on: 2022-09-22\n", "    signed: 2022-09-22\n", "parties[0].signed",
			"unknown key", ""},
		"unknown key in braces": {`{code: art2.a, `, `{code: art2.a, kode: x, `, "purposes[0].kode",
			"unknown key kode", ""},
		"no title":          {"title: Arr", "title: ' '\n#", "title", "missing", ""},
		"short in capitals": {"short: wco", "short: WCO", "parties[0].short", "a-z", ""},
		"one short twice":   {"short: operator", "short: wco", "operator.short", "parties[0].short", ""},
		"one name twice": {"name: Operator of the gateway", "name: World Customs Organization",
			"operator.name", "already", ""},
		"one issuer twice": {"issuer: https://id.unoct.example.int", "issuer: https://id.wco.example.int",
			"parties[1].issuer", "parties[0].issuer", ""},
		"issuer no address": {"issuer: https://id.operator.example.int", "issuer: operator", "operator.issuer",
			"identity provider", ""},
		"signature date quoted": {"signed_on: 2022-09-22", "signed_on: '2022-09-22'", "parties[0].signed_on",
			"YYYY-MM-DD", ""},
		"signature with a time": {"signed_on: 2022-09-22", "signed_on: 2022-09-22T10:00:00Z", "parties[0].signed_on",
			"without time", "11(1)"},
		"impossible date": {"signed_on: 2022-09-22", "signed_on: 2022-02-31", "parties[0].signed_on",
			"YYYY-MM-DD", ""},
		"focal point without day": {"      designated_on: 2022-10-03\n", "", "parties[0].focal_point.designated_on",
			"missing", "5(3)"},
		"focal point nobody": {"      subject: focal.wco\n", "", "parties[0].focal_point.subject", "missing",
			"5(3)"},
		"act unknown": {"acts: [authorize, consent,", "acts: [authorise, consent,",
			"parties[0].delegations[0].acts[0]", "authorise", "4(8)"},
		"act not delegable": {"acts: [authorize, consent,", "acts: [deposit, consent,",
			"parties[0].delegations[0].acts[0]", "deposit", "4(8)"},
		"no acts": {"        acts: [authorize, consent, refuse, withdraw, mark, recall, give-notice, " +
			"delegate]\n", "", "parties[0].delegations[0].acts", "missing", "4(8)"},
		"until before from": {"until: 2035-09-30", "until: 2022-10-01", "parties[0].delegations[0].until", "later",
			"4(8)"},
		"no instrument": {"instrument_sha256: ", "instrument_sha256: x",
			"parties[0].delegations[0].instrument_sha256", "SHA-256", "4(8)"},
		"confirmed by the filer": {"confirmed_by: cabinet.wco", "confirmed_by: legal.wco",
			"parties[0].delegations[0].confirmed_by", "second official", "4(8)"},
		"type unknown": {"type: passenger-information-unit", "type: airline", "third_parties[0].type",
			"carrier", "4(8)"},
		"country unknown": {"country: XE", "country: Exampleland", "third_parties[0].country", "ISO 3166-1",
			"4(8)"},
		"country missing": {"    country: XE\n", "", "third_parties[0].country", "State", "4(8)"},
		"proposed by a stranger": {"proposed_by: unoct", "proposed_by: piu-exampleland", "third_parties[0].proposed_by",
			"Party", "4(8)"},
		"confirmed by proposer": {"confirmed_by: wco", "confirmed_by: unoct", "third_parties[0].confirmed_by",
			"other Party", "4(8)"},
		"purpose twice": {"code: art2.b, paragraph: \"2(b)\"", "code: art2.a, paragraph: \"2(a)\"",
			"purposes[1].code", "purposes[0].code", "4(7)"},
		"purpose elsewhere": {`paragraph: "2(a)"`, `paragraph: "2(b)"`, "purposes[0].paragraph", "2(a)", "4(7)"},
		"purpose nowhere":   {`paragraph: "2(a)", `, ``, "purposes[0].paragraph", "2(e)", "4(7)"},
		"purpose without words in French": {`label_fr: "Données`, `label_fr: "\tDonnées`, "purposes[4].label_fr",
			"printable", "4(7)"},
		"purpose without label": {`label: "Exchanging information, progress in beneficiary countries included"`,
			`label: ""`, "purposes[0].label", "missing", "4(7)"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(string(deploy.Arrangement), c.old, c.new, 1)
			if text == string(deploy.Arrangement) {
				t.Fatalf("the file has no %q", c.old)
			}
			for _, p := range problemsOf(t, text) {
				if p.Field == c.field {
					if line := lineAt(text, p); !strings.Contains(line, keyOf(p)+":") &&
						!strings.Contains(line, "- ") && c.detail != "missing" {
						t.Errorf("names line %d, %q", p.Line, line)
					}
					if !strings.Contains(p.Detail, c.detail) || p.Paragraph != c.paragraph {
						t.Errorf("says %q (%s)", p.Detail, p.Paragraph)
					}
					return
				}
			}
			t.Errorf("%s is not named: %v", c.field, problemsOf(t, text))
		})
	}
}

// lineAt is the line of the file that a fault names.
func lineAt(text string, f instrument.Fault) string {
	lines := strings.Split(text, "\n")
	if f.Line < 1 || f.Line > len(lines) {
		return ""
	}
	return lines[f.Line-1]
}

// keyOf is the key that a fault is about.
func keyOf(f instrument.Fault) string {
	path, _, _ := strings.Cut(f.Field[strings.LastIndex(f.Field, ".")+1:], "[")
	return path
}

func TestAFaultNamesTheLineOfItsKey(t *testing.T) {
	const text = "title: x\nparties:\n  - short: wco\n    name: WCO\n    issuer: nowhere\n    signed_on: soon\n    " +
		"colour: blue\n  - short: un\n"
	got := map[string]int{}
	for _, f := range problemsOf(t, text) {
		got[f.Field] = f.Line
	}
	for field, line := range map[string]int{"parties[0].issuer": 5, "parties[0].signed_on": 6, "parties[0].colour": 7,
		"parties[1].name": 8} {
		if got[field] != line {
			t.Errorf("%s: line %d, want %d", field, got[field], line)
		}
	}
}

func problemsOf(t *testing.T, text string) []instrument.Fault {
	t.Helper()
	in, err := instrument.Read(strings.NewReader(text))
	var wrong *instrument.Invalid
	if !errors.As(err, &wrong) || len(wrong.Faults) == 0 {
		t.Fatalf("answered %v", err)
	}
	if in.Title != "" {
		t.Error("an Arrangement came out")
	}
	return wrong.Faults
}

func TestEveryProblemOfAnArrangementFileIsReportedAtOnce(t *testing.T) {
	text := string(deploy.Arrangement)
	for old, with := range map[string]string{
		"signed_on: 2022-09-22": "signed_on: soon", "until: 2035-09-30": "until: 2001-01-01",
		"country: XE": "country: xe", "short: operator": "short: ''"} {
		text = strings.Replace(text, old, with, 1)
	}
	if got := problemsOf(t, text); len(got) != 4 {
		t.Errorf("%d problems: %v", len(got), got)
	}
}

func TestWhatIsNoArrangementFileIsRefused(t *testing.T) {
	third := strings.Replace(string(deploy.Arrangement), "third_parties:",
		"  - {short: un3, name: Third, issuer: https://id.example.int}\n\nthird_parties:", 1)
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for last, next := 'a', 'b'; next < 'k'; last, next = next, next+1 {
		bomb += string(next) + ": &" + string(next) + " [" +
			strings.TrimSuffix(strings.Repeat("*"+string(last)+",", 9), ",") + "]\n"
	}
	for name, text := range map[string]string{
		"nothing":        "",
		"a list":         "- a",
		"garbage":        "\x00\xff{{{",
		"two documents":  string(deploy.Arrangement) + "\n---\ntitle: x\n",
		"three Parties":  third,
		"no Parties":     "title: x",
		"a key twice":    "title: x\ntitle: y\n",
		"too long":       string(deploy.Arrangement) + strings.Repeat("# words\n", 1<<17),
		"aliases":        bomb,
		"an anchor":      strings.Replace(string(deploy.Arrangement), "title: ", "title: &a ", 1),
		"brackets":       "title: " + strings.Repeat("[", 1<<19),
		"dashes":         strings.Repeat("- ", 1<<18),
		"question marks": strings.Repeat("? ", 1<<18),
		"deep":           deep(),
	} {
		t.Run(name, func(t *testing.T) { problemsOf(t, text) })
	}
}

// deep nests as deeply by indentation as the length of a file allows.
func deep() string {
	var b strings.Builder
	for n := 0; b.Len() < 1<<19; n++ {
		b.WriteString(strings.Repeat(" ", n) + "a:\n")
	}
	return b.String()
}

// FuzzRead looks for a file that is neither read nor refused with named problems.
func FuzzRead(f *testing.F) {
	f.Add(string(deploy.Arrangement))
	for _, seed := range []string{"", "#", "---\n...\n", "title: &a x\nparties: *a",
		"parties: [{signed_on: 2022-09-22, delegations: [{from: 2, until: !!timestamp x}]}]",
		"? {a: b}\n: c", "<<: {title: x}", "parties: {short: x}", "signed_on: &x [*x]"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		in, err := instrument.Read(strings.NewReader(text))
		var wrong *instrument.Invalid
		if err != nil && (!errors.As(err, &wrong) || len(wrong.Faults) == 0) {
			t.Errorf("%q answered %v", text, err)
		}
		if err == nil && len(in.Parties) != 2 {
			t.Errorf("%q was read", text)
		}
	})
}

func TestADelegationNamesActsOfTheRules(t *testing.T) {
	for _, act := range instrument.Delegable() {
		if !article4.Act(act).Valid() {
			t.Errorf("%s is no act of the rules", act)
		}
	}
}
