package inspect

import (
	"bytes"
	"io"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/transform"
)

// textLayer reads a layer as text: decoded, without the tags of XML and HTML, so that what stands in several runs or
// elements is found in one piece. It gives up what is no text.
type textLayer struct {
	begun    bool
	placed   bool // whether it is XML or HTML is known
	given    bool // up: this is no text, or nothing is wanted of it
	start    []byte
	size     int       // bytes that were decoded
	controls int       // control characters among them
	wide     io.Writer // decodes UTF-16 and UTF-32; nil: the bytes are taken as they are
	markup   markup
	scan     scanner
	texts    *fingerprinter
	words    *words // nil: they do not count
}

// startSize is how many bytes an encoding is recognised by.
const startSize = 4

// newTextLayer reads words for a fingerprint when texts is not nil and counted.
func newTextLayer(texts *fingerprinter, counted bool) *textLayer {
	t := &textLayer{texts: texts}
	if texts != nil && counted {
		t.words = texts.begin()
	}
	t.markup.out, t.markup.joined = t.read, t.words == nil
	return t
}

func (t *textLayer) write(p []byte) {
	if t.given {
		return
	}
	if !t.begun {
		t.start = append(t.start, p...)
		if len(t.start) < startSize {
			return
		}
		p = t.start
		t.begin()
	}
	if t.wide == nil {
		t.decoded(p)
		return
	}
	_, _ = t.wide.Write(p) // decoded takes everything
}

// begin tells the encoding by the byte order mark, or by where the zero bytes of Latin letters stand.
func (t *textLayer) begin() {
	var e encoding.Encoding
	s := t.start[:startSize]
	zeros := [startSize]bool{s[0] == 0, s[1] == 0, s[2] == 0, s[3] == 0}
	switch {
	case bytes.Equal(s, []byte("\xFF\xFE\x00\x00")), bytes.Equal(s, []byte("\x00\x00\xFE\xFF")):
		e = utf32.UTF32(utf32.LittleEndian, utf32.UseBOM)
	case zeros == [startSize]bool{false, true, true, true}:
		e = utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)
	case zeros == [startSize]bool{true, true, true, false}:
		e = utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)
	case bytes.HasPrefix(s, []byte("\xFF\xFE")), bytes.HasPrefix(s, []byte("\xFE\xFF")):
		e = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)
	case zeros == [startSize]bool{false, true, false, true}:
		e = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	case zeros == [startSize]bool{true, false, true, false}:
		e = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	}
	if e != nil {
		t.wide = transform.NewWriter(sink(t.decoded), e.NewDecoder())
	}
	t.begun, t.start = true, nil
}

// decoded takes UTF-8, or something older whose first half is ASCII.
func (t *textLayer) decoded(p []byte) {
	if t.given {
		return
	}
	if !t.placed {
		first := bytes.TrimLeft(p, "\uFEFF \t\r\n")
		if len(first) == 0 {
			return
		}
		t.placed, t.markup.strict = true, first[0] == '<'
	}
	if !t.markup.strict && t.words != nil && t.texts.left <= 0 {
		return
	}
	if !t.markup.strict && (t.words == nil || t.binary(p)) {
		t.giveUp()
		return
	}
	t.markup.write(p)
}

// binary is whether there are more control characters than a text has by accident.
func (t *textLayer) binary(p []byte) bool {
	const share = 256
	for k, b := range p {
		if !control[b] {
			continue
		}
		if t.controls++; t.controls*share > t.size+k {
			return true
		}
	}
	t.size += len(p)
	return false
}

func (t *textLayer) read(p []byte) {
	if t.markup.strict { // else it stands in the layer as it stands here
		t.scan.write(p)
	}
	if t.words != nil {
		t.words.write(p)
	}
}

func (t *textLayer) giveUp() {
	t.given, t.words, t.scan = true, nil, scanner{found: t.scan.found, tired: t.scan.tired}
}

// control are the control characters that no text has.
var control = func() (table [256]bool) {
	for b := range ' ' {
		table[b] = b != '\t' && b != '\n' && b != '\v' && b != '\f' && b != '\r' && b != 0x1B
	}
	table[0x7F] = true
	return table
}()

func containsControl(p []byte) bool {
	for _, b := range p {
		if control[b] {
			return true
		}
	}
	return false
}

// sink is a function that takes everything.
type sink func([]byte)

func (s sink) Write(p []byte) (int, error) {
	s(p)
	return len(p), nil
}
