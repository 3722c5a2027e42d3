// Package inspect finds out, in one pass over an upload and in bounded memory, what the upload is: its size and digest,
// its media type by content, and whether it is passenger data (API or PNR messages in UN/EDIFACT). It detects and does
// not parse, and it opens no containers: passenger data inside a ZIP file or a spreadsheet is not found.
package inspect

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
)

// ErrTooLarge: more bytes were written than Config.MaxSize.
var ErrTooLarge = errors.New("upload too large")

// headSize is how much of the beginning the media type is told from.
const headSize = 64 << 10

// Config bounds an inspection.
type Config struct {
	MaxSize int64 // bytes; 0 or less: no bound
}

// Findings is what was found in the bytes written so far.
type Findings struct {
	Size          int64
	SHA256        [sha256.Size]byte
	MediaType     string // without parameters; "application/octet-stream" when it is nothing known here
	PassengerData bool
}

// Inspection is one upload under inspection: write it in order, in pieces of any size. It must not be used concurrently.
type Inspection struct {
	maxSize int64
	size    int64
	digest  hash.Hash
	head    []byte
	scan    scanner
}

// New begins an inspection.
func New(c Config) *Inspection {
	return &Inspection{maxSize: c.MaxSize, digest: sha256.New()}
}

// Write takes the next bytes. It fails with ErrTooLarge, and then takes none of them.
func (i *Inspection) Write(p []byte) (int, error) {
	if i.maxSize > 0 && int64(len(p)) > i.maxSize-i.size {
		return 0, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, i.maxSize)
	}
	i.size += int64(len(p))
	i.digest.Write(p)
	i.scan.write(p)
	if room := headSize - len(i.head); room > 0 {
		i.head = append(i.head, p[:min(room, len(p))]...)
	}
	return len(p), nil
}

// Findings is what was found so far; more may be written afterwards.
func (i *Inspection) Findings() Findings {
	f := Findings{Size: i.size, MediaType: mediaType(i.head)}
	if i.scan.interchangeFirst() {
		f.MediaType = edifact
	}
	f.PassengerData = i.scan.passengerData()
	i.digest.Sum(f.SHA256[:0])
	return f
}
