package register

import (
	"crypto/rand"
	"encoding/base32"
	"regexp"
	"slices"
	"strings"
)

// alphabet is Crockford's base 32: no I, L, O, U, so that a number read off a page is read right.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

var lower = base32.NewEncoding(strings.ToLower(alphabet)).WithPadding(base32.NoPadding)

// NewID makes an opaque identifier: the prefix and 128 random bits.
func NewID(prefix string) string {
	var b [16]byte
	rand.Read(b[:])
	return prefix + lower.EncodeToString(b[:])
}

// NewReference makes what people say to each other about a document: "D-XXXXX-XXXXXC", 50 random bits and a
// check character. It counts nothing.
func NewReference() string { return numbered("D") }

// NewCopyNumber makes the number of one copy: "C-XXXXX-XXXXXC".
func NewCopyNumber() string { return numbered("C") }

func numbered(kind string) string {
	var b [10]byte
	rand.Read(b[:])
	for i := range b {
		b[i] = alphabet[b[i]%32]
	}
	s := string(b[:])
	return kind + "-" + s[:5] + "-" + s[5:] + string(checkCharacter(s))
}

// ValidNumber reports whether a reference or copy number carries its right check character.
// One wrong character, or two neighbours exchanged, is noticed (Luhn mod 32; the pair 0 and Z excepted).
func ValidNumber(s string) bool {
	parts := strings.Split(s, "-")
	if len(parts) != 3 || len(parts[1]) != 5 || len(parts[2]) != 6 {
		return false
	}
	body := parts[1] + parts[2][:5]
	for _, c := range body {
		if !strings.ContainsRune(alphabet, c) {
			return false
		}
	}
	return checkCharacter(body) == parts[2][5]
}

// checkCharacter is Luhn mod N with N = 32.
func checkCharacter(s string) byte {
	factor, sum := 2, 0
	for i := len(s) - 1; i >= 0; i-- {
		addend := factor * strings.IndexByte(alphabet, s[i])
		sum += addend/32 + addend%32
		factor = 3 - factor
	}
	return alphabet[(32-sum%32)%32]
}

// written is a number as somebody may have typed it, or a photograph have been read: of a copy, of a document.
var written = map[byte]*regexp.Regexp{'C': asWritten("C"), 'D': asWritten("D")}

func asWritten(kind string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)\b` + kind + `[\s\p{Pd}_.]{0,3}([0-9A-Z]{5})[\s\p{Pd}_.]{0,3}([0-9A-Z]{6})\b`)
}

// alike are characters of the alphabet that are taken for each other on paper, each with its likenesses.
var alike = map[byte]string{'0': "DQ", 'D': "0", 'Q': "0", '1': "7", '7': "1", '2': "Z", 'Z': "2", '5': "S", 'S': "5",
	'6': "G", 'G': "6",
	'8': "B3", 'B': "8", '3': "8", 'V': "Y", 'Y': "V", 'C': "G", 'M': "N", 'N': "M", 'P': "R", 'R': "P", 'E': "F",
	'F': "E"}

const (
	maxNumbers = 20 // copy numbers that are read off one text
	maxNamed   = 50 // references
	maxReading = 64 // ways in which one that is misread may be meant
)

// ReadNumbers reads copy numbers off a text, in the order in which they stand there: whatever stands between their
// parts, with I and L for 1, O for 0, and U for V. Of one whose check character does not fit, meant holds what it may
// be if one or two of its characters were taken for others that look alike, or two neighbours changed places.
func ReadNumbers(text string) (numbers, meant []string) {
	numbers, meant, _ = read('C', text, maxNumbers)
	return numbers, meant
}

// ReadReferences reads references of documents off a text, as ReadNumbers reads copy numbers; rest is what else stands
// in it, what was misread too.
func ReadReferences(text string) (references, meant []string, rest string) {
	return read('D', text, maxNamed)
}

func read(kind byte, text string, most int) (numbers, meant []string, rest string) {
	plain := strings.NewReplacer("I", "1", "L", "1", "O", "0", "U", "V")
	var others strings.Builder
	begin := 0
	for _, m := range written[kind].FindAllStringSubmatchIndex(text, most) {
		whole := text[m[0]:m[1]]
		if len(whole) == len("CXXXXXXXXXXX") && !strings.ContainsAny(whole, "0123456789") {
			continue // "Confidential"
		}
		s := plain.Replace(strings.ToUpper(text[m[2]:m[3]] + text[m[4]:m[5]]))
		if number := string(kind) + "-" + s[:5] + "-" + s[5:]; ValidNumber(number) {
			numbers = append(numbers, number)
			others.WriteString(text[begin:m[0]] + " ")
			begin = m[1]
			continue
		}
		meant = append(meant, readings(kind, s)...)
	}
	return numbers, meant, others.String() + text[begin:]
}

// readings are what a misread number may be.
func readings(kind byte, s string) []string {
	var out []string
	try := func(b []byte) {
		number := string(kind) + "-" + string(b[:5]) + "-" + string(b[5:])
		if ValidNumber(number) && !slices.Contains(out, number) && len(out) < maxReading {
			out = append(out, number)
		}
	}
	swap := func(s string, visit func([]byte)) {
		for i := range len(s) {
			for _, c := range []byte(alike[s[i]]) {
				b := []byte(s)
				b[i] = c
				visit(b)
			}
		}
	}
	swap(s, try)
	for i := range len(s) - 1 {
		b := []byte(s)
		b[i], b[i+1] = b[i+1], b[i]
		try(b)
	}
	swap(s, func(one []byte) { swap(string(one), try) })
	return out
}

// named makes identifiers of what the database holds; none stay nil.
func named[T ~string](in []string) []T {
	if len(in) == 0 {
		return nil
	}
	out := make([]T, len(in))
	for i, s := range in {
		out[i] = T(s)
	}
	return out
}
