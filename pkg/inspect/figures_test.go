package inspect_test

import (
	"archive/zip"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// variation is something that happens to a message on its way into a file.
type variation struct {
	name string
	of   func(testing.TB, string) string
}

func each(prefix string) func(testing.TB, string) string {
	return func(_ testing.TB, s string) string { return prefix + strings.ReplaceAll(s, "\n", "\n"+prefix) }
}

// wrappings are done to the text.
var wrappings = []variation{
	{"as it is", func(_ testing.TB, s string) string { return s }},
	{"quoted in a mail", each("> ")},
	{"quoted twice, by old line ends", func(t testing.TB, s string) string {
		return each("> > ")(t, strings.ReplaceAll(s, "\r\n", "\n"))
	}},
	{"in quotation marks", func(_ testing.TB, s string) string { return `He wrote: "` + s + `"` }},
	{"JSON string", func(_ testing.TB, s string) string {
		b, _ := json.Marshal(map[string]string{"id": "1", "message": s})
		return string(b)
	}},
	{"CSV cell", func(_ testing.TB, s string) string {
		return "id,message\r\n1,\"" + strings.ReplaceAll(s, `"`, `""`) + "\"\r\n"
	}},
	{"log lines", each("2026-11-29T08:00:00Z host app[12]: ")},
	{"log line", func(_ testing.TB, s string) string {
		return "Nov 29 08:00:00 host mq[7]: rx len=812 data=" + strings.NewReplacer("\r", " ", "\n", " ").Replace(s)
	}},
	{"telex lines of 69", func(_ testing.TB, s string) string {
		return "\x01QK WASHDXX\r\n.QKXSXX 290800\r\n\x02" + lines(s, 69)
	}},
	{"telex lines of 7", func(_ testing.TB, s string) string { return lines(s, 7) }},
	{"lower case", func(_ testing.TB, s string) string { return strings.ToLower(s) }},
	{"URL", func(_ testing.TB, s string) string { return "POST /in?format=edi&body=" + url.QueryEscape(s) }},
	{"XML", func(_ testing.TB, s string) string {
		return "<log><m>" + strings.NewReplacer("&", "&amp;", "<", "&lt;", "'", "&apos;").Replace(s) + "</m></log>"
	}},
	{"behind 2 MiB", func(_ testing.TB,
		s string) string {
		return strings.Repeat("Minutes of the meeting. \n", 2<<20/25) + s
	}},
}

func lines(s string, width int) string {
	s = strings.NewReplacer("\r", "", "\n", "").Replace(s)
	var out strings.Builder
	for part := range slices.Chunk([]byte(s), width) {
		out.Write(part)
		out.WriteString("\r\n")
	}
	return out.String()
}

func encoded(e encoding.Encoding) func(testing.TB, string) string {
	return func(t testing.TB, s string) string {
		out, err := e.NewEncoder().String(strings.ToValidUTF8(s, "?"))
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

var encodings = []variation{
	{"UTF-8", func(_ testing.TB, s string) string { return s }},
	{"UTF-8 with mark", func(_ testing.TB, s string) string { return "\uFEFF" + s }},
	{"UTF-16LE with mark", encoded(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM))},
	{"UTF-16LE", encoded(unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM))},
	{"UTF-16BE", encoded(unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM))},
	{"UTF-32LE", encoded(utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM))},
	{"UTF-32BE with mark", encoded(utf32.UTF32(utf32.BigEndian, utf32.UseBOM))},
}

var containers = []variation{
	{"file", func(_ testing.TB, s string) string { return s }},
	{"ZIP, deflated", func(t testing.TB,
		s string) string {
		return zipped(t, "readme.txt", "see the other", "a.edi", s)
	}},
	{"ZIP, stored", func(t testing.TB, s string) string { return zipWith(t, zip.Store, "a.edi", s) }},
	{"gzip", func(_ testing.TB, s string) string { return gzipped(s) }},
	{"tar", func(t testing.TB, s string) string { return tarred(t, "readme.txt", "see the other", "a.edi", s) }},
	{"tar.gz", func(t testing.TB, s string) string { return gzipped(tarred(t, "a.edi", s)) }},
	{"mail, base64", func(_ testing.TB, s string) string { return mail(s) }},
	{"base64", func(_ testing.TB, s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }},
	{"ZIP in a mail", func(t testing.TB, s string) string { return mail(zipped(t, "a.edi", s)) }},
	{"tar.gz in a ZIP", func(t testing.TB,
		s string) string {
		return zipped(t, "a.tgz", gzipped(tarred(t, "a.edi", s)))
	}},
}

