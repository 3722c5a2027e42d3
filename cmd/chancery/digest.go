package main

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
)

// digestOf reads to the end: the SHA-256 of what was read, in hex, and how many bytes it was.
func digestOf(r io.Reader) (digest string, size int64, err error) {
	sum := sha256.New()
	size, err = io.Copy(sum, r)
	if err != nil {
		return "", 0, err
	}
	return hex.EncodeToString(sum.Sum(nil)), size, nil
}
