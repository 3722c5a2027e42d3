package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A list that ends before its end says so, on a terminal and in a pipe, and how to get the rest.
func TestAListThatEndsEarlySaysSo(t *testing.T) {
	l := newLying(t)
	l.answers["GET /api/v1/log/entries"] = map[string]any{"items": []any{map[string]any{"id": "ent_1"},
		map[string]any{"id": "ent_2"}, map[string]any{"id": "ent_3"}}}
	for limit, more := range map[string]bool{"2": true, "3": false, "4": false} {
		code, out, errs := ran(t, l.signedIn(t), "log", "list", "--limit", limit)
		if code != exitDone || strings.Contains(errs, "There are more than these") != more ||
			strings.Contains(errs, "--limit") != more || strings.Contains(out, "ent_3") == more {
			t.Errorf("limit %s: exit %d\n%s%s", limit, code, out, errs)
		}
	}
}

// What is said of a flag is what is sent: anything but yes and no is wrong use, and nothing is sent.
func TestYesAndNoAreTheOnlyWordsForBoth(t *testing.T) {
	l := newLying(t)
	for _, word := range []string{"true", "Yes", "1", ""} {
		code, _, errs := ran(t, l.signedIn(t), "doc", "mark", "doc_1", "--marking", "restricted", "--statement", "S",
			"--proprietary", word)
		if code != exitUsage || !strings.Contains(errs, "write yes or no") || len(l.asked) > 0 {
			t.Errorf("--proprietary %q: exit %d, asked %v\n%s", word, code, l.asked, errs)
		}
	}
}

// A call that waits for a second person ends as the command for it would; a leak that is told is 202 too, and does not.
func TestARawCallThatWaitsEndsWithEight(t *testing.T) {
	for location, want := range map[string]int{"/api/v1/confirmations/pnd_1": exitWaiting, "": exitDone} {
		l := newLying(t)
		l.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if location != "" {
				w.Header().Set("Location", location)
			}
			w.WriteHeader(http.StatusAccepted)
			_, _ = w.Write([]byte(`{"id":"x"}`))
		})
		code, out, errs := ran(t, l.signedIn(t), "api", "-X", "POST", "/documents/doc_1/marking")
		said := strings.Contains(errs, "/confirmations/pnd_1")
		if code != want || out != `{"id":"x"}` || said != (want == exitWaiting) {
			t.Errorf("%q: exit %d, want %d\n%s%s", location, code, want, out, errs)
		}
	}
}

// What describes another file is not taken the place of, and no copy is asked for to find that out.
func TestAPullTakesThePlaceOfNoOtherFilesMarking(t *testing.T) {
	for _, end := range []string{".marking.json", ".label.json"} {
		l := newLying(t)
		l.answers["GET /api/v1/me"] = map[string]any{"person": "per_1"}
		l.answers["GET /api/v1/documents/doc_1"] = map[string]any{"id": "doc_1"}
		path := filepath.Join(t.TempDir(), "file")
		must(t, os.WriteFile(path+end, []byte(`{"disclosure":"dis_of_another"}`), 0o600))
		code, _, errs := ran(t, l.signedIn(t), "doc", "pull", "doc_1", "-o", path)
		text, err := os.ReadFile(path + end)
		if code != exitUsage || !strings.Contains(errs, "--force") || err != nil || !strings.Contains(string(text),
			"dis_of_another") || strings.Contains(strings.Join(l.asked, " "), "disclosures") {
			t.Errorf("%s: exit %d, asked %v, %v\n%s", end, code, l.asked, err, errs)
		}
	}
}

// An original that is told to be another than the document's is not fetched.
func TestAnOriginalIsTheFileOfItsDocument(t *testing.T) {
	l := newLying(t)
	l.answers["GET /api/v1/me"] = map[string]any{"person": "per_1"}
	l.answers["GET /api/v1/documents/doc_1"] = map[string]any{"id": "doc_1", "version": "ver_1",
		"sha256": strings.Repeat("a", 64)}
	l.answers["POST /api/v1/documents/doc_1/disclosures"] = map[string]any{"id": "dis_1", "version": "ver_1",
		"form": "original", "state": "ready", "sha256": strings.Repeat("b", 64), "size": 1}
	code, _, errs := ran(t, l.signedIn(t), "doc", "pull", "doc_1", "-o", filepath.Join(t.TempDir(), "file"))
	if code != exitUnverified || strings.Contains(strings.Join(l.asked, " "), "/content") {
		t.Errorf("exit %d, asked %v\n%s", code, l.asked, errs)
	}
}
