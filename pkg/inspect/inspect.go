// Package inspect finds out, in one pass over an upload and in bounded memory, what the upload is: its size and digest,
// its media type by content, whether it holds passenger data (API or PNR messages, PAXLST and PNRGOV in UN/EDIFACT,
// PNRGOV in XML), and, for those who ask for it, a fingerprint of its text. It detects and does not parse. Containers
// are opened while they stream by: ZIP and Office files, gzip, bzip2, tar, the streams of PDF files, base64 as in
// e-mail; what could not be looked into is reported.
package inspect

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"runtime"
	"slices"
)

// ErrTooLarge: more bytes were written than Config.MaxSize.
var ErrTooLarge = errors.New("upload too large")

// headSize is how much of the beginning the media type is recognised by.
const headSize = 64 << 10

// Config bounds an inspection.
type Config struct {
	MaxSize     int64  // bytes; 0 or less: no bound
	MaxUnpacked int64  // bytes unpacked from containers that are looked at; 0 or less: DefaultMaxUnpacked
	TokenKey    []byte // of the fingerprint, 32 random bytes; nil: no fingerprint is made
}

// Findings is what was found in the bytes written so far.
type Findings struct {
	Size          int64
	SHA256        [sha256.Size]byte
	MediaType     string // without parameters; "application/octet-stream" when it is nothing known here
	PassengerData bool
	LeadsOut      bool        // an archive, with names or links that lead out of the folder into which it is unpacked
	NotLookedInto []Gap       // what PassengerData and Fingerprint do not cover; at most 32
	Fingerprint   Fingerprint // the zero value without a TokenKey
}

// Inspection is one upload under inspection: write it in order, in pieces of any size. It must not be used
// concurrently.
type Inspection struct {
	maxSize int64
	size    int64
	digest  hash.Hash
	head    []byte
	tail    tail // of a ZIP file
	search  *search
}

// New begins an inspection. Close ends it; one that is not closed ends when nothing refers to it any longer.
func New(c Config) *Inspection {
	s := &search{left: c.MaxUnpacked}
	if s.left <= 0 {
		s.left = DefaultMaxUnpacked
	}
	if c.TokenKey != nil {
		s.texts = newFingerprinter(slices.Clone(c.TokenKey))
	}
	s.enter(0, "", true)
	i := &Inspection{maxSize: c.MaxSize, digest: sha256.New(), search: s}
	runtime.AddCleanup(i, (*search).close, s)
	return i
}

// Write takes the next bytes. It fails with ErrTooLarge, and then takes none of them.
func (i *Inspection) Write(p []byte) (int, error) {
	if i.maxSize > 0 && int64(len(p)) > i.maxSize-i.size {
		return 0, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, i.maxSize)
	}
	i.size += int64(len(p))
	i.digest.Write(p)
	if !i.search.closed {
		_, _ = i.search.live[0].Write(p) // takes everything
	}
	if room := headSize - len(i.head); room > 0 {
		i.head = append(i.head, p[:min(room, len(p))]...)
	}
	if bytes.HasPrefix(i.head, []byte("PK")) {
		i.tail.write(p, i.size)
	}
	return len(p), nil
}

// Findings is what was found so far, as if the upload ended here; more may be written afterwards.
func (i *Inspection) Findings() Findings {
	f := Findings{Size: i.size, MediaType: mediaType(i.head)}
	f.PassengerData, f.NotLookedInto, f.Fingerprint = i.search.atEnd()
	f.LeadsOut = i.search.leadsOut || i.tail.size > 0 && i.tail.leadsOut()
	i.digest.Sum(f.SHA256[:0])
	return f
}

// Close gives back what the containers at hand hold. What is written afterwards is counted and hashed only.
func (i *Inspection) Close() { i.search.close() }
