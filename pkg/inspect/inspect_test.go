package inspect_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/inspect"
	"pgregory.net/rapid"
)

func findings(t testing.TB, content []byte, cuts ...int) inspect.Findings {
	t.Helper()
	i := inspect.New(inspect.Config{})
	for len(content) > 0 {
		n := len(content)
		if len(cuts) > 0 {
			n, cuts = min(max(cuts[0], 1), n), cuts[1:]
		}
		if _, err := i.Write(content[:n]); err != nil {
			t.Fatal(err)
		}
		content = content[n:]
	}
	return i.Findings()
}

// corpus calls visit with every file of a folder of the shared corpus.
func corpus(t *testing.T, folder string, visit func(name string, content []byte)) {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "shared", "corpus", folder)
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Skipf("SKIPPED, NOT TESTED: the shared corpus is absent: %v", err)
	}
	for _, f := range files {
		content, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		visit(f.Name(), content)
	}
}

func TestAllOfGTASIsPassengerData(t *testing.T) {
	corpus(t, "gtas", func(name string, content []byte) {
		f := findings(t, content)
		if !f.PassengerData || f.MediaType != "application/EDIFACT" {
			t.Errorf("%s: passenger data %t, media type %s", name, f.PassengerData, f.MediaType)
		}
	})
}

func TestNothingOfOfficeAndPDFIsPassengerData(t *testing.T) {
	types := map[string]string{
		".mpo":  "image/jpeg",
		".pdf":  "application/pdf",
		".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		".xlsm": "application/vnd.ms-excel.sheet.macroEnabled.12",
	}
	for _, folder := range []string{"office", "pdf"} {
		corpus(t, folder, func(name string, content []byte) {
			f := findings(t, content)
			if f.PassengerData || f.MediaType != types[filepath.Ext(name)] {
				t.Errorf("%s: passenger data %t, media type %s", name, f.PassengerData, f.MediaType)
			}
		})
	}
}

func TestPiecesMakeNoDifference(t *testing.T) {
	var samples [][]byte
	for _, folder := range []string{"gtas", "office"} {
		corpus(t, folder, func(_ string, content []byte) { samples = append(samples, content) })
	}
	rapid.Check(t, func(t *rapid.T) {
		content := rapid.SampledFrom(samples).Draw(t, "content")
		content = append(bytes.Repeat([]byte(" \r\n"), rapid.IntRange(0, 40).Draw(t, "blanks")), content...)
		cuts := rapid.SliceOfN(rapid.IntRange(1, 40), 0, 200).Draw(t, "cuts")
		i, whole := inspect.New(inspect.Config{}), inspect.New(inspect.Config{})
		whole.Write(content)
		for _, n := range cuts {
			n = min(n, len(content))
			i.Write(content[:n])
			content = content[n:]
		}
		i.Write(content)
		if !reflect.DeepEqual(i.Findings(), whole.Findings()) {
			t.Fatalf("in pieces %+v, whole %+v", i.Findings(), whole.Findings())
		}
	})
}

// TestEveryByteByItself feeds the corpus a byte at a time, the hardest cut there is.
func TestEveryByteByItself(t *testing.T) {
	corpus(t, "gtas", func(name string, content []byte) {
		content = content[:min(len(content), 8<<10)]
		i := inspect.New(inspect.Config{})
		for j := range content {
			i.Write(content[j : j+1])
		}
		if got, want := i.Findings(), findings(t, content); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	})
}

