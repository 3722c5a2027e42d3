package label_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/label"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"
)

func keys(t testing.TB, name string) (note.Signer, note.Verifier) {
	t.Helper()
	secret, public, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	return signer, verifier
}

var sample = label.Label{
	CopyNumber:   "7F3K-22QX-9V",
	Marking:      "confidential",
	Alias:        "WCO – DIFFUSION RESTREINTE <internal> & more",
	Discloser:    "World Customs Organization",
	Recipient:    "United Nations Office of Counter-Terrorism",
	Person:       "per_5f2k9q1x7m3t",
	Purpose:      "art2.a Mutual exchange",
	Reference:    "WCO-8841",
	Disclosure:   "dis_1",
	Date:         time.Date(2026, 11, 23, 9, 0, 0, 123456000, time.UTC),
	Notice:       "Further use or disclosure needs the Discloser's consent, Article 4(8)",
	Original:     strings.Repeat("0a", 32),
	OriginalSize: 1234,
	Copy:         strings.Repeat("0b", 32),
	GivenTo:      "Legal Affairs",
	PurposeWords: "To prepare the unit for maritime data",
	Authority:    "authorization of 21 November 2026",
	Paragraph:    "4(4)",
	Proprietary:  true,
	Handling:     "Not to be copied",
	Conditions:   "Destroy after reading",
}

func TestALabelOpensWithItsKeyOnly(t *testing.T) {
	signer, verifier := keys(t, "gateway.example")
	_, other := keys(t, "gateway.example")
	file, err := label.Sign(signer, sample)
	if err != nil {
		t.Fatal(err)
	}
	got, err := label.Open(file, verifier)
	want := sample
	want.Format = "chancery-label-v1"
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if _, err := label.Open(file, other); !errors.Is(err, label.ErrInvalid) {
		t.Errorf("another key: %v", err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, file); err != nil {
		t.Fatal(err)
	}
	if _, err := label.Open(compact.Bytes(), verifier); err != nil {
		t.Errorf("without its space: %v", err)
	}
}

func TestAnAlteredLabelDoesNotOpen(t *testing.T) {
	signer, verifier := keys(t, "gateway.example")
	file, err := label.Sign(signer, sample)
	if err != nil {
		t.Fatal(err)
	}
	for name, altered := range map[string]string{
		"number":           strings.Replace(string(file), "7F3K", "7F3L", 1),
		"marking":          strings.Replace(string(file), `\"confidential\"`, `\"non-confidential\"`, 1),
		"a field":          strings.Replace(string(file), `\"copy_number\"`, `\"x\":1,\"copy_number\"`, 1),
		"a space":          strings.Replace(string(file), `\"copy_number\":`, `\"copy_number\": `, 1),
		"a field outside":  strings.Replace(string(file), `"key"`, `"x": 1, "key"`, 1),
		"something behind": string(file) + "{}",
		"cut":              string(file[:len(file)-2]),
		"empty":            "",
		"null":             "null",
		"array":            "[]",
		"too long":         string(file) + strings.Repeat(" ", 1<<20),
	} {
		if _, err := label.Open([]byte(altered), verifier); !errors.Is(err, label.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What the key signs elsewhere, such as checkpoints, must not pass for a label, nor a label for a checkpoint.
func TestALabelIsSignedApartFromAllElse(t *testing.T) {
	signer, verifier := keys(t, "gateway.example")
	file, err := label.Sign(signer, sample)
	if err != nil {
		t.Fatal(err)
	}
	var parts struct {
		Label     json.RawMessage
		Signature []byte
	}
	if err := json.Unmarshal(file, &parts); err != nil {
		t.Fatal(err)
	}
	var payload bytes.Buffer
	if err := json.Compact(&payload, parts.Label); err != nil {
		t.Fatal(err)
	}
	if verifier.Verify(payload.Bytes(), parts.Signature) ||
		verifier.Verify(append(payload.Bytes(), '\n'), parts.Signature) {
		t.Error("the signature is over the bare label")
	}
}

func TestALabelThatSaysTooLittleIsNotSigned(t *testing.T) {
	signer, _ := keys(t, "gateway.example")
	for name, change := range map[string]func(*label.Label){
		"number":   func(l *label.Label) { l.CopyNumber = "" },
		"marking":  func(l *label.Label) { l.Marking = "" },
		"original": func(l *label.Label) { l.Original = "" },
		"digest":   func(l *label.Label) { l.Copy = "ABC" },
		"length":   func(l *label.Label) { l.Purpose = strings.Repeat("x", 1<<20) },
	} {
		l := sample
		change(&l)
		if _, err := label.Sign(signer, l); err == nil {
			t.Errorf("%s: signed", name)
		}
	}
}

func FuzzOpen(f *testing.F) {
	signer, verifier := keys(f, "gateway.example")
	file, err := label.Sign(signer, sample)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(file)
	f.Add([]byte(`{"label":{},"key":"gateway.example+00000000","signature":""}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		l, err := label.Open(in, verifier)
		if err == nil && l.CopyNumber != sample.CopyNumber {
			t.Errorf("opened another label: %+v", l)
		}
	})
}
