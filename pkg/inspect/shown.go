package inspect

import "strconv"

const (
	// maxShown is the longest string of a content stream that is read, in bytes.
	maxShown = 64 << 10
	// gapOfWords is how far apart, in thousandths of the type size, two strings stand that are two words (ISO 32000-1 9.4.3).
	gapOfWords = 180
)

// shownText is the text that a PDF content stream shows (ISO 32000-1 9.4): the strings between BT and ET, as bytes of a
// Latin font. Where the text moves, a line ends.
type shownText struct {
	part   *layer
	text   *textLayer
	out    []byte
	shows  bool // between BT and ET
	nested int  // parentheses open in a string
	escape int  // what a backslash began: 1, or 2 and more with octal digits
	octal  int
	hex    bool
	digits []byte
	token  []byte
	string int // bytes of the string at hand
	last   [2]string
}

func newShownText(part *layer) *shownText {
	part.shown = newTextLayer(part.texts, true)
	return &shownText{part: part, text: part.shown}
}

func (s *shownText) write(p []byte) {
	for _, b := range p {
		switch {
		case s.nested > 0:
			s.inString(b)
		case s.hex:
			s.inDigits(b)
		default:
			s.between(b)
		}
	}
	s.flush()
}

func (s *shownText) flush() {
	if len(s.out) == 0 {
		return
	}
	if containsControl(s.out) && !s.text.given {
		s.part.gaps.add(s.part.part, Glyphs)
	}
	s.text.scan.write(s.out)
	s.part.found = s.part.found || s.text.scan.found
	s.text.write(s.out)
	s.out = s.out[:0]
}

func (s *shownText) show(b byte) {
	if s.string++; s.shows && s.string <= maxShown {
		s.out = append(s.out, b)
	}
}

// between reads what stands outside strings.
func (s *shownText) between(b byte) {
	switch {
	case b == '(':
		s.operator()
		s.nested, s.string = 1, 0
	case b == '<':
		s.operator()
		s.hex, s.digits, s.string = true, s.digits[:0], 0
	case b <= ' ', b == '[', b == ']', b == '/', b == '>':
		s.operator()
	case len(s.token) < 32:
		s.token = append(s.token, b)
	}
}

// operator takes the token at hand.
func (s *shownText) operator() {
	if len(s.token) == 0 {
		return
	}
	token := string(s.token)
	s.token = s.token[:0]
	if c := token[0]; c == '-' || c == '.' || c >= '0' && c <= '9' {
		if n, err := strconv.ParseFloat(token, 64); err == nil && n < -gapOfWords && s.shows {
			s.out = append(s.out, ' ')
		}
		s.last[0], s.last[1] = s.last[1], token
		return
	}
	switch token {
	case "BT":
		s.shows = true
	case "Td", "TD": // by nothing downwards: on the same line
		if n, err := strconv.ParseFloat(s.last[1], 64); err == nil && n == 0 {
			s.separate(' ')
			return
		}
		s.separate('\n')
	case "T*", "'", "\"", "Tm":
		s.separate('\n')
	case "ET":
		s.separate('\n')
		s.shows = false
	}
}

func (s *shownText) separate(b byte) {
	if s.shows {
		s.out = append(s.out, b)
	}
}

// inString reads a literal string (7.3.4.2).
func (s *shownText) inString(b byte) {
	switch {
	case s.escape > 1 && b >= '0' && b <= '7' && s.escape < 4:
		s.octal, s.escape = s.octal*8+int(b-'0'), s.escape+1
		return
	case s.escape > 1:
		s.show(byte(s.octal))
		s.escape = 0
	case s.escape == 1 && b >= '0' && b <= '7':
		s.octal, s.escape = int(b-'0'), 2
		return
	case s.escape == 1:
		s.escape = 0
		s.escaped(b)
		return
	}
	switch b {
	case '\\':
		s.escape = 1
		return
	case '(':
		s.nested++
	case ')':
		s.nested--
	}
	if s.nested > 0 {
		s.show(b)
	}
}

func (s *shownText) escaped(b byte) {
	switch b {
	case 'n', 'r', 't', 'b', 'f':
		s.show(' ')
	case '\r', '\n':
	default:
		s.show(b)
	}
}

// inDigits reads a hexadecimal string (7.3.4.3).
func (s *shownText) inDigits(b byte) {
	switch {
	case b == '<' && len(s.digits) == 0: // a dictionary
		s.hex = false
	case b == '>':
		s.hex = false
	case b <= ' ':
	default:
		s.digits = append(s.digits, b)
	}
	if len(s.digits) == 2 {
		if n, err := strconv.ParseUint(string(s.digits), 16, 8); err == nil {
			s.show(byte(n))
		}
		s.digits = s.digits[:0]
	}
}
