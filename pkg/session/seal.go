package session

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
)

// secret is what only a browser holds: 32 random bytes. It prints as redacted.
type secret [32]byte

func (secret) String() string   { return "(redacted)" }
func (secret) GoString() string { return "(redacted)" }

// digest is how a row is found by a secret, and from what no secret can be made.
type digest [sha256.Size]byte

func newSecret() secret {
	var s secret
	rand.Read(s[:]) // never fails: crypto/rand ends the process instead
	return s
}

func (s secret) digest() digest { return sha256.Sum256(s[:]) }

// text is how the secret stands in a cookie or a query.
func (s secret) text() string { return base64.RawURLEncoding.EncodeToString(s[:]) }

func readSecret(text string) (secret, bool) {
	var s secret
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != len(s) {
		return secret{}, false
	}
	return secret(raw), true
}

// sealer makes the key of what a row holds, from what the browser holds. What names the use: a seal of one use opens in
// no other.
func sealer(what string, held ...secret) (cipher.AEAD, error) {
	var together []byte
	for _, one := range held {
		together = append(together, one[:]...)
	}
	key, err := hkdf.Key(sha256.New, together, nil, "chancery session v1 "+what, 32)
	if err != nil {
		return nil, fmt.Errorf("session: key: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("session: key: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// seal closes v under what the browser holds.
func seal(what string, v any, held ...secret) ([]byte, error) {
	aead, err := sealer(what, held...)
	if err != nil {
		return nil, err
	}
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("session: seal: %w", err)
	}
	return aead.Seal(nil, nil, plain, []byte(what)), nil
}

var errSeal = errors.New("session: the seal of a row does not open")

func open(what string, sealed []byte, into any, held ...secret) error {
	aead, err := sealer(what, held...)
	if err != nil {
		return err
	}
	plain, err := aead.Open(nil, nil, sealed, []byte(what))
	if err != nil {
		return errSeal
	}
	if err := json.Unmarshal(plain, into); err != nil {
		return errSeal
	}
	return nil
}

// digestOf is of what an issuer names: it is found again, and not read.
func digestOf(issuer, name string) []byte {
	sum := sha256.Sum256([]byte(issuer + "\x00" + name))
	return sum[:]
}
