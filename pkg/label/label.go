// Package label makes and reads the signed label of what was handed out: JSON that says what a copy is, to whom it
// was given, for what and under which number. It links the standard library alone, so that whoever holds a file and
// its label can check them with nothing else (Article 4(9)).
package label

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"time"
)

const (
	labelFormat = "chancery-label-v1"
	// MaxSize is how long a label's file is at most, in bytes.
	MaxSize = 40 << 10
)

// Label says what a copy is, signed by the gateway. It is bound to the original by Original, and to what was handed
// out by Copy. A file that carries its own label cannot hold its own digest, so that label has none; the one that is
// handed out beside the file has.
type Label struct {
	Format       string    `json:"format"` // set by Sign
	CopyNumber   string    `json:"copy_number"`
	Marking      string    `json:"marking"`
	Alias        string    `json:"alias,omitempty"` // the Party's own word for the marking
	Discloser    string    `json:"discloser"`
	Recipient    string    `json:"recipient"`
	Person       string    `json:"person,omitempty"`
	Purpose      string    `json:"purpose"` // its code
	Reference    string    `json:"reference,omitempty"`
	Disclosure   string    `json:"disclosure,omitempty"` // "dis_…"
	Date         time.Time `json:"date"`
	Notice       string    `json:"notice,omitempty"`
	Original     string    `json:"original_sha256"` // lower-case hexadecimal
	OriginalSize int64     `json:"original_size"`   // bytes
	Copy         string    `json:"copy_sha256,omitempty"`

	GivenTo      string `json:"given_to,omitempty"`      // what Recipient is, or who there; no name of a person
	PurposeWords string `json:"purpose_words,omitempty"` // the purpose in words
	Authority    string `json:"authority,omitempty"`     // by what it was given
	Paragraph    string `json:"paragraph,omitempty"`     // of the Arrangement, on which that rests: "4(4)", "4(8)"
	Proprietary  bool   `json:"proprietary,omitempty"`   // Article 4(5)
	Handling     string `json:"handling,omitempty"`      // the Discloser's instruction, whole
	Conditions   string `json:"conditions,omitempty"`    // to which the reader agreed, whole
}

// Signer is a named Ed25519 key, such as golang.org/x/mod/sumdb/note makes.
type Signer interface {
	Name() string
	KeyHash() uint32
	Sign(message []byte) ([]byte, error)
}

// Verifier is the public half.
type Verifier interface {
	Name() string
	KeyHash() uint32
	Verify(message, signature []byte) bool
}

// ErrInvalid: not a label, or not one of this key.
var ErrInvalid = errors.New("not a label of this key")

// signedLabel is the file. The label is one string that holds JSON, and the signature is over exactly that string:
// whoever checks it has nothing to bring into a canonical form.
type signedLabel struct {
	Label     string `json:"label"`
	Key       string `json:"key"` // name+hash
	Signature string `json:"signature"`
}

// Sign gives the label's file in JSON. It refuses a label without copy number, marking, or the digest of the original.
func Sign(key Signer, l Label) ([]byte, error) {
	l.Format = labelFormat
	l.Date = l.Date.UTC().Truncate(time.Microsecond)
	if err := l.check(); err != nil {
		return nil, fmt.Errorf("label of copy %s: %w", l.CopyNumber, err)
	}
	payload, err := json.Marshal(l)
	if err != nil {
		return nil, fmt.Errorf("label of copy %s: %w", l.CopyNumber, err)
	}
	signature, err := key.Sign(labelMessage(payload))
	if err != nil {
		return nil, fmt.Errorf("label of copy %s: sign: %w", l.CopyNumber, err)
	}
	file, err := json.MarshalIndent(signedLabel{Label: string(payload), Key: keyName(key),
		Signature: base64.StdEncoding.EncodeToString(signature)},
		"", "  ")
	if err != nil {
		return nil, fmt.Errorf("label of copy %s: %w", l.CopyNumber, err)
	}
	if len(file) > MaxSize {
		return nil, fmt.Errorf("label of copy %s: %d bytes, more than %d", l.CopyNumber, len(file), MaxSize)
	}
	return file, nil
}

// Open verifies a label's file, as found beside or inside a copy. Space between the tokens of the file may have
// changed, and nothing of the label. Errors: ErrInvalid.
func Open(file []byte, key Verifier) (Label, error) {
	s, l, err := read(file)
	if err != nil {
		return Label{}, err
	}
	signature, err := base64.StdEncoding.DecodeString(s.Signature)
	if err != nil || s.Key != keyName(key) {
		return Label{}, fmt.Errorf("%w: signed by %.80q", ErrInvalid, s.Key)
	}
	if !key.Verify(labelMessage([]byte(s.Label)), signature) {
		return Label{}, fmt.Errorf("%w: its signature is not valid", ErrInvalid)
	}
	return l, nil
}

// Unverified reads what a label says, and proves nothing of it. Errors: ErrInvalid.
func Unverified(file []byte) (Label, error) {
	_, l, err := read(file)
	return l, err
}

func read(file []byte) (signedLabel, Label, error) {
	var s signedLabel
	if err := strictJSON(file, &s); err != nil {
		return s, Label{}, err
	}
	var l Label
	if err := strictJSON([]byte(s.Label), &l); err != nil {
		return s, Label{}, err
	}
	if err := l.check(); err != nil {
		return s, Label{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return s, l, nil
}

// labelMessage sets what is signed apart from checkpoints and all else that the key may sign.
func labelMessage(payload []byte) []byte {
	return append(append([]byte(labelFormat+"\n"), payload...), '\n')
}

func keyName(key interface {
	Name() string
	KeyHash() uint32
}) string {
	return fmt.Sprintf("%s+%08x", key.Name(), key.KeyHash())
}

var sha256Hex = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (l Label) check() error {
	switch {
	case l.Format != labelFormat:
		return fmt.Errorf("format %.40q is not known", l.Format)
	case l.CopyNumber == "":
		return errors.New("no copy number")
	case l.Marking == "":
		return errors.New("no marking")
	case !sha256Hex.MatchString(l.Original):
		return errors.New("no SHA-256 of the original")
	case l.Copy != "" && !sha256Hex.MatchString(l.Copy):
		return errors.New("the SHA-256 of the copy is malformed")
	}
	return nil
}

// strictJSON reads one value without unknown fields.
func strictJSON(text []byte, v any) error {
	if len(text) > MaxSize {
		return fmt.Errorf("%w: %d bytes", ErrInvalid, len(text))
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("%w: something follows it", ErrInvalid)
	}
	return nil
}

// Original reads the digest of the original from a label that is not verified; empty when there is none.
func Original(file []byte) string {
	var s struct{ Label string }
	var l Label
	if json.Unmarshal(file, &s) != nil || json.Unmarshal([]byte(s.Label), &l) != nil ||
		!sha256Hex.MatchString(l.Original) {
		return ""
	}
	return l.Original
}
