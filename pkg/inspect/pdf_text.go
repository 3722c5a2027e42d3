package inspect

import "strconv"

const (
	// maxShown is the longest string of a content stream that is read, in bytes.
	maxShown = 64 << 10
	// gapOfWords is how far apart, in thousandths of the type size, two strings stand that are two words (ISO 32000-1
	// 9.4.3).
	gapOfWords = 180
)

// shownText is the text that a PDF content stream shows (ISO 32000-1 9.4): the strings between BT and ET, as bytes of a
// Latin font. Where the text moves, a line ends.
type shownText struct {
	scan    scanner
	text    *textLayer
	out     []byte // what was shown and is not handed on yet
	shows   bool   // between BT and ET
	nested  int    // parentheses open in a string
	escape  int    // what a backslash began: 1, or 2 and more with octal digits
	octal   int
	hex     bool
	digits  []byte
	token   []byte
	string  []byte // at hand
	moved   string // the last number
	strings int    // that were shown
	glyphs  int    // of them that are no Latin text
}

func newShownText(texts *fingerprinter) *shownText {
	return &shownText{text: newTextLayer(texts, true)}
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

// flush hands on what was shown.
func (s *shownText) flush() {
	s.scan.write(s.out)
	if s.text.words != nil {
		s.text.write(s.out)
	}
	s.out = s.out[:0]
}

// shown ends a string. One with control characters is numbers of glyphs: no words, though it may still be looked
// through.
func (s *shownText) shown() {
	if s.shows {
		s.strings++
	}
	switch {
	case !s.shows:
	case containsControl(s.string):
		s.glyphs++
		s.flush()
		s.scan.write(s.string)
	default:
		s.out = append(s.out, s.string...)
	}
	s.string = s.string[:0]
}

func (s *shownText) show(b byte) {
	if len(s.string) < maxShown {
		s.string = append(s.string, b)
	}
}

// between reads what stands outside strings.
func (s *shownText) between(b byte) {
	switch {
	case b == '(':
		s.operator()
		s.nested = 1
	case b == '<':
		s.operator()
		s.hex, s.digits = true, s.digits[:0]
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
		s.moved = token
		return
	}
	switch token {
	case "BT":
		s.shows = true
	case "Td", "TD": // by nothing downwards: on the same line
		if n, err := strconv.ParseFloat(s.moved, 64); err == nil && n == 0 {
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
		return
	}
	s.shown()
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
		s.shown()
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

// ended settles whether the words count: where many strings are numbers of glyphs, the others may be so too.
func (s *shownText) ended(words *words) *words {
	const few = 8
	if s.glyphs*few > s.strings {
		return nil
	}
	return words.ended()
}
