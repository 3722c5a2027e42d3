package devstack

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/go-jose/go-jose/v4"
)

// keyring holds an issuer's private keys, ECDSA on P-256; the first one signs.
type keyring struct {
	mu   sync.Mutex
	keys []jose.JSONWebKey
}

func newKeyring(kept []jose.JSONWebKey) (*keyring, error) {
	k := &keyring{keys: slices.Clone(kept)}
	for _, key := range kept {
		if _, ok := key.Key.(*ecdsa.PrivateKey); !ok {
			return nil, fmt.Errorf("kept key %s is not a private key on P-256", key.KeyID)
		}
	}
	if len(k.keys) > 0 {
		return k, nil
	}
	return k, k.rotate(false)
}

func (k *keyring) rotate(keepOld bool) error {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	fresh := []jose.JSONWebKey{{Key: private, KeyID: rand.Text()[:12], Algorithm: string(jose.ES256), Use: "sig"}}
	if keepOld {
		fresh = append(fresh, k.keys...)
	}
	k.keys = fresh
	return nil
}

func (k *keyring) private() []jose.JSONWebKey {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.keys)
}

func (k *keyring) public() jose.JSONWebKeySet {
	var set jose.JSONWebKeySet
	for _, key := range k.private() {
		set.Keys = append(set.Keys, key.Public())
	}
	return set
}

// sign makes a compact JWS of the claims under a header of that type.
func (k *keyring) sign(typ string, claims map[string]any) (string, error) {
	key := k.private()[0]
	options := (&jose.SignerOptions{}).WithType(jose.ContentType(typ))
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, options)
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}

// Sign signs any claims under any header with the issuer's key, for tests that attack a verifier. The
// header begins as {"alg":"ES256","kid":the key's,"typ":"at+jwt"}; header adds to it or, with a nil
// value, takes away. An alg of "none" leaves the signature empty, "HS256" uses the public key in PEM
// as the secret, as the attack of that name does; any other alg, or none at all, is signed as ES256
// whatever the header says.
func (s *Issuers) Sign(issuer string, header, claims map[string]any) (string, error) {
	p, err := s.provider(issuer)
	if err != nil {
		return "", err
	}
	key := p.keys.private()[0]
	full := map[string]any{"alg": "ES256", "kid": key.KeyID, "typ": "at+jwt"}
	maps.Copy(full, header)
	maps.DeleteFunc(full, func(_ string, v any) bool { return v == nil })
	head, err := json.Marshal(full)
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	input := base64url(head) + "." + base64url(body)
	alg, _ := full["alg"].(string)
	signature, err := rawSignature(alg, key.Key.(*ecdsa.PrivateKey), input)
	if err != nil {
		return "", err
	}
	return input + "." + base64url(signature), nil
}

func rawSignature(alg string, key *ecdsa.PrivateKey, input string) ([]byte, error) {
	digest := sha256.Sum256([]byte(input))
	switch alg {
	case "none":
		return nil, nil
	case "HS256":
		der, err := x509.MarshalPKIXPublicKey(key.Public())
		if err != nil {
			return nil, err
		}
		mac := hmac.New(sha256.New, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
		mac.Write([]byte(input))
		return mac.Sum(nil), nil
	}
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		return nil, err
	}
	// RFC 7518 3.4: R and S, 32 octets each.
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return signature, nil
}

func base64url(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
