package rest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery.example/gateway/pkg/web"
)

// everyStep asks for every step to be struck; `make test` has time for those where something is decided.
const everyStep = "FAULT_STEPS"

// answeredWithin bounds each answer, whatever one part does: several waits of the impatience may follow one another.
const answeredWithin = 5 * impatience

// act is one thing that somebody does, with fixtures of its own each time.
type act struct {
	name  string
	fails []string // codes that its failing may be answered with, beside those of the log and of sign-in
	ready func() func(key string) (answer, error)
}

// faulty is a gateway all of whose parts can fail.
type faulty struct {
	*world
	t        *testing.T
	document string
	reading  string // a disclosure of the document
	done     map[string]map[string]bool
	answers  map[int]int // by status; 0: cut off
	serial   int
}

func newFaulty(t *testing.T) *faulty {
	t.Helper()
	w := newWorld(t, func(w *world) {
		w.lines = newLines(t)
		provider, err := url.Parse(w.issuers.URL("wco"))
		must(t, err)
		w.lines.address("providers", provider.Host)
		w.malware, w.settings.AdmitNotInspected = w.lines.scanner(), false
	})
	f := &faulty{world: w, t: t, done: map[string]map[string]bool{}, answers: map[int]int{}}
	doc, _ := w.authorized(secret)
	f.document = doc.Id
	f.reading = idOf(t, w.as("staff.unoct", "POST", "/documents/"+doc.Id+"/disclosures", reading))
	return f
}

// try asks as somebody, and takes an error of the connection for an answer.
func (f *faulty) try(person, method, path, body string, header ...string) (answer, error) {
	response, err := f.begun(person, method, path, body, header...)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	return answer{response, read}, err
}

func (f *faulty) acts() []act {
	asked := func() string { return f.ask("staff.unoct", f.document, "org_unoct").Id }
	const yes = `{"act":"authorize","statement":"Agreed for the training"}`
	return []act{
		{"deposit", []string{"gateway/storage-unavailable", "gateway/not-inspected"},
			func() func(string) (answer, error) {
				body, kind := deposit(part{"metadata", "", declared}, part{"content", "a.bin", noise(200 << 10)})
				return func(key string) (answer, error) {
					return f.try("staff.wco", "POST", "/documents", body, "Content-Type", kind, "Idempotency-Key", key)
				}
			}},
		{"decision", nil, func() func(string) (answer, error) {
			q := asked()
			tag := f.etag(q)
			return func(key string) (answer, error) {
				return f.try("focal.wco", "POST", "/requests/"+q+"/decisions", yes, "If-Match", tag, "Idempotency-Key",
					key)
			}
		}},
		{"disclosure", []string{"gateway/storage-unavailable"}, func() func(string) (answer, error) {
			return func(key string) (answer, error) {
				return f.try("staff.unoct", "POST", "/documents/"+f.document+"/disclosures", reading, "Idempotency-Key",
					key)
			}
		}},
		{"content", []string{"gateway/storage-unavailable"}, func() func(string) (answer, error) {
			return func(string) (answer, error) {
				return f.try("staff.unoct", "GET", "/disclosures/"+f.reading+"/content", "")
			}
		}},
		{"publication", nil, func() func(string) (answer, error) {
			until := time.Now().AddDate(0, 0, 30).UTC().Format(time.RFC3339)
			return func(key string) (answer, error) {
				got, err := f.try("staff.unoct", "POST", "/documents/"+f.document+"/requests",
					`{"for":{"organisation":"org_unoct"},"purpose":"art2.e","statement":"Joint training","until":"`+
						until+`","form":"original"}`, "Idempotency-Key", key)
				return got, errors.Join(err, f.published())
			}
		}},
		{"withdrawal", nil, func() func(string) (answer, error) {
			q := asked()
			given := f.as("focal.wco", "POST", "/requests/"+q+"/decisions", yes, "If-Match", f.etag(q))
			if given.StatusCode != 201 {
				f.t.Fatalf("%s", given.body)
			}
			return func(key string) (answer, error) {
				return f.try("focal.wco", "POST", "/requests/"+q+"/withdrawal", `{"statement":"Cancelled"}`,
					"Idempotency-Key", key)
			}
		}},
	}
}

