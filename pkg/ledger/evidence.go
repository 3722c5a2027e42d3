package ledger

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// VerifyEvidence verifies a kept ID token (OpenID Connect Core 2) against the kept key of its issuer, without network:
// the signature, the issuer, and that the nonce is the digest of the text, base64url without padding. It gives the
// key's RFC 7638 thumbprint. Expiry does not matter any more. textSHA256 is in hexadecimal.
func VerifyEvidence(idToken string, jwk []byte, issuer, textSHA256 string) (thumbprint string, err error) {
	said, err := verifyEvidence(idToken, jwk, issuer, textSHA256)
	return said.thumbprint, err
}

// maxTogether is how many texts one sign-in may give.
const maxTogether = 50

// Together is the text whose digest is the nonce where one sign-in gives several texts, by their digests in
// hexadecimal.
func Together(texts []string) string {
	return "CHANCERY DECISIONS, texts given together, version 1\n" + strings.Join(texts, "\n") + "\n"
}

// EvidenceOf takes kept evidence apart. It is an ID token, whose nonce is the digest of the text; or an ID token and,
// on lines of their own, the digests of all texts that it gives, whose nonce is the digest of what Together makes of
// them. It gives the token, and the digest, in hexadecimal, that its nonce has to be of for this text.
func EvidenceOf(evidence, textSHA256 string) (idToken, digest string, err error) {
	idToken, rest, several := strings.Cut(evidence, "\n")
	if !several {
		return idToken, textSHA256, nil
	}
	texts := strings.Split(rest, "\n")
	if len(texts) > maxTogether || !slices.Contains(texts, textSHA256) {
		return "", "", errors.New("the ID token was not made for this text: it is none of those given together")
	}
	return idToken, digestOf(Together(texts)), nil
}

// claims are what an ID token says (OpenID Connect Core 2), with the key that signed it.
type claims struct {
	Issuer     string          `json:"iss"`
	Subject    string          `json:"sub"`
	Nonce      string          `json:"nonce"`
	Audience   json.RawMessage `json:"aud"` // one text, or several
	Issued     int64           `json:"iat"`
	AuthTime   int64           `json:"auth_time"`
	audience   []string
	thumbprint string
}

func verifyEvidence(evidence string, jwk []byte, issuer, textSHA256 string) (claims, error) {
	idToken, wanted, err := EvidenceOf(evidence, textSHA256)
	if err != nil {
		return claims{}, err
	}
	key, thumbprint, err := parseJWK(jwk)
	if err != nil {
		return claims{}, fmt.Errorf("the kept key: %w", err)
	}
	payload, err := verifyJWS(idToken, key)
	if err != nil {
		return claims{}, fmt.Errorf("the ID token: %w", err)
	}
	said := claims{thumbprint: thumbprint}
	if err := json.Unmarshal(payload, &said); err != nil {
		return claims{}, errors.New("the ID token: claims are no JSON object")
	}
	if said.audience, err = audienceOf(said.Audience); err != nil {
		return claims{}, fmt.Errorf("the ID token: %w", err)
	}
	digest, err := hex.DecodeString(wanted)
	if err != nil || len(digest) != sha256.Size {
		return claims{}, errors.New("no digest of the text")
	}
	if issuer == "" || said.Issuer != issuer {
		return claims{}, fmt.Errorf("the ID token is of the issuer %q, not the signatory's", shorten(said.Issuer))
	}
	if said.Nonce != base64.RawURLEncoding.EncodeToString(digest) {
		return claims{}, errors.New("the ID token was not made for this text: its nonce is another")
	}
	return said, nil
}

// audienceOf reads for whom an ID token was made: one text, several, or nobody.
func audienceOf(said json.RawMessage) ([]string, error) {
	if one := ""; json.Unmarshal(said, &one) == nil {
		return []string{one}, nil
	}
	var several []string
	if err := json.Unmarshal(said, &several); err != nil && said != nil {
		return nil, errors.New("its audience is neither a text nor a list of texts")
	}
	return several, nil
}

// Thumbprint names a public key of an identity provider, a JSON Web Key, as RFC 7638 does.
func Thumbprint(jwk []byte) (string, error) {
	_, thumbprint, err := parseJWK(jwk)
	return thumbprint, err
}

// jwk is a public key as identity providers publish it (RFC 7517), in the members that matter here.
type jwk struct{ Kty, Crv, N, E, X, Y string }

// parseJWK reads a public key (RFC 7517, 7518, 8037) and makes its thumbprint (RFC 7638).
func parseJWK(data []byte) (crypto.PublicKey, string, error) {
	var j jwk
	if err := json.Unmarshal(data, &j); err != nil {
		return nil, "", errors.New("no JSON Web Key")
	}
	switch j.Kty {
	case "RSA":
		return j.rsa()
	case "EC":
		return j.ec()
	case "OKP":
		return j.okp()
	}
	return nil, "", fmt.Errorf("a key of type %q", shorten(j.Kty))
}

