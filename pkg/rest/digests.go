package rest

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"net/http"
	"strings"

	"chancery.example/gateway/pkg/invalid"
)

// digestFields are the integrity fields of RFC 9530. A body without a content coding has the same digest in both.
var digestFields = []string{"Content-Digest", "Repr-Digest"}

// digestsHold compares what a client says of its body with what came. Algorithms that are not known are left aside, as
// RFC 9530 has it.
func digestsHold(h http.Header, body []byte) error {
	for _, name := range digestFields {
		for said := range strings.SplitSeq(strings.Join(h.Values(name), ","), ",") {
			algorithm, value, _ := strings.Cut(strings.TrimSpace(said), "=")
			var sum []byte
			switch algorithm {
			case "sha-256":
				all := sha256.Sum256(body)
				sum = all[:]
			case "sha-512":
				all := sha512.Sum512(body)
				sum = all[:]
			default:
				continue
			}
			given, err := base64.StdEncoding.DecodeString(strings.Trim(value, ":"))
			if err != nil || !bytes.Equal(given, sum) {
				return fault(invalid.DigestDiffers, name)
			}
		}
	}
	return nil
}
