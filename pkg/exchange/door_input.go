package exchange

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
)

// The longest words that the gateway keeps, in characters.
const (
	maxTitle      = 500
	maxName       = 255
	maxStatement  = 4_000
	maxAgreement  = 65_536
	maxPeople     = 100
	maxIdentifier = 64
	maxList       = 50
)

// checks collects what is malformed, so that everything is said at once.
type checks struct{ invalid.Faults }

// text refuses what could deceive a reader or break a line: bytes that are not UTF-8, control characters, and the
// characters that turn the direction of writing.
func (c *checks) text(field, paragraph, s string, longest int) {
	switch {
	case !utf8.ValidString(s):
		c.Add(invalid.NotText, field, paragraph)
	case utf8.RuneCountInString(s) > longest:
		c.Add(invalid.TooLong, field, paragraph, utf8.RuneCountInString(s), longest)
	default:
		for _, r := range s {
			if deceives(r) {
				c.Add(invalid.ControlCharacter, field, paragraph, r)
				return
			}
		}
	}
}

// required also refuses the absent; blanks say nothing.
func (c *checks) required(field, paragraph, s string, longest int) {
	if strings.TrimSpace(s) == "" {
		c.Add(invalid.Missing, field, paragraph)
		return
	}
	c.text(field, paragraph, s, longest)
}

func deceives(r rune) bool {
	switch {
	case r == '\n' || r == '\t' || r == '\r':
		return false
	case unicode.IsControl(r):
		return true
	case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, r == 0x200E, r == 0x200F, r == 0x061C:
		return true
	}
	return r == utf8.RuneError
}

// shows reports whether anybody sees a character of it: blanks, and what is never drawn, say nothing.
func shows(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsGraphic(r) && !unicode.IsSpace(r) && r != 0x2800 &&
			!unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
	})
}

// line also refuses line breaks, which a title, a name or an alias does not have.
func (c *checks) line(field, paragraph, s string, longest int) {
	for _, r := range s {
		if r == '\n' || r == '\r' || r == '\t' {
			c.Add(invalid.NotOneLine, field, paragraph)
			return
		}
	}
	c.text(field, paragraph, s, longest)
}

func (c *checks) digest(field string, d article4.Digest) {
	if d != "" && !validDigest(d) {
		c.Add(invalid.NotADigest, field, "")
	}
}

// identifier refuses what no record is ever named by, so that it is neither kept nor given back as the name of one.
// The empty one names nothing.
func (c *checks) identifier(field, id, prefix string) {
	odd := func(r rune) bool { return (r < '0' || r > '9') && (r < 'a' || r > 'z') && r != '-' }
	rest, found := strings.CutPrefix(id, prefix)
	if id != "" && (!found || rest == "" || len(id) > maxIdentifier || strings.ContainsFunc(rest, odd)) {
		c.Add(invalid.NotAnIdentifier, field, "", prefix+"…")
	}
}

// date bounds dates to what people mean: not before 2000 and not beyond the year 2200.
func (c *checks) date(field, paragraph string, t time.Time) {
	if t.IsZero() {
		return
	}
	if t.Year() < 2000 || t.Year() > 2200 {
		c.Add(invalid.YearOutOfRange, field, paragraph, t.Year())
	}
}

func (c *checks) atMost(field, paragraph string, n, most int) {
	if n > most {
		c.Add(invalid.TooManyItems, field, paragraph, n, most)
	}
}
