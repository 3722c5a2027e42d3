package rest_test

import (
	"bytes"
	"fmt"
	"image/png"
	"strings"
	"sync"
	"testing"
	"time"

	"chancery.example/gateway/api"
)

func (w *world) staging(person, marking, content string, header ...string) answer {
	body, kind := deposit(part{"metadata", "", `{"marking":"` + marking + `"}`}, part{"content", "risk.pdf", content})
	return w.as(person, "POST", "/staged", body, append(header, "Content-Type", kind)...)
}

// stage stages a confidential file.
func (w *world) stage(person, content string) api.Staged {
	w.t.Helper()
	return want[api.Staged](w.t, w.staging(person, "confidential", content), 201)
}

// staging is the metadata of a deposit whose file was staged.
func staging(id, metadata string) string {
	return strings.Replace(metadata, "{", `{"staged":"`+id+`",`, 1)
}

// "I send the file, see how its first page will be marked, am told that I forgot to say whether it is about people, say
// so, and need not choose the file again": four calls.
func TestAFileIsSentOnceAndTheRestOfTheDepositFollows(t *testing.T) {
	w := newWorld(t)
	me := w.somebody("staff.wco")
	before := w.entries()
	body, kind := deposit(part{"metadata", "", `{"marking":"confidential"}`}, part{"content", "risk.pdf", sheet})
	file := want[api.Staged](t, me.post("/staged", body, "Content-Type", kind), 201)
	if file.Marking != api.Confidential || file.MediaType != "application/pdf" || *file.FileName != "risk.pdf" ||
		file.Size != int64(len(sheet)) || *file.Pages != 1 || !file.Preview || file.PassengerData ||
		file.ExpiresAt.Sub(file.StagedAt) != 24*time.Hour {
		t.Errorf("told of the file: %+v", file)
	}
	page := me.get("/staged/" + file.Id + "/preview")
	if _, err := png.Decode(bytes.NewReader(page.body)); err != nil || page.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("the first page: %d %v, %v", page.StatusCode, page.Header, err)
	}
	if n := w.entries(); n != before {
		t.Errorf("%d entries tell of a file that is no document yet", n-before)
	}
	mistaken := strings.Replace(declared, `"personal_data":{"present":false},`, "", 1)
	refused(t, me.post("/documents", staging(file.Id, mistaken)), 422, "art4.3/undeclared")
	doc := want[api.Document](t, me.post("/documents", staging(file.Id, declared)), 201)
	me.took(4, "a deposit in two steps, with a mistake")
	if *doc.Sha256 != file.Sha256 || *doc.FileName != "risk.pdf" {
		t.Errorf("deposited: %+v", doc)
	}
	read := want[api.Disclosure](t, me.post("/documents/"+doc.Id+"/disclosures", `{"form":"original"}`), 201)
	if got := me.get("/disclosures/" + read.Id + "/content"); string(got.body) != sheet {
		t.Errorf("read back: %d, %d bytes", got.StatusCode, len(got.body))
	}
	refused(t, me.post("/documents", staging(file.Id, declared)), 404, "request/not-found")
	if left := want[api.StagedPage](t, me.get("/staged"), 200); len(left.Items) != 0 {
		t.Errorf("staged still: %+v", left.Items)
	}
}

// Several files lie ready side by side, each for its own deposit.
func TestSeveralFilesAreStagedAndEachIsADeposit(t *testing.T) {
	w := newWorld(t)
	var all []string
	for i := range 3 {
		all = append(all, w.stage("staff.wco", fmt.Sprint(secret, i)).Id)
	}
	if page := want[api.StagedPage](t, w.as("staff.wco", "GET", "/staged", ""), 200); len(page.Items) != 3 {
		t.Fatalf("%d files lie ready, want 3", len(page.Items))
	}
	for _, id := range all {
		want[api.Document](t, w.as("staff.wco", "POST", "/documents", staging(id, declared)), 201)
	}
}

// Article 4(9): without a marking no byte is taken, and what no other metadata would cure is refused at once.
func TestArticle4_9NothingIsStagedUnmarked(t *testing.T) {
	w := newWorld(t)
	w.stage("staff.wco", "x") // the people are known
	w.stage("staff.unoct", "x")
	conn := w.kept()
	passengers := "UNA:+.? '\nUNB+UNOA:4+A+B+260101:1200+1'\nUNH+1+PAXLST:D:05B:UN:IATA'\n"
	for name, c := range map[string]struct {
		person, marking, content string
		status                   int
		code                     string
	}{
		"unmarked":      {"staff.wco", "", secret, 422, "art4.9/unmarked"},
		"another word":  {"staff.wco", "secret", secret, 422, "art4.9/unmarked"},
		"empty":         {"staff.wco", "confidential", "", 422, "gateway/empty"},
		"a third party": {"staff.piu", "confidential", secret, 403, "art4.9/not-discloser"},
		"an auditor":    {"auditor.wco", "confidential", secret, 403, "art4.9/not-discloser"},
		"the operator":  {"operator.operator", "confidential", secret, 403, "art4.9/not-discloser"},
		"passengers, unprotected": {"staff.wco", "non-confidential", passengers, 422,
			"gateway/passenger-data-protected"},
		"a machine, not so marking": {"machine.wco", "restricted", secret, 403, "gateway/service-limited"},
	} {
		t.Run(name, func(t *testing.T) {
			before := w.entries()
			refused(t, w.staging(c.person, c.marking, c.content), c.status, c.code)
			if n := w.entries(); n != before+1 {
				t.Errorf("%d entries tell of the refusal, want 1", n-before)
			}
		})
	}
	if n := w.kept(); n != conn {
		t.Errorf("%d things are kept of what was refused", n-conn)
	}
	if f := want[api.Staged](t, w.staging("staff.wco", "confidential", passengers), 201); !f.PassengerData {
		t.Errorf("passenger data is not told: %+v", f)
	}
}

// What the other Party disclosed is refused as it is in a deposit, though its marking be right.
func TestWhatWasReceivedIsNotStagedAsOnesOwn(t *testing.T) {
	w := newWorld(t)
	doc, _ := w.authorized(secret)
	want[api.Disclosure](t, w.as("staff.unoct", "POST", "/documents/"+doc.Id+"/disclosures", reading), 201)
	refused(t, w.staging("staff.unoct", "confidential", secret), 403, "art4.9/received-from-the-other")
}

// One person holds twenty at most, however many come at once; and giving one up makes room.
func TestStagedFilesAreBoundedForEachPerson(t *testing.T) {
	w := newWorld(t, func(w *world) { w.settings.Uploads = 100 })
	var wait sync.WaitGroup
	codes := make([]int, 24)
	for i := range codes {
		wait.Go(func() { codes[i] = w.staging("staff.wco", "confidential", fmt.Sprint(secret, i)).StatusCode })
	}
	wait.Wait()
	got := map[int]int{}
	for _, code := range codes {
		got[code]++
	}
	if got[201] != 20 || got[409] != 4 {
		t.Errorf("answered %v, want 20 staged and 4 not", got)
	}
	refused(t, w.staging("staff.wco", "confidential", "one more"), 409, "request/conflict")
	w.stage("other.wco", "of somebody else")
	mine := want[api.StagedPage](t, w.as("staff.wco", "GET", "/staged", ""), 200).Items
	want[api.Staged](t, w.as("staff.wco", "DELETE", "/staged/"+mine[0].Id, ""), 200)
	w.stage("staff.wco", "one more")
}
