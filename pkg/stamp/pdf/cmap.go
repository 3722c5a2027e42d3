package pdf

import (
	"strings"
	"unicode/utf16"
)

// cmap takes codes to text.
type cmap struct {
	wide    bool // codes of two bytes
	unicode map[int]string
}

func (c cmap) text(codes []byte) string {
	var b strings.Builder
	step := 1
	if c.wide {
		step = 2
	}
	for i := 0; i+step <= len(codes); i += step {
		code := int(codes[i])
		if c.wide {
			code = code<<8 | int(codes[i+1])
		}
		s, ok := c.unicode[code]
		switch {
		case ok:
			b.WriteString(s)
		case !c.wide && code >= 0x20:
			b.WriteRune(rune(code))
		}
	}
	return b.String()
}

// readCMap reads the bfchar and bfrange sections of a ToUnicode map (ISO 32000-1, 9.10.3).
func readCMap(text []byte, wide bool) cmap {
	c := cmap{wide: wide, unicode: map[int]string{}}
	l := lexer{data: text}
	var operands []token
	for t := l.next(); t.kind != tokenEnd && len(c.unicode) < maxEntries; t = l.next() {
		if t.kind != tokenOperator {
			operands = append(operands, t)
			continue
		}
		switch string(t.text) {
		case "endbfchar":
			for i := 0; i+1 < len(operands); i += 2 {
				c.unicode[cmapCode(operands[i].text)] = utf16Text(operands[i+1].text)
			}
		case "endbfrange":
			c.ranges(operands)
		}
		operands = operands[:0]
	}
	return c
}

func (c cmap) ranges(operands []token) {
	for len(operands) >= 3 && len(c.unicode) < maxEntries {
		from, to := cmapCode(operands[0].text), cmapCode(operands[1].text)
		to = min(to, from+0xffff)
		if operands[2].kind != tokenOpen {
			base := []rune(utf16Text(operands[2].text))
			for v := from; v <= to && len(base) > 0; v++ {
				c.unicode[v] = string(base)
				base[len(base)-1]++
			}
			operands = operands[3:]
			continue
		}
		operands = operands[3:]
		for v := from; len(operands) > 0 && operands[0].kind != tokenClose; v++ {
			if v <= to {
				c.unicode[v] = utf16Text(operands[0].text)
			}
			operands = operands[1:]
		}
		operands = operands[min(1, len(operands)):]
	}
}

func cmapCode(b []byte) int {
	v := 0
	for _, c := range b[:min(len(b), 4)] {
		v = v<<8 | int(c)
	}
	return v
}

func utf16Text(b []byte) string {
	var units []uint16
	for i := 0; i+1 < len(b); i += 2 {
		units = append(units, uint16(b[i])<<8|uint16(b[i+1]))
	}
	return string(utf16.Decode(units))
}
