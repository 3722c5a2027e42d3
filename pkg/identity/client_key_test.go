package identity_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/identity"
)

// pkcs8 is a private key in PEM.
func pkcs8(t *testing.T, key crypto.Signer, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// The key of the pages' client is one that gives 128 bits of security, and its public half holds nothing else.
func TestTheKeyOfThePagesClientIsStrongAndShowsItsPublicHalfAlone(t *testing.T) {
	p256, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	strong := pkcs8(t, p256, err)
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	longer := pkcs8(t, p384, err)
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	other := pkcs8(t, edwards, err)
	long, err := rsa.GenerateKey(rand.Reader, 3072)
	rsaKey := pkcs8(t, long, err)
	for algorithm, text := range map[string]string{"ES256": strong, "ES384": longer, "EdDSA": other, "PS256": rsaKey} {
		key, err := identity.ReadClientKey([]byte(text))
		if err != nil {
			t.Errorf("%s: %v", algorithm, err)
			continue
		}
		public := key.Public()
		written, err := public.MarshalJSON()
		if err != nil || public.Algorithm != algorithm || public.KeyID == "" || !public.IsPublic() ||
			strings.Contains(string(written), `"d"`) {
			t.Errorf("%s: its public half is %s, %v", algorithm, written, err)
		}
	}
	short, err := rsa.GenerateKey(rand.Reader, 2048)
	weak := pkcs8(t, short, err)
	p224, err := ecdsa.GenerateKey(elliptic.P224(), rand.Reader)
	for says, text := range map[string]string{
		"at least 3072 bits": weak,
		"none of P-256":      pkcs8(t, p224, err),
		"PKCS #8":            "-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----\n",
		"damaged":            "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n",
		"more than one":      strong + longer,
	} {
		_, err := identity.ReadClientKey([]byte(text))
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
	if _, err := identity.ReadClientKey(nil); err == nil {
		t.Error("a key was read out of nothing")
	}
}