// published waits until the store holds the log as far as it is signed.
func (f *faulty) published() error {
	for deadline := time.Now().Add(answeredWithin); ; time.Sleep(20 * time.Millisecond) {
		h := f.sequencer.Health()
		if h.CheckpointSize > 0 && h.Published >= h.CheckpointSize {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%d entries signed, %d published", h.CheckpointSize, h.Published)
		}
	}
}

// Every step that the gateway takes outside of itself, in every act that moves or widens content: it fails and was not
// done, it fails but was done, it hangs. The answer comes in time and says what is away; no content leaves; nothing
// that was acknowledged is lost; asked for again under the same key, the act stands once.
func TestAnyStepOutsideMayFailHangOrLoseItsAnswer(t *testing.T) {
	t.Parallel()
	f := newFaulty(t)
	for _, a := range f.acts() {
		for part, steps := range f.steps(a) {
			for _, how := range faults() {
				for _, n := range chosen(steps, how) {
					f.strike(a, part, n, how)
				}
			}
		}
	}
	t.Logf("answers where a step was struck: %v", f.answers)
	if f.answers[503] < 20 {
		t.Error("that shows little")
	}
	f.checkOnce()
}

// steps does an act undisturbed and tells what went over the line to each part.
func (f *faulty) steps(a act) map[string][]string {
	do := a.ready()
	for _, l := range f.lines.to {
		l.asked.arm(0, false)
	}
	f.settle(a, do, f.key(), answer{})
	out := map[string][]string{}
	for part, l := range f.lines.to {
		l.asked.disarm()
		if steps := l.asked.passed(); len(steps) > 0 {
			out[part] = steps
		}
	}
	return out
}

// chosen are all steps, or those that begin or end something and a few of the others. Of those that hang, each of which
// takes its time, the last that ends something.
func chosen(steps []string, how fault) []int {
	var out []int
	others := rand.IntN(12)
	for i, name := range steps {
		if name != "" && name != "begin" || i == 0 || os.Getenv(everyStep) == "all" || (i+others)%12 == 0 {
			out = append(out, i+1)
		}
	}
	if how == hangs && os.Getenv(everyStep) != "all" {
		return out[len(out)-1:]
	}
	return out
}

func (f *faulty) key() string {
	f.serial++
	return fmt.Sprintf("attempt-%d", f.serial)
}

// strike has one step of an act go wrong, if it comes this time.
func (f *faulty) strike(a act, part string, n int, how fault) {
	t := f.t
	t.Helper()
	do, key := a.ready(), f.key()
	hit := f.lines.to[part].strikes(n, how)
	began := time.Now()
	got, err := do(key)
	took := time.Since(began)
	if hit() {
		f.checkAnswer(a, fmt.Sprintf("%s, step %d of %s %s", a.name, n, part, how), got, err, took)
	}
	f.settle(a, do, key, got)
}

// checkAnswer wants what was asked for, or a problem document that says what is away.
func (f *faulty) checkAnswer(a act, what string, got answer, err error, took time.Duration) {
	t := f.t
	t.Helper()
	if took > answeredWithin {
		t.Errorf("%s: answered after %s", what, took)
	}
	if err != nil {
		f.answers[0]++
	} else {
		f.answers[got.StatusCode]++
	}
	switch {
	case err != nil:
		if a.name != "content" || string(got.body) == secret {
			t.Errorf("%s: %v", what, err)
		}
		return // cut off midway: the reader sees an error
	case got.StatusCode/100 == 2:
		return
	}
	var p web.Problem
	if json.Unmarshal(got.body, &p) != nil || p.Status != 503 || p.Title == "" || p.Detail == "" ||
		got.Header.Get("Retry-After") == "" || strings.Contains(string(got.body), secret) {
		t.Errorf("%s: %d %s", what, got.StatusCode, got.body)
	}
	if known := append([]string{"gateway/log-unavailable", "unavailable"},
		a.fails...); !strings.Contains(" "+strings.Join(known, " ")+" ", " "+p.Code+" ") {
		t.Errorf("%s: %s; want one of %v", what, p.Code, known)
	}
}

