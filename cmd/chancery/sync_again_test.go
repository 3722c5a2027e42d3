package main

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/client"
)

// person is a client of somebody of the demo.
func person(t *testing.T, who string) *client.Client {
	t.Helper()
	token, err := stack.token(who)
	must(t, err)
	c, err := client.New(client.Config{Server: stack.BaseURL, Retries: 100,
		Token: func(context.Context) (string, error) { return token, nil }})
	must(t, err)
	return c
}

// acts carries out an act of somebody of the demo.
func acts[T any](t *testing.T, who, path string, body any) client.Answer[T] {
	t.Helper()
	made, err := client.Post[T](t.Context(), person(t, who), path, body)
	if err != nil {
		t.Fatalf("%s, %s: %v", who, path, err)
	}
	return made
}

// sent is a message that the one platform deposited, and its document.
func (p *platform) sent(text string) (document string) {
	p.t.Helper()
	title := p.puts("message.edi", text, "org_unoct")
	p.syncs(exitDone)
	return p.documents(title)[0]
}

// recordsOf are those of versions in the state of the in folder, as they stand.
func (p *platform) recordsOf() []string {
	p.t.Helper()
	found, err := filepath.Glob(filepath.Join(p.in, stateFolder, "in", "ver_*.json"))
	must(p.t, err)
	return found
}

// getsAfterThePause wants one message to come in the next pass after the pauses, and to be this one.
func (p *platform) getsAfterThePause(text string) {
	p.t.Helper()
	p.waited()
	p.syncs(exitDone)
	if taken := p.loads(); taken != 1 || !holds(p.loaded, text) {
		p.t.Errorf("after the pause %d messages came", taken)
	}
}

// waited makes the pauses of what was refused be over, as an hour would.
func (p *platform) waited() {
	p.t.Helper()
	for _, path := range p.recordsOf() {
		record := map[string]any{}
		_, err := kept(path, &record)
		must(p.t, err)
		if record["step"] == inRefused {
			record["again"] = time.Now().Add(-time.Second)
			must(p.t, keep(path, record))
		}
	}
}

// A suspension stands beside a request, which is the same when it is lifted: what it refused is asked for again after a
// pause, and comes. In the pause it is not asked for, since each question is an entry.
func TestWhatASuspensionRefusedComesOnceItIsLifted(t *testing.T) {
	stack.start(t)
	gtas, gotravel := newPlatform(t, "gtas", "wco"), newPlatform(t, "gotravel", "unoct")
	gotravel.everything()
	text := arrivals(t, "SUSPENDED")
	document := gtas.sent(text)
	gotravel.asks(document, "focal.wco")
	stop := acts[api.Suspension](t, "focal.wco", "/suspensions",
		map[string]any{"document": document, "statement": "To look at it"}).Body.Id
	if said := gotravel.syncs(exitRefused); !strings.Contains(said, "art4.6/suspended") {
		t.Errorf("it is not said that it is suspended: %s", said)
	}
	for _, who := range []string{"focal.wco", "deputy.wco"} {
		acts[json.RawMessage](t, who, "/suspensions/"+string(stop)+"/ending",
			map[string]any{"statement": "It is right"})
	}
	if said := gotravel.syncs(exitDone); strings.Contains(said, `"what":"refused"`) || gotravel.loads() != 0 {
		t.Errorf("it was asked for again within the pause: %s", said)
	}
	gotravel.getsAfterThePause(text)
}

