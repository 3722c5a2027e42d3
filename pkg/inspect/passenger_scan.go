package inspect

import (
	"bytes"
	"strings"
)

// window is how many bytes from the beginning of a segment or a tag are looked at: enough for a message header in
// UTF-32, quoted.
const window = 512

// What judging costs is bounded: so many windows at first, and one for so many bytes from then on. No file comes near
// that but one that is made to.
const (
	freeWindows    = 4096
	bytesPerWindow = 32
)

// scanner looks for messages about passengers in one stream: UN/EDIFACT (ISO 9735) headers that name PAXLST or PNRGOV,
// and the elements of PNRGOV XML. A header is recognised by its shape, wherever it is, so quoting does not matter, and
// prose that names segments and messages is not taken for one. It remembers what it must from one write to the next, so
// pieces make no difference.
type scanner struct {
	found   bool
	binary  bool   // the stream is no text: it has no escapes
	tired   bool   // more windows were there to judge than may be: the rest was not looked into
	offset  int64  // of what is examined, in the stream
	windows int64  // that were judged
	carry   []byte // from the first segment or tag whose window has not come whole

	separators separators // that the last UNA declared
	within     separators // of the interchange that UNB began
	xml        xmlSigns
}

// write takes the next bytes of the stream.
func (s *scanner) write(p []byte) {
	if s.found || s.tired {
		return
	}
	if old := len(s.carry); old > 0 {
		joint := append(s.carry, p[:min(len(p), window)]...)
		left := s.examine(joint, old, false)
		s.offset += int64(left)
		if left < old { // p was too short for the window
			s.carry = append(s.carry[:0], joint[left:]...)
			return
		}
		s.carry = s.carry[:0]
	}
	left := s.examine(p, len(p), false)
	s.offset += int64(left)
	s.carry = append(s.carry[:0], p[left:]...)
}

// foundAtEnd is whether messages about passengers were found, should the stream end here. It changes nothing.
func (s *scanner) foundAtEnd() bool {
	if s.found || len(s.carry) == 0 {
		return s.found
	}
	end := *s
	end.examine(s.carry, len(s.carry), true)
	return end.found
}

// What is looked for begins with one of these bytes; an element of XML with "<", or with that as JSON, URL and XML
// escape it. The last is for the elements of an interchange: outside one there is none.
const (
	upperSegment = iota
	lowerSegment
	xmlElement
	jsonElement
	urlElement
	escapedElement
	messageName
	kinds
)

func (s *scanner) mark(kind int) byte {
	switch kind {
	case messageName:
		return s.within.element
	case jsonElement, urlElement, escapedElement:
		if s.binary {
			return 0
		}
	}
	return "Uu<\\%&"[kind]
}

// examine looks at what begins in p before limit, and returns where that begins whose window is not whole, or limit. At
// the end of the stream a window is as long as it is.
func (s *scanner) examine(p []byte, limit int, atEnd bool) int {
	var at [kinds]int
	for kind := range at {
		at[kind] = s.next(p, 0, limit, kind)
	}
	for !s.found && !s.tired {
		first := 0
		for kind := range at {
			if at[kind] < at[first] {
				first = kind
			}
		}
		here, before := at[first], s.within
		if here >= limit {
			return limit
		}
		if !s.look(p[here:], first, atEnd) {
			return here
		}
		s.tired = s.windows > freeWindows+(s.offset+int64(here))/bytesPerWindow
		at[first] = s.next(p, here+1, limit, first)
		if s.within != before {
			at[messageName] = s.next(p, here+1, limit, messageName)
		}
	}
	return limit
}

// next is where something of this kind may begin in p between from and limit, or limit.
func (s *scanner) next(p []byte, from, limit, kind int) int {
	mark := s.mark(kind)
	for mark != 0 && from < limit {
		n := bytes.IndexByte(p[from:limit], mark)
		if n < 0 {
			return limit
		}
		from += n
		if from+1 >= len(p) || follows[p[from+1]]&(1<<kind) != 0 {
			return from
		}
		from++
	}
	return limit
}

