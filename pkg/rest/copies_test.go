package rest_test

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/devstack/devtest"
	"chancery.example/gateway/pkg/label"
	"chancery.example/gateway/pkg/stamp"
)

const stampedReading = `{"purpose":"art2.e","statement":"Preparing the joint training"}`

// sheet is a PDF file of one page.
const sheet = "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count " +
	"1>>endobj\n" +
	"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R/Size 4>>\n%%EOF\n"

func (w *world) stateOf(person, disclosure string) api.Disclosure {
	w.t.Helper()
	return want[api.Disclosure](w.t, w.as(person, "GET", "/disclosures/"+disclosure, ""), 200)
}

// runs reports whether a function is at work in this process, on any goroutine.
func runs(function string) bool {
	var stacks bytes.Buffer
	_ = pprof.Lookup("goroutine").WriteTo(&stacks, 2)
	return strings.Contains(stacks.String(), function+"(")
}

func TestACopyThatTakesLongerThanAMomentShowsHowFarItIs(t *testing.T) {
	hold := filepath.Join(t.TempDir(), "hold")
	w := newWorld(t, func(w *world) { w.stamper = devtest.Stamper(t, devtest.Slow(t, hold)) })
	doc, q := w.authorized(sheet)
	me := want[api.Me](t, w.as("other.unoct", "GET", "/me", ""), 200)
	want[api.AccessRequest](t, w.as("focal.unoct", "POST", "/requests/"+q.Id+"/admissions",
		`{"people":["`+me.Person+`"]}`), 201)
	must(t, os.WriteFile(hold, nil, 0o600))
	path := "/documents/" + doc.Id + "/disclosures"
	at := time.Now()
	given := w.as("staff.unoct", "POST", path, stampedReading, "Idempotency-Key", "one")
	first := want[api.Disclosure](t, given, 201)
	if took := time.Since(at); took < 2*time.Second {
		t.Errorf("the answer took %s; want two seconds of patience", took)
	}
	if first.State != api.CopyStateInProgress || first.Progress == nil || first.Sha256 != nil || first.Size != nil ||
		first.LogIndex < 0 || first.CopyNumber == "" {
		t.Errorf("in the making: %s", given.body)
	}
	if again := want[api.Disclosure](t, w.as("staff.unoct", "POST", path, stampedReading, "Idempotency-Key", "one"),
		201); again.Id != first.Id || again.State != api.CopyStateInProgress {
		t.Errorf("repeated: %+v; want %s, still in the making", again, first.Id)
	}
	second := want[api.Disclosure](t, w.as("staff.unoct", "POST", path, stampedReading), 201)
	third := want[api.Disclosure](t, w.as("staff.unoct", "POST", path, stampedReading), 201)
	other := want[api.Disclosure](t, w.as("other.unoct", "POST", path, stampedReading), 201)
	// persons go in turn: the other one's before the third
	for id, queued := range map[string]int{first.Id: 0, second.Id: 0, third.Id: 2} {
		if d := w.stateOf("staff.unoct", id); d.State != api.CopyStateInProgress || d.Progress.Queued != queued {
			t.Errorf("%s: %+v; want %d before it", id, d.Progress, queued)
		}
	}
	if d := w.stateOf("other.unoct", other.Id); d.Progress.Queued != 1 {
		t.Errorf("another person's copy has %d before it; want 1", d.Progress.Queued)
	}
	refused(t, w.as("other.unoct", "GET", "/disclosures/"+first.Id, ""), 404, "request/not-found")
	got := make(chan answer)
	go func() {
		got <- w.as("staff.unoct", "GET", strings.TrimPrefix(given.Header.Get("Location"), "/api/v1"), "")
	}()
	devtest.Eventually(t, "the reader is waited for", func() bool { return runs("exchange.(*Gateway).whenMade") })
	must(t, os.Remove(hold))
	whole := <-got
	if whole.StatusCode != 200 || !bytes.HasPrefix(whole.body, []byte("%PDF-")) {
		t.Errorf("whoever knows nothing of copies in the making got %d %.100s", whole.StatusCode, whole.body)
	}
	ready := w.stateOf("staff.unoct", first.Id)
	if ready.State != api.CopyStateReady || ready.Progress != nil || *ready.Size != int64(len(whole.body)) ||
		ready.FormGround.Code != "grant-original" {
		t.Errorf("ready: %+v, %d bytes came", ready, len(whole.body))
	}
	want[api.AccessRequest](t, w.as("focal.wco", "POST", "/requests/"+q.Id+"/withdrawal", `{"statement":"Cancelled"}`),
		201)
	refused(t, w.as("staff.unoct", "GET", "/disclosures/"+first.Id, ""), 403, "art4.4/authorization-withdrawn")
}

