package layout_test

import (
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/web"
)

// misset are ways to set French wrongly, each with what is right.
var misset = map[string]*regexp.Regexp{
	"’ (U+2019) for the apostrophe": regexp.MustCompile(`'`),
	"U+202F before ; ! ?":           regexp.MustCompile(`[^\x{202f}][;!?]`),
	"U+00A0 before :":               regexp.MustCompile(`[^\x{00a0}]:[^/]`),
	"U+00A0 inside « »":             regexp.MustCompile(`«[^\x{00a0}]|[^\x{00a0}]»`),
	"« » for quotation marks":       regexp.MustCompile("[\"“”`]"),
	"article 4, par. 4 for 4(4)":    regexp.MustCompile(`\d\(\w+\)`),
	"veuillez and an infinitive for an " +
		"imperative": regexp.MustCompile(
		`(?i)\b(réessayez|demandez|connectez|donnez|nommez|dites|prenez|omettez|confirmez|modifiez|prévenez|` +
			`envoyez)\b`),
	"the words of the field (docs/decisions/0098)": regexp.MustCompile(`(?i)\b(remise à la ` +
		`disposition|opérateurs?|scellés?|point focal|points focaux|journal (ne|n’)|dénonciation|copies? ` +
		`marquées?|client automatique|arrangement spécifique|en vigueur|envoyé)\b`),
	"délégation de pouvoirs, which is no delegation": regexp.MustCompile(`(?i)délégation(s)?( [^d]|[,.]|$)`),
	"no double space": regexp.MustCompile(`[ \x{00a0}\x{202f}]{2}`),
}

// apiNames are values of the API that are no French: they stand in « ».
var apiNames = regexp.MustCompile(
	`\b(metadata|content|boundary|true|false|none|stamped|oidc|inbox|next|since|from|If-Match|ETag|Idempotency-Key|` +
		`Retry-After|application/json|marking_confirmation)\b`)

// placeInBraces is what a fact fills.
var placeInBraces = regexp.MustCompile(`\{\w+\}`)

// quoted is what stands in « »: it is of the API, and set as there.
var quoted = regexp.MustCompile(`«\x{00a0}[^»]*\x{00a0}»`)

// unset tells how a French text is set wrongly; empty where it is right.
func unset(text string) (wrong []string) {
	text = quoted.ReplaceAllString(text, "«\u00a0x\u00a0»")
	for right, pattern := range misset {
		if found := pattern.FindString(text); found != "" {
			wrong = append(wrong, fmt.Sprintf("%q: want %s", found, right))
		}
	}
	if found := apiNames.FindString(text); found != "" {
		wrong = append(wrong, fmt.Sprintf("%q: want names and values of the API in « »", found))
	}
	slices.Sort(wrong)
	return wrong
}

