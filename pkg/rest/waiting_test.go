package rest_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/api"
)

// "What waits for me?" One call, no entry, and each number is that of the list behind it.
func TestWhatWaitsIsToldInOneCall(t *testing.T) {
	w := newWorld(t)
	doc, q := w.authorized(secret)
	open := w.ask("staff.unoct", doc.Id, "org_unoct")
	want[api.Message](t, w.as("focal.wco", "POST", "/requests/"+open.Id+"/messages", `{"text":"For which training?"}`),
		201)
	want[api.Agreement](t, w.as("focal.wco", "POST", "/agreements",
		`{"organisation":"org_piu-exampleland","text":"We keep it."}`), 201)
	want[api.Disclosure](t, w.as("staff.unoct", "POST", "/documents/"+doc.Id+"/disclosures", reading), 201)
	want[api.Waiting](t, w.as("focal.wco", "POST", "/documents/"+doc.Id+"/marking",
		`{"marking":"non-confidential","statement":"x"}`), 202)
	want[api.Document](t, w.as("focal.wco", "POST", "/documents/"+doc.Id+"/marking",
		`{"marking":"restricted","statement":"x"}`), 200)
	w.shift.Store(int64(12 * 24 * time.Hour)) // two days before the silence is a refusal
	before := w.entries()
	for person, wanted := range map[string]api.WaitingFor{
		"deputy.wco":        {ToDecide: 1, ToDecideSoon: 1},
		"staff.wco":         {},
		"staff.unoct":       {Questions: 1, Notices: 1},
		"other.unoct":       {},
		"focal.unoct":       {Notices: 2}, // and what the configuration says
		"focal.piu":         {AgreementsToSign: 1},
		"staff.piu":         {},
		"operator.operator": {},
	} {
		s := w.somebody(person)
		got := want[api.WaitingFor](t, s.get("/waiting"), 200)
		s.took(1, "the first page")
		unanswered := want[api.NoticePage](t, s.get("/notices?state=unanswered"), 200)
		if got.Notices != len(unanswered.Items) {
			t.Errorf("%s: %d notices counted, %d listed", person, got.Notices, len(unanswered.Items))
		}
		if strings.HasPrefix(person, "focal") || strings.HasPrefix(person, "deputy") {
			wanted.Notices = got.Notices // what the configuration says comes on top
		}
		if got != wanted {
			t.Errorf("%s: %+v, want %+v", person, got, wanted)
		}
	}
	if now := w.entries(); now != before {
		t.Errorf("looking wrote %d entries", now-before)
	}
	_ = q
}

// The numbers are kept ten seconds, for that person in those roles.
func TestWhatWaitsIsCountedForOnePersonAlone(t *testing.T) {
	w := newWorld(t)
	doc := want[api.Document](t, w.deposit(declared, secret), 201)
	w.ask("staff.unoct", doc.Id, "org_unoct")
	if n := want[api.WaitingFor](t, w.as("focal.wco", "GET", "/waiting", ""), 200); n.ToDecide != 1 {
		t.Errorf("the focal point: %+v", n)
	}
	for _, person := range []string{"staff.wco", "focal.unoct", "focal.customs"} {
		if n := want[api.WaitingFor](t, w.as(person, "GET", "/waiting", ""), 200); n.ToDecide != 0 {
			t.Errorf("%s: %+v", person, n)
		}
	}
}

