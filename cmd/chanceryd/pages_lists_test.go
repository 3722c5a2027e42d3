package main

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// leadsTo is where the first page sends somebody for what waits for them.
func (p *plain) leadsTo(words string) string {
	p.t.Helper()
	home := ""
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		home = p.send("/", nil).body // the numbers are kept for some seconds
		for _, m := range regexp.MustCompile(`<a href="([^"]+)">([^<]+)</a>`).FindAllStringSubmatch(home, -1) {
			if strings.Contains(html.UnescapeString(m[2]), words) {
				return html.UnescapeString(m[1])
			}
		}
	}
	p.t.Fatalf("%s is not told %q: %s", p.who, words, textOf(home))
	return ""
}

// rowWith is the line of a list in which some words stand.
func (p *plain) rowWith(path, words string) string {
	p.t.Helper()
	for _, row := range regexp.MustCompile(`(?s)<tr>.*?</tr>`).FindAllString(p.send(path, nil).body, -1) {
		if strings.Contains(row, words) {
			return textOf("<main" + row)
		}
	}
	return ""
}

// What the first page counts stands in the list to which it leads, and nothing else does.
func TestWhatIsCountedIsFoundWhereTheFirstPageLeads(t *testing.T) {
	t.Parallel()
	p := play(t, t.TempDir())
	staff, reader := in(t, p.BaseURL, "staff.wco", "en"), in(t, p.BaseURL, "staff.unoct", "en")
	focal := in(t, p.BaseURL, "focal.wco", "en")
	var requests, documents []string
	for _, what := range []string{"Quays", "Berths"} {
		document := staff.put(what+" of the season", "restricted", "org_unoct", "art2.e", nil)
		asked := reader.follow(reader.send(document+"/request", said("for", "org_unoct", "purpose", "art2.e",
			"statement", what+" are ours to watch", "until", "day", "day",
			time.Now().AddDate(0, 0, 10).Format(time.DateOnly), "form", "stamped")))
		at, _, _ := strings.Cut(asked.at, "?")
		requests, documents = append(requests, at), append(documents, document)
	}

	// A line of the inbox says what it is about, and an empty message is none.
	row := focal.rowWith("/inbox", "Quays are ours to watch")
	for _, want := range []string{"Quays of the season", "D-"} {
		if !strings.Contains(row, want) {
			t.Errorf("the inbox does not say %q: %s", want, row)
		}
	}
	if strings.Contains(row, "Proprietary") || strings.Contains(row, "Personal data") {
		t.Errorf("the inbox says what is not: %s", row)
	}
	empty := focal.send(requests[0]+"/messages", said("text", " "))
	if focal.wants(empty, "Write what you want to say"); empty.StatusCode < 400 {
		t.Errorf("an empty message: %d", empty.StatusCode)
	}
	focal.follow(focal.send(requests[0]+"/messages", said("text", "For which season?")))

	questions := reader.leadsTo("Answer 1 question")
	list := reader.send(questions, nil)
	reader.wants(list, "A question waits for your answer", "Quays are ours to watch")
	if strings.Contains(list.body, "Berths are ours") {
		t.Error("the list of questions shows what has none")
	}
	if row := reader.rowWith("/requests", "Berths are ours"); row == "" || strings.Contains(row, "A question waits") {
		t.Errorf("among all: %s", row)
	}
	if row := reader.rowWith("/requests", "Quays are ours"); !strings.Contains(row, "A question waits") {
		t.Errorf("among all: %s", row)
	}

	focal.authorizes(requests[1], "")
	ending := focal.leadsTo("ends within 14 days")
	list = focal.send(ending, nil)
	focal.wants(list, "Berths are ours to watch")
	if strings.Contains(list.body, "Quays are ours") {
		t.Error("the list of what ends shows what was not decided")
	}

	// A notice is answered where it is to be answered, and the reader comes back there.
	reader.follow(reader.send(documents[1]+"/open", said("purpose", "art2.e", "statement", "To watch", "form",
		"stamped")))
	focal.follow(focal.send(documents[1]+"/acts/recall", said("reason", "The wrong season")))
	notices := reader.leadsTo(" notice")
	form := formOf.FindString(mainOf(reader.send(notices, nil).body))
	action := actionOf.FindStringSubmatch(form)
	if action == nil {
		t.Fatalf("nothing is to be answered at %s", notices)
	}
	values := fieldsOf(form)
	for _, m := range regexp.MustCompile(`name="(copy-[^"]+)"`).FindAllStringSubmatch(form, -1) {
		values.Set(m[1], "destroyed")
	}
	answered := reader.follow(reader.send(action[1], values))
	reader.wants(answered, "Your answer was recorded")
	if !strings.Contains(answered.at, "only=unanswered") || strings.Contains(answered.body, action[1]) {
		t.Errorf("back at %s: %s", answered.at, textOf(answered.body))
	}
}