func (j jwk) rsa() (crypto.PublicKey, string, error) {
	n, errN := number(j.N)
	e, errE := number(j.E)
	if errN != nil || errE != nil || !e.IsInt64() || e.Int64() < 3 || e.Int64() > 1<<31-1 || n.BitLen() < 2048 ||
		n.BitLen() > 16384 {
		return nil, "", errors.New("no usable RSA key")
	}
	return &rsa.PublicKey{N: n, E: int(e.Int64())}, thumb(`{"e":"%s","kty":"RSA","n":"%s"}`, j.E, j.N), nil
}

func (j jwk) ec() (crypto.PublicKey, string, error) {
	c, ok := curves[j.Crv]
	x, errX := bytesOf(j.X, c.size)
	y, errY := bytesOf(j.Y, c.size)
	if !ok || errX != nil || errY != nil {
		return nil, "", errors.New("no usable key of a NIST curve")
	}
	key, err := ecdsa.ParseUncompressedPublicKey(c.curve, slices.Concat([]byte{4}, x, y))
	if err != nil {
		return nil, "", errors.New("no point of its curve")
	}
	return key, thumb(`{"crv":"%s","kty":"EC","x":"%s","y":"%s"}`, j.Crv, j.X, j.Y), nil
}

func (j jwk) okp() (crypto.PublicKey, string, error) {
	x, err := bytesOf(j.X, ed25519.PublicKeySize)
	if err != nil || j.Crv != "Ed25519" {
		return nil, "", errors.New("no usable Ed25519 key")
	}
	return ed25519.PublicKey(x), thumb(`{"crv":"Ed25519","kty":"OKP","x":"%s"}`, j.X), nil
}

// curves are those of RFC 7518 3.4, each with the one algorithm and the bytes of a coordinate.
var curves = map[string]struct {
	curve elliptic.Curve
	alg   string
	size  int
}{"P-256": {elliptic.P256(), "ES256", 32}, "P-384": {elliptic.P384(), "ES384", 48},
	"P-521": {elliptic.P521(), "ES512", 66}}

func number(s string) (*big.Int, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	return new(big.Int).SetBytes(raw), err
}

func bytesOf(s string, size int) ([]byte, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(raw) != size {
		return nil, errors.New("wrong size")
	}
	return raw, nil
}

func thumb(format string, values ...any) string {
	sum := sha256.Sum256(fmt.Appendf(nil, format, values...))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// verifyJWS checks a compact JWS (RFC 7515) and gives its payload. The algorithm is the one of the key's type; "none"
// and symmetric ones do not exist here.
func verifyJWS(token string, key crypto.PublicKey) ([]byte, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return nil, errors.New("no compact JWS")
	}
	var raw [3][]byte
	for i, part := range parts {
		var err error
		if raw[i], err = base64.RawURLEncoding.Strict().DecodeString(part); err != nil {
			return nil, errors.New("not in base64url")
		}
	}
	var head struct {
		Alg  string   `json:"alg"`
		Crit []string `json:"crit"`
	}
	if err := json.Unmarshal(raw[0], &head); err != nil || len(head.Crit) > 0 {
		return nil, errors.New("no header that is understood")
	}
	if !verifySignature(head.Alg, key, []byte(parts[0]+"."+parts[1]), raw[2]) {
		return nil, fmt.Errorf("the signature (%s) is not by the kept key", shorten(head.Alg))
	}
	return raw[1], nil
}

func verifySignature(alg string, key crypto.PublicKey, signed, signature []byte) bool {
	switch key := key.(type) {
	case *rsa.PublicKey:
		hash, sum := digestFor(alg, signed)
		switch {
		case hash == 0:
			return false
		case strings.HasPrefix(alg, "PS"):
			return rsa.VerifyPSS(key, hash, sum, signature, nil) == nil
		}
		return rsa.VerifyPKCS1v15(key, hash, sum, signature) == nil
	case *ecdsa.PublicKey:
		c := curves[key.Curve.Params().Name]
		if alg != c.alg || len(signature) != 2*c.size {
			return false
		}
		_, sum := digestFor("RS"+alg[2:], signed)
		return ecdsa.Verify(key, sum, new(big.Int).SetBytes(signature[:c.size]),
			new(big.Int).SetBytes(signature[c.size:]))
	}
	okp, ok := key.(ed25519.PublicKey)
	return ok && alg == "EdDSA" && ed25519.Verify(okp, signed, signature)
}

// digestFor hashes for an RSA algorithm of RFC 7518 3.3 and 3.5; 0 for any other. Those of 3.4 hash alike.
func digestFor(alg string, signed []byte) (crypto.Hash, []byte) {
	switch alg {
	case "RS256", "PS256":
		sum := sha256.Sum256(signed)
		return crypto.SHA256, sum[:]
	case "RS384", "PS384":
		sum := sha512.Sum384(signed)
		return crypto.SHA384, sum[:]
	case "RS512", "PS512":
		sum := sha512.Sum512(signed)
		return crypto.SHA512, sum[:]
	}
	return 0, nil
}
