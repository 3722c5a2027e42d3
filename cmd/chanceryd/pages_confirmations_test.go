package main

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// row is what the list of what waits says of one thing.
func (p *plain) row(path string) string {
	p.t.Helper()
	for _, row := range regexp.MustCompile(`(?s)<tr>.*?</tr>`).FindAllString(p.send("/confirmations", nil).body, -1) {
		if strings.Contains(row, `href="`+path+`"`) {
			return row
		}
	}
	p.t.Fatalf("%s does not see that %s waits", p.who, path)
	return ""
}

// The second person sees, field by field, what the first asked for: of which document, what stands now, whom and why a
// suspension stops, which version goes; and the first one reads who can confirm it.
func TestTheSecondPersonIsShownWhatTheyConfirm(t *testing.T) {
	t.Parallel()
	p := play(t, t.TempDir())
	for _, language := range []string{"en", "fr"} {
		say := func(english, french string) string { return either(language, english, french) }
		focal, deputy := in(t, p.BaseURL, "focal.wco", language), in(t, p.BaseURL, "deputy.wco", language)
		auditor, clerk := in(t, p.BaseURL, "auditor.wco", language), in(t, p.BaseURL, "staff.wco", language)
		document := clerk.put("Of two people", "restricted", "org_unoct", "art2.e", nil)
		reference := regexp.MustCompile(`D-[0-9A-Z]{5}-[0-9A-Z]{6}`).FindString(focal.send(document, nil).body)
		named := func(b *plain, begun answered, says ...string) {
			t.Helper()
			path, _, _ := strings.Cut(begun.at, "?")
			row := b.row(path)
			if !strings.Contains(row, `class="tagmark restricted"`) ||
				!strings.Contains(row, `href="`+document+`"`) || !strings.Contains(row, reference) {
				t.Errorf("%s, the row of %s: %s", b.who, path, row)
			}
			for _, fault := range unmarked(b.send("/confirmations", nil).body) {
				t.Errorf("%s, /confirmations: %s", b.who, fault)
			}
			b.wants(b.send(path, nil), append(says, reference)...)
		}

		for _, stop := range []struct{ act, ends, at, why string }{
			{"hold", "end-hold", "hld_", say("Reason of the Hold", "Motif de l’ordre de conservation")},
			{"suspend", "lift", "sus_", say("Reason of the suspension", "Motif de la suspension")},
		} {
			deputy.follow(deputy.send(document+"/acts/"+stop.act, said("reason", "Seen in a journal")))
			at := regexp.MustCompile(`/stops/` + stop.at + `[^"]+`).FindString(focal.send("/stops", nil).body)
			begun := focal.does(at, stop.ends, said("reason", "For the test"))
			named(deputy, begun, stop.why, "Seen in a journal")
			named(auditor, begun, stop.why, "Seen in a journal")
			if page := deputy.send(begun.at, nil); !strings.Contains(page.body, `href="`+at+`"`) {
				t.Errorf("%s does not lead to %s", begun.at, at)
			}
			deputy.wants(deputy.confirms(begun.at, said("reason", "So I see")), say("Confirmed.", "Confirmé."))
		}

		wrong := focal.does(document+"/destroy", "destroy", said("reason", "The wrong file", "version",
			first(ticks(focal.send(document+"/destroy", nil).body, "version"))))
		named(deputy, wrong, say("Which version", "Quelle version"), "version 1, paper.pdf")
		focal.wants(focal.send(wrong.at, nil), say("Daniel Moreau can confirm it", "Daniel Moreau peut le confirmer"))

		focal.does(document+"/proprietary", "state", said("reason", "It is ours"))
		dropped := focal.does(document+"/proprietary", "drop", said("reason", "No longer"))
		named(deputy, dropped, say("State that it is not proprietary", "Déclarer qu’il n’est pas exclusif"),
			say("It is; from then on it is not", "Il l’est ; dès lors, il ne l’est plus"),
			say("Restricted, as now", "À diffusion restreinte, comme à présent"))
		if strings.Contains(deputy.send(dropped.at, nil).body, say("Lower a marking", "Abaisser un marquage")) {
			t.Error("that a document is not proprietary is called a lower marking")
		}
		deputy.wants(deputy.confirms(dropped.at, said("reason", "So I see")), say("Confirmed.", "Confirmé."))
		etag := fieldsOf(focal.send(document+"/acts/mark", nil).body).Get("etag")
		lower := focal.follow(focal.send(document+"/acts/mark", said("marking", "non-confidential", "reason",
			"It is known", "etag", etag)))
		named(deputy, lower, say("Marking now Restricted", "Marquage actuel À diffusion restreinte"),
			say("New marking Non-confidential", "Nouveau marquage Non confidentiel"))
	}
}