// Whatever can be done on a thing is told by the thing, by the rules of the act itself.
func TestEachThingTellsWhatMayBeDoneWithIt(t *testing.T) {
	w := newWorld(t)
	doc, _ := w.authorized(secret)
	want[api.Disclosure](t, w.as("staff.unoct", "POST", "/documents/"+doc.Id+"/disclosures", reading), 201)
	waits := want[api.Waiting](t, w.as("focal.wco", "POST", "/documents/"+doc.Id+"/marking",
		`{"marking":"non-confidential","statement":"x"}`), 202).Pending.Id
	agreement := want[api.Agreement](t, w.as("focal.wco", "POST", "/agreements",
		`{"organisation":"org_piu-exampleland","text":"We keep it."}`), 201).Id
	want[api.Suspension](t, w.as("focal.wco", "POST", "/suspensions", `{"document":"`+doc.Id+`","statement":"x"}`), 201)
	want[api.Hold](t, w.as("auditor.wco", "POST", "/holds", `{"document":"`+doc.Id+`","statement":"x"}`), 201)
	want[api.Document](t, w.as("focal.wco", "POST", "/documents/"+doc.Id+"/recall", `{"statement":"x"}`), 200)
	before := w.entries()

	allowed := func(p *map[string]api.Permission, act string) string {
		if p == nil {
			return "not told"
		}
		one, told := (*p)[act]
		switch {
		case !told:
			return "not told"
		case one.Allowed:
			return "yes"
		}
		return one.Reasons[0].Code
	}
	confirmation := func(person string) string {
		return allowed(want[api.Confirmation](t, w.as(person, "GET", "/confirmations/"+waits, ""), 200).Permissions,
			"confirm")
	}
	signs := func(person string) string {
		return allowed(want[api.Agreement](t, w.as(person, "GET", "/agreements/"+agreement, ""), 200).Permissions,
			"sign")
	}
	declines := func(person string) string {
		return allowed(want[api.Agreement](t, w.as(person, "GET", "/agreements/"+agreement, ""), 200).Permissions,
			"decline-agreement")
	}
	lifts := func(person string) string {
		return allowed(want[api.SuspensionPage](t, w.as(person, "GET", "/suspensions", ""), 200).Items[0].Permissions,
			"lift")
	}
	ends := func(person string) string {
		return allowed(want[api.HoldPage](t, w.as(person, "GET", "/holds", ""), 200).Items[0].Permissions, "end-hold")
	}
	answersFor := func(person string) string {
		return allowed(want[api.NoticePage](t, w.as(person, "GET", "/notices?document="+doc.Id, ""), 200).
			Items[0].Permissions, "acknowledge")
	}
	arrangement := func(person, act string) string {
		return allowed(want[api.Arrangement](t, w.as(person, "GET", "/arrangement", ""), 200).Permissions, act)
	}
	for what, got := range map[string][2]string{
		"confirming, the first person":       {confirmation("focal.wco"), "art4.9/second-person-missing"},
		"confirming, the second":             {confirmation("deputy.wco"), "yes"},
		"confirming, an auditor":             {confirmation("auditor.wco"), "art4.9/no-authority"},
		"signing, who may":                   {signs("focal.piu"), "yes"},
		"signing, staff":                     {signs("staff.piu"), "art4.8/no-authority"},
		"signing, a Party":                   {signs("focal.wco"), "art4.8/no-authority"},
		"declining, who may":                 {declines("focal.piu"), "yes"},
		"declining, staff":                   {declines("staff.piu"), "art4.8/no-authority"},
		"declining, a Party":                 {declines("focal.wco"), "art4.8/no-authority"},
		"lifting, a signatory":               {lifts("deputy.wco"), "yes"},
		"lifting, an auditor":                {lifts("auditor.wco"), "gateway/no-authority"},
		"ending a Hold, an auditor":          {ends("auditor.wco"), "yes"},
		"ending a Hold of the other Party":   {ends("focal.unoct"), "not told"},
		"answering, the holder":              {answersFor("staff.unoct"), "yes"},
		"answering, the Discloser":           {answersFor("focal.wco"), "not told"},
		"giving notice, a signatory":         {arrangement("focal.wco", "give-notice"), "yes"},
		"giving notice, staff":               {arrangement("staff.wco", "give-notice"), "art11.4/no-authority"},
		"designating, a focal point":         {arrangement("focal.unoct", "designate"), "yes"},
		"delegating, an auditor":             {arrangement("auditor.wco", "delegate"), "gateway/no-authority"},
		"proposing a third party":            {arrangement("focal.wco", "recognise"), "yes"},
		"giving notice, for a third party":   {arrangement("focal.piu", "give-notice"), "not told"},
		"designating, for the operator":      {arrangement("operator.operator", "designate"), "not told"},
		"proposing, by staff":                {arrangement("staff.unoct", "recognise"), "gateway/no-authority"},
		"delegating, one who holds the act":  {arrangement("focal.wco", "delegate"), "yes"},
		"designating, by a Party's auditor":  {arrangement("auditor.unoct", "designate"), "art5.3/no-authority"},
		"answering, a colleague of a holder": {"not told", "not told"},
	} {
		if got[0] != got[1] {
			t.Errorf("%s: %s, want %s", what, got[0], got[1])
		}
	}
	if now := w.entries(); now != before {
		t.Errorf("asking wrote %d entries", now-before)
	}
	// and nothing was done by asking
	if c := want[api.Confirmation](t, w.as("deputy.wco", "GET", "/confirmations/"+waits, ""), 200); c.Confirm == nil {
		t.Error("what waited waits no more")
	}
	var waiting, stands []string
	for _, p := range want[api.ConfirmationPage](t, w.as("deputy.wco", "GET", "/confirmations", ""), 200).Items {
		waiting = append(waiting, p.Pending.Id)
	}
	if !slices.Equal(waiting, []string{waits}) {
		t.Errorf("waiting: %q", waiting)
	}

	state := func(person string) (out []string) {
		found := want[api.Document](t, w.as(person, "GET", "/documents/"+doc.Id, ""), 200).State
		for _, s := range *found {
			out = append(out, s.What)
		}
		slices.Sort(out)
		return out
	}
	for person, wanted := range map[string][]string{
		"focal.wco":     {"held", "recalled", "suspended"},
		"auditor.unoct": {"held", "recalled", "suspended"},
		"staff.unoct":   {"recalled", "suspended"},
	} {
		if stands = state(person); !slices.Equal(stands, wanted) {
			t.Errorf("%s is told %q of the document, want %q", person, stands, wanted)
		}
	}
}