// mainOf is what a page is about, without its frame.
func mainOf(page string) string {
	_, page, _ = strings.Cut(page, "<main")
	page, _, _ = strings.Cut(page, "</main")
	return page
}

// authorizes gives what a request asks for, by the page of the decision, on conditions where some are named.
func (p *plain) authorizes(request, conditions string) {
	p.t.Helper()
	path := "/inbox/" + strings.TrimPrefix(request, "/requests/")
	var form url.Values
	for _, answer := range []url.Values{nil, {"do": {"show"}, "conditions": {conditions}}} {
		for name, all := range form {
			if answer[name] == nil {
				answer[name] = all
			}
		}
		shown := formOf.FindString(mainOf(p.send(path, answer).body))
		form = fieldsOf(shown)
		for _, m := range typed.FindAllStringSubmatch(shown, -1) {
			form.Set(m[1], html.UnescapeString(m[2]))
		}
	}
	form.Set("do", "give")
	p.wants(p.follow(p.send(path, form)), "You authorized the exchange")
}

// Of several grants each has its own conditions: those of the purpose that is chosen are to be accepted.
func TestTheConditionsThatCountAreThoseOfThePurposeChosen(t *testing.T) {
	t.Parallel()
	p := play(t, t.TempDir())
	staff, reader := in(t, p.BaseURL, "staff.wco", "en"), in(t, p.BaseURL, "staff.unoct", "en")
	focal := in(t, p.BaseURL, "focal.wco", "en")
	document := staff.put("Quays of the season", "restricted", "org_unoct", "art2.e",
		url.Values{"purposes": {"art2.e", "art2.f"}})
	for purpose, conditions := range map[string]string{"art2.e": "Not outside the unit", "art2.f": "Not on paper"} {
		asked := reader.follow(reader.send(document+"/request", said("for", "org_unoct", "purpose", purpose,
			"statement", "To watch", "until", "day", "day", time.Now().AddDate(0, 0, 10).Format(time.DateOnly),
			"form", "original")))
		at, _, _ := strings.Cut(asked.at, "?")
		focal.authorizes(at, conditions)
	}
	page := reader.send(document+"/open", nil)
	reader.wants(page, "Not outside the unit", "Not on paper")
	form := fieldsOf(formOf.FindString(mainOf(page.body)))
	digests := map[string]string{}
	for _, one := range form["conditions"] {
		digest, purpose, _ := strings.Cut(one, " ")
		digests[purpose] = digest
	}
	form.Set("purpose", "art2.f")
	form.Set("statement", "To watch")
	form.Set("accepts", digests["art2.e"])
	reader.wants(reader.send(document+"/open", form), "Accept the conditions")
	form.Set("accepts", digests["art2.f"])
	reader.wants(reader.follow(reader.send(document+"/open", form)), "Your copy is ready")
}

