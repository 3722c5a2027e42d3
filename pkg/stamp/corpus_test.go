package stamp_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"chancery.example/gateway/pkg/stamp"
)

var update = flag.Bool("update", false, "write the corpus table into docs/copies.md")

const (
	tablePage  = "../../docs/copies.md"
	tableBegin = "<!-- corpus table: go test ./pkg/stamp -run TestCorpusTable -update -->\n"
	tableEnd   = "<!-- end of the corpus table -->"
)

// row is one line of the corpus table.
type row struct {
	file, outcome string
	pages         int
	took          time.Duration
}

// Every file of the corpus becomes a valid marked copy, or there is a reason why not, and the probe at deposit tells
// the same. The outcomes stand in docs/copies.md.
func TestCorpusTable(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "shared", "corpus")
	var files []string
	for _, folder := range []string{"office", "pdf"} {
		found, err := filepath.Glob(filepath.Join(dir, folder, "*"))
		if err != nil || len(found) == 0 {
			t.Skipf("SKIPPED, NOT TESTED: the shared corpus is absent: %v", err)
		}
		files = append(files, found...)
	}
	s := stamper(t)
	rows := make([]row, len(files))
	places := make(chan struct{}, 2)
	var group sync.WaitGroup
	for i, file := range files {
		places <- struct{}{}
		group.Go(func() {
			defer func() { <-places }()
			rows[i] = corpusRow(t, s, dir, file)
		})
	}
	group.Wait()
	compareTable(t, rows)
}

var corpusTypes = map[string]string{".pdf": pdfType, ".docx": wordType, ".xlsm": macroType}

func corpusRow(t *testing.T, s *stamp.Stamper, dir, file string) row {
	content, err := os.ReadFile(file)
	if err != nil {
		t.Error(err)
		return row{}
	}
	name, _ := filepath.Rel(dir, file)
	mediaType := corpusTypes[filepath.Ext(file)]
	o, err := s.Probe(context.Background(), source(content, mediaType, name))
	if err != nil {
		t.Errorf("%s: probe: %v", name, err)
	}
	at := time.Now()
	c, err := s.Stamp(context.Background(), source(content, mediaType, name), mark)
	r := row{file: name, outcome: "marked", pages: c.Pages, took: time.Since(at)}
	var refused *stamp.ErrRefused
	switch {
	case errors.As(err, &refused):
		r.outcome = fmt.Sprintf("%s: %s", refused.Reason, refused.Detail)
		if o.Reason != refused.Reason {
			t.Errorf("%s: the probe said %q, and the copy was refused for %q", name, o.Reason, refused.Reason)
		}
		return r
	case err != nil:
		t.Errorf("%s: %v", name, err)
		return r
	}
	defer c.Close()
	if !o.Stampable() || o.Pages != c.Pages {
		t.Errorf("%s: the probe said %+v", name, o)
	}
	marked, err := io.ReadAll(c)
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	if mediaType == pdfType {
		comparePDF(t, name, content, marked, c.Pages)
	}
	return r
}

// comparePDF holds a marked PDF file against its original with poppler: the pages, the text but for the mark's, and
// what the first page looks like.
func comparePDF(t *testing.T, name string, original, marked []byte, pages int) {
	was, wasErr := poppler(t, original, "pdfinfo", "FILE")
	is, isErr := poppler(t, marked, "pdfinfo", "FILE")
	if a, b := pageCount(was), pageCount(is); a != b || b != fmt.Sprint(pages) {
		t.Errorf("%s: %s pages became %s", name, a, b)
	}
	if strings.Count(isErr, "\n") > strings.Count(wasErr, "\n") {
		t.Errorf("%s: poppler complains: %s", name, isErr)
	}
	wasText, _ := poppler(t, original, "pdftotext", "FILE", "-")
	isText, _ := poppler(t, marked, "pdftotext", "FILE", "-")
	want := letters(wasText)
	for text, bands := range bandsIn(isText, wasText, 2*pages) {
		for r, n := range letters(text) {
			want[r] += bands * n
		}
	}
	got := letters(isText)
	for r := range unite(want, got) {
		if want[r] != got[r] {
			t.Errorf("%s: the letter %q stands in the text %d times, want %d", name, r, got[r], want[r])
		}
	}
	comparePicture(t, name, original, marked)
}

// bandsIn tells how many bands of a copy say everything, how many whose copy it is, and how many are one line: small
// pages have room for less.
func bandsIn(copied, original string, all int) map[string]int {
	more := func(words string) int {
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		return strings.Count(squeeze(copied), squeeze(words)) - strings.Count(squeeze(original), squeeze(words))
	}
	full := more("Further use or disclosure")
	short := more(mark.Person) - full
	return map[string]int{
		strings.Join(mark.Complete().Facts(), "") + mark.Heading(): full,
		strings.Join(mark.Short(), "") + mark.Heading():            short,
		mark.Line(): all - full - short,
	}
}

