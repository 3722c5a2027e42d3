package portal

import (
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/session"
	"chancery.example/gateway/pkg/web"
)

var (
	inTemplates = regexp.MustCompile(`\bt "([^"]+)"|"key" "([^"]+)"`)
	inCode      = regexp.MustCompile(`\b(?:c\.t|worded|lookUp|add|need)\((?:in, |c\.in, |len\([a-z.A-Z]+\), |[a-z]+,
		)?"([^"]+)"`)
	begun = regexp.MustCompile(`print "([a-z-]+\.)"`)
)

// families are the keys of which the last part is a word of the rules or of the records.
func families() map[string][]string {
	acts := []article4.Act{article4.ActDeposit, article4.ActDescribe, article4.ActRequest, article4.ActAuthorize,
		article4.ActConsent, article4.ActRefuse, article4.ActAdmit, article4.ActWithdraw, article4.ActPropose,
		article4.ActSign, article4.ActDecline, article4.ActDisclose, article4.ActAsk, article4.ActAnswer,
		article4.ActFile,
		article4.ActRelease, article4.ActEndRelease, article4.ActMark, article4.ActAmend, article4.ActAddEntity,
		article4.ActRemoveEntity, article4.ActNotConcerned,
		article4.ActCorrect, article4.ActAcknowledge, article4.ActRecall, article4.ActDestroy, article4.ActSuspend,
		article4.ActLift, article4.ActHold, article4.ActEndHold, article4.ActErase, article4.ActDesignate,
		article4.ActDelegate, article4.ActRecognise, article4.ActMandate, article4.ActGiveNotice,
		article4.ActExplain, article4.ActAccount,
		article4.ActTrace, article4.ActReportLeak, article4.ActReadLog}
	all := map[string][]string{
		"marking.":  {"confidential", "restricted", "non-confidential"},
		"banner.":   {"confidential", "restricted", "non-confidential"},
		"state.":    {"open", "in-force", "refused", "lapsed", "withdrawn", "expired"},
		"sentence.": {"refused", "lapsed", "withdrawn", "expired"},
		"role.":     {"staff", "focal-point", "signatory", "auditor", "operator", "service"},
		"form.":     {"view", "stamped", "original"},
		"over.": {"signed-out", "too-many", "elsewhere", "issuer", "renewed", "another-person", "operator", "party",
			"other", "time-over"},
		"box.":            {"mine", "ours", "for-us", "asked-of-us", "decided-by-us", "deliveries"},
		"document.state.": {"recalled", "suspended", "held", "retention-over", "review-due", "notice-given"},
		"empty.": {"mine", "ours", "for-us", "asked-of-us", "decided-by-us", "inbox", "deliveries",
			"questions", "ending"},
		"requests.only.": {"questions", "ending"},
		"agreement.":     {"unsigned", "signed", "superseded", "declined"},
		"notice.": {"correction", "recall", "withdrawal", "marking", "amended", "configuration", "leak", "termination",
			"designation", "review", "suspension", "asked", "question", "answered", "decided", "in-force", "lapsing",
			"ending", "delivered", "released", "disclosed", "confirmation", "agreement", "sign-in",
			"bounced", "sessions-ended", "alteration", "retention",
			"lowering",
			"not-concerned"},
		"disposition.": {"destroyed", "returned", "kept", "read"},
		"thread.":      {"authorize", "consent", "refuse"},
		"done.": {"authorize", "consent", "refuse", "asked", "said", "withdrawn", "admitted", "deposited",
			"deposited-given", "amend"},
		"decide.give.":     {"authorize", "consent"},
		"decide.button.":   {"authorize", "consent"},
		"decide.effect.":   {"view", "stamped", "original"},
		"deposit.marking.": {"confidential", "restricted", "non-confidential"},
		"refuse-because.":  {"purpose", "people", "safeguards", "elsewhere", "other"},
		"act-short.": {"authorize", "consent", "refuse", "withdraw", "recall", "suspend", "lift", "hold", "end-hold",
			"release", "file", "mark", "destroy", "erase", "designate", "delegate", "recognise", "mandate",
			"give-notice", "keep-webhook"},
		"reach.":   {"mark", "recall", "grants", "releases"},
		"custody.": {"operator-held"},
		"acts.":    {"use", "right", "stop", "concerned", "holders"},
		"did.": {"gives", "given", "office", "version", "entities", "not-concerned", "release", "release-ended",
			"lowering", "destroy",
			"ended", "erased", "dropped", "proposed", "confirmed", "delegated", "delegation-ended", "designated",
			"mail", "instrument", "webhook", "webhook-ended", "several", "signed-out", "nobody-there",
			"answered", "stopped"},
		"third.type.": thirdPartyTypes,
		"version.":    {"corrects", "updates", "replaces", "corrects.hint", "updates.hint", "replaces.hint"},
		"trace.":      {"number", "look-alike", "digest", "label"},
		"stops.":      {"lift", "lift.effect", "end-hold", "end-hold.effect"},
		"lowering.":   {"authorize-lowering", "authorize-lowering.effect", "refuse-lowering", "refuse-lowering.effect"},
		"report.":     {"asked", "given", "refused", "lapsed"},
		"outcome.":    {"permit", "refuse"},
		"log.chip.": {"from", "to", "document", "request", "person", "kind", "outcome", "paragraph", "reason",
			"marking", "beneficiary", "readings"},
		"fault.": {"marking", "title", "purpose_statement", "purposes", "personal_data", "entities", "regime",
			"legal_basis",
			"retain_until", "for", "purpose", "statement", "until", "name", "function", "authority", "accepts"},
		"confirms.": {"mark", "remove-entity", "deposit", "correct", "file", "erase", "delegate", "designate",
			"give-notice", "recognise", "mandate", "destroy", "lift", "end-hold", "keep-webhook"},
		"confirmation.": {"mine", "mine.named"},
		"third.":        {"mine", "mine.named"},
		"webhooks.":     {"waiting", "delivered", "dead"},
		"suspend.": {"person.title", "person.effect", "person.button", "organisation.title", "organisation.effect",
			"organisation.button"},
	}
	for _, act := range acts {
		all["refusal."] = append(all["refusal."], string(act))
	}
	for act := range pagesOf {
		all["act."] = append(all["act."], string(act), string(act)+".says")
	}
	for name := range statements {
		all["done."] = append(all["done."], name)
		all["act."] = append(all["act."], name, name+".says", name+".effect")
	}
	all["kind."] = slices.Clone(logKinds)
	all["said.end."] = []string{"complete", "aborted", "unknown", "unused", "shown"}
	all["said.evidence."] = []string{"oidc", "letter", "none"}
	return all
}

