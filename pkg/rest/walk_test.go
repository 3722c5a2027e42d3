package rest_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/rest"
	"chancery.example/gateway/pkg/web"
)

// scenario is how a person meets one reason, and how it is cured. Its words stand in docs/refusals.md.
type scenario struct {
	code  article4.Code
	met   string // who does what
	cured string // who does what then; where cure is nil, why nobody can
	from  string // who is named as able to help; empty: nobody in particular
	// remedy is what the answer names, with {document} and {request} in their places; empty: nothing that the API
	// offers.
	remedy string
	up     func(w *world) *scene
	// cure does what cured says, and leaves the call as it is made again: as it was, or put right. nil: no act of
	// anybody makes that call succeed.
	cure func(s *scene)
	// unlogged: the log itself is away, or who asks cannot be told, and the refusal has no entry.
	unlogged bool
	// hidden: the rules give the reason, and the caller is answered as if there were nothing.
	hidden bool
}

// scene is a scenario in a world: the call that is refused, and what it is about.
type scene struct {
	*world
	call
	document, request string
}

// stage is one world with the scenarios that are played in it, in this order.
type stage struct {
	name   string
	change []func(*world)
	scenes [][]scenario
}

func stages() []stage {
	return []stage{
		{"at any time", []func(*world){ready},
			[][]scenario{depositScenes(), sourceScenes(), seriesScenes(), readerScenes(), thirdPartyScenes(),
				decisionScenes(), changeScenes(), holdScenes(), officialScenes()}},
		{"in the life of the Arrangement", []func(*world){ready, unsigned},
			[][]scenario{beginningScenes(), timeScenes(), endScenes()}},
		{"refused too often", []func(*world){ready, impatient}, [][]scenario{oftenScenes()}},
		{"when a part is away", []func(*world){ready, detached}, [][]scenario{faultScenes()}},
	}
}

// unmet are reasons that the rules give and nobody meets over the API yet, each with why.
var unmet = map[article4.Code]string{
	"gateway/altered":                 "a row has to be altered in the database: pkg/exchange, altered_test.go",
	"art4.4/entities-unconfirmed":     "the text of a decision repeats it by itself where no entity was named",
	"gateway/delegation-unauthorized": "each official here holds a Delegation that names the giving of Delegations",
}

// TestEveryReasonIsMetAndCured walks through every reason of the table: a person meets it over the API, is told in
// English and in French what stands in the way and where to go, and goes there.
func TestEveryReasonIsMetAndCured(t *testing.T) {
	walked := map[article4.Code]bool{}
	for _, one := range stages() {
		for _, s := range slices.Concat(one.scenes...) {
			walked[s.code] = true
		}
		t.Run(one.name, func(t *testing.T) {
			newWorld(t, append(one.change, patient)...).walk(slices.Concat(one.scenes...))
		})
	}
	for _, code := range article4.Codes() {
		if why, nobody := unmet[code]; nobody == walked[code] {
			t.Errorf("%s has a scenario: %v; said to be met by nobody, because %q", code, walked[code], why)
		}
		delete(walked, code)
	}
	for code := range walked {
		t.Errorf("%s stands in no table", code)
	}
}

// walk goes through scenarios one after the other, then looks each refusal up in the log.
func (w *world) walk(all []scenario) {
	t := w.t.(*testing.T)
	defer func() { w.t = t }()
	entries := map[string]scenario{}
	for _, s := range all {
		t.Run(string(s.code)+" "+s.met, func(t *testing.T) {
			w.t = t
			for _, entry := range w.play(s) {
				entries[entry] = s
			}
		})
	}
	t.Run("each refusal stands in the log", func(t *testing.T) {
		w.t = t
		for entry, s := range entries {
			code := string(s.code)
			if s.hidden {
				code = "request/not-found"
			}
			if got := w.reasonsOf(entry); !slices.Contains(got, code) {
				t.Errorf("entry %s of a refusal for %s gives the reasons %v", entry, s.code, got)
			}
		}
	})
}

// play answers the entries of the refusals.
func (w *world) play(s scenario) (entries []string) {
	t := w.t
	sc := s.up(w)
	sc.world = w
	refusedBy := sc.person
	for _, accept := range []string{"", "fr-BE, fr;q=0.9, en;q=0.2"} {
		p := sc.refusedFor(s, accept)
		if s.unlogged != (p.LogEntry == "") {
			t.Errorf("the refusal's entry is %q", p.LogEntry)
		}
		if p.LogEntry != "" {
			entries = append(entries, p.LogEntry)
		}
	}
	method, href, _ := strings.Cut(sc.filled(s.remedy), " ")
	if method == "GET" { // whoever is refused may look there
		want[any](t, w.do(call{person: refusedBy, method: method, path: href}), 200)
	}
	if s.cure == nil {
		sc.refusedFor(s, "")
		return entries
	}
	w.made = nil
	s.cure(sc)
	if again := w.do(sc.call); again.StatusCode/100 != 2 {
		t.Errorf("cured, %s %s by %s is answered %d: %s", sc.method, sc.path, sc.person, again.StatusCode, again.body)
	}
	if named := refusedBy + " " + method + " " + href; method == "POST" && !slices.Contains(w.made, named) {
		t.Errorf("the cure is not what the remedy names: %s is not among %q", named, w.made)
	}
	return entries
}