// Whoever may not do an act is told so before they fill anything in, and by whom they are helped; that is no refusal,
// and no entry.
func TestAPageThatKnowsOfARefusalHoldsNoButton(t *testing.T) {
	t.Parallel()
	p := play(t, t.TempDir())
	staff := in(t, p.BaseURL, "staff.wco", "en")
	document := staff.put("Quays of the season", "restricted", "org_unoct", "art2.e", nil)
	for _, tt := range []struct {
		who  string
		path string
		says string
	}{
		{"staff.unoct", document + "/open", "Fiona Carter"}, {"staff.unoct", document + "/acts/mark", "WCO"},
		{"staff.wco", document + "/acts/recall", ""}, {"auditor.unoct", document + "/request", ""},
		{"focal.piu", "/documents/new", ""}, {"auditor.wco", "/documents/new", ""},
		{"auditor.wco", "/stops/new", ""},
	} {
		b := in(t, p.BaseURL, tt.who, "en")
		page := b.send(tt.path, nil)
		if b.wants(page, "This is not for you to do", tt.says); formOf.MatchString(mainOf(page.body)) ||
			strings.Contains(page.body, "deposit.js") {
			t.Errorf("%s, %s: a form is offered all the same", tt.who, tt.path)
		}
	}
	reader := in(t, p.BaseURL, "staff.unoct", "fr")
	page := reader.send(document+"/open", nil)
	if reader.wants(page, "Il ne vous revient pas", "Demander l’accès"); !strings.Contains(page.body,
		`href="`+document+`/request"`) {
		t.Error("the step that helps is not offered")
	}
}

// A Party suspends one of its people, and a third party, on a page: each is refused from then on.
func TestAPersonAndAThirdPartyAreSuspendedOnAPage(t *testing.T) {
	t.Parallel()
	p := play(t, t.TempDir())
	focal, staff := in(t, p.BaseURL, "focal.wco", "en"), in(t, p.BaseURL, "staff.wco", "en")
	third := in(t, p.BaseURL, "focal.piu", "en")
	staff.put("Quays of the season", "restricted", "org_unoct", "art2.e", nil)
	focal.wants(focal.send("/stops", nil), "Suspend a person or a third party")
	page := focal.send("/stops/new", nil)
	focal.wants(page, "From the next byte on this person can do nothing here")
	person := regexp.MustCompile(`name="person" value="([^"]+)"[^>]*> <span><bdi>Sofia Brandt`).FindStringSubmatch(
		page.body)
	if person == nil || strings.Contains(mainOf(page.body), "Fiona Carter") {
		t.Fatalf("whom one may suspend: %s", textOf(page.body))
	}
	focal.wants(focal.does("/stops/new", "person", said("person", person[1])), "Fill in")
	focal.wants(focal.does("/stops/new", "person", said("person", person[1], "reason", "The device was lost")),
		"Suspended, from the next byte on", "Sofia Brandt", "Lift the suspension")
	if a := staff.send("/documents/new", nil); a.StatusCode < 400 && !strings.Contains(a.body, "This is not for you") {
		t.Errorf("whoever is suspended goes on: %d %s", a.StatusCode, textOf(a.body))
	}
	focal.wants(focal.does("/stops/new", "organisation", said("organisation", "org_piu-exampleland", "reason",
		"Its network was broken into")), "Suspended, from the next byte on")
	if a := third.send("/documents", nil); strings.Contains(a.body, "/documents/doc_") {
		t.Error("a third party that is suspended is shown documents")
	}
	// The other Party's people are not theirs to suspend, whatever is sent.
	forged := focal.send("/stops/new", said("do", "person", "person", "per_of-unoct", "reason", "x"))
	if forged.StatusCode != http.StatusNotFound {
		t.Errorf("somebody who is nobody: %d", forged.StatusCode)
	}
	for _, who := range []string{"staff.unoct", "focal.piu"} {
		b := in(t, p.BaseURL, who, "en")
		a := b.send("/stops/new", said("do", "person", "person", person[1], "reason", "x"))
		if a.StatusCode < 400 {
			t.Errorf("%s suspends: %d %s", who, a.StatusCode, textOf(a.body))
		}
	}
}

