package inspect

import (
	"bytes"
	"compress/zlib"
	"encoding/ascii85"
	"errors"
	"io"
)

// maxDictionary is how much of what stands before a stream is kept to tell its filters, in bytes.
const maxDictionary = 2048

// readPDF reads the streams of a PDF file in the order of its bytes, as its objects lie: those that are compressed are
// inflated, and the text that they show is read. It follows no references, so text whose fonts number their glyphs as
// they like is reported as a gap; whoever renders the file reads it better.
func (l *layer) readPDF(s *source) {
	var before []byte
	keep := func(p []byte) {
		before = append(before, p...)
		if bytes.Contains(before[max(0, len(before)-len(p)-len("/Encrypt")):], []byte("/Encrypt")) {
			l.gaps.add(l.part, Encrypted)
		}
		if len(before) > 2*maxDictionary {
			before = append(before[:0], before[len(before)-maxDictionary:]...)
		}
	}
	for s.seek("stream", keep) {
		if bytes.HasSuffix(before, []byte("end")) || !lineEnd(s) {
			before = before[:0]
			continue
		}
		dictionary := before[max(0, len(before)-maxDictionary):]
		if at := bytes.LastIndex(dictionary, []byte(" obj")); at >= 0 {
			dictionary = dictionary[at:]
		}
		if errors.Is(l.pdfStream(s, dictionary), errTooLarge) {
			l.gaps.add(l.part, TooLarge)
			return
		}
		before = before[:0]
	}
}

// lineEnd takes the line end behind "stream".
func lineEnd(s *source) bool {
	b, err := s.ReadByte()
	if err == nil && b == '\r' {
		b, err = s.ReadByte()
	}
	return err == nil && b == '\n'
}

// unreadStreams are in the dictionaries of pictures, fonts and tables.
var unreadStreams = []string{
	"/DCTDecode", "/JPXDecode", "/CCITTFaxDecode", "/JBIG2Decode", "/Subtype/Image", "/Subtype /Image", "/Length1",
	"/XRef",
}

// pdfStream reads one stream, whose dictionary tells how. One that does not unpack is no gap: PDF readers show what
// came before the fault.
func (l *layer) pdfStream(s *source, dictionary []byte) error {
	has := func(names ...string) bool {
		for _, name := range names {
			if bytes.Contains(dictionary, []byte(name)) {
				return true
			}
		}
		return false
	}
	switch {
	case has(unreadStreams...):
		return nil
	case has("/LZWDecode", "/Crypt"):
		l.gaps.add(l.part, OtherFormat)
		return nil
	}
	part := l.within("", has("/EmbeddedFile"))
	if part == nil {
		return nil
	}
	defer part.leave()
	part.shown = newShownText(part.texts)
	to := io.MultiWriter(part, sink(part.shown.write))
	flate, ascii := has("/FlateDecode", "/Fl ", "/Fl/", "/Fl]", "/Fl>"), has("/ASCII85Decode", "/A85")
	var r io.Reader = s
	if ascii {
		r = ascii85.NewDecoder(&untilByte{s: s, mark: '~'})
	}
	switch {
	case flate:
		inflated, err := zlib.NewReader(r)
		if err != nil {
			return err
		}
		return l.pour(to, inflated)
	case ascii:
		return l.pour(to, r)
	}
	var err error
	s.seek("endstream", func(p []byte) {
		if err == nil && !l.spend(len(p)) {
			err = errTooLarge
		}
		if err == nil {
			_, _ = to.Write(p) // takes everything
		}
	})
	return err
}

// pour hands on what r gives, as far as may be unpacked.
func (l *layer) pour(to io.Writer, r io.Reader) error {
	buffer := make([]byte, pieceSize)
	for {
		n, err := r.Read(buffer)
		if n > 0 && !l.spend(n) {
			return errTooLarge
		}
		_, _ = to.Write(buffer[:n]) // takes everything
		if err != nil {
			return err
		}
	}
}

// untilByte ends before mark, which it takes.
type untilByte struct {
	s     *source
	mark  byte
	ended bool
}

func (u *untilByte) Read(p []byte) (int, error) {
	if u.ended || !u.s.fill() {
		return 0, io.EOF
	}
	data := u.s.data[:min(len(p), len(u.s.data))]
	if at := bytes.IndexByte(data, u.mark); at >= 0 {
		u.ended = true
		n := copy(p, data[:at])
		u.s.data = u.s.data[at+1:]
		return n, nil
	}
	n := copy(p, data)
	u.s.data = u.s.data[n:]
	return n, nil
}
