package identity

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// algorithms are the signatures accepted: asymmetric ones only, so that no public key can pass for a secret
// (RFC 8725 3.1).
var algorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}

// smuggled are header parameters that let a token bring its own key, or ask for what we do not understand.
var smuggled = []string{"jku", "jwk", "x5u", "x5c", "crit", "b64", "zip"}

// token is a compact JWS, read but not verified. Its values choose keys and say why a token is refused; nothing of it
// is believed before the signature is checked.
type token struct {
	raw    string
	alg    string
	kid    string
	typ    string // lower case, without "application/"; empty when absent
	claims claims
}

// claims are the members of the payload, by exact name: encoding/json would take "ISS" for "iss".
type claims map[string]json.RawMessage

// readToken reads a compact JWS and refuses what no provider of ours would send.
func readToken(raw string) (*token, error) {
	if len(raw) > maxToken {
		return nil, refuse("token longer than %d bytes", maxToken)
	}
	parts := strings.Split(raw, ".")
	if len(parts) != 3 {
		return nil, refuse("not a signed JWT in compact form")
	}
	header, err := readPart(parts[0])
	if err != nil {
		return nil, refuse("header: %v", err)
	}
	t := &token{raw: raw}
	if err := t.readHeader(header); err != nil {
		return nil, err
	}
	if t.claims, err = readPart(parts[1]); err != nil {
		return nil, refuse("claims: %v", err)
	}
	if _, err := base64.RawURLEncoding.Strict().DecodeString(parts[2]); err != nil || parts[2] == "" {
		return nil, refuse("signature is not base64url")
	}
	return t, nil
}

func (t *token) readHeader(header claims) error {
	for _, name := range smuggled {
		if _, present := header[name]; present {
			return refuse("header parameter %q is not accepted", name)
		}
	}
	alg, ok := header.text("alg")
	if !ok || !slices.Contains(algorithms, alg) {
		return refuse("signature algorithm is not accepted")
	}
	kid, ok := header.text("kid")
	if !ok || kid == "" || len(kid) > 255 {
		return refuse("no usable key id")
	}
	typ, ok := header.text("typ")
	if _, present := header["typ"]; present && !ok {
		return refuse("token type is not a string")
	}
	// RFC 7515 4.1.9: the prefix may be left out; media types know no case.
	t.alg, t.kid, t.typ = alg, kid, strings.TrimPrefix(strings.ToLower(typ), "application/")
	return nil
}

// readPart decodes one part into its members.
func readPart(part string) (claims, error) {
	data, err := base64.RawURLEncoding.Strict().DecodeString(part)
	if err != nil {
		return nil, fmt.Errorf("not base64url")
	}
	return readObject(data)
}

// readObject reads one JSON object; a name that appears twice is refused (RFC 7519 4), lest two readers see two values.
func readObject(data []byte) (claims, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return nil, fmt.Errorf("not a JSON object")
	}
	members := claims{}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return nil, fmt.Errorf("not a JSON object")
		}
		key, isText := name.(string)
		if _, twice := members[key]; twice || !isText {
			return nil, fmt.Errorf("a name stands twice")
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, fmt.Errorf("not a JSON object")
		}
		members[key] = value
	}
	if _, err := dec.Token(); err != nil || len(bytes.TrimSpace(data[dec.InputOffset():])) > 0 {
		return nil, fmt.Errorf("not one JSON object")
	}
	return members, nil
}

// text is a member that is a string.
func (c claims) text(name string) (string, bool) {
	var s *string
	if raw, present := c[name]; !present || json.Unmarshal(raw, &s) != nil || s == nil {
		return "", false
	}
	return *s, true
}

// has reports whether there is such a member at all.
func (c claims) has(name string) bool {
	_, present := c[name]
	return present
}

// texts is a member that is a string or a list of strings; anything else is none.
func (c claims) texts(name string) []string {
	if one, ok := c.text(name); ok {
		return []string{one}
	}
	var many []string
	if raw, present := c[name]; !present || json.Unmarshal(raw, &many) != nil {
		return nil
	}
	return many
}

// instant is a member that is a NumericDate (RFC 7519 2): seconds since 1970, within the years 1970 to 9999.
func (c claims) instant(name string) (time.Time, bool) {
	var seconds *float64
	if raw, present := c[name]; !present || json.Unmarshal(raw, &seconds) != nil || seconds == nil {
		return time.Time{}, false
	}
	if *seconds <= 0 || *seconds > 253402300799 {
		return time.Time{}, false
	}
	whole, part := math.Modf(*seconds)
	return time.Unix(int64(whole), int64(part*1e9)).UTC(), true
}
