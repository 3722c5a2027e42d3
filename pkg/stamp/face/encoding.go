package face

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// WinAnsi encodes s for the core fonts of PDF. Marks beyond their repertoire lose their accents, are transliterated
// (Greek, Cyrillic), or become their code point in braces, which can still be looked up and compared.
func WinAnsi(s string) []byte {
	var out []byte
	for _, r := range norm.NFC.String(s) {
		out = append(out, WinAnsiRune(r)...)
	}
	return out
}

// WinAnsiRune is the same for one letter.
func WinAnsiRune(r rune) []byte {
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
				out = append(out, WinAnsiRune(b)...)
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
	'€': 0x80, '‚': 0x82, 'ƒ': 0x83, '„': 0x84, '…': 0x85, '†': 0x86, '‡': 0x87, 'ˆ': 0x88, '‰': 0x89, 'Š': 0x8a,
	'‹': 0x8b,
	'Œ': 0x8c, 'Ž': 0x8e, '‘': 0x91, '’': 0x92, '“': 0x93, '”': 0x94, '•': 0x95, '–': 0x96, '—': 0x97, '˜': 0x98,
	'™': 0x99,
	'š': 0x9a, '›': 0x9b, 'œ': 0x9c, 'ž': 0x9e, 'Ÿ': 0x9f, '\u00a0': ' ',
}

var transliteration = map[rune]string{
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'д': "d", 'е': "e", 'ё': "yo", 'ж': "zh", 'з': "z", 'и': "i", 'й': "y",
	'к': "k",
	'л': "l", 'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ф': "f", 'х': "kh",
	'ц': "ts",
	'ч': "ch", 'ш': "sh", 'щ': "shch", 'ъ': "\"", 'ы': "y", 'ь': "'", 'э': "e", 'ю': "yu", 'я': "ya", 'і': "i",
	'ї': "yi",
	'є': "ye", 'ґ': "g", 'ђ': "dj", 'ј': "j", 'љ': "lj", 'њ': "nj", 'ћ': "c", 'џ': "dz",
	'α': "a", 'β': "v", 'γ': "g", 'δ': "d", 'ε': "e", 'ζ': "z", 'η': "i", 'θ': "th", 'ι': "i", 'κ': "k", 'λ': "l",
	'μ': "m",
	'ν': "n", 'ξ': "x", 'ο': "o", 'π': "p", 'ρ': "r", 'σ': "s", 'ς': "s", 'τ': "t", 'υ': "y", 'φ': "f", 'χ': "ch",
	'ψ': "ps",
	'ω': "o", 'ł': "l", 'đ': "d", 'ħ': "h", 'ı': "i", '→': "->", '←': "<-", '−': "-", '‐': "-", '‑': "-", '\u00ad': "",
	'\u200b': "", '\u200e': "", '\u200f': "", '\ufeff': "",
}
