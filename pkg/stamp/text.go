package stamp

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// word is the marking as it stands on the page.
func (m Mark) word() string { return strings.ToUpper(m.Marking) }

// facts are the parts of the line below the marking word, in the order in which they are shown.
func (m Mark) facts() []string {
	var out []string
	add := func(format, value string) {
		if value != "" {
			out = append(out, fmt.Sprintf(format, value))
		}
	}
	switch {
	case m.Discloser != "" && m.Recipient != "":
		out = append(out, fmt.Sprintf("Disclosed by %s to %s", m.Discloser, m.Recipient))
	default:
		add("Disclosed by %s", m.Discloser)
		add("Disclosed to %s", m.Recipient)
	}
	add("%s", m.Person)
	add("Copy %s", m.CopyNumber)
	if !m.Date.IsZero() {
		out = append(out, m.day())
	}
	add("Reference %s", m.Reference)
	add("Purpose: %s", m.Purpose)
	add("%s", m.Notice)
	return out
}

// day is the date in a form that nobody reads as another day.
func (m Mark) day() string { return m.Date.UTC().Format("2 January 2006") }

// repeat is the light text across the page: the word, the number, and who holds the copy.
func (m Mark) repeat() string {
	parts := []string{m.word(), m.CopyNumber}
	if m.Person != "" {
		parts = append(parts, m.Person)
	}
	return strings.Join(parts, "  ")
}

const separator = " \u00b7 "

// wrap breaks facts into lines that measure finds no wider than width. It breaks between facts where a fact fits a line,
// else between words, else anywhere. It always gets somewhere: a line holds at least one rune.
func wrap(facts []string, width float64, measure func(string) float64) []string {
	var lines []string
	line := ""
	for _, f := range facts {
		if line != "" && measure(line+separator+f) <= width {
			line += separator + f
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		rest := breakWords(f, width, measure)
		lines = append(lines, rest[:len(rest)-1]...)
		line = rest[len(rest)-1]
	}
	return append(lines, line)
}

func breakWords(s string, width float64, measure func(string) float64) []string {
	var lines []string
	line := ""
	for _, w := range strings.Fields(s) {
		next := w
		if line != "" {
			next = line + " " + w
		}
		if measure(next) <= width {
			line = next
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for measure(w) > width && len([]rune(w)) > 1 {
			n := fitting(w, width, measure)
			lines = append(lines, w[:n])
			w = w[n:]
		}
		line = w
	}
	return append(lines, line)
}

// fitting is how many bytes of w fit, at least one rune.
func fitting(w string, width float64, measure func(string) float64) int {
	last := 0
	for i := range w {
		if i > 0 && last > 0 && measure(w[:i]) > width {
			return last
		}
		last = i
	}
	return max(last, len(string([]rune(w)[:1])))
}

// winAnsi encodes s for the core fonts of PDF. Marks beyond their repertoire lose their accents, are transliterated
// (Greek, Cyrillic), or become their code point in braces, which can still be looked up and compared.
func winAnsi(s string) []byte {
	var out []byte
	for _, r := range norm.NFC.String(s) {
		out = append(out, winAnsiRune(r)...)
	}
	return out
}

func winAnsiRune(r rune) []byte {
	if b, ok := winAnsiByte(r); ok {
		return []byte{b}
	}
	if s, ok := transliteration[r]; ok {
		return []byte(s)
	}
	if s, ok := transliteration[unicode.ToLower(r)]; ok && s != "" {
		return []byte(strings.ToUpper(s[:1]) + s[1:])
	}
	if base := []rune(norm.NFKD.String(string(r))); base[0] != r {
		var out []byte
		for _, b := range base {
			if !unicode.Is(unicode.Mn, b) {
				out = append(out, winAnsiRune(b)...)
			}
		}
		return out
	}
	if unicode.IsSpace(r) {
		return []byte{' '}
	}
	return fmt.Appendf(nil, "{%04X}", r)
}

func winAnsiByte(r rune) (byte, bool) {
	if r >= 0x20 && r < 0x7f || r >= 0xa1 && r <= 0xff && r != 0xad {
		return byte(r), true
	}
	b, ok := windows1252[r]
	return b, ok
}

var windows1252 = map[rune]byte{
	'€': 0x80, '‚': 0x82, 'ƒ': 0x83, '„': 0x84, '…': 0x85, '†': 0x86, '‡': 0x87, 'ˆ': 0x88, '‰': 0x89, 'Š': 0x8a, '‹': 0x8b,
	'Œ': 0x8c, 'Ž': 0x8e, '‘': 0x91, '’': 0x92, '“': 0x93, '”': 0x94, '•': 0x95, '–': 0x96, '—': 0x97, '˜': 0x98, '™': 0x99,
	'š': 0x9a, '›': 0x9b, 'œ': 0x9c, 'ž': 0x9e, 'Ÿ': 0x9f, '\u00a0': ' ',
}

var transliteration = map[rune]string{
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'д': "d", 'е': "e", 'ё': "yo", 'ж': "zh", 'з': "z", 'и': "i", 'й': "y", 'к': "k",
	'л': "l", 'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ф': "f", 'х': "kh", 'ц': "ts",
	'ч': "ch", 'ш': "sh", 'щ': "shch", 'ъ': "\"", 'ы': "y", 'ь': "'", 'э': "e", 'ю': "yu", 'я': "ya", 'і': "i", 'ї': "yi",
	'є': "ye", 'ґ': "g", 'ђ': "dj", 'ј': "j", 'љ': "lj", 'њ': "nj", 'ћ': "c", 'џ': "dz",
	'α': "a", 'β': "v", 'γ': "g", 'δ': "d", 'ε': "e", 'ζ': "z", 'η': "i", 'θ': "th", 'ι': "i", 'κ': "k", 'λ': "l", 'μ': "m",
	'ν': "n", 'ξ': "x", 'ο': "o", 'π': "p", 'ρ': "r", 'σ': "s", 'ς': "s", 'τ': "t", 'υ': "y", 'φ': "f", 'χ': "ch", 'ψ': "ps",
	'ω': "o", 'ł': "l", 'đ': "d", 'ħ': "h", 'ı': "i", '→': "->", '←': "<-", '−': "-", '‐': "-", '‑': "-", '\u00ad': "",
	'\u200b': "", '\u200e': "", '\u200f': "", '\ufeff': "",
}
