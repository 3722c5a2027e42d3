package ledger_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/ledger"
)

var b64 = base64.RawURLEncoding

// signed makes a compact JWS with this algorithm.
func signed(t testing.TB, key crypto.Signer, alg, payload string) string {
	t.Helper()
	text := b64.EncodeToString([]byte(`{"alg":"`+alg+`"}`)) + "." + b64.EncodeToString([]byte(payload))
	hash := map[string]crypto.Hash{"256": crypto.SHA256, "384": crypto.SHA384,
		"512": crypto.SHA512}[alg[min(2, len(alg)):]]
	sum := []byte(text)
	if hash != 0 {
		h := hash.New()
		h.Write(sum)
		sum = h.Sum(nil)
	}
	var options crypto.SignerOpts = hash
	if strings.HasPrefix(alg, "PS") {
		options = &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: hash}
	}
	var signature []byte
	var err error
	if ec, ok := key.(*ecdsa.PrivateKey); ok {
		r, s, e := ecdsa.Sign(rand.Reader, ec, sum)
		size := (ec.Curve.Params().BitSize + 7) / 8
		signature, err = append(r.FillBytes(make([]byte, size)), s.FillBytes(make([]byte, size))...), e
	} else {
		signature, err = key.Sign(rand.Reader, sum, options)
	}
	must(t, err)
	return text + "." + b64.EncodeToString(signature)
}

func rsaJWK(key *rsa.PublicKey) string {
	return fmt.Sprintf(`{"kty":"RSA","n":"%s","e":"%s"}`, b64.EncodeToString(key.N.Bytes()),
		b64.EncodeToString(big.NewInt(int64(key.E)).Bytes()))
}

func ecJWK(t testing.TB, key *ecdsa.PublicKey) string {
	t.Helper()
	point, err := key.Bytes()
	must(t, err)
	half := len(point) / 2
	return fmt.Sprintf(`{"kty":"EC","crv":"%s","x":"%s","y":"%s"}`, key.Curve.Params().Name,
		b64.EncodeToString(point[1:1+half]), b64.EncodeToString(point[1+half:]))
}

func TestEvidenceOfEveryAlgorithmVerifiesAndNoOther(t *testing.T) {
	text := digest("the text")
	raw, err := hex.DecodeString(text)
	must(t, err)
	claims := fmt.Sprintf(`{"iss":%q,"nonce":%q}`, issuer, b64.EncodeToString(raw))
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	must(t, err)
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	type pair struct {
		alg, jwk string
		key      crypto.Signer
	}
	pairs := []pair{{"EdDSA", jwkOf(ed), ed}}
	for _, alg := range []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"} {
		pairs = append(pairs, pair{alg, rsaJWK(&rsaKey.PublicKey), rsaKey})
	}
	for alg, curve := range map[string]elliptic.Curve{"ES256": elliptic.P256(), "ES384": elliptic.P384(),
		"ES512": elliptic.P521()} {
		key, err := ecdsa.GenerateKey(curve, rand.Reader)
		must(t, err)
		pairs = append(pairs, pair{alg, ecJWK(t, &key.PublicKey), key})
	}
	for _, p := range pairs {
		token := signed(t, p.key, p.alg, claims)
		thumbprint, err := ledger.VerifyEvidence(token, []byte(p.jwk), issuer, text)
		if want, e := ledger.Thumbprint([]byte(p.jwk)); err != nil || e != nil || thumbprint != want ||
			len(thumbprint) != 43 {
			t.Errorf("%s: %q, %v, %v", p.alg, thumbprint, err, e)
		}
		for _, wrong := range pairs {
			if wrong.alg == p.alg {
				continue
			}
			head := b64.EncodeToString([]byte(`{"alg":"` + wrong.alg + `"}`))
			if _, err := ledger.VerifyEvidence(head+token[strings.Index(token, "."):], []byte(p.jwk), issuer,
				text); err == nil {
				t.Errorf("%s passes as %s", p.alg, wrong.alg)
			}
		}
	}
	good := pairs[1]
	token := signed(t, good.key, "RS256", claims)
	for says, bad := range map[string][4]string{
		"no JSON Web Key":         {token, "x", issuer, text},
		"a key of type":           {token, `{"kty":"oct","k":"AAAA"}`, issuer, text},
		"no usable RSA key":       {token, `{"kty":"RSA","n":"AQAB","e":"AQAB"}`, issuer, text},
		"no usable key of a NIST": {token, `{"kty":"EC","crv":"P-224","x":"AA","y":"AA"}`, issuer, text},
		"no point of its curve": {token,
			`{"kty":"EC","crv":"P-256","x":"` + strings.Repeat("A", 43) + `","y":"` + strings.Repeat("A", 43) + `"}`,
			issuer, text},
		"no usable Ed25519 key": {token, `{"kty":"OKP","crv":"X25519","x":"AA"}`, issuer, text},
		"no compact JWS":        {token + ".x", good.jwk, issuer, text},
		"not in base64url":      {token + "=", good.jwk, issuer, text},
		"no header that is understood": {b64.EncodeToString([]byte(`{"alg":"RS256","crit":["x"]}`)) +
			token[strings.Index(token, "."):], good.jwk, issuer, text},
		"is not by the kept key":    {token, rsaJWK(&other.PublicKey), issuer, text},
		"claims are no JSON object": {signed(t, good.key, "RS256", "[]"), good.jwk, issuer, text},
		"no digest of the text":     {token, good.jwk, issuer, "abc"},
		"of the issuer":             {token, good.jwk, "https://other", text},
		"its nonce is another":      {token, good.jwk, issuer, digest("another text")},
	} {
		_, err := ledger.VerifyEvidence(bad[0], []byte(bad[1]), bad[2], bad[3])
		refused(t, err, says)
	}
	none := b64.EncodeToString([]byte(`{"alg":"none"}`)) + "." + b64.EncodeToString([]byte(claims)) + "."
	if _, err := ledger.VerifyEvidence(none, []byte(good.jwk), issuer, text); err == nil {
		t.Error("alg none passes")
	}
}

// One sign-in gives several texts: its nonce is the digest of the list of theirs, and each text is among them.
func TestEvidenceOfTextsGivenTogetherIsForThoseAndNoOthers(t *testing.T) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	must(t, err)
	jwk, texts := []byte(jwkOf(key)), []string{digest("one"), digest("two")}
	raw, err := hex.DecodeString(digest(ledger.Together(texts)))
	must(t, err)
	token := signed(t, key, "EdDSA", fmt.Sprintf(`{"iss":%q,"nonce":%q}`, issuer, b64.EncodeToString(raw)))
	evidence := token + "\n" + strings.Join(texts, "\n")
	for _, text := range texts {
		_, err := ledger.VerifyEvidence(evidence, jwk, issuer, text)
		must(t, err)
	}
	many := token + strings.Repeat("\n"+texts[0], 51)
	for says, bad := range map[string][2]string{
		"none of those given together": {evidence, digest("three")},
		"it is none of those":          {many, texts[0]},
		"its nonce is another":         {token + "\n" + texts[0], texts[0]},
		"nonce is another":             {token + "\n" + texts[1] + "\n" + texts[0], texts[0]},
		"for this text: its nonce":     {token, texts[0]},
	} {
		_, err := ledger.VerifyEvidence(bad[0], jwk, issuer, bad[1])
		refused(t, err, says)
	}
}
