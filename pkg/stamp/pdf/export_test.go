package pdf

import (
	"bytes"
	"io"
	"os"

	"chancery.example/gateway/pkg/stamp/mark"
)

// Write marks a file without comparing it.
func Write(in *io.SectionReader, out *os.File, m mark.Mark, l mark.Limits) error {
	_, err := write(in, out, m, l)
	return err
}

// Compare holds a copy against its original.
func (s *Stamper) Compare(original, copied *io.SectionReader) error {
	return s.compare(original, copied)
}

// Spread picks pages.
func Spread(n, limit int) map[int]bool { return spread(n, limit) }

// Weigh tells what content leaves open and whether that is clear, and gives it closed.
func Weigh(content []byte) (saved int, clear bool, closed []byte) {
	b := weigh(content)
	return b.saved, !b.unclear, append(bytes.Clone(content), b.closing()...)
}

// ToUnicode reads a map and translates codes by it.
func ToUnicode(text, codes []byte, wide bool) string { return readCMap(text, wide).text(codes) }
