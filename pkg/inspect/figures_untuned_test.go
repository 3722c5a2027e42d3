package inspect_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
)

// untuned happen to a message on its way into a file. They were written down before anybody looked whether they are
// found; what is missed stands here and in docs/decisions/0075, and is no surprise to whoever reads that.
var untuned = []struct {
	variation
	found int // of pnr and api
}{
	{variation{"Markdown fence", func(_ testing.TB, s string) string { return "See:\n\n```edi\n" + s + "\n```\n" }}, 2},
	{variation{"Markdown quotation", each("> | ")}, 2},
	{variation{"diff", each("+")}, 2},
	{variation{"YAML block", func(t testing.TB, s string) string { return "message: |\n" + each("    ")(t, s) }}, 2},
	{variation{"HTML, numbers for letters", func(_ testing.TB, s string) string {
		var b strings.Builder
		for _, r := range s {
			fmt.Fprintf(&b, "&#%d;", r)
		}
		return "<pre>" + b.String() + "</pre>"
	}}, 2},
	{variation{"HTML, a line each", func(_ testing.TB, s string) string {
		return "<p>" + strings.Join(strings.SplitAfter(s, "'"), "</p>\n<p>") + "</p>"
	}}, 2},
	{variation{"JSON, a segment each", func(_ testing.TB, s string) string {
		var b []string
		for _, part := range strings.SplitAfter(s, "'") {
			b = append(b, strconv.Quote(part))
		}
		return "[" + strings.Join(b, ", ") + "]"
	}}, 2},
	{variation{"SQL", func(_ testing.TB, s string) string {
		return "INSERT INTO m VALUES (1, '" + strings.ReplaceAll(s, "'", "''") + "');\n"
	}}, 2},
	{variation{"Python bytes", func(_ testing.TB, s string) string {
		return "m = b'" + strings.NewReplacer("'", `\'`, "\r", `\r`, "\n", `\n`).Replace(s) + "'\n"
	}}, 2},
	{variation{"tab before each line", each("\t")}, 2},
	{variation{"line numbers", func(_ testing.TB, s string) string {
		var b strings.Builder
		for i, line := range strings.SplitAfter(s, "'") {
			fmt.Fprintf(&b, "%4d: %s\n", i+1, line)
		}
		return b.String()
	}}, 2},
	{variation{"no-break spaces between letters", func(_ testing.TB, s string) string {
		return strings.Join(strings.Split(s, ""), "\u00a0")
	}}, 0},
	{variation{"spaces of no width", func(_ testing.TB, s string) string {
		return strings.ReplaceAll(s, "+", "\u200b+\u200b")
	}}, 0},
	{variation{"wide letters", func(_ testing.TB, s string) string {
		return strings.Map(func(r rune) rune {
			if r > ' ' && r < 0x7f {
				return r + 0xfee0
			}
			return r
		}, s)
	}}, 0},
	{variation{"EBCDIC", func(t testing.TB, s string) string {
		out, err := charmap.CodePage037.NewEncoder().String(s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}}, 0},
	{variation{"hexadecimal", func(_ testing.TB, s string) string { return hex.EncodeToString([]byte(s)) }}, 0},
	{variation{"hex dump", func(_ testing.TB, s string) string { return hex.Dump([]byte(s)) }}, 1},
	{variation{"base64 in JSON", func(_ testing.TB, s string) string {
		return `{"m":"` + base64.StdEncoding.EncodeToString([]byte(s)) + `"}`
	}}, 2},
	{variation{"base64 for URLs", func(_ testing.TB, s string) string {
		return base64.RawURLEncoding.EncodeToString([]byte(s))
	}}, 2},
	{variation{"base64 twice", func(_ testing.TB, s string) string {
		return base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(s))))
	}}, 2},
	{variation{"letters turned by 13", func(_ testing.TB, s string) string {
		return strings.Map(func(r rune) rune {
			if lower := r | 0x20; lower >= 'a' && lower <= 'z' {
				return r&^0x1f | ((r&0x1f)+12)%26 + 1
			}
			return r
		}, s)
	}}, 0},
	{variation{"backwards", func(_ testing.TB, s string) string {
		b := []byte(s)
		for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
			b[i], b[j] = b[j], b[i]
		}
		return string(b)
	}}, 0},
	{variation{"behind a picture's head", func(_ testing.TB, s string) string { return "\x89PNG\r\n\x1a\n" + s }}, 2},
	{variation{"NUL between lines", func(_ testing.TB, s string) string {
		return string(bytes.ReplaceAll([]byte(s), []byte("\n"), []byte("\x00")))
	}}, 2},
}

// What is found and what is missed of variations that nobody tuned for; prose that is varied in the same way is none.
func TestFiguresOfPassengerDataInVariationsNobodyTunedFor(t *testing.T) {
	var messages, others tally
	for _, u := range untuned {
		for _, m := range []string{pnr, api} {
			messages.count(findings(t, []byte(u.of(t, m))).PassengerData, "all", u.name)
		}
		if got := messages.found[u.name]; got != u.found {
			t.Errorf("%s: found %d of 2, want %d as docs/decisions/0075 says", u.name, got, u.found)
		}
		for _, p := range prose {
			found := findings(t, []byte(u.of(t, p.content))).PassengerData
			others.count(found, "all")
			if found && (p.name != "a template" || u.name != "HTML, a line each") { // <reference> is markup there
				t.Errorf("false: %s, %s", p.name, u.name)
			}
		}
	}
	messages.log(t)
	t.Log("prose and other messages:")
	others.log(t)
}

// The same of the corpus.
func TestFiguresOfPassengerDataInTheCorpusNobodyTunedFor(t *testing.T) {
	var messages tally
	corpus(t, "gtas", func(_ string, content []byte) {
		for _, u := range untuned {
			text := strings.ToValidUTF8(string(content[:min(len(content), 16<<10)]), "?")
			if u.name == "EBCDIC" {
				text = strings.Map(func(r rune) rune {
					if r > 0x7e {
						return '?'
					}
					return r
				}, text)
			}
			messages.count(findings(t, []byte(u.of(t, text))).PassengerData, "all", u.name)
		}
	})
	messages.log(t)
}