// follows tells, one bit for each kind, whether a byte may stand behind the first one.
var follows = func() (table [256]byte) {
	for b := range table {
		switch c := byte(b); {
		case c == 0 || c == '\r' || c == '\n':
			table[b] = 1<<kinds - 1
		case c == '_' || alphanumeric(c):
			table[b] = 1 << xmlElement
		}
		for kind, next := range map[int]string{
			upperSegment:   "Nn",
			lowerSegment:   "Nn",
			jsonElement:    "UuXx",
			urlElement:     "3",
			escapedElement: "Ll#",
			messageName:    "Pp",
		} {
			if strings.IndexByte(next, byte(b)) >= 0 {
				table[b] |= 1 << kind
			}
		}
	}
	return table
}()

// look looks at what begins at the first byte of p. It is false when more of the stream must come first.
func (s *scanner) look(p []byte, kind int, atEnd bool) bool {
	whole := atEnd || len(p) >= window
	p = p[:min(len(p), window)]
	var interesting, decided bool
	switch kind {
	case upperSegment, lowerSegment:
		interesting, decided = s.segmentTag(p)
	case xmlElement:
		interesting, decided = tag(p)
	case jsonElement, urlElement, escapedElement:
		interesting, decided = escapedTag(p)
	default:
		_, at := significant(p, 1) // a P, as follows says
		b, _ := significant(p, at+1)
		interesting, decided = b|0x20 == 'a' || b|0x20 == 'n', b != 0
	}
	switch {
	case decided && !interesting:
		return true
	case !whole:
		return false
	}
	s.windows++
	plain, decoded := flatten(p, reach(p, kind))
	s.judge(plain, kind)
	if decoded != nil && !s.found {
		s.judge(decoded, kind)
	}
	return true
}

func (s *scanner) judge(text []byte, kind int) {
	switch kind {
	case upperSegment, lowerSegment:
		s.segment(text)
	case xmlElement, jsonElement, urlElement, escapedElement:
		s.found = s.found || s.xml.take(text)
	default:
		s.found = s.found || s.within.message(text)
	}
}

// segment judges what begins with UN.
func (s *scanner) segment(text []byte) {
	if len(text) < 4 {
		return
	}
	rest := text[3:]
	switch text[2] {
	case 'A':
		if declared, ok := serviceString(rest); ok {
			s.separators = declared
		}
	case 'B':
		if begun, ok := interchange(rest, s.separators); ok {
			s.within = begun
		}
	case 'G':
		s.found = s.found || group(rest, s.separators)
	case 'H':
		s.found = s.found || header(rest, s.separators)
	}
}

// segmentTag is whether p begins with UNA, UNB, UNG or UNH and what may be a separator, and whether enough of p is
// there to tell.
func (s *scanner) segmentTag(p []byte) (yes, decided bool) {
	n, at := significant(p, 1)
	if n == 0 || n|0x20 != 'n' {
		return false, n != 0
	}
	tag, at := significant(p, at+1)
	switch tag | 0x20 {
	case 'a':
		return true, true // any character may be declared
	case 'b', 'g', 'h':
		separator, _ := significant(p, at+1)
		return !alphanumeric(separator) || flat[separator] == s.separators.element, separator != 0
	}
	return false, tag != 0
}

// reach is how many characters are judged of what p begins with.
func reach(p []byte, kind int) int {
	if kind != upperSegment && kind != lowerSegment {
		return maxFlat
	}
	_, at := significant(p, 1)
	switch tag, _ := significant(p, at+1); tag | 0x20 {
	case 'a', 'b', 'g':
		return 32
	}
	return 96
}

// significant is the next byte from at on that is no line end and no zero byte of a wide encoding; zero where there is
// none.
func significant(p []byte, at int) (byte, int) {
	for ; at < len(p); at++ {
		if b := p[at]; b != 0 && b != '\r' && b != '\n' {
			return b, at
		}
	}
	return 0, at
}
