package stamp

import (
	"bytes"
	"io"
	"os"

	"chancery.example/gateway/pkg/stamp/mark"
)

// MarkHere marks a file in this process, so that fuzzing sees panics: in service the child recovers from them.
func MarkHere(mediaType string, content []byte, m Mark, out *os.File) error {
	in := io.NewSectionReader(bytes.NewReader(content), 0, int64(len(content)))
	l := mark.Limits{MaxMemory: 256 << 20, MaxInput: 64 << 20, MaxOutput: 64 << 20, MaxPixels: 1 << 20}
	f, _ := formatOf(mediaType)
	inPlace, err := f.prepare(cacheDirectory())
	if err != nil {
		return err
	}
	_, err = inPlace(in, out, m.Complete(), l)
	return err
}

// PlainName is a name that misleads nobody.
func PlainName(s string) string { return plainName(s) }

// CacheDirectory is where compiled code is kept.
func CacheDirectory() string { return cacheDirectory() }
