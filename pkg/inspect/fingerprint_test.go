package inspect_test

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"io"
	"mime/quotedprintable"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/inspect"
	"pgregory.net/rapid"
)

var tokenKey = []byte("a key of thirty-two bytes, or so")

func fingerprint(t testing.TB, content string, cuts ...int) inspect.Fingerprint {
	t.Helper()
	i := inspect.New(inspect.Config{TokenKey: tokenKey})
	defer i.Close()
	for _, n := range cuts {
		n = min(n, len(content))
		io.WriteString(i, content[:n])
		content = content[n:]
	}
	io.WriteString(i, content)
	return i.Findings().Fingerprint
}

// pages are the first decision pages of this repository: documents of a page or two each.
func pages(t testing.TB) map[string]string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("..", "..", "docs", "decisions", "00[0-2]*.md"))
	if err != nil || len(names) < 20 {
		t.Fatalf("%d decision pages, %v", len(names), err)
	}
	out := make(map[string]string)
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(name)] = string(content)
	}
	return out
}

// book is a long document made of all pages.
func book(t testing.TB) string {
	all := pages(t)
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		b.WriteString(all[name] + "\n\n")
	}
	return b.String()
}

// changes are what happens to a document on its way back.
var changes = []struct {
	name string
	same bool // the words are the same, and so is the digest of the text
	of   func(t testing.TB, text string) string
}{
	{"a blank appended", true, func(_ testing.TB, s string) string { return s + " " }},
	{"other line ends", true, func(_ testing.TB, s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }},
	{"broken into other lines", true,
		func(_ testing.TB, s string) string { return strings.Join(strings.Fields(s), "\n") }},
	{"in capitals", true, func(_ testing.TB, s string) string { return strings.ToUpper(s) }},
	{"in UTF-16", true, func(t testing.TB, s string) string { return encodings[2].of(t, s) }},
	{"as a Word file", true, func(t testing.TB, s string) string { return word(t, strings.Split(s, "\n")...) }},
	{"as a Word file in a ZIP file", true, func(t testing.TB, s string) string {
		return zipped(t, "a.docx", word(t, strings.Split(s, "\n")...))
	}},
	{"as HTML", true, func(_ testing.TB, s string) string {
		return "<html><style>p {}</style><body><p>" + strings.ReplaceAll(forXML.Replace(s), "\n", "<br><b></b>") +
			"</p></body></html>"
	}},
	{"as PDF", true, func(_ testing.TB, s string) string { return pdfOf(shown(s), "/Filter/FlateDecode") }},
	{"as the base64 of a mail", false,
		func(_ testing.TB, s string) string { return inLines(base64.StdEncoding.EncodeToString([]byte(s))) }},
	{"in a mail, quoted-printable", false, func(_ testing.TB, s string) string {
		var b bytes.Buffer
		w := quotedprintable.NewWriter(&b)
		io.WriteString(w, s)
		w.Close()
		return "From: a@b.example\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + b.String()
	}},
	{"attached to a mail", false, func(_ testing.TB, s string) string { return mail(s) }},
	{"a paragraph taken away", false, func(_ testing.TB, s string) string {
		p := strings.Split(s, "\n\n")
		return strings.Join(slices.Delete(p, len(p)/2, len(p)/2+1), "\n\n")
	}},
	{"half of it", false, func(_ testing.TB, s string) string { return s[:len(s)/2] }},
	{"the longest paragraph alone", false, func(_ testing.TB, s string) string {
		return slices.MaxFunc(strings.Split(s, "\n\n"), func(a, b string) int { return len(a) - len(b) })
	}},
	{"with a preface", false, func(_ testing.TB, s string) string {
		return strings.Repeat("Dear colleague, please find below. ", 5) + s
	}},
	{"every fortieth word another", false, func(_ testing.TB, s string) string {
		w := strings.Fields(s)
		for k := 39; k < len(w); k += 40 {
			w[k] = "something"
		}
		return strings.Join(w, " ")
	}},
}

