package inspect

import (
	"bytes"
	"strings"
)

const (
	// markerWindow is how far into the upload an interchange may begin and still be found.
	markerWindow = 1 << 20
	// maxLead is how much of a line is looked at to tell an interchange.
	maxLead = 64
	// serviceString is "UNA" and the six characters that it declares.
	serviceString = 9
	nameSize      = 6
)

// scanner looks for the beginning of a UN/EDIFACT interchange (ISO 9735: UNA or UNB) at the first non-blank byte or at
// a line's beginning within the first MiB, and after it for the name of a message about passengers (PAXLST, PNRGOV), to
// the end of the upload. It remembers what it must from one write to the next, so pieces make no difference.
//
// Real interchanges are broken in many ways, so little is asked of one: the tag, and then a byte that may be a
// separator; after UNA, any six bytes may be the separators. Blanks may stand before and behind the tag.
type scanner struct {
	offset  int64 // of the next byte
	wide    bool  // zero bytes were seen, as in UTF-16: they are passed over
	stage   stage
	first   bool // the interchange stood before everything that is not blank
	written bool // something that is not blank was seen

	onLine   bool   // something that is not blank, and of no interest, was seen on this line
	lead     []byte // the line from its first byte that is not blank, while it may begin an interchange
	declared []byte // data element separator of a UNA that was no beginning by itself

	tail []byte // the last nameSize-1 bytes, which a name may begin in
}

type stage int

const (
	seekInterchange stage = iota
	seekMessage
	foundMessage
	gaveUp
)

func (s *scanner) passengerData() bool { return s.stage == foundMessage }

func (s *scanner) interchangeFirst() bool {
	return s.first && (s.stage == seekMessage || s.stage == foundMessage)
}

func (s *scanner) write(p []byte) {
	for len(p) > 0 && s.stage == seekInterchange {
		if s.onLine {
			p = p[s.pass(p):]
		}
		if len(p) > 0 {
			s.step(p[0])
			p = p[1:]
		}
	}
	if s.stage == seekMessage {
		s.seekMessage(p)
	}
}

// pass goes over the rest of a line of no interest, up to a byte that step must see: a line's end, a zero, the window's end.
func (s *scanner) pass(p []byte) int {
	p = p[:min(int64(len(p)), max(0, markerWindow-s.offset))]
	for n, b := range p {
		if b <= '\r' && (b == '\r' || b == '\n' || b == 0) {
			p = p[:n]
			break
		}
	}
	s.offset += int64(len(p))
	return len(p)
}

// step takes one byte while no interchange was found.
func (s *scanner) step(b byte) {
	at := s.offset
	s.offset++
	switch {
	case at >= markerWindow && len(s.lead) == 0:
		s.stage = gaveUp
	case b == 0:
		s.wide = true
	case b == '\n' || b == '\r':
		s.written = s.written || len(s.lead) > 0
		s.onLine, s.lead = false, s.lead[:0]
	case s.onLine || len(s.lead) == 0 && blank(b):
	default:
		s.lead = append(s.lead, b)
		s.judge()
	}
}

// judge looks at the line so far.
func (s *scanner) judge() {
	switch s.beginning() {
	case yes:
		s.first = !s.written
		s.stage = seekMessage
		s.lead = nil
	case no:
		s.written, s.onLine = true, true
		s.lead = s.lead[:0]
	case next: // UNB may follow on the same line
		s.declared = append(s.declared[:0], s.lead[4])
		s.lead = s.lead[:0]
	}
}

type verdict int

const (
	undecided verdict = iota
	yes
	no
	next
)

func (s *scanner) beginning() verdict {
	tag := s.lead[:min(3, len(s.lead))]
	if !strings.HasPrefix("UNA", string(tag)) && !strings.HasPrefix("UNB", string(tag)) {
		return no
	}
	behind := s.lead[len(tag):]
	if len(behind) == 0 {
		return undecided
	}
	if tag[2] == 'B' && bytes.HasPrefix(behind, s.declared) && len(s.declared) > 0 {
		return yes
	}
	behind = bytes.TrimLeft(behind, " \t")
	switch {
	case len(behind) > 0 && !alphanumeric(behind[0]):
		return yes
	case tag[2] == 'A' && len(s.lead) == serviceString:
		return next
	case tag[2] == 'B' && len(behind) > 0, len(s.lead) == maxLead:
		return no
	}
	return undecided
}

// seekMessage looks for a name in what follows the interchange's beginning.
func (s *scanner) seekMessage(p []byte) {
	if s.wide {
		p = bytes.ReplaceAll(p, []byte{0}, nil)
	}
	joint := append(s.tail, p[:min(nameSize-1, len(p))]...)
	if named(joint) || named(p) {
		s.stage, s.tail = foundMessage, nil
		return
	}
	if len(p) >= nameSize-1 {
		joint = p
	}
	s.tail = append(s.tail[:0], joint[max(0, len(joint)-(nameSize-1)):]...)
}

func named(p []byte) bool {
	return bytes.Contains(p, []byte("PAXLST")) || bytes.Contains(p, []byte("PNRGOV"))
}

// blank holds for white space, for the control characters that telex networks put before a message, and for the bytes
// of a byte order mark.
func blank(b byte) bool {
	return b <= ' ' || b >= 0x7F && bytes.IndexByte([]byte("\x7F\xEF\xBB\xBF\xFE\xFF"), b) >= 0
}

func alphanumeric(b byte) bool {
	return '0' <= b && b <= '9' || 'A' <= b && b <= 'Z' || 'a' <= b && b <= 'z'
}
