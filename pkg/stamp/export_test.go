package stamp

import (
	"bytes"
	"io"
	"os"
)

// MarkHere marks a file in this process, so that fuzzing sees panics: in service the child recovers from them.
func MarkHere(mediaType string, content []byte, m Mark, out *os.File) (pages int, err error) {
	in := io.NewSectionReader(bytes.NewReader(content), 0, int64(len(content)))
	l := limits{MaxMemory: 256 << 20, MaxInput: 64 << 20, MaxOutput: 64 << 20, MaxPixels: 1 << 20}
	var a answer
	switch k := kindOf(mediaType); k {
	case kindPDF:
		a, err = stampPDF(in, out, m.complete(), l)
	case kindPNG, kindJPEG:
		a, err = stampPicture(k, in, out, m.complete(), l)
	default:
		a, err = stampOffice(k, in, out, m.complete(), l)
	}
	return a.Pages, err
}

// Weigh tells what content leaves open and whether that is clear, and gives it closed.
func Weigh(content []byte) (saved int, clear bool, closed []byte) {
	b := weigh(content)
	return b.saved, !b.unclear, append(bytes.Clone(content), b.closing()...)
}

// ToUnicode reads a map and translates codes by it.
func ToUnicode(text, codes []byte, wide bool) string { return readCMap(text, wide).text(codes) }

// AddToXMP writes a packet.
func AddToXMP(packet []byte, m Mark) []byte { return addToXMP(packet, m) }

// ExcelLine is a header or footer of Excel.
func ExcelLine(m Mark, header bool, old string) string { return excelLine(m.complete(), header, old) }

// Wrap breaks facts into lines, counting bytes.
func Wrap(facts []string, width int) []string {
	return wrap(facts, float64(width), func(s string) float64 { return float64(len(s)) })
}

// WinAnsi is text for the core fonts.
func WinAnsi(s string) []byte { return winAnsi(s) }

// PlainName is a name that misleads nobody.
func PlainName(s string) string { return plainName(s) }