func TestFiguresOfResemblanceInVariationsMadeHere(t *testing.T) {
	type kept struct {
		name string
		inspect.Fingerprint
	}
	var originals []kept
	for name, text := range pages(t) {
		originals = append(originals, kept{name, fingerprint(t, text)})
	}
	found, of, wrong, pairs := 0, 0, 0, 0
	least := 1.0
	for name, text := range pages(t) {
		for _, c := range changes {
			changed := fingerprint(t, c.of(t, text))
			for _, original := range originals {
				o := inspect.Compare(changed, original.Fingerprint)
				switch {
				case original.name == name:
					of++
					if o.Resembles() {
						found++
						least = min(least, max(o.OfA, o.OfB))
					} else {
						t.Logf("missed: %s, %s: %+v", name, c.name, o)
					}
					if c.same && !o.SameText {
						t.Errorf("%s, %s: the same text %t, want %t", name, c.name, o.SameText, c.same)
					}
				case o.Resembles():
					wrong++
					t.Logf("false: %s, %s: %s: %+v", name, c.name, original.name, o)
					fallthrough
				default:
					pairs++
				}
			}
		}
	}
	t.Logf("the least that one of two stands in the other where it was found: %.2f", least)
	t.Logf("found %d of %d changed documents; false %d of %d pairs of different ones", found, of, wrong, pairs)
	if found < of || wrong > pairs/1000 {
		t.Error("worse than docs/decisions/0076 says")
	}
}

// A page of a long document is found by itself although only the smallest tokens of the whole are kept.
func TestOnePageOfALongDocumentResemblesIt(t *testing.T) {
	whole := fingerprint(t, book(t))
	if whole.Whole || len(whole.Tokens) != inspect.MaxTokens {
		t.Fatalf("%d tokens of %d words are all there are", len(whole.Tokens), whole.Words)
	}
	found, all := 0, pages(t)
	for name, text := range all {
		if o := inspect.Compare(fingerprint(t, text), whole); o.Resembles() {
			found++
		} else {
			t.Logf("missed: %s, %d bytes: %+v", name, len(text), o)
		}
	}
	t.Logf("of %d words, found %d of %d pages", whole.Words, found, len(all))
	if found < len(all) {
		t.Errorf("found %d of %d pages", found, len(all))
	}
}

func TestFingerprintsDependOnTheKeyAndNotOnThePieces(t *testing.T) {
	text := pages(t)["0026-malware.md"]
	want := fingerprint(t, text)
	i := inspect.New(inspect.Config{TokenKey: []byte("another")})
	io.WriteString(i, text)
	other := i.Findings().Fingerprint
	if o := inspect.Compare(want, other); o.Shared > 0 || o.SameText || want.Words != other.Words {
		t.Errorf("by another key: %+v", o)
	}
	if f := inspect.New(inspect.Config{}).Findings().Fingerprint; !reflect.DeepEqual(f, inspect.Fingerprint{}) {
		t.Errorf("without a key: %+v", f)
	}
	rapid.Check(t, func(rt *rapid.T) {
		content := rapid.SampledFrom([]string{text, word(t, text), pdfOf(shown(text), "/Filter/FlateDecode"),
			mail(text)}).Draw(rt, "content")
		cuts := rapid.SliceOfN(rapid.IntRange(1, 3000), 0, 20).Draw(rt, "cuts")
		if got := fingerprint(t, content, cuts...); !reflect.DeepEqual(got, fingerprint(t, content)) {
			rt.Fatalf("%d words in pieces", got.Words)
		}
	})
}

// More may be written after Findings was asked; asking changes nothing.
func TestAskingInBetweenChangesNothing(t *testing.T) {
	content := zipped(t, "a.txt", book(t))
	i := inspect.New(inspect.Config{TokenKey: tokenKey})
	for piece := range slices.Chunk([]byte(content), 1000) {
		i.Write(piece)
		i.Findings()
	}
	whole := inspect.New(inspect.Config{TokenKey: tokenKey})
	io.WriteString(whole, content)
	if !reflect.DeepEqual(i.Findings(), whole.Findings()) {
		t.Error("asking in between made a difference")
	}
}

