package exchange

import (
	"crypto/sha256"
	"encoding/hex"
	"hash"

	"chancery.example/gateway/pkg/article4"
)

// digestOf is the SHA-256 of a text.
func digestOf(text string) article4.Digest {
	sum := sha256.Sum256([]byte(text))
	return article4.Digest(hex.EncodeToString(sum[:]))
}

// validDigest reports whether d is 64 lower-case hexadecimal characters.
func validDigest(d article4.Digest) bool {
	raw, err := hex.DecodeString(string(d))
	return err == nil && len(raw) == sha256.Size && hex.EncodeToString(raw) == string(d)
}

// sum is what a hash has come to.
func sum(h hash.Hash) article4.Digest { return article4.Digest(hex.EncodeToString(h.Sum(nil))) }

// texts turns identifiers or codes into plain strings for an entry.
func texts[T ~string](in []T) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = string(s)
	}
	return out
}
