package inspect

import (
	"bytes"
	"strconv"
)

// quotedPrintable takes back what quoted-printable (RFC 2045 6.7) does to text, wherever it is met: lines that go on,
// and characters in digits. Other text hardly has "=" before a line end or before the digits of a character beyond
// ASCII.
type quotedPrintable struct{ held []byte }

// decode returns what p goes on with; what cannot be told yet is held back.
func (q *quotedPrintable) decode(p []byte) []byte {
	if len(q.held) == 0 && bytes.IndexByte(p, '=') < 0 {
		return p
	}
	p = append(q.held, p...)
	q.held = nil
	var out []byte
	for {
		n := bytes.IndexByte(p, '=')
		if n < 0 {
			return append(out, p...)
		}
		out = append(out, p[:n]...)
		p = p[n:]
		if len(p) < 3 {
			q.held = bytes.Clone(p)
			return out
		}
		b, size := quotedByte(p)
		if b != 0 {
			out = append(out, b)
		}
		p = p[size:]
	}
}

// quotedByte reads "=XX", or a line end that is none: then the byte is zero.
func quotedByte(p []byte) (b byte, size int) {
	switch {
	case p[1] == '\r' && p[2] == '\n':
		return 0, 3
	case p[1] == '\n':
		return 0, 2
	}
	n, err := strconv.ParseUint(string(p[1:3]), 16, 8)
	if err == nil && (n >= 0x80 || n == '=' || n == ' ') {
		return byte(n), 3
	}
	return p[0], 1
}
