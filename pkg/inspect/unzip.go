package inspect

import (
	"compress/bzip2"
	"compress/flate"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
)

const (
	zipStored   = 0
	zipDeflated = 8
	zipBzip2    = 12

	zipEncrypted  = 1 << 0
	zipDescriptor = 1 << 3 // sizes stand behind the data

	zipFixed = 26         // bytes of a local file header behind its signature
	zip64    = 0xFFFFFFFF // the size stands in the extra field
)

// zipHeader is what a local file header says (APPNOTE.TXT 4.3.7).
type zipHeader struct {
	flags, method uint16
	size          int64 // compressed; less than zero: not said here
	name          string
}

// unzip opens a ZIP file in the order of its bytes. The directory at its end comes too late for that, so each part is
// told by its own header; and what stands where a header should be is passed over until one comes.
func (l *layer) unzip(s *source) {
	inflated := flate.NewReader(s)
	for s.seek(zipEntry, nil) {
		s.busy = true
		header, ok := readZipHeader(s)
		if !ok {
			return
		}
		l.leadsOut = l.leadsOut || leadsOut(header.name)
		if err := l.zipPart(s, inflated, header, countedText(header.name)); errors.Is(err, errTooLarge) {
			return
		}
		s.busy = false
	}
}

func readZipHeader(s *source) (zipHeader, bool) {
	var fixed [zipFixed]byte
	if _, err := io.ReadFull(s, fixed[:]); err != nil {
		return zipHeader{}, false
	}
	name := make([]byte, binary.LittleEndian.Uint16(fixed[22:]))
	extra := make([]byte, binary.LittleEndian.Uint16(fixed[24:]))
	if _, err := io.ReadFull(s, name); err != nil {
		return zipHeader{}, false
	}
	if _, err := io.ReadFull(s, extra); err != nil {
		return zipHeader{}, false
	}
	h := zipHeader{
		flags:  binary.LittleEndian.Uint16(fixed[2:]),
		method: binary.LittleEndian.Uint16(fixed[4:]),
		size:   int64(binary.LittleEndian.Uint32(fixed[14:])),
		name:   string(name),
	}
	if h.size == zip64 {
		h.size = zip64Size(extra)
	}
	if h.flags&zipDescriptor != 0 {
		h.size = -1
	}
	return h, true
}

// zip64Size is the compressed size in the extra field 1, behind the other size; less than zero where there is none.
func zip64Size(extra []byte) int64 {
	for len(extra) >= 4 {
		id, size := binary.LittleEndian.Uint16(extra), int(binary.LittleEndian.Uint16(extra[2:]))
		extra = extra[4:]
		if id == 1 && size >= 16 && len(extra) >= 16 {
			return int64(binary.LittleEndian.Uint64(extra[8:]))
		}
		extra = extra[min(size, len(extra)):]
	}
	return -1
}

func (l *layer) zipPart(s *source, inflated io.Reader, h zipHeader, words bool) error {
	switch {
	case h.flags&zipEncrypted != 0:
		l.gaps.add(inside(l.part, h.name), Encrypted)
	case h.method == zipDeflated:
		if err := inflated.(flate.Resetter).Reset(s, nil); err != nil {
			return err
		}
		return l.unpack(h.name, words, inflated)
	case h.method == zipBzip2:
		return l.unpack(h.name, words, bzip2.NewReader(s))
	case h.method == zipStored && h.size >= 0:
		return l.unpack(h.name, words, &exactly{r: s, left: h.size})
	case h.method == zipStored:
		return l.unpackDescribed(s, h.name, words)
	default:
		l.gaps.add(inside(l.part, h.name), OtherFormat)
	}
	_, err := io.Copy(io.Discard, io.LimitReader(s, max(0, h.size)))
	return err
}

// exactly reads so many bytes, and fails when fewer come.
type exactly struct {
	r    io.Reader
	left int64
}

func (e *exactly) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n, err := e.r.Read(p[:min(int64(len(p)), e.left)])
	e.left -= int64(n)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// unpackDescribed hands on stored data whose size stands behind it only: up to a descriptor that tells as many bytes as
// came.
func (l *layer) unpackDescribed(s *source, name string, words bool) error {
	const descriptor = "PK\x07\x08"
	part := l.within(name, words)
	if part != nil {
		defer part.leave()
	}
	size, spent := uint32(0), true
	pass := func(p []byte) {
		size += uint32(len(p))
		if spent = spent && l.spend(len(p)); spent && part != nil {
			part.Write(p)
		}
	}
	for s.seek(descriptor, pass) {
		var sums [8]byte
		if _, err := io.ReadFull(s, sums[:]); err != nil {
			break
		}
		if binary.LittleEndian.Uint32(sums[4:]) == size {
			return nil
		}
		pass([]byte(descriptor))
		pass(sums[:])
	}
	if !spent {
		l.gaps.add(inside(l.part, name), TooLarge)
		return errTooLarge
	}
	return io.ErrUnexpectedEOF
}

// countedText holds for parts whose text is that of the file. Of Office files these are a few, in whatever order they
// stand: what every file has, and what a program writes again whenever it saves, is not the author's.
func countedText(name string) bool {
	switch name {
	case "word/document.xml", "word/footnotes.xml", "word/endnotes.xml", "xl/sharedStrings.xml", "content.xml":
		return true
	case "mimetype", "meta.xml", "settings.xml", "styles.xml", "manifest.rdf":
		return false
	}
	if strings.HasPrefix(name, "ppt/slides/slide") || strings.HasPrefix(name, "ppt/notesSlides/notesSlide") {
		return true
	}
	office := func(prefix string) bool { return strings.HasPrefix(name, prefix) }
	return !slices.ContainsFunc(officeFirst, office) && !office("META-INF/")
}