func TestACopyThatFailsLaterSaysSoWithItsEntry(t *testing.T) {
	hold := filepath.Join(t.TempDir(), "hold")
	w := newWorld(t, func(w *world) { w.stamper = devtest.Stamper(t, devtest.Slow(t, hold)) })
	doc, _ := w.authorized("%PDF-1.7\nbroken")
	must(t, os.WriteFile(hold, nil, 0o600))
	given := w.as("staff.unoct", "POST", "/documents/"+doc.Id+"/disclosures", stampedReading)
	d := want[api.Disclosure](t, given, 201)
	if d.State != api.CopyStateInProgress {
		t.Fatalf("the state is %s", d.State)
	}
	must(t, os.Remove(hold))
	devtest.Eventually(t, "the copy is made or not", func() bool {
		d = w.stateOf("staff.unoct", d.Id)
		return d.State != api.CopyStateInProgress
	})
	if d.State != api.CopyStateFailed || d.Reasons == nil || (*d.Reasons)[0].Code != "gateway/cannot-be-marked" ||
		d.FailureEntry == nil || d.Sha256 != nil {
		t.Errorf("failed: %+v", d)
	}
	refused(t, w.as("staff.unoct", "GET", "/disclosures/"+d.Id+"/content", ""), 422, "gateway/cannot-be-marked")
	refused(t, w.as("staff.unoct", "GET", "/disclosures/"+d.Id+"/label", ""), 422, "gateway/cannot-be-marked")
}

func TestACopyForWhichTooManyWaitIsRefusedForTheMoment(t *testing.T) {
	hold := filepath.Join(t.TempDir(), "hold")
	w := newWorld(t, func(w *world) {
		w.stamper = devtest.Stamper(t, devtest.Slow(t, hold), func(c *stamp.Config) { c.MaxWaiting = 2 })
	})
	doc, _ := w.authorized(sheet)
	must(t, os.WriteFile(hold, nil, 0o600))
	path := "/documents/" + doc.Id + "/disclosures"
	for range 2 { // one in the making, and half of the places that wait
		want[api.Disclosure](t, w.as("staff.unoct", "POST", path, stampedReading), 201)
	}
	full := w.as("staff.unoct", "POST", path, stampedReading, "Idempotency-Key", "later")
	if p := refused(t, full, 503, "gateway/stamp-failed"); full.Header.Get("Retry-After") == "" || p.LogEntry == "" {
		t.Errorf("full: %v %s", full.Header, full.body)
	}
	must(t, os.Remove(hold))
	var d api.Disclosure
	for deadline := time.Now().Add(time.Minute); d.State != api.CopyStateReady &&
		time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if a := w.as("staff.unoct", "POST", path, stampedReading, "Idempotency-Key", "later"); a.StatusCode == 201 {
			d = want[api.Disclosure](t, a, 201)
		}
	}
	if d.State != api.CopyStateReady {
		t.Errorf("under the same key, later: %+v", d)
	}
}

func TestAFoundFileLeadsToItsReaderOverTheAPI(t *testing.T) {
	w := newWorld(t)
	doc, _ := w.authorized(sheet)
	given := w.as("staff.unoct", "POST", "/documents/"+doc.Id+"/disclosures", stampedReading)
	d := want[api.Disclosure](t, given, 201)
	at := strings.TrimPrefix(given.Header.Get("Location"), "/api/v1")
	file := w.as("staff.unoct", "GET", at, "").body
	// it may have been in the making
	d = want[api.Disclosure](t, w.as("staff.unoct", "GET", "/disclosures/"+d.Id, ""), 200)
	signed := w.as("staff.unoct", "GET", "/disclosures/"+d.Id+"/label", "").body
	l, err := label.Open(signed, w.log)
	if err != nil || l.Copy != *d.Sha256 || l.CopyNumber != d.CopyNumber || l.Original != *doc.Sha256 {
		t.Errorf("the label beside the file: %+v, %v", l, err)
	}
	trace := func(person string, content []byte, more ...part) answer {
		parts := append([]part{{"content", "found.pdf", string(content)}}, more...)
		body, kind := deposit(parts...)
		return w.as(person, "POST", "/trace", body, "Content-Type", kind)
	}
	for by, content := range map[string][]byte{"digest": file, "label": append(bytes.Clone(file), "\n% torn"...)} {
		found := want[api.TracedCopies](t, trace("auditor.wco", content), 200)
		if len(found.Items) != 1 || found.Items[0].CopyNumber != d.CopyNumber || string(found.Items[0].FoundBy) != by ||
			found.LogEntry == "" || found.Sha256 == nil {
			t.Errorf("by its %s: %+v", by, found)
		}
	}
	other := want[api.TracedCopies](t, trace("auditor.unoct", file), 200)
	never := want[api.TracedCopies](t, trace("auditor.unoct", []byte(strings.Replace(string(file), "%PDF", "%PDQ", 1))),
		200)
	if len(other.Items)+len(never.Items) != 0 {
		t.Errorf("the other Party: %+v, %+v; want nothing", other, never)
	}
	refused(t, trace("staff.unoct", file), 403)
	for _, name := range []string{"staff.piu", "operator.operator"} {
		if a := trace(name, file); a.StatusCode != 403 {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.body)
		}
	}
	numbered := want[api.TracedCopies](t,
		w.as("focal.wco", "POST", "/trace", `{"text":"c `+strings.ToLower(d.CopyNumber[2:])+`"}`), 200)
	if len(numbered.Items) != 1 || numbered.Items[0].FoundBy != api.Number {
		t.Errorf("by its number: %+v", numbered)
	}
	refused(t, trace("auditor.wco", nil), 400, "request/empty")
	refused(t, trace("auditor.wco", file, part{"content", "more.pdf", "x"}), 400, "request/extra-part")
	body, kind := deposit(part{"metadata", "", `{}`})
	refused(t, w.as("auditor.wco", "POST", "/trace", body, "Content-Type", kind), 400, "request/wrong-part")
	refused(t, w.as("auditor.wco", "POST", "/trace", `{}`), 400, "request/missing-field")
	refused(t, w.as("auditor.wco", "POST", "/trace", `{"number":"x"}`), 400, "request/unknown-field")
}

