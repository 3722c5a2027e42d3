package ledger

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
)

// VerifyEvidence verifies a kept ID token (OpenID Connect Core 2) against the kept key of its issuer, without network: the
// signature, the issuer, and that the nonce is the digest of the text, base64url without padding. It gives the key's
// RFC 7638 thumbprint. Expiry does not matter any more. textSHA256 is in hexadecimal.
func VerifyEvidence(idToken string, jwk []byte, issuer, textSHA256 string) (thumbprint string, err error) {
	key, thumbprint, err := parseJWK(jwk)
	if err != nil {
		return "", fmt.Errorf("the kept key: %w", err)
	}
	claims, err := verifyJWS(idToken, key)
	if err != nil {
		return "", fmt.Errorf("the ID token: %w", err)
	}
	var said struct {
		Issuer string `json:"iss"`
		Nonce  string `json:"nonce"`
	}
	if err := json.Unmarshal(claims, &said); err != nil {
		return "", errors.New("the ID token: claims are no JSON object")
	}
	digest, err := hex.DecodeString(textSHA256)
	if err != nil || len(digest) != sha256.Size {
		return "", errors.New("no digest of the text")
	}
	if issuer == "" || said.Issuer != issuer {
		return "", fmt.Errorf("the ID token is of the issuer %q, not the signatory's", shorten(said.Issuer))
	}
	if said.Nonce != base64.RawURLEncoding.EncodeToString(digest) {
		return "", errors.New("the ID token was not made for this text: its nonce is another")
	}
	return thumbprint, nil
}