// asked are the keys that pages ask for, and where.
func asked(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(name, "_test.go") {
			return err
		}
		pattern := inTemplates
		switch filepath.Ext(name) {
		case ".go":
			pattern = inCode
		case ".html":
		default:
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for _, m := range pattern.FindAllStringSubmatch(string(text), -1) {
			key := strings.Join(m[1:], "")
			if !strings.HasSuffix(key, ".") && (pattern == inTemplates || strings.ContainsAny(key, ".-") ||
				catalogue[key] != word{}) {
				out[key] = name
			}
		}
		for _, m := range begun.FindAllStringSubmatch(string(text), -1) {
			if families()[m[1]] == nil {
				t.Errorf("%s asks for words that begin with %q: say in this test which there are", name, m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for family, parts := range families() {
		for _, part := range parts {
			out[family+part] = "a family"
		}
	}
	return out
}

func TestEveryWordThatAPageAsksForIsThereInBothLanguages(t *testing.T) {
	all := asked(t)
	if len(all) < 300 {
		t.Fatalf("only %d keys are asked for", len(all))
	}
	for key, where := range all {
		for _, in := range []web.Language{web.English, web.French} {
			if text, found := lookUp(in, key); !found || strings.TrimSpace(text) == "" {
				t.Errorf("%s asks for %q, which has no words in %q", where, key, in)
			}
		}
	}
}

// An auditor reads each kind of entry in words: those that the log can hold are constants of package ledger.
func TestEveryKindOfEntryHasWords(t *testing.T) {
	files, err := filepath.Glob("../ledger/*.go")
	if err != nil {
		t.Fatal(err)
	}
	constant := regexp.MustCompile(`(?m)^\s*Kind[A-Z]\w* +(?:Kind +)?= "([a-z-]+)"`)
	kinds := 0
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range constant.FindAllStringSubmatch(string(text), -1) {
			kinds++
			for _, in := range []web.Language{web.English, web.French} {
				if _, found := lookUp(in, "kind."+m[1]); !found {
					t.Errorf("the kind %q has no words in %q", m[1], in)
				}
			}
		}
	}
	if kinds < 30 {
		t.Errorf("only %d kinds are found", kinds)
	}
}

// entriesRows are the rows of a table of docs/log-entries.md, which a test of package ledger holds to the grammar.
func entriesRows(t *testing.T, columns int) (rows [][]string) {
	t.Helper()
	text, err := os.ReadFile("../../docs/log-entries.md")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(string(text), "\n") {
		cells := strings.Split(strings.Trim(line, "|"), "|")
		if len(cells) == columns && strings.HasPrefix(line, "| `") {
			for i := range cells {
				cells[i] = strings.Trim(strings.TrimSpace(cells[i]), "`")
			}
			rows = append(rows, cells)
		}
	}
	return rows
}

func wordedInBoth(t *testing.T, key string) (english, french string) {
	t.Helper()
	english, found := lookUp(web.English, key)
	french, _ = lookUp(web.French, key)
	if !found || english == "" || french == "" {
		t.Errorf("%q has no words in both languages", key)
	}
	return english, french
}

// The first of two people only begins: no entry of theirs reads as if the act was done.
func TestWhatOneOfTwoPeopleBeginsIsNotSaidToBeDone(t *testing.T) {
	begins := regexp.MustCompile(`^(asked that|proposed|began) .*, which (a second \w+|the other Party) `)
	commence := regexp.MustCompile(`(une seconde personne|second signataire|l’autre Partie) confirme$`)
	twos := 0
	for _, row := range entriesRows(t, 8) {
		if !strings.Contains(row[5], "two") {
			continue
		}
		twos++
		english, french := wordedInBoth(t, "kind."+row[0]+".first")
		if !begins.MatchString(english) || !commence.MatchString(french) {
			t.Errorf("%s: %q, %q", row[0], english, french)
		}
		for _, in := range []web.Language{web.English, web.French} {
			c := &call{in: in}
			done := c.kind(row[0], "permit", "")
			first, second := c.kind(row[0], "permit", exchange.StepFirst), c.kind(row[0], "permit", exchange.StepSecond)
			if first == done || second == done || strings.Contains(first, done) || !strings.HasPrefix(second, done) {
				t.Errorf("%s: done %q, begun %q, completed %q", row[0], done, first, second)
			}
		}
	}
	if twos != 13 {
		t.Errorf("%d kinds take two people", twos)
	}
}

// What stands behind an entry is worded: each private field that the grammar knows, each fact that the rules are asked
// about, and each word that one may be.
func TestWhatStandsBehindAnEntryHasWords(t *testing.T) {
	fields := 0
	for _, row := range entriesRows(t, 5) {
		for field := range strings.SplitSeq(row[3], ", ") {
			if field != "" {
				wordedInBoth(t, "detail."+field)
				fields++
			}
		}
	}
	schema, err := os.ReadFile("../article4/rules.cedarschema")
	if err != nil {
		t.Fatal(err)
	}
	facts := regexp.MustCompile(`(\w+): (Bool|String|Set<String>)`).FindAllStringSubmatch(string(schema), -1)
	for _, m := range facts {
		if m[2] == "Bool" {
			wordedInBoth(t, "asked."+m[1])
		} else {
			wordedInBoth(t, "asked.name."+m[1])
		}
	}
	rules, err := os.ReadFile("../article4/rules.cedar")
	if err != nil {
		t.Fatal(err)
	}
	compared := regexp.MustCompile(`context\.(\w+) [=!]= "([a-z-]+)"`).FindAllStringSubmatch(string(rules), -1)
	for _, m := range compared {
		c := &call{in: web.French}
		if said := c.values(m[1], []string{"=" + m[2]}); said == m[2] || strings.HasPrefix(said, "asked.") {
			t.Errorf("%s may be %q, which has no words", m[1], m[2])
		}
	}
	if fields < 100 || len(facts) < 300 || len(compared) < 30 {
		t.Errorf("only %d fields, %d facts and %d comparisons were found", fields, len(facts), len(compared))
	}
}

func TestTheFactsOfADecisionAreReadAsTheLogKeepsThem(t *testing.T) {
	c := &call{in: web.English}
	got := c.asked("authorize\nyes delegated protected\nno suspended\nphase =in-effect\nroles signatory staff\n" +
		"consent =\n")
	want := &askedOf{
		Yes: []string{"A Delegation for this act is in force", "The document is protected"},
		No:  []string{"The person, or their third party, is suspended"},
		Others: []fact{{Name: "The Arrangement", Says: "in effect"}, {Name: "Roles", Says: "signatory, staff"},
			{Name: "Consent", Says: "none"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := c.asked("authorize\n"); len(got.Yes)+len(got.No)+len(got.Others) != 0 {
		t.Errorf("of nothing that was asked: %+v", got)
	}
}

func TestTheFileOfWordsIsBlocksOfThreeLines(t *testing.T) {
	seen := map[string]bool{}
	for block := range strings.SplitSeq(wordsText, "\n\n") {
		block = strings.Trim(block, "\n")
		if block == "" || strings.HasPrefix(block, "#") {
			continue
		}
		lines := strings.Split(block, "\n")
		if len(lines) != 3 {
			t.Errorf("a block of %d lines: %q", len(lines), block)
			continue
		}
		if seen[lines[0]] {
			t.Errorf("%s stands twice", lines[0])
		}
		seen[lines[0]] = true
	}
}

func TestBothLanguagesSayTheSameThings(t *testing.T) {
	verbs := regexp.MustCompile(`%[a-z]`)
	for key, w := range catalogue {
		english := verbs.FindAllString(strings.Split(w.english, "|")[len(strings.Split(w.english, "|"))-1], -1)
		french := verbs.FindAllString(strings.Split(w.french, "|")[len(strings.Split(w.french, "|"))-1], -1)
		if !slices.Equal(english, french) {
			t.Errorf("%s puts %v in English and %v in French", key, english, french)
		}
		if regexp.MustCompile(` [:;?!»]|« |'`).MatchString(w.french) || strings.Contains(w.english, "'") {
			t.Errorf("%s is not set as in print: %q, %q", key, w.english, w.french)
		}
	}
}

func TestDatesAndSizesAreWrittenInTheReadersWay(t *testing.T) {
	at := dayIn("2026-11-29")
	for got, want := range map[string]string{
		day(web.English, at):         "29 Nov 2026",
		day(web.French, at):          "29 nov. 2026",
		when(web.English, at):        "29 Nov 2026, 00:00 UTC",
		size(web.English, 31):        "31 B",
		size(web.English, 10_400):    "10.4 kB",
		size(web.French, 10_400):     "10,4 ko",
		size(web.French, 512):        "512 octets",
		size(web.English, 1_500_000): "1.5 MB",
		article(web.English, "4(8)"): "Article 4(8)",
		article(web.French, "4(8)"):  "article 4, par. 8",
	} {
		if plain := strings.ReplaceAll(got, "\u00a0", " "); plain != want {
			t.Errorf("%q, want %q", plain, want)
		}
	}
}

func TestMarkingsAreShownInNoOrderOfStrength(t *testing.T) {
	for _, given := range [][]article4.Marking{{article4.Restricted, article4.Confidential, article4.NonConfidential},
		{article4.Confidential, article4.Restricted}} {
		if got := eachOnce(given); len(got) != 2 {
			t.Errorf("of %v a page shows %v", given, got)
		}
	}
	if got := eachOnce([]article4.Marking{article4.NonConfidential}); len(got) != 1 {
		t.Errorf("of what is not protected a page shows %v", got)
	}
}

// Why nothing reached a webhook is kept in English, and said in the reader's language.
func TestEveryFaultOfAWebhookHasWordsInBothLanguages(t *testing.T) {
	said := regexp.MustCompile(`(?:return (?:(?:0|code), )?|const unreadable = )"([^"]+)"`)
	found := 0
	for _, name := range []string{"dial.go", "worker.go"} {
		text, err := os.ReadFile(filepath.Join("..", "webhook", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range said.FindAllStringSubmatch(string(text), -1) {
			found++
			english := (&call{in: web.English}).faultOfWebhook(m[1])
			if french := (&call{in: web.French}).faultOfWebhook(m[1]); english != m[1] || french == m[1] {
				t.Errorf("%q is %q in English and %q in French", m[1], english, french)
			}
		}
	}
	if found != 8 {
		t.Errorf("%d faults were found", found)
	}
}

// A replica says of a session that a later build ended, which serves beside it, that it ended; the words of its own
// reasons it knows.
func TestASessionThatALaterBuildEndedIsSaidToHaveEnded(t *testing.T) {
	for in, wanted := range map[web.Language]string{web.English: "Your session was ended.",
		web.French: "Votre session a pris fin."} {
		if got := because(in, "for-a-reason-of-later"); !strings.HasPrefix(got, wanted) {
			t.Errorf("%s: %q", in, got)
		}
		if got := because(in, session.ByParty); strings.HasPrefix(got, wanted) {
			t.Errorf("%s: a reason that is known is told as %q", in, got)
		}
	}
}