// Whoever accepts the conditions of a request need not wait: the question is another one.
func TestWhoeverAcceptsTheConditionsGetsTheMessageAtOnce(t *testing.T) {
	stack.start(t)
	gtas, gotravel := newPlatform(t, "gtas", "wco"), newPlatform(t, "gotravel", "unoct")
	gotravel.everything()
	text := arrivals(t, "CONDITIONS")
	document := gtas.sent(text)
	gotravel.asks(document)
	asked, err := client.Get[api.AccessRequestPage](t.Context(), person(t, "focal.wco"), "/requests",
		map[string][]string{"document": {document}, "box": {"inbox"}})
	must(t, err)
	request := string(asked.Body.Items[0].Id)
	if code, _, errs := gtas.run(append(stack.signedIn(t, "focal.wco"), "CHANCERY_ALLOW_YES=1"), "chancery", "inbox",
		"authorize", request, "--statement", "For the trial", "--conditions", "Keep it in the project room",
		"--yes"); code != exitDone {
		t.Fatalf("authorize: %d %s", code, errs)
	}
	t.Cleanup(func() { // other platforms accept nothing
		_, err := client.Post[json.RawMessage](context.WithoutCancel(t.Context()), person(t, "focal.wco"),
			"/documents/"+document+"/recall", map[string]any{"statement": "The test is over"})
		must(t, err)
	})
	if said := gotravel.syncs(exitRefused); !strings.Contains(said, "conditions-not-accepted") {
		t.Errorf("it is not said that there are conditions: %s", said)
	}
	got, err := client.Get[api.AccessRequest](t.Context(), person(t, "focal.unoct"),
		"/requests/"+request, nil)
	must(t, err)
	code, out, errs := gotravel.run(nil, "chancery", "sync", "--once", "--purpose", "art2.f", "--in", gotravel.in,
		"--conditions", string(*got.Body.ConditionsSha256))
	if code != exitDone || gotravel.loads() != 1 || !holds(gotravel.loaded, text) {
		t.Errorf("with the conditions accepted it did not come: %d\n%s%s", code, out, errs)
	}
}

// The pause doubles from a minute to an hour, and a clock that was set holds nothing up for longer.
func TestThePauseBeforeTheSameQuestionDoublesToAnHour(t *testing.T) {
	var p putOff
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for i, want := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute,
		16 * time.Minute, 32 * time.Minute, time.Hour, time.Hour} {
		if !p.due(now) {
			t.Errorf("question %d is not due", i)
		}
		p.longer(now)
		if p.due(now) || p.due(now.Add(want-time.Second)) || !p.due(now.Add(want)) {
			t.Errorf("pause %d lasts until %s, and was to last %s", i, p.Again, want)
		}
		now = p.Again
	}
	if !p.due(now.Add(-2 * time.Hour)) {
		t.Error("a clock that was set back holds the question up")
	}
}

// What came and is not what the disclosure says is told, with the exit of a failure, and left alone for a while; then
// it is fetched anew.
func TestWhatDiffersFromItsDisclosureIsToldAndFetchedAgainLater(t *testing.T) {
	stack.start(t)
	gtas, gotravel := newPlatform(t, "gtas", "wco"), newPlatform(t, "gotravel", "unoct")
	gotravel.everything()
	text := arrivals(t, "DIFFERS")
	document := gtas.sent(text)
	gotravel.asks(document, "focal.wco")
	page, err := client.Get[api.Document](t.Context(), person(t, "focal.wco"), "/documents/"+document, nil)
	must(t, err)
	code, out, errs := gotravel.run([]string{"CHANGE_AT=in-naming", "CHANGE=" + filepath.Join(gotravel.in,
		".chancery-"+string(*page.Body.Version)+".part")}, "chancery-dies", "sync", "--once", "--purpose", "art2.f",
		"--in", gotravel.in)
	if code != exitFailure || !strings.Contains(out, otherDigest) || gotravel.loads() != 0 {
		t.Errorf("what differs ended with %d\n%s%s", code, out, errs)
	}
	if said := gotravel.syncs(exitDone); gotravel.loads() != 0 {
		t.Errorf("it was fetched again within the pause: %s", said)
	}
	gotravel.getsAfterThePause(text)
}

// However many notices there are, each is told once, the earliest first.
func TestEveryNoticeIsToldHoweverManyThereAre(t *testing.T) {
	stack.start(t)
	const many = 205
	gtas, gotravel := newPlatform(t, "gtas", "wco"), newPlatform(t, "gotravel", "unoct")
	gotravel.everything()
	document := gtas.sent(arrivals(t, "NOTICES"))
	gotravel.asks(document, "focal.wco")
	gotravel.syncs(exitDone)
	focal := person(t, "focal.wco")
	for i := range many {
		_, err := client.Post[json.RawMessage](t.Context(), focal, "/documents/"+document+"/recall",
			map[string]any{"statement": fmt.Sprintf("For the time number %d", i)})
		must(t, err)
	}
	said := gotravel.syncs(exitDone)
	if got := strings.Count(said, `"what":"notice"`); got != many {
		t.Errorf("of %d notices %d were told", many, got)
	}
	first, last := strings.Index(said, "number 0"), strings.Index(said, fmt.Sprintf("number %d", many-1))
	if first > last {
		t.Error("the latest was told first")
	}
	if again := gotravel.syncs(exitDone); again != "" {
		t.Errorf("told again: %s", again)
	}
}