// refusedFor makes the call and holds the problem document against the table, in one language.
func (sc *scene) refusedFor(s scenario, accept string) web.Problem {
	t := sc.t
	t.Helper()
	entry, _ := article4.Lookup(s.code)
	words, language := entry.English, "en"
	if accept != "" {
		words, language = entry.French, "fr"
	}
	a := sc.do(sc.call, "Accept-Language", accept)
	if s.hidden {
		return sc.hidden(a, language)
	}
	var p web.Problem
	if err := json.Unmarshal(a.body, &p); err != nil || a.Header.Get("Content-Type") != "application/problem+json" {
		t.Fatalf("%s %s by %s is answered %d: %s", sc.method, sc.path, sc.person, a.StatusCode, a.body)
	}
	at := slices.IndexFunc(p.Reasons, func(r web.Reason) bool { return r.Code == string(s.code) })
	if at < 0 {
		t.Fatalf("%s %s by %s is answered %d: %s", sc.method, sc.path, sc.person, a.StatusCode, a.body)
	}
	if worst := worstOf(p); a.StatusCode != worst || p.Status != worst || p.Code != p.Reasons[0].Code ||
		p.RequestID == "" || p.Rules == "" ||
		p.Type != "https://gateway.example/problems/"+p.Code || a.Header.Get("Content-Language") != language {
		t.Errorf("answered %d, want %d, in %q: %s", a.StatusCode, worst, a.Header.Get("Content-Language"), a.body)
	}
	if p.Effect == "" || p.Detail != strings.TrimSpace(p.Reasons[0].Detail+" "+p.Effect) {
		t.Errorf("what did not happen is not the last sentence: %s", a.body)
	}
	got := p.Reasons[at]
	wanted := web.Reason{
		Code:      string(s.code),
		Paragraph: entry.Paragraph,
		Basis:     entry.Basis,
		Title:     words.Title,
		Detail:    words.Detail,
		From:      s.from,
	}
	if method, href, named := strings.Cut(sc.filled(s.remedy), " "); named {
		wanted.Remedy = &web.Remedy{Method: method, Href: rest.Base + href}
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("the reason, wanted (-) and given (+):\n%s", diff)
	}
	sc.hints(entry, a)
	return p
}

// hidden: whoever has no standing is told nothing, in either language; not even the paragraph.
func (sc *scene) hidden(a answer, language string) web.Problem {
	sc.t.Helper()
	p := want[web.Problem](sc.t, a, 404)
	title := map[string]string{"en": "Not found", "fr": "Introuvable"}[language]
	if p.Code != "request/not-found" || p.Title != title || p.Detail == "" || p.Reasons != nil {
		sc.t.Errorf("without standing: %s", a.body)
	}
	return p
}

// hints are headers that say what helps.
func (sc *scene) hints(entry article4.Entry, a answer) {
	sc.t.Helper()
	if entry.Remedy == article4.RemedyStepUp &&
		!strings.Contains(a.Header.Get("WWW-Authenticate"), `error="insufficient_user_authentication"`) {
		sc.t.Errorf("WWW-Authenticate is %q", a.Header.Get("WWW-Authenticate"))
	}
	if later := entry.Remedy == article4.RemedyRetryLater; later != (a.Header.Get("Retry-After") != "") {
		sc.t.Errorf("%s: Retry-After is %q", entry.Remedy, a.Header.Get("Retry-After"))
	}
}

func worstOf(p web.Problem) int {
	var reasons []article4.Reason
	for _, r := range p.Reasons {
		reasons = append(reasons, article4.Reason{Code: article4.Code(r.Code)})
	}
	return article4.Worst(reasons)
}

// filled puts the scene's identifiers into a remedy.
func (sc *scene) filled(remedy string) string {
	return strings.NewReplacer("{document}", sc.document, "{request}", sc.request).Replace(remedy)
}

// reasonsOf looks an entry up as the auditor of whichever Party may open it; the log takes entries in within moments.
func (w *world) reasonsOf(entry string) []string {
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		for _, auditor := range []string{"auditor.wco", "auditor.unoct"} {
			a := w.as(auditor, "GET", "/log/entries/"+entry, "")
			if a.StatusCode == 200 {
				return *want[api.LogEntry](w.t, a, 200).Reasons
			}
		}
		if time.Now().After(deadline) {
			return nil
		}
	}
}

// patient waits for a marked copy however slow the machine is: a scene asks what becomes of it, not how soon.
func patient(w *world) { w.settings.CopyPatience = time.Minute }
