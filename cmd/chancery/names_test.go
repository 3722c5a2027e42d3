package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"chancery.example/gateway/api"
)

// A name that the gateway gives leads nowhere else, hides nothing, and plays with no terminal.
func TestANameOfTheGatewaysStaysInItsFolder(t *testing.T) {
	for name, want := range map[string]string{
		"indicators.pdf": "indicators.pdf", "../../etc/passwd": "_.._etc_passwd", "..": "", "": "", ".bashrc": "bashrc",
		"a/b\\c:d": "a_b_c_d", "a\x00b\x1b[31m\u202ecod.exe": "a_b_[31m_cod.exe", strings.Repeat("x", 201): "",
	} {
		got, err := safeName(name)
		if got != want || (err != nil) != (want == "") {
			t.Errorf("%q: %q, %v; want %q", name, got, err, want)
		}
	}
	for _, id := range []api.VersionID{"ver_1/../../x", "../../..", "/", ""} {
		name, err := platformName("../message.edi", id)
		if err == nil && (filepath.Base(name) != name || strings.HasPrefix(name, ".")) {
			t.Errorf("%q leads elsewhere: %q", id, name)
		}
	}
}

// No message is kept out for its name.
func TestEveryFileOfTheGatewaysHasANameForThePlatform(t *testing.T) {
	for _, name := range []string{"", ".", "..", strings.Repeat("é", 127), "a." + strings.Repeat("x", 250),
		"\x00\x1b"} {
		got, err := platformName(name, "ver_0123456789abcdef")
		if err != nil || !strings.Contains(got, "-89abcdef") || len(got) > 200 || !utf8.ValidString(got) {
			t.Errorf("%q: %q, %v", name, got, err)
		}
	}
}

// On a terminal a list has a heading and gives way at its width; NO_COLOR takes the bold away.
func TestAListGivesWayAtTheWidthOfATerminal(t *testing.T) {
	var out bytes.Buffer
	rows := [][]string{{"doc_1", "A title that is longer than the terminal is wide"}, {"doc_22", "Short"}}
	must(t, columns(&out, []string{"ID", "TITLE"}, rows, 20, true))
	want := "\x1b[1mID      TITLE\x1b[0m\ndoc_1   A title tha…\ndoc_22  Short\n"
	if out.String() != want {
		t.Errorf("%q\nwant %q", out.String(), want)
	}
	out.Reset()
	must(t, columns(&out, []string{"ID", "TITLE"}, rows[:1], 0, false))
	if want := "ID     TITLE\ndoc_1  A title that is longer than the terminal is wide\n"; out.String() != want {
		t.Errorf("%q\nwant %q", out.String(), want)
	}
}

// A list goes on over an empty page, ends at the limit, says what is left out, and is not led round in a circle.
func TestAListIsReadToItsEnd(t *testing.T) {
	pages := map[string]string{"": `{"items":[{"id":"a"}],"next":"1"}`, "1": `{"items":[],"next":"2","left_out":1}`,
		"2": `{"items":[{"id":"b"},{"id":"c"}],"left_out":2}`, "round": `{"items":[],"next":"round"}`}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n, err := strconv.Atoi(r.URL.Query().Get("limit")); err != nil || n < 1 || n > 200 {
			t.Errorf("a page of %s is asked for", r.URL.Query().Get("limit"))
		}
		_, _ = io.WriteString(w, pages[r.URL.Query().Get("after")])
	}))
	defer server.Close()
	g, err := dial(server.URL, func(context.Context) (string, error) { return "token", nil })
	must(t, err)
	for limit, want := range map[int]int{100: 3, 2: 2, math.MaxInt: 3} {
		got := 0
		err := g.each(t.Context(), "/documents", url.Values{}, limit, func(json.RawMessage) error { got++; return nil })
		if err != nil || got != want {
			t.Errorf("limit %d: %d of %d, %v", limit, got, want, err)
		}
	}
	if code, _, errs := ran(t, []string{"CHANCERY_SERVER=" + server.URL, "CHANCERY_TOKEN=token"}, "doc",
		"list"); code != exitDone || !strings.Contains(errs, "Not shown, since altered outside of the gateway: 3.") {
		t.Errorf("exit %d: of three that are left out it says %q", code, errs)
	}
	pages["2"] = pages["round"]
	if err := g.each(t.Context(), "/documents", url.Values{}, 100,
		func(json.RawMessage) error { return nil }); err == nil {
		t.Error("it was led round in a circle")
	}
}

// A browser is told no token.
func TestABrowserIsToldNoToken(t *testing.T) {
	env := environment{variables: []string{"CHANCERY_TOKEN=secret", "HOME=/", "CHANCERY_TOKEN=other"}}
	if got := env.browser(context.Background(), "true", "https://x").Env; len(got) != 1 || got[0] != "HOME=/" {
		t.Errorf("it is told %q", got)
	}
}