func TestAnOfficeFileSavedAgainHasTheSameText(t *testing.T) {
	corpus(t, "office", func(name string, content []byte) {
		if !strings.HasSuffix(name, ".docx") && !strings.HasSuffix(name, ".xlsm") {
			return
		}
		was, now := fingerprint(t, string(content)), fingerprint(t, saved(t, content))
		if o := inspect.Compare(was, now); !o.SameText || was.Words < 10 {
			t.Errorf("%s: %d words, %+v", name, was.Words, o)
		}
	})
}

// saved is an Office file whose parts stand in another order, stored.
func saved(t testing.TB, content []byte) string {
	r, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	var parts []string
	for _, f := range slices.Backward(r.File) {
		part, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == "[Content_Types].xml" {
			parts = slices.Insert(parts, 0, f.Name, string(b))
		} else {
			parts = append(parts, f.Name, string(b))
		}
	}
	return zipWith(t, zip.Store, parts...)
}

// exported is what other programs read in a file: poppler in a PDF, and in a Word file its runs.
func exported(t testing.TB, name string, content []byte) string {
	switch filepath.Ext(name) {
	case ".pdf":
		command := exec.Command("pdftotext", "-", "-")
		command.Stdin = bytes.NewReader(content)
		out, _ := command.Output() // a damaged file has no text
		return string(out)
	case ".docx":
		r, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			t.Fatal(err)
		}
		part, err := r.Open("word/document.xml")
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(part)
		text := regexp.MustCompile(`</w:p>|<w:(tab|br)/>`).ReplaceAllString(string(b), "\n")
		return regexp.MustCompile(`<[^>]*>`).ReplaceAllString(text, "")
	}
	return ""
}

func TestFiguresOfResemblanceInTheCorpus(t *testing.T) {
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("SKIPPED, NOT TESTED: poppler-utils are missing, which export PDF files to text")
	}
	const enough = 30 // words, below which a text is too short to be told from others
	type file struct {
		name string
		inspect.Fingerprint
	}
	var files []file
	found, missed, unread := 0, 0, 0
	for _, folder := range []string{"office", "pdf", "passenger"} { // the messages of gtas repeat each other
		corpus(t, folder, func(name string, content []byte) {
			i := inspect.New(inspect.Config{TokenKey: tokenKey})
			defer i.Close()
			i.Write(content)
			f := i.Findings().Fingerprint
			files = append(files, file{name, f})
			text := exported(t, name, content)
			if len(strings.Fields(text)) < enough {
				return
			}
			o := inspect.Compare(fingerprint(t, text), f)
			switch {
			case o.Resembles():
				found++
			case f.Words == 0:
				unread++
				if gaps := i.Findings().NotLookedInto; len(gaps) == 0 {
					t.Errorf("no text was read in %s, which has %d words, and nothing tells so", name,
						len(strings.Fields(text)))
				}
			default:
				missed++
				t.Logf("missed: %s, %d words of %d: %+v", name, f.Words, len(strings.Fields(text)), o)
			}
		})
	}
	wrong, pairs := 0, 0
	for k, a := range files {
		for _, b := range files[:k] {
			pairs++
			if o := inspect.Compare(a.Fingerprint, b.Fingerprint); o.Resembles() {
				wrong++
				t.Logf("false: %s, %s: %+v", a.name, b.name, o)
			}
		}
	}
	t.Logf("exported to text: found %d, missed %d, no text read %d; pairs of different files: false %d of %d", found,
		missed, unread, wrong, pairs)
	if found < 10 || missed > 0 || unread > 6 || wrong > 0 {
		t.Error("worse than docs/decisions/0076 says")
	}
}