// Reading 0110: of a file that resembles what was received the page says that a second person of the own Party deposits
// the same file, and not that an official of the other Party confirms it.
func TestWhoeverSaysThatAFileDerivesFromNothingReadsWhatTheSecondDoes(t *testing.T) {
	t.Parallel()
	p := play(t, t.TempDir())
	lines := []string{"Three ports on the eastern coast saw two carriers whose passenger lists were sent late.",
		"The analysts compared the lists with the crew changes that the harbour masters had reported,",
		"and found one pattern: the same agency booked the same cabins under names that differed by a letter.",
		"They recommend asking both carriers for their lists a day before departure, and training the",
		"harbour masters in May, together with the customs officers of the two neighbouring ports."}
	document := in(t, p.BaseURL, "staff.wco", "en").puts(string(onePage("Received", lines)), "Received", "restricted",
		"org_unoct", "art2.e", nil).at
	document, _, _ = strings.Cut(document, "?")
	as := func(who string) caller {
		return caller{stage: &stage{base: p.BaseURL + "/api/v1", now: time.Now}, id: who, token: p.token(t, who)}
	}
	of := object{"id": strings.TrimPrefix(document, "/documents/")}
	request, err := as("staff.unoct").ask(t.Context(), of, "org_unoct", "art2.e", "To read it", 30)
	if err == nil {
		err = as("focal.wco").decide(t.Context(), request, object{"act": "authorize", "statement": "Agreed"})
	}
	if err == nil {
		err = as("staff.unoct").do(t.Context(), http.MethodPost, document+"/disclosures",
			object{"purpose": "art2.e", "statement": "To read it", "form": "original"}, nil)
	}
	if err != nil {
		t.Fatal(err)
	}

	content := string(onePage("Ours", append(lines, "A line of ours.")))
	ours := url.Values{"not_derived": {"We wrote it first"}}
	for _, language := range []string{"en", "fr"} {
		say := func(english, french string) string { return either(language, english, french) }
		staff, focal := in(t, p.BaseURL, "staff.unoct", language), in(t, p.BaseURL, "focal.unoct", language)
		if a := staff.puts(content, "Ours", "restricted", "org_wco", "art2.e", ours); a.StatusCode !=
			http.StatusUnprocessableEntity {
			t.Fatalf("the first of two: %d %s", a.StatusCode, textOf(a.body))
		}
		waits := regexp.MustCompile(`/confirmations/pen_[0-9a-z]+`).FindString(focal.send("/confirmations", nil).body)
		title := say("Say that a file derives from nothing", "Déclarer qu’un fichier ne dérive de rien")
		row := focal.row(waits)
		if !strings.Contains(row, `class="tagmark restricted"`) || !strings.Contains(row, `href="`+document+`"`) {
			t.Errorf("the row: %s", row)
		}
		focal.wants(focal.send("/confirmations", nil), title,
			say("deposits the same file, with a reason of their own", "dépose le même fichier, avec son propre motif"))
		page := focal.send(waits, nil)
		focal.wants(page, title, say("deposit the same one", "déposez le même"), say("It resembles", "Il ressemble à"))
		for _, fault := range unmarked(page.body) {
			t.Errorf("%s: %s", waits, fault)
		}
		if text := textOf(page.body); strings.Contains(text, say("other Party", "autre Partie")) ||
			strings.Contains(text, "We wrote it first") || !strings.Contains(page.body, `href="/documents/new"`) {
			t.Errorf("a colleague reads %s", text)
		}
		staff.wants(staff.send(waits, nil), say("Give them the file", "Transmettez-lui le fichier"))
	}
	second := in(t, p.BaseURL, "focal.unoct", "en").puts(content, "Ours", "restricted", "org_wco", "art2.e",
		url.Values{"not_derived": {"It lies in our archive"}})
	if !strings.HasPrefix(second.at, "/documents/doc_") {
		t.Errorf("the second of two: %d %s", second.StatusCode, textOf(second.body))
	}
}