// People call a document by its reference: they find it so, and name it as a source so.
func TestADocumentIsFoundAndNamedByItsReference(t *testing.T) {
	t.Parallel()
	p := play(t, t.TempDir())
	staff, focal := in(t, p.BaseURL, "staff.unoct", "en"), in(t, p.BaseURL, "focal.wco", "en")
	theirs := in(t, p.BaseURL, "staff.wco", "en")
	source := theirs.put("Quays of the season", "restricted", "org_unoct", "art2.e", nil)
	called := regexp.MustCompile(`D-[0-9A-Z]{5}-[0-9A-Z]{6}`).FindString(focal.send(source, nil).body)
	asTyped := strings.ToLower(strings.ReplaceAll(called, "-", " "))
	for _, b := range []*plain{staff, focal} {
		if page := b.send("/documents?words="+url.QueryEscape(asTyped), nil); !strings.Contains(page.body,
			`href="`+source+`"`) || strings.Count(page.body, `href="/documents/doc_`) != 1 {
			t.Errorf("%s does not find %q: %s", b.who, asTyped, textOf(page.body))
		}
	}
	outside := in(t, p.BaseURL, "focal.piu", "en")
	if page := outside.send("/documents?words="+url.QueryEscape(called), nil); strings.Contains(page.body, source) {
		t.Error("a reference is found by somebody without standing")
	}

	derived := staff.put("What the quays show", "restricted", "org_wco", "art2.e", url.Values{"derived": {"yes"},
		"sources": {asTyped}, "proprietary": {"yes"}, "alias": {"UNOCT/26/114"}, "as_of": {"2026-10-31"},
		"review_by": {"2027-10-31"}})
	page := staff.send(derived, nil)
	staff.wants(page, "Derives from "+called, "own reference UNOCT/26/114", "As of 31 Oct 2026",
		"To be reviewed by 31 Oct 2027", "Proprietary")
	if !strings.Contains(mainOf(page.body), `href="`+source+`"`) {
		t.Error("no way to the source")
	}
	// Whose sources they are is the deriver's own to know.
	other := theirs.send(derived, nil)
	if strings.Contains(other.body, called) || strings.Contains(textOf(other.body), "Derives from") {
		t.Errorf("the other Party is told of the sources: %s", textOf(other.body))
	}

	theirs.wants(theirs.sends(source+"/version", "version", said("kind", "corrects", "statement", "A typo", "derived",
		"D-00000-000000"), "paper.pdf", string(onePage("Quays", []string{"Words of the test."}))),
		"No document that you have access to is called: D-00000-000000")
	staged := staff.follow(staff.sendParts("/documents/new", said("marking", "confidential"), "paper.pdf",
		string(onePage("Again", []string{"Words of the test."}))))
	form := said("marking", "confidential", "title", "Again", "recipient", "org_wco", "purpose_statement", "x",
		"purposes", "art2.e", "personal_data", "no", "entities", "none", "derived", "yes", "sources",
		called+"\nD-00000-000000", "staged", strings.TrimPrefix(staged.at, "/documents/new/"))
	staff.wants(staff.send(staged.at, form), "No document that you have access to is called: D-00000-000000")
}

// Beside a copy lie its label and the way to the receipt of its entry.
func TestACopyComesWithItsLabelAndItsReceipt(t *testing.T) {
	t.Parallel()
	p := play(t, t.TempDir())
	focal := in(t, p.BaseURL, "focal.wco", "en")
	document := focal.put("Quays of the season", "restricted", "org_unoct", "art2.e", nil)
	copied := focal.follow(focal.send(document+"/open", said("purpose", "art2.e", "statement", "To read", "form",
		"original")))
	focal.wants(copied, "Take the label", "A receipt that proves this entry")
	at, _, _ := strings.Cut(copied.at, "?")
	label := focal.send(at+"/label", nil)
	if label.StatusCode != http.StatusOK || !strings.Contains(label.body, "copy_number") ||
		!strings.Contains(label.Header.Get("Content-Disposition"), "paper.pdf.label.json") {
		t.Errorf("the label: %d %s %q", label.StatusCode, label.Header.Get("Content-Disposition"), label.body)
	}
	record := regexp.MustCompile(`/receipts/ent_[0-9a-z]+`).FindString(copied.body)
	focal.wants(focal.send(record, nil), "Place in the whole log")
	for _, who := range []string{"staff.unoct", "deputy.wco"} {
		if a := in(t, p.BaseURL, who, "en").send(at+"/label", nil); a.StatusCode != http.StatusNotFound {
			t.Errorf("%s takes the label of another's copy: %d", who, a.StatusCode)
		}
	}
}
