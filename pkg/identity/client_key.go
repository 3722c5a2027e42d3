package identity

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// assertionLives is how long an assertion serves: it is made for one call.
const assertionLives = time.Minute

// assertionType is what the token endpoint is told that the assertion is (RFC 7523 2.2).
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// ClientKey is a private key with which the pages' client authenticates at an issuer (private_key_jwt, OpenID Connect
// Core 9): the issuer keeps the public half, and nothing that could be used elsewhere is sent.
type ClientKey struct {
	signer jose.Signer
	public jose.JSONWebKey
}

// ReadClientKey reads one private key in PEM (PKCS #8): P-256, P-384, P-521, Ed25519, or RSA of at least 3,072 bits.
func ReadClientKey(text []byte) (*ClientKey, error) {
	block, rest := pem.Decode(text)
	if block == nil || block.Type != "PRIVATE KEY" {
		return nil, errors.New(`no "PRIVATE KEY" in PEM (PKCS #8) is there`)
	}
	if next, _ := pem.Decode(rest); next != nil {
		return nil, errors.New("more than one key is there")
	}
	private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("the private key is damaged")
	}
	algorithm, public, err := signingWith(private)
	if err != nil {
		return nil, err
	}
	k := &ClientKey{public: jose.JSONWebKey{Key: public, Algorithm: string(algorithm), Use: "sig"}}
	thumbprint, err := k.public.Thumbprint(crypto.SHA256) // RFC 7638
	if err != nil {
		return nil, err
	}
	k.public.KeyID = base64.RawURLEncoding.EncodeToString(thumbprint)
	k.signer, err = jose.NewSigner(
		jose.SigningKey{Algorithm: algorithm, Key: jose.JSONWebKey{Key: private, KeyID: k.public.KeyID}},
		(&jose.SignerOptions{}).WithType("JWT"))
	return k, err
}

func signingWith(private any) (jose.SignatureAlgorithm, crypto.PublicKey, error) {
	switch key := private.(type) {
	case *ecdsa.PrivateKey:
		algorithm, known := map[int]jose.SignatureAlgorithm{256: jose.ES256, 384: jose.ES384,
			521: jose.ES512}[key.Curve.Params().BitSize]
		if !known {
			return "", nil, errors.New("the curve of the key is none of P-256, P-384 and P-521")
		}
		return algorithm, key.Public(), nil
	case ed25519.PrivateKey:
		return jose.EdDSA, key.Public(), nil
	case *rsa.PrivateKey:
		if key.N.BitLen() < rsaBits {
			return "", nil, fmt.Errorf("an RSA key of at least %d bits is needed; this one has %d", rsaBits,
				key.N.BitLen())
		}
		return jose.PS256, key.Public(), nil
	}
	return "", nil, errors.New("a P-256, P-384, P-521, Ed25519 or RSA key is needed")
}

// Public is the public half as JSON Web Key, which the issuer is given.
func (k *ClientKey) Public() jose.JSONWebKey { return k.public }

// assert adds to form that it is the client who asks. Each assertion serves once, for that audience alone: it comes out
// of the configuration and not of what an issuer says of itself, so that no issuer gets one made for another.
func (k *ClientKey) assert(form url.Values, client, audience string, now time.Time) error {
	claims, err := json.Marshal(map[string]any{
		"iss": client,
		"sub": client,
		"aud": audience,
		"jti": rand.Text(),
		"iat": now.Unix(),
		"nbf": now.Unix(),
		"exp": now.Add(assertionLives).Unix(),
	})
	if err != nil {
		return err
	}
	signed, err := k.signer.Sign(claims)
	if err != nil {
		return err
	}
	compact, err := signed.CompactSerialize()
	form.Set("client_id", client)
	form.Set("client_assertion_type", assertionType)
	form.Set("client_assertion", compact)
	return err
}
