package stamp_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/stamp"
)

const (
	pdfType = "application/pdf"
	csvType = "text/csv"
)

var mark = stamp.Mark{
	Marking:    "confidential",
	Discloser:  "World Customs Organization",
	Recipient:  "United Nations Office of Counter-Terrorism",
	Person:     "per_5f2k9q1x7m3t",
	CopyNumber: "7F3K-22QX-9V",
	Purpose:    "art2.a Mutual exchange of information on progress",
	Date:       time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC),
	Reference:  "WCO-8841",
	Label:      []byte(`{"label":"{\"copy_number\":\"7F3K-22QX-9V\"}"}`),
}

func stamper(t testing.TB, change ...func(*stamp.Config)) *stamp.Stamper {
	t.Helper()
	c := stamp.Config{Child: []string{"/proc/self/exe", "stamp-child"}}
	for _, f := range change {
		f(&c)
	}
	s, err := stamp.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func source(content []byte, mediaType, name string) stamp.Source {
	return stamp.Source{Reader: bytes.NewReader(content), Size: int64(len(content)), MediaType: mediaType,
		FileName: name}
}

// stamped makes a copy and reads it whole.
func stamped(t testing.TB, s *stamp.Stamper, in stamp.Source, m stamp.Mark) (stamp.Copy, []byte) {
	t.Helper()
	c, err := s.Stamp(context.Background(), in, m)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if int64(len(content)) != c.Size {
		t.Fatalf("the copy has %d bytes and says %d", len(content), c.Size)
	}
	return c, content
}

// refusal stamps and wants to be refused.
func refusal(t testing.TB, s *stamp.Stamper, in stamp.Source) *stamp.ErrRefused {
	t.Helper()
	_, err := s.Stamp(context.Background(), in, mark)
	var refused *stamp.ErrRefused
	if !errors.As(err, &refused) {
		t.Fatalf("got %v, want a refusal", err)
	}
	return refused
}

func corpusFile(t testing.TB, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "corpus", name))
	if err != nil {
		t.Skipf("SKIPPED, NOT TESTED: the shared corpus is absent: %v", err)
	}
	return content
}

// tool runs a program on content, which it reads from a file, and gives what it prints.
func tool(t testing.TB, content []byte, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("SKIPPED, NOT TESTED: %s is not installed (poppler-utils)", name)
	}
	file := filepath.Join(t.TempDir(), "file.pdf")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	for i, a := range args {
		if a == "FILE" {
			args[i] = file
		}
	}
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		t.Fatalf("%s %v: %v", name, args, err)
	}
	return string(out)
}

func TestEveryPageOfAPDFCarriesTheMarkAtTopAndBottom(t *testing.T) {
	in := corpusFile(t, "pdf/page_with_number.pdf")
	c, out := stamped(t, stamper(t), source(in, pdfType, "report.pdf"), mark)
	if c.Pages != 17 || c.MediaType != pdfType || c.FileName != "report.copy-7F3K-22QX-9V.pdf" {
		t.Errorf("copy: %d pages, %s, %s", c.Pages, c.MediaType, c.FileName)
	}
	pages := strings.Split(strings.TrimSuffix(tool(t, out, "pdftotext", "FILE", "-"), "\f"), "\f")
	if len(pages) != 17 {
		t.Fatalf("%d pages of text", len(pages))
	}
	for i, page := range pages {
		text := strings.Join(strings.Fields(page), " ")
		for _, want := range []string{"CONFIDENTIAL", mark.Discloser, mark.Recipient, mark.Person, "Copy 7F3K-22QX-9V",
			mark.Purpose,
			"23 November 2026", stamp.DefaultNotice} {
			if n := strings.Count(text, want); n != 2 {
				t.Errorf("page %d: %q stands there %d times, want top and bottom", i+1, want, n)
			}
		}
	}
}

// unpacked is what a ZIP file holds.
func unpacked(t testing.TB, file []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if got[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return got
}

func TestOtherTypesGoOutUnalteredBesideACoverSheetAndTheLabel(t *testing.T) {
	original := bytes.Repeat([]byte("UNB+UNOA:4+…\r\n"), 20_000)
	c, out := stamped(t, stamper(t), source(original, csvType, "../../etc/label.json"), mark)
	if c.MediaType != "application/zip" || c.FileName != "label.json.copy-7F3K-22QX-9V.zip" {
		t.Errorf("copy: %s, %s", c.MediaType, c.FileName)
	}
	got := unpacked(t, out)
	if !bytes.Equal(got["original/label.json"], original) {
		t.Error("the original was altered")
	}
	if !bytes.Equal(got["label.json"], mark.Label) {
		t.Errorf("label: %q", got["label.json"])
	}
	text := strings.Join(strings.Fields(tool(t, got["cover-sheet.pdf"], "pdftotext", "FILE", "-")), " ")
	for _, want := range []string{"CONFIDENTIAL", mark.Discloser, mark.Recipient, mark.Person, mark.CopyNumber,
		mark.Purpose} {
		if !strings.Contains(text, want) {
			t.Errorf("the cover sheet does not say %q", want)
		}
	}
}

func TestTheSizeOfAPackageIsKnownBeforehand(t *testing.T) {
	for _, size := range []int{1, 65534, 65535, 65536, 2 * 65535, 1 << 20} {
		_, out := stamped(t, stamper(t), source(make([]byte, size), csvType, "zeros"), mark)
		if len(out) == 0 {
			t.Errorf("%d bytes: nothing", size)
		}
	}
}

func TestASourceOfAnotherLengthThanItSaysGivesNoPackage(t *testing.T) {
	for _, length := range []int{0, 99, 101} {
		in := source(make([]byte, length), csvType, "data.csv")
		in.Size = 100
		c, err := stamper(t).Stamp(context.Background(), in, mark)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(c); err == nil {
			t.Errorf("%d bytes instead of 100: no error", length)
		}
		c.Close()
	}
}

func TestAFileThatOpensWithAPasswordIsToldAtDeposit(t *testing.T) {
	in := corpusFile(t, "pdf/pr6531_1.pdf")
	o, err := stamper(t).Probe(context.Background(), source(in, pdfType, "secret.pdf"))
	if err != nil {
		t.Fatal(err)
	}
	if o.Stampable() || o.Reason != stamp.Password {
		t.Errorf("outcome: %+v", o)
	}
	if r := refusal(t, stamper(t), source(in, pdfType, "secret.pdf")); r.Reason != stamp.Password {
		t.Errorf("refusal: %v", r)
	}
}

func TestAMarkWithoutMarkingOrNumberIsRefused(t *testing.T) {
	for _, m := range []stamp.Mark{{CopyNumber: "1"}, {Marking: "restricted"}} {
		if _, err := stamper(t).Stamp(context.Background(), source([]byte("x"), csvType, "x"), m); err == nil {
			t.Errorf("%+v: a copy was made", m)
		}
	}
}

func TestAStamperWithoutChildIsRefused(t *testing.T) {
	for _, c := range []stamp.Config{{}, {Child: []string{""}}, {Child: []string{"x"}, MaxMemory: -1}} {
		if _, err := stamp.New(c); err == nil {
			t.Errorf("%+v: accepted", c)
		}
	}
}