// letters counts what is neither space nor direction mark, nor the dot between the facts of the mark.
func letters(s string) map[rune]int {
	out := map[rune]int{}
	for _, r := range s {
		if !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r) && !unicode.IsControl(r) && r != '·' {
			out[r]++
		}
	}
	return out
}

func unite(a, b map[rune]int) map[rune]bool {
	out := map[rune]bool{}
	for r := range a {
		out[r] = true
	}
	for r := range b {
		out[r] = true
	}
	return out
}

func poppler(t *testing.T, content []byte, name string, args ...string) (out, complaints string) {
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("SKIPPED, NOT TESTED: %s is not installed (poppler-utils)", name)
	}
	file, err := os.CreateTemp(t.TempDir(), "*.pdf")
	if err != nil {
		t.Error(err)
		return "", ""
	}
	defer file.Close()
	if _, err := file.Write(content); err != nil {
		t.Error(err)
	}
	for i, a := range args {
		if a == "FILE" {
			args[i] = file.Name()
		}
	}
	cmd := exec.Command(name, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil && stdout.Len() == 0 {
		t.Errorf("%s: %v: %s", name, err, stderr.String())
	}
	return stdout.String(), stderr.String()
}

func pageCount(info string) string {
	for line := range strings.Lines(info) {
		if n, ok := strings.CutPrefix(line, "Pages:"); ok {
			return strings.TrimSpace(n)
		}
	}
	return "no"
}

// comparePicture renders the first page of both. The repeat across the page is light, so what differs much is lost or
// moved.
func comparePicture(t *testing.T, name string, original, marked []byte) {
	dpi := "36"
	if info, _ := poppler(t, original, "pdfinfo", "FILE"); smallPage(info) {
		dpi = "144"
	}
	width, height, was := rendered(t, name, original, dpi)
	wide, high, is := rendered(t, name, marked, dpi)
	if wide < width || high <= height {
		t.Errorf("%s: %d by %d became %d by %d", name, width, height, wide, high)
		return
	}
	least := 255.0
	for shift := range 9 { // the bands are no whole numbers of pixels
		left, top := (wide-width)/2+shift%3-1, (high-height)/2+shift/3-1
		difference := 0
		for y := 1; y < height-1; y++ {
			for x := 1; x < width-1; x++ {
				if x+left < 0 || x+left >= wide {
					continue
				}
				a, b := int(was[y*width+x]), int(is[(y+top)*wide+x+left])
				difference += max(a-b, b-a)
			}
		}
		least = min(least, float64(difference)/float64(width*height))
	}
	if least > 12 {
		t.Errorf("%s: the first page looks different: %.1f of 255 on average", name, least)
	}
}

func rendered(t *testing.T, name string, content []byte, dpi string) (width, height int, pixels string) {
	out, _ := poppler(t, content, "pdftoppm", "-gray", "-r", dpi, "-l", "1", "-cropbox", "FILE")
	var most int
	n, err := fmt.Sscanf(out, "P5\n%d %d\n%d\n", &width, &height, &most)
	if err != nil || n != 3 || len(out) < width*height {
		t.Errorf("%s: not rendered: %v", name, err)
		return 0, 0, ""
	}
	return width, height, out[len(out)-width*height:]
}

func smallPage(info string) bool {
	for line := range strings.Lines(info) {
		var width, height float64
		if n, _ := fmt.Sscanf(strings.Join(strings.Fields(line), " "), "Page size: %g x %g", &width, &height); n == 2 {
			return min(width, height) < 200
		}
	}
	return false
}

// compareTable holds what came out against the page, but for the time, which no two machines share.
func compareTable(t *testing.T, rows []row) {
	page, err := os.ReadFile(tablePage)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(page), tableBegin)
	old, after, ok2 := strings.Cut(rest, tableEnd)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the corpus table", tablePage)
	}
	var b strings.Builder
	b.WriteString("\n| file | outcome | pages | ms |\n|---|---|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s | %d | %d |\n", r.file, r.outcome, r.pages, r.took.Milliseconds())
	}
	b.WriteString("\n")
	if *update {
		if err := os.WriteFile(tablePage, []byte(before+tableBegin+b.String()+tableEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if withoutTime(old) != withoutTime(b.String()) {
		t.Errorf("the table in %s is not what came out; go test ./pkg/stamp -run TestCorpusTable -update writes it "+
			"anew. Came out:\n%s", tablePage, b.String())
	}
}

func withoutTime(table string) string {
	var out strings.Builder
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		out.WriteString(strings.Join(cells[:max(0, len(cells)-2)], "|") + "\n")
	}
	return out.String()
}