func TestMediaTypeIsToldByContent(t *testing.T) {
	cases := []struct{ name, content, want string }{
		{"empty", "", "application/octet-stream"},
		{"text", "Résumé\tof the meeting\r\n", "text/plain"},
		{"Latin-1", "R\xE9sum\xE9 of the meeting", "text/plain"},
		{"UTF-16", "\xFF\xFEa\x00", "text/plain"},
		{"zero bytes", "abc\x00def", "application/octet-stream"},
		{"PDF", "%PDF-1.7\n", "application/pdf"},
		{"PDF behind something", "\r\n\x00junk%PDF-1.7\n", "application/pdf"},
		{"PNG", "\x89PNG\r\n\x1a\n\x00", "image/png"},
		{"JPEG", "\xFF\xD8\xFF\xE0", "image/jpeg"},
		{"empty ZIP", "PK\x05\x06" + strings.Repeat("\x00", 18), "application/zip"},
		{"cut ZIP", "PK\x03\x04\x14\x00", "application/zip"},
		{"EDIFACT without passengers", "UNB+UNOA:4'UNH+1+CUSCAR:D:95B:UN'", "application/EDIFACT"},
		{"EDIFACT inside text", "Dear colleague,\nUNB+UNOA:4'UNH+1+CUSCAR'", "text/plain"},
		{"ZIP of files", zipped(t, "a.txt", "hello"), "application/zip"},
		{"ZIP of Office files", zipped(t, "a.docx", zipped(t, "[Content_Types].xml", "", "word/document.xml", "")),
			"application/zip"},
		{"Word, types last", zipped(t, "_rels/.rels", "x", "word/document.xml", "x", "[Content_Types].xml",
			"wordprocessingml.document.main+xml"),
			"application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
		{"PowerPoint, types out of sight",
			zipped(t, "_rels/.rels", "x", "ppt/presentation.xml", noise(128<<10), "[Content_Types].xml", "x"),
			"application/vnd.openxmlformats-officedocument.presentationml.presentation"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := findings(t, []byte(c.content), 1, 2, 3).MediaType; got != c.want {
				t.Errorf("media type %s, want %s", got, c.want)
			}
		})
	}
}

// TestAnInflatingTypeListIsBounded offers a [Content_Types].xml of 1 GiB in a few KiB.
func TestAnInflatingTypeListIsBounded(t *testing.T) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	w.RegisterCompressor(zip.Deflate,
		func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.BestSpeed) })
	e, err := w.Create("[Content_Types].xml")
	if err != nil {
		t.Fatal(err)
	}
	block := make([]byte, 1<<20)
	for range 64 {
		e.Write(block)
	}
	w.Close()
	allocated := testing.AllocsPerRun(1, func() { findings(t, b.Bytes()) })
	if got := findings(t, b.Bytes()).MediaType; got != "application/zip" || allocated > 1000 {
		t.Errorf("media type %s, %.0f allocations", got, allocated)
	}
}

func TestSizeAndDigest(t *testing.T) {
	content := []byte(noise(3<<20 + 17))
	f := findings(t, content, 5, 64<<10, 1<<20)
	if f.Size != int64(len(content)) || f.SHA256 != sha256.Sum256(content) {
		t.Errorf("size %d, digest %x", f.Size, f.SHA256)
	}
}

func TestAnUploadThatIsTooLargeIsNotTaken(t *testing.T) {
	i := inspect.New(inspect.Config{MaxSize: 4})
	if n, err := i.Write([]byte("1234")); n != 4 || err != nil {
		t.Fatal(n, err)
	}
	if n, err := i.Write([]byte("5")); n != 0 || !errors.Is(err, inspect.ErrTooLarge) {
		t.Errorf("wrote %d, %v", n, err)
	}
	if i.Findings().Size != 4 {
		t.Errorf("size %d", i.Findings().Size)
	}
}

func BenchmarkInspection(b *testing.B) {
	block := []byte(noise(64 << 10))
	b.SetBytes(64 << 20)
	for b.Loop() {
		i := inspect.New(inspect.Config{})
		for range 1024 {
			i.Write(block)
		}
		i.Findings()
	}
}

func zipped(t testing.TB, namesAndContents ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(namesAndContents); i += 2 {
		e, err := w.Create(namesAndContents[i])
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(e, namesAndContents[i+1])
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func noise(n int) string {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{1}).Read(b)
	return string(b)
}