// frenchTexts are all French texts that the gateway answers with, by where they stand.
func frenchTexts(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, code := range article4.Codes() {
		e, _ := article4.Lookup(code)
		_, effect := e.Effect.Words()
		texts[string(code)+" title"], texts[string(code)+" detail"], texts[string(code)+" effect"] = e.French.Title,
			e.French.Detail, effect
	}
	for _, g := range []article4.FormGround{article4.FormOwnPeople, article4.FormOpen, article4.FormGrantOriginal,
		article4.FormGrantStamped} {
		_, texts[string(g)] = g.Words()
	}
	for _, k := range invalid.Keys() {
		f := invalid.Fault{Key: k}
		f.Args = make([]any, strings.Count(f.English(), "%!s(MISSING)"))
		for i := range f.Args {
			f.Args[i] = 7
		}
		texts[fmt.Sprintf("fault %d, %s", k, f.English())] = f.French()
	}
	for where, words := range exchange.NoticeTexts() {
		texts["notice "+where] = placeInBraces.ReplaceAllString(words[1], "7")
	}
	problems, err := web.NewProblems(web.ProblemsConfig{PublicURL: "https://gateway.example",
		Logger:  slog.New(slog.DiscardHandler),
		Reasons: func(*exchange.Refusal, exchange.Actor, web.Language) []web.Reason { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range web.Kinds() {
		p := problems.Of(web.Fail(kind, nil), exchange.Actor{}, web.French)
		texts[string(kind)+" title"], texts[string(kind)+" detail"] = p.Title, p.Detail
	}
	for name, because := range map[string]web.Because{"JSON": web.JSONExpected(""),
		"multipart": web.MultipartExpected("text/plain"), "technical": web.Technical("x")} {
		texts[name] = because.French
	}
	return texts
}

// French is set as in print, in one way, and says one thing with one word (docs/decisions/0096 and 0098).
func TestFrenchIsSetAsInPrint(t *testing.T) {
	texts := frenchTexts(t)
	if len(texts) < 300 {
		t.Errorf("only %d texts were found", len(texts))
	}
	for where, text := range texts {
		for _, wrong := range unset(text) {
			t.Errorf("%s: %q: %s", where, text, wrong)
		}
	}
}

func TestFrenchThatIsSetWronglyIsNoticed(t *testing.T) {
	for text, faults := range map[string]int{
		"Rien n’a été fait.":                              0,
		"« x » est requis\u00a0: voir https://x.example.": 1, // ordinary spaces inside « »
		"Rien n'a été fait.":                              1,
		"Attendez ; puis lisez.":                          1,
		"Deux choses : l’une.":                            1,
		"article 4(4)":                                    1,
		"La seule partie est content":                     1,
		"Veuillez patienter, puis réessayez.":             1,
		"une délégation en vigueur":                       2,
		"une délégation de pouvoirs":                      0,
	} {
		if wrong := unset(text); len(wrong) != faults {
			t.Errorf("%q: %d faults, want %d: %v", text, len(wrong), faults, wrong)
		}
	}
}

// heavy are English words that somebody who was refused has to read twice; "taken away" is not among them.
var heavy = regexp.MustCompile(`(?i)\b(anew|is away|whoever|whom|leaves?|stands?|sealed|house|wants?|wanted)\b`)

func TestEnglishOfTheRefusalsIsReadOnce(t *testing.T) {
	for _, code := range article4.Codes() {
		e, _ := article4.Lookup(code)
		for _, text := range []string{e.English.Title, e.English.Detail} {
			if found := heavy.FindString(text); found != "" {
				t.Errorf("%s: %q holds %q", code, text, found)
			}
			for sentence := range strings.SplitSeq(text, ". ") {
				if n := len(strings.Fields(sentence)); n > 28 && !strings.Contains(sentence, ";") {
					t.Errorf("%s: a sentence of %d words: %q", code, n, sentence)
				}
			}
		}
	}
}

// otherWords are words that stand for something that has another name in docs/decisions/0098, wherever they are read.
var otherWords = regexp.MustCompile(`(?i)\b(dénonciation|opérateurs?|scellée?s?|client automatique|machine cliente|` +
	`mesures? de conservation|données personnelles|organismes?|point focal|points focaux|copies? marquées?|` +
	`arrangement spécifique|documents? propriétaires?)(?:[^\pL]|$)|délégations?( [^d]|[,.]|$)`)

// The pages and the papers say the words of the refusals: one thing has one name, whatever shows it.
func TestPagesAndPapersSayTheFrenchOfTheRefusals(t *testing.T) {
	for _, name := range []string{"portal/words.txt", "report/words.txt"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		blocks := strings.Split(string(text), "\n\n")
		if len(blocks) < 100 {
			t.Errorf("%s: only %d texts were found", name, len(blocks))
		}
		for _, block := range blocks {
			lines := strings.Split(block, "\n")
			if len(lines) < 3 {
				continue
			}
			if found := otherWords.FindString(lines[2]); found != "" {
				t.Errorf("%s, %s: %q in %q has another name", name, lines[0], found, lines[2])
			}
		}
	}
}