// documents hold the text itself, not bytes in an encoding.
var documents = []variation{
	{"Word", func(t testing.TB, s string) string { return word(t, strings.Split(s, "\n")...) }},
	{"Word in a mail", func(t testing.TB, s string) string { return mail(word(t, strings.Split(s, "\n")...)) }},
	{"PDF", func(_ testing.TB, s string) string { return pdfOf(shown(s), "/Filter/FlateDecode") }},
	{"PDF in a ZIP", func(t testing.TB, s string) string {
		return zipped(t, "a.pdf", pdfOf(shown(s), "/Filter [/ASCII85Decode /FlateDecode]"))
	}},
}

// tally counts, by what was done to a text, in how many files passenger data was found and in how many it was not.
type tally struct {
	names []string
	found map[string]int
	other map[string]int
}

func (y *tally) count(found bool, names ...string) {
	if y.found == nil {
		y.found, y.other = make(map[string]int), make(map[string]int)
	}
	for _, name := range names {
		if y.found[name]+y.other[name] == 0 {
			y.names = append(y.names, name)
		}
		if found {
			y.found[name]++
		} else {
			y.other[name]++
		}
	}
}

// vary makes every file of a text and counts what was found.
func (y *tally) vary(t *testing.T, text string) {
	for _, w := range wrappings {
		if strings.HasPrefix(w.name, "telex") && strings.HasPrefix(text, "<") {
			continue // no telex carries XML
		}
		wrapped := w.of(t, text)
		if len(wrapped) < 1<<20 {
			for _, d := range documents {
				y.count(findings(t, []byte(d.of(t, wrapped))).PassengerData, "all", "wrapping: "+w.name,
					"document: "+d.name)
			}
		}
		for k, e := range encodings {
			written := e.of(t, wrapped)
			for _, c := range containers {
				if len(wrapped) > 1<<20 && (k > 0 || c.name != "file" && c.name != "gzip") {
					continue // for long the same
				}
				if k > 0 && c.name != "file" && c.name != "ZIP in a mail" {
					continue // containers do not know what they hold
				}
				y.count(findings(t, []byte(c.of(t, written))).PassengerData,
					"all", "wrapping: "+w.name, "encoding: "+e.name, "container: "+c.name)
			}
		}
	}
}

func (y *tally) log(t *testing.T) {
	for _, name := range y.names {
		t.Logf("%-45s found %6d, not found %6d", name, y.found[name], y.other[name])
	}
}

func TestFiguresOfPassengerDataInVariationsMadeHere(t *testing.T) {
	var messages, others tally
	for _, m := range []string{pnr, api, pnrXML} {
		messages.vary(t, m)
	}
	for _, p := range prose {
		if p.content == "" {
			continue
		}
		before := others.found["all"]
		others.vary(t, p.content)
		if n := others.found["all"] - before; n > 0 {
			t.Errorf("false: %s, %d variations", p.name, n)
		}
	}
	t.Log("messages about passengers:")
	messages.log(t)
	t.Log("prose and other messages:")
	others.log(t)
	if missed := messages.other["all"]; missed > 0 {
		t.Errorf("missed: %d of %d", missed, missed+messages.found["all"])
	}
}

func TestFiguresOfPassengerDataInTheCorpus(t *testing.T) {
	var messages, others tally
	for _, folder := range []string{"gtas", "passenger"} {
		corpus(t, folder, func(name string, content []byte) {
			messages.count(findings(t, content).PassengerData, "files", "files of "+folder)
			for _, w := range wrappings[:len(wrappings)-1] {
				if strings.HasPrefix(w.name, "telex") && folder == "passenger" {
					continue // no telex carries XML
				}
				text := w.of(t, string(content[:min(len(content), 16<<10)]))
				for _, c := range slices.Concat(containers, documents) {
					found := findings(t, []byte(c.of(t, text))).PassengerData
					if !found {
						t.Logf("missed: %s, %s, %s", name, w.name, c.name)
					}
					messages.count(found, "variations", "variations: "+w.name)
				}
			}
		})
	}
	for _, folder := range []string{"office", "pdf", "images"} {
		corpus(t, folder, func(name string, content []byte) {
			f := findings(t, content)
			if f.PassengerData {
				t.Errorf("false: %s", name)
			}
			others.count(f.PassengerData, "files", "files of "+folder)
			if len(f.NotLookedInto) > 0 {
				t.Logf("%s: not looked into: %v", name, f.NotLookedInto)
			}
		})
	}
	messages.log(t)
	others.log(t)
	if missed := messages.other["files"] + messages.other["variations"]; missed > 0 {
		t.Errorf("missed: %d", missed)
	}
}
