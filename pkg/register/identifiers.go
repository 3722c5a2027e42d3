package register

import (
	"crypto/rand"
	"encoding/base32"
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
