package pdf

import "bytes"

// Weigh tells what content leaves open and whether that is clear, and gives it closed.
func Weigh(content []byte) (saved int, clear bool, closed []byte) {
	b := weigh(content)
	return b.saved, !b.unclear, append(bytes.Clone(content), b.closing()...)
}

// ToUnicode reads a map and translates codes by it.
func ToUnicode(text, codes []byte, wide bool) string { return readCMap(text, wide).text(codes) }
