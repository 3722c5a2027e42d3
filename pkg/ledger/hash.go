package ledger

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"io"
)

// NonceSize and SaltSize are the bytes of chance that close a leaf and a commitment.
const (
	NonceSize = 32
	SaltSize  = 16
)

// Hash is a SHA-256; the zero value means "none". Bodies name other entries by the String of their body's hash.
type Hash [sha256.Size]byte

// String is the lower-case hexadecimal of h, 64 characters.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// ParseHash reads what String wrote; capitals are refused.
func ParseHash(s string) (Hash, error) {
	var h Hash
	if len(s) != hex.EncodedLen(len(h)) {
		return Hash{}, fmt.Errorf("hash %q is not 64 characters", shorten(s))
	}
	for i := range h {
		high, low := nibble(s[2*i]), nibble(s[2*i+1])
		if high > 15 || low > 15 {
			return Hash{}, fmt.Errorf("hash %q is not lower-case hexadecimal", s)
		}
		h[i] = high<<4 | low
	}
	return h, nil
}

// nibble is the value of a lower-case hexadecimal digit, or more than 15.
func nibble(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c >= 'a' && c <= 'f':
		return c - 'a' + 10
	}
	return 255
}

func shorten(s string) string {
	if len(s) > 80 {
		return s[:80] + "…"
	}
	return s
}

// BodyHash is the hash by which an encoded body is named.
func BodyHash(body []byte) Hash { return sha256.Sum256(body) }

func digestOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// NewNonce is fresh chance to close one leaf with.
func NewNonce() ([]byte, error) { return random(NonceSize) }

// Close is what a leaf shows of a body: SHA-256(nonce ‖ body). The nonce has NonceSize bytes.
func Close(nonce, body []byte) (Hash, error) {
	if len(nonce) != NonceSize {
		return Hash{}, fmt.Errorf("nonce of %d bytes, not %d", len(nonce), NonceSize)
	}
	return salted(nonce, body), nil
}

// Commit hides a private value behind a salted hash: SHA-256(salt ‖ value), in hexadecimal, with a fresh salt of
// SaltSize.
func Commit(value string) (commitment string, salt []byte, err error) {
	salt, err = random(SaltSize)
	if err != nil {
		return "", nil, err
	}
	return salted(salt, []byte(value)).String(), salt, nil
}

// CheckCommitment reports whether commitment hides value with this salt.
func CheckCommitment(commitment, value string, salt []byte) bool {
	if len(salt) != SaltSize {
		return false
	}
	return subtle.ConstantTimeCompare([]byte(salted(salt, []byte(value)).String()), []byte(commitment)) == 1
}

func salted(salt, value []byte) (sum Hash) {
	h := sha256.New()
	h.Write(salt)
	h.Write(value)
	h.Sum(sum[:0])
	return sum
}

func random(n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(rand.Reader, b); err != nil {
		return nil, fmt.Errorf("random bytes: %w", err)
	}
	return b, nil
}