// A leak is reported by anyone with standing. From the next byte on nobody gets anything, until two people of the
// Discloser have decided (Article 4(6)).
func TestALeakReportCutsEveryDownloadAtOnceUntilTheDiscloserDecides(t *testing.T) {
	w := newWorld(t)
	doc, q := w.authorized(strings.Repeat("0123456789abcdef", 3<<20))
	me := want[api.Me](t, w.as("other.unoct", "GET", "/me", ""), 200)
	want[api.AccessRequest](t, w.as("focal.unoct", "POST", "/requests/"+q.Id+"/admissions",
		`{"people":["`+me.Person+`"]}`), 201)
	path := "/documents/" + doc.Id
	var running []*http.Response
	for _, person := range []string{"staff.unoct", "other.unoct"} {
		given := w.as(person, "POST", path+"/disclosures", reading)
		want[api.Disclosure](t, given, 201)
		response, err := w.begun(person, "GET", strings.TrimPrefix(given.Header.Get("Location"), "/api/v1"), "")
		must(t, err)
		defer response.Body.Close()
		_, err = io.ReadFull(response.Body, make([]byte, 64<<10))
		must(t, err)
		running = append(running, response)
	}
	refused(t, w.as("staff.piu", "POST", path+"/leak-reports", `{"statement":"What is it?"}`), 404, "request/not-found")
	stop := want[api.Suspension](t,
		w.as("staff.unoct", "POST", path+"/leak-reports", `{"statement":"I saw it in a newspaper."}`), 201)
	w.cuts(2) // stalled readers, who lose what is on its way
	for i, response := range running {
		n, err := io.Copy(io.Discard, response.Body)
		if err == nil || n >= 40<<20 {
			t.Errorf("download %d gave %d more bytes and ended %v; want it cut", i, n, err)
		}
	}
	refused(t, w.as("staff.unoct", "POST", path+"/disclosures", reading), 403, "art4.6/suspended")
	refused(t, w.as("other.unoct", "POST", path+"/disclosures", reading), 403, "art4.6/suspended")
	told := want[api.NoticePage](t, w.as("focal.wco", "GET", "/notices", ""), 200)
	if len(told.Items) == 0 || told.Items[0].Kind != "leak" {
		t.Errorf("the Discloser's focal point is told %+v", told.Items)
	}
	const lifting = `{"statement":"It was another document"}`
	if a := w.as("focal.unoct", "POST", "/suspensions/"+stop.Id+"/ending", lifting); a.StatusCode != 404 {
		t.Errorf("the Recipient lifted it: %d %s", a.StatusCode, a.body)
	}
	for i, person := range []string{"focal.wco", "focal.wco", "deputy.wco"} {
		a := w.as(person, "POST", "/suspensions/"+stop.Id+"/ending", lifting)
		if lifted := w.as("staff.unoct", "POST", path+"/disclosures", reading).StatusCode == 201; lifted != (i == 2) {
			t.Errorf("after %s (%d %s): disclosed %v", person, a.StatusCode, a.body, lifted)
		}
	}
}
