package rest_test

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"chancery.example/gateway/pkg/rest"
)

// FuzzTheDelimiterIsFoundWhereItStands holds the search against the standard library's.
func FuzzTheDelimiterIsFoundWhereItStands(f *testing.F) {
	const delimiter = "\r\n--0123456789abcdef"
	f.Add(uint64(1), delimiter, 0, byte(0xFF))
	f.Add(uint64(2), delimiter, 5000, byte(0x7F))
	f.Add(uint64(3), "\r\n--é23456789abcdef", 700, byte(0xFF))
	f.Add(uint64(4), "--short", 30, byte(0xFF))
	for at := range 64 {
		f.Add(uint64(at), delimiter, 500+at, byte(0xFF))
	}
	f.Fuzz(func(t *testing.T, seed uint64, sep string, at int, mask byte) {
		b := make([]byte, 6000)
		random := rand.New(rand.NewPCG(seed, 0))
		for i := range b {
			b[i] = byte(random.Uint32()) & mask
		}
		if at >= 0 && at < len(b) {
			copy(b[at:], sep)
		}
		for from := 0; from <= len(b); from += 997 {
			if got, want := rest.IndexASCII(b[from:], []byte(sep)), bytes.Index(b[from:], []byte(sep)); got != want {
				t.Fatalf("%q from %d: found at %d; it stands at %d", sep, from, got, want)
			}
		}
	})
}

func BenchmarkTheDelimiter(b *testing.B) {
	content := make([]byte, 16<<20)
	rand.NewChaCha8([32]byte{1}).Read(content)
	sep := []byte("\r\n--0123456789abcdef0123456789abcdef0123456789abcdef0123456789ab")
	for name, index := range map[string]func(b, sep []byte) int{"here": rest.IndexASCII, "bytes": bytes.Index} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(64 << 10)
			for k := 0; b.Loop(); k++ {
				at := k % 256 * (64 << 10)
				index(content[at:at+64<<10], sep)
			}
		})
	}
}