// settle asks again, under the same key, until the act is done, and once more: it stands once. What was acknowledged
// before is what is answered.
func (f *faulty) settle(a act, do func(string) (answer, error), key string, first answer) {
	t := f.t
	t.Helper()
	var got answer
	var err error
	for deadline := time.Now().Add(15 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if got, err = do(key); err == nil && got.StatusCode/100 == 2 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: no recovery: %v %s", a.name, err, got.body)
		}
	}
	if a.name == "content" {
		if string(got.body) != secret {
			t.Errorf("content: %d bytes", len(got.body))
		}
		return
	}
	again, err := do(key)
	must(t, err)
	id := idOf(t, got)
	if idOf(t, again) != id || first.Response != nil && first.StatusCode/100 == 2 && idOf(t, first) != id {
		t.Errorf("%s under one key: %s, %s, %s", a.name, first.body, got.body, again.body)
	}
	if f.done[a.name] == nil {
		f.done[a.name] = map[string]bool{}
	}
	f.done[a.name][id] = true
}

func idOf(t *testing.T, a answer) string {
	t.Helper()
	var made struct{ ID string }
	if err := json.Unmarshal(a.body, &made); err != nil || made.ID == "" {
		t.Fatalf("%s %s: %d %s", a.Request.Method, a.Request.URL.Path, a.StatusCode, a.body)
	}
	return made.ID
}

// checkOnce counts: what was asked for several times stands once, and nothing can be opened that no document owns.
func (f *faulty) checkOnce() {
	t := f.t
	t.Helper()
	conn, err := pgx.Connect(t.Context(), f.db.SuperuserURL())
	must(t, err)
	defer conn.Close(t.Context())
	for query, want := range map[string]int{
		`SELECT count(*) FROM document`:             len(f.done["deposit"]) + 1,
		`SELECT count(*) FROM disclosure`:           len(f.done["disclosure"]) + 1,
		`SELECT count(*) FROM withdrawal`:           len(f.done["withdrawal"]),
		`SELECT count(*) FROM decision WHERE given`: len(f.done["decision"]) + len(f.done["withdrawal"]) + 1,
		`SELECT count(*) FROM version v JOIN upload u USING (object) WHERE u.state <> 'stored'`: 0,
	} {
		var got int
		must(t, conn.QueryRow(t.Context(), query).Scan(&got))
		if got != want {
			t.Errorf("%s: %d, want %d", query, got, want)
		}
	}
	for id := range f.done["deposit"] {
		if got := f.as("staff.wco", "GET", "/documents/"+id, ""); got.StatusCode != 200 {
			t.Errorf("an acknowledged deposit is lost: %s", got.body)
		}
	}
}

// A part that is away altogether, and comes back.
func TestWithoutAPartTheAnswerComesInTimeAndAllGoesOnWhenItIsBack(t *testing.T) {
	t.Parallel()
	f := newFaulty(t)
	for _, part := range []string{"_app", "_seq", "store", "scanner"} {
		for _, how := range faults() {
			for _, a := range f.acts() {
				if a.name == "publication" || how == hangs && a.name != "deposit" && os.Getenv(everyStep) != "all" {
					continue // a log is not published while its store is away
				}
				do, key := a.ready(), f.key()
				heal := f.lines.to[part].fails(t, how)
				began := time.Now()
				got, err := do(key)
				f.checkAnswer(a, fmt.Sprintf("%s while %s %s", a.name, part, how), got, err, time.Since(began))
				heal()
				f.settle(a, do, key, got)
			}
		}
	}
	f.checkOnce()
}

// A provider that is away makes nobody a stranger: 503, never 401, and in time.
func TestAProviderThatFailsHangsOrLosesItsAnswersIsAnOutageAndNoRefusal(t *testing.T) {
	t.Parallel()
	f := newFaulty(t)
	for _, how := range faults() {
		f.serve(f.running) // keys are kept for ten minutes: one that has none yet
		heal := f.lines.to["providers"].fails(t, how)
		began := time.Now()
		got, err := f.try("staff.wco", "GET", "/me", "")
		f.checkAnswer(act{name: "sign-in"}, "sign-in while the provider "+string(how), got, err, time.Since(began))
		if err == nil && got.StatusCode != 503 {
			t.Errorf("the provider %s: %d", how, got.StatusCode)
		}
		heal()
		for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(100 * time.Millisecond) {
			if got, err = f.try("staff.wco", "GET", "/me", ""); err == nil && got.StatusCode == 200 {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("the provider is back: %v %s", err, got.body)
			}
		}
	}
}

// noise is content of no type that is known.
func noise(size int) string {
	b := make([]byte, size)
	for i := range b {
		b[i] = byte(rand.Uint32())
	}
	return string(b)
}
