package inspect

import (
	"bytes"
	"strconv"
)

// maxFlat is how many characters of a window are judged.
const maxFlat = 128

// wide stands for any character outside ASCII.
const wide = 0xFF

// flat is what each byte becomes in a flat line; one that becomes zero is left out.
var flat = func() (table [256]byte) {
	for b := range table {
		table[b] = character(uint64(b))
	}
	return table
}()

// flatten makes one line of what p begins with, of limit characters at most: in upper case, without line ends, the
// quoting behind them and the zero bytes of wide encodings. decoded is the same with its escapes resolved (JSON, XML,
// URL, quoted-printable); nil where that makes no difference.
func flatten(p []byte, limit int) (plain, decoded []byte) {
	lines := make([]byte, 0, 4*maxFlat)
	escapes := false
	for _, b := range p {
		if b = flat[b]; b == 0 || b == wide && len(lines) > 0 && lines[len(lines)-1] == wide {
			continue
		}
		if len(lines) >= 4*limit {
			break
		}
		escapes = escapes || b == '\\' || b == '&' || b == '%' || b == '='
		lines = append(lines, b)
	}
	plain = joined(lines[:min(len(lines), 2*limit)], limit)
	if escapes {
		decoded = joined(decode(lines), limit)
	}
	return plain, decoded
}

// joined is lines without line ends, and without the quoting at the beginning of each.
func joined(lines []byte, limit int) []byte {
	out := make([]byte, 0, maxFlat)
	quoting := false
	for _, b := range lines {
		switch {
		case len(out) == limit:
			return out
		case b == '\n':
			quoting = true
		case quoting && (b == '>' || b == ' ' || b == '\t'):
		default:
			quoting = false
			out = append(out, b)
		}
	}
	return out
}

var entities = []struct {
	name string
	is   byte
}{{"&APOS;", '\''}, {"&QUOT;", '"'}, {"&AMP;", '&'}, {"&LT;", '<'}, {"&GT;", '>'}, {"&NBSP;", ' '}}

// decode resolves escapes.
func decode(lines []byte) []byte {
	out := make([]byte, 0, len(lines))
	for len(lines) > 0 {
		b, n := escape(lines)
		if b != 0 {
			out = append(out, b)
		}
		lines = lines[n:]
	}
	return out
}

// escape reads one character; zero: there is none.
func escape(p []byte) (b byte, size int) {
	switch {
	case p[0] == '=' && len(p) > 1 && p[1] == '\n':
		return 0, 1 + len(p[1:]) - len(bytes.TrimLeft(p[1:], "\n"))
	case p[0] == '=' || p[0] == '%':
		return hexadecimal(p, 1, 2, 0)
	case bytes.HasPrefix(p, []byte(`\U`)):
		return hexadecimal(p, 2, 4, 0)
	case bytes.HasPrefix(p, []byte(`\X`)):
		return hexadecimal(p, 2, 2, 0)
	case bytes.HasPrefix(p, []byte(`\N`)), bytes.HasPrefix(p, []byte(`\R`)):
		return '\n', 2
	case p[0] == '\\' && len(p) > 1 && !alphanumeric(p[1]):
		return p[1], 2
	case bytes.HasPrefix(p, []byte("&#")):
		return reference(p)
	case p[0] == '&':
		for _, e := range entities {
			if bytes.HasPrefix(p, []byte(e.name)) {
				return e.is, len(e.name)
			}
		}
	}
	return p[0], 1
}

// hexadecimal reads digits behind a prefix; the character is taken as it stands where there are none.
func hexadecimal(p []byte, prefix, digits, behind int) (byte, int) {
	size := prefix + digits
	if len(p) < size+behind {
		return p[0], 1
	}
	n, err := strconv.ParseUint(string(p[prefix:size]), 16, 16)
	if err != nil {
		return p[0], 1
	}
	return character(n), size + behind
}

// reference reads "&#39;" or "&#x27;".
func reference(p []byte) (byte, int) {
	end := bytes.IndexByte(p[:min(len(p), 10)], ';')
	if end < 3 {
		return p[0], 1
	}
	if p[2] == 'X' {
		return hexadecimal(p, 3, end-3, 1)
	}
	n, err := strconv.ParseUint(string(p[2:end]), 10, 16)
	if err != nil {
		return p[0], 1
	}
	return character(n), end + 1
}

// character is what stands for a code point in a flat line.
func character(n uint64) byte {
	switch {
	case n == '\r':
		return '\n'
	case 'a' <= n && n <= 'z':
		return byte(n) - ('a' - 'A')
	case n >= 0x80:
		return wide
	}
	return byte(n)
}
