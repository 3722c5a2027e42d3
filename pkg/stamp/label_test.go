package stamp_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"image"
	"image/jpeg"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/label"
	"chancery.example/gateway/pkg/stamp"
)

// Whoever holds a marked copy and no part of the gateway finds its label: the verifier links none of the parsers.
func TestTheLabelIsFoundInEveryKindOfCopyWithoutItsParser(t *testing.T) {
	secret, public, err := note.GenerateKey(rand.Reader, "gateway.example")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := label.Sign(signer,
		label.Label{CopyNumber: mark.CopyNumber, Marking: mark.Marking, Purpose: `"<é> & 漢字"`,
			Original: strings.Repeat("0a", 32)})
	if err != nil {
		t.Fatal(err)
	}
	m := mark
	m.Label = signed
	plain := image.NewNRGBA(image.Rect(0, 0, 300, 200))
	var photograph bytes.Buffer
	if err := jpeg.Encode(&photograph, plain, nil); err != nil {
		t.Fatal(err)
	}
	for name, in := range map[string]stamp.Source{
		"a PDF":        source(pdfOf("", []page{{a4, ""}}), pdfType, "x.pdf"),
		"a long PDF":   source(pdfOf("", []page{{a4, "%" + strings.Repeat("x", 3<<20) + "\n"}}), pdfType, "x.pdf"),
		"a PNG":        source(encodePNG(t, plain), pngType, "x.png"),
		"a JPEG":       source(photograph.Bytes(), jpegType, "x.jpg"),
		"a Word file":  source(wordFile(t, ""), wordType, "x.docx"),
		"a sheet":      source(sheetsFile(t), excelType, "x.xlsx"),
		"slides":       source(slidesFile(t), slideType, "x.pptx"),
		"other things": source([]byte("a,b\n"), csvType, "x.csv"),
	} {
		_, out := stamped(t, stamper(t), in, m)
		found, err := label.Find(bytes.NewReader(out), int64(len(out)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if l, err := label.Open(found, verifier); err != nil || l.CopyNumber != mark.CopyNumber {
			t.Errorf("%s: %+v, %v", name, l, err)
		}
		again := m
		again.CopyNumber = "2222-2222"
		if again.Label, err = label.Sign(signer,
			label.Label{CopyNumber: again.CopyNumber, Marking: mark.Marking,
				Original: strings.Repeat("0b", 32)}); err != nil {
			t.Fatal(err)
		}
		in.Reader, in.Size = bytes.NewReader(out), int64(len(out))
		if name == "other things" {
			continue // a package in a package carries both, each where it belongs
		}
		_, twice := stamped(t, stamper(t), in, again)
		if found, err = label.Find(bytes.NewReader(twice), int64(len(twice))); err != nil ||
			!bytes.Equal(found, again.Label) {
			t.Errorf("%s, marked again: %s, %v; want the newer label", name, found, err)
		}
	}
	for name, in := range map[string]struct {
		content []byte
		want    error
	}{
		"a PDF without": {pdfOf("", []page{{a4, ""}}), label.ErrNone},
		"a PNG without": {encodePNG(t, plain), label.ErrNone},
		"text":          {[]byte("some text"), label.ErrForeign}, "nothing": {nil, label.ErrForeign},
	} {
		if found, err := label.Find(bytes.NewReader(in.content), int64(len(in.content))); !errors.Is(err, in.want) {
			t.Errorf("%s: %q, %v", name, found, err)
		}
	}
}

func FuzzFind(f *testing.F) {
	for _, in := range []stamp.Source{source(pdfOf("", []page{{a4, ""}}), pdfType, "x.pdf"),
		source(wordFile(f, ""), wordType, "x.docx"), source([]byte("x"), csvType, "x")} {
		_, out := stamped(f, stamper(f), in, mark)
		f.Add(out)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		if found, err := label.Find(bytes.NewReader(file), int64(len(file))); err == nil && len(found) == 0 {
			t.Error("found, and nothing")
		}
	})
}
