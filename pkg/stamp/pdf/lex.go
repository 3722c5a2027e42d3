package pdf

import (
	"bytes"
	"strings"
)

type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenNumber
	tokenName     // without the slash
	tokenString   // decoded
	tokenOpen     // [ or <<
	tokenClose    // ] or >>
	tokenOperator // or true, false, null
)

type token struct {
	kind tokenKind
	text []byte
	at   int // offset of the first byte
}

// lexer reads the operators and operands of a content stream (ISO 32000-1, 7.8.2). It never fails: what is no PDF is
// skipped or read as an operator.
type lexer struct {
	data []byte
	at   int
	// unclear: readers may see other tokens here, because the data ended within one, or it holds what it must not.
	unclear bool
}

func (l *lexer) next() token {
	l.skipSpace()
	if l.at >= len(l.data) {
		return token{kind: tokenEnd, at: l.at}
	}
	start, c := l.at, l.data[l.at]
	switch c {
	case '/':
		l.at++
		return token{tokenName, l.regular(), start}
	case '(':
		return token{tokenString, l.literal(), start}
	case '[', '{':
		l.at++
		return token{tokenOpen, l.data[start:l.at], start}
	case ']', '}', ')':
		l.at++
		return token{tokenClose, l.data[start:l.at], start}
	case '<':
		if bytes.HasPrefix(l.data[l.at:], []byte("<<")) {
			l.at += 2
			return token{tokenOpen, l.data[start:l.at], start}
		}
		return token{tokenString, l.hex(), start}
	case '>':
		l.at = min(l.at+2, len(l.data))
		return token{tokenClose, l.data[start:l.at], start}
	}
	word := l.regular()
	if c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' {
		l.unclear = l.unclear || !plainNumber(word)
		return token{tokenNumber, word, start}
	}
	if bytes.Equal(word, []byte("ID")) {
		l.skipImage()
	}
	return token{tokenOperator, word, start}
}

// plainNumber: readers make different things of "-0.1.9" and "--5".
func plainNumber(word []byte) bool {
	digits, points := 0, 0
	for i, c := range word {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c == '.':
			points++
		case i > 0:
			return false
		}
	}
	return digits > 0 && points <= 1
}

func (l *lexer) skipSpace() {
	for l.at < len(l.data) {
		switch c := l.data[l.at]; {
		case isSpace(c):
			l.at++
		case c == '%':
			for l.at < len(l.data) && l.data[l.at] != '\n' && l.data[l.at] != '\r' {
				l.at++
			}
		default:
			return
		}
	}
}

// regular reads up to the next delimiter.
func (l *lexer) regular() []byte {
	start := l.at
	for l.at < len(l.data) && !isSpace(l.data[l.at]) && !bytes.ContainsRune([]byte("()<>[]{}/%"), rune(l.data[l.at])) {
		l.at++
	}
	return l.data[start:l.at]
}

func (l *lexer) literal() []byte {
	var out []byte
	depth := 0
	for ; l.at < len(l.data); l.at++ {
		c := l.data[l.at]
		switch c {
		case '(':
			if depth++; depth == 1 {
				continue
			}
		case ')':
			if depth--; depth == 0 {
				l.at++
				return out
			}
		case '\\':
			out = l.escape(out)
			continue
		}
		out = append(out, c)
	}
	l.unclear = true
	return out
}

// escape reads what follows a backslash and leaves at on its last byte.
func (l *lexer) escape(out []byte) []byte {
	if l.at+1 >= len(l.data) {
		return out
	}
	l.at++
	c := l.data[l.at]
	switch c {
	case 'n', 'r', 't', 'b', 'f':
		return append(out, map[byte]byte{'n': '\n', 'r': '\r', 't': '\t', 'b': '\b', 'f': '\f'}[c])
	case '\n':
		return out
	case '\r':
		if l.at+1 < len(l.data) && l.data[l.at+1] == '\n' {
			l.at++
		}
		return out
	}
	if c < '0' || c > '7' {
		return append(out, c)
	}
	v := c - '0'
	for n := 0; n < 2 && l.at+1 < len(l.data) && l.data[l.at+1] >= '0' && l.data[l.at+1] <= '7'; n++ {
		l.at++
		v = v<<3 | (l.data[l.at] - '0')
	}
	return append(out, v)
}

func (l *lexer) hex() []byte {
	var out []byte
	half := -1
	for l.at++; l.at < len(l.data); l.at++ {
		c := l.data[l.at]
		if c == '>' {
			l.at++
			if half >= 0 {
				out = append(out, byte(half<<4))
			}
			return out
		}
		v := hexValue(c)
		switch {
		case v < 0:
			l.unclear = l.unclear || !isSpace(c)
		case half < 0:
			half = v
		default:
			out, half = append(out, byte(half<<4|v)), -1
		}
	}
	l.unclear = true
	return out
}

func hexValue(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// skipImage passes over the data of an inline image, up to an EI that stands by itself.
func (l *lexer) skipImage() {
	for from := l.at; ; {
		i := bytes.Index(l.data[min(from, len(l.data)):], []byte("EI"))
		if i < 0 {
			l.at, l.unclear = len(l.data), true
			return
		}
		i += from
		before := i == 0 || isSpace(l.data[i-1])
		after := i+2 >= len(l.data) || isSpace(l.data[i+2])
		if before && after && printable(l.data[i+2:min(i+12, len(l.data))]) {
			l.at = i + 2
			return
		}
		from = i + 2
	}
}

// printable: bytes of an image hardly ever look like operators.
func printable(b []byte) bool {
	for _, c := range b {
		if c > 0x7e || c < 0x20 && !isSpace(c) {
			return false
		}
	}
	return true
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

// contentOperators are those of a page's content (ISO 32000-1, annex A), but for BX and EX, between which anything
// may stand.
var contentOperators = func() map[string]bool {
	all := map[string]bool{}
	for _, name := range strings.Fields("b B b* B* BDC BI BMC BT c cm CS cs d d0 d1 Do DP EI EMC ET f F f* G g gs h " +
		"i ID j J K k l m M MP n " +
		"q Q re RG rg ri s S SC sc SCN scn sh T* Tc Td TD Tf Tj TJ TL Tm Tr Ts Tw Tz v w W W* y ' \" true false null") {
		all[name] = true
	}
	return all
}()

// operandsOf is how many operands these operators take. Where there are fewer, some readers skip the operator, and some
// the rest of the page.
var operandsOf = map[string]int{
	"re": 4, "c": 6, "v": 4, "y": 4, "l": 2, "m": 2, "cm": 6, "w": 1, "J": 1, "j": 1, "M": 1, "d": 2, "i": 1, "gs": 1,
	"g": 1, "G": 1, "rg": 3, "RG": 3, "k": 4, "K": 4, "cs": 1, "CS": 1, "sh": 1, "Do": 1,
	"Tf": 2, "Td": 2, "TD": 2, "Tm": 6, "Tc": 1, "Tw": 1, "Tz": 1, "TL": 1, "Tr": 1, "Ts": 1, "Tj": 1, "TJ": 1, "'": 1,
	"\"": 3,
}

// balance is what a page's content leaves open.
type balance struct {
	saved   int   // q without Q
	marked  int   // BMC and BDC without EMC
	text    bool  // BT without ET
	surplus []int // offsets of Q without q
	unclear bool  // readers may read it in other ways
}

// weigh reads content once. What it finds open must be closed before the mark is drawn, or the mark would be drawn in a
// state of the page's making: scaled away, clipped, hidden.
func weigh(content []byte) balance {
	var b balance
	l := lexer{data: content}
	nested, operands := 0, 0
	for t := l.next(); t.kind != tokenEnd; t = l.next() {
		switch {
		case t.kind == tokenOpen:
			nested++
		case t.kind == tokenClose:
			nested--
			operands++
			b.unclear = b.unclear || nested < 0
		case t.kind != tokenOperator || nested == 0 && isConstant(t.text):
			operands++
		default:
			// In an array or a dictionary only true, false and null may be; all other operators are shorter than four
			// letters.
			name := string(t.text)
			b.operator(name, t.at)
			b.unclear = b.unclear || !contentOperators[name] || nested > 0 && len(name) < 4 ||
				operands < operandsOf[name]
			operands = 0
		}
	}
	b.unclear = b.unclear || l.unclear || nested != 0 || operands > 0
	return b
}

// isConstant: it looks like an operator, and is an operand.
func isConstant(word []byte) bool {
	return bytes.Equal(word, []byte("true")) || bytes.Equal(word, []byte("false")) || bytes.Equal(word, []byte("null"))
}

func (b *balance) operator(name string, at int) {
	switch name {
	case "q":
		b.saved++
	case "Q":
		if b.saved == 0 {
			b.surplus = append(b.surplus, at)
		} else {
			b.saved--
		}
	case "BMC", "BDC":
		b.marked++
	case "EMC":
		b.marked = max(0, b.marked-1)
	case "BT":
		b.text = true
	case "ET":
		b.text = false
	}
}

// closing are the operators that bring the page back to the state in which it began.
func (b balance) closing() []byte {
	out := []byte("\n")
	if b.text {
		out = append(out, "ET\n"...)
	}
	out = append(out, bytes.Repeat([]byte("EMC "), b.marked)...)
	return append(out, bytes.Repeat([]byte("Q "), b.saved)...)
}
