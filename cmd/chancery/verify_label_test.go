package main

import (
	"archive/zip"
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/label"
)

// packet is what somebody was given: files, labels, and the gateway's key.
type packet struct {
	t      *testing.T
	dir    string
	signer note.Signer
	key    string
}

func newPacket(t *testing.T) packet {
	t.Helper()
	p := packet{t: t, dir: t.TempDir()}
	secret, public, err := note.GenerateKey(rand.Reader, "gateway.example/log")
	must(t, err)
	p.signer, err = note.NewSigner(secret)
	must(t, err)
	p.key = p.put("key.pub", []byte(public+"\n"))
	return p
}

func (p packet) put(name string, content []byte) string {
	p.t.Helper()
	path := filepath.Join(p.dir, name)
	must(p.t, os.WriteFile(path, content, 0o600))
	return path
}

// labelOf is the label of what was handed out of an original; an embedded one knows no digest of the copy.
func (p packet) labelOf(original, handedOut []byte) []byte {
	p.t.Helper()
	l := label.Label{
		CopyNumber:   "C-7F3K2-2QX9V4",
		Marking:      "confidential",
		Discloser:    "World Customs Organization",
		Recipient:    "UNOCT \x1b[31m",
		Person:       "per_1",
		Purpose:      "art2.e",
		Date:         time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC),
		Original:     fmt.Sprintf("%x", sha256.Sum256(original)),
		OriginalSize: int64(len(original)),
	}
	if handedOut != nil {
		l.Copy = fmt.Sprintf("%x", sha256.Sum256(handedOut))
	}
	file, err := label.Sign(p.signer, l)
	must(p.t, err)
	return file
}

// marked is a picture that carries a label, as far as a reader of chunks looks.
func marked(embedded []byte) []byte {
	body := append([]byte("iTXt"+label.Key+"\x00\x00\x00\x00\x00"), embedded...)
	size := len(body) - 4
	head := []byte{byte(size >> 24), byte(size >> 16), byte(size >> 8), byte(size)}
	return append(append(append([]byte("\x89PNG\r\n\x1a\n"), head...), body...), 0, 0, 0, 0)
}

func packageOf(t *testing.T, embedded []byte, originals ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(label.Entry)
	must(t, err)
	_, err = w.Write(embedded)
	must(t, err)
	for i, original := range originals {
		w, err := z.Create(fmt.Sprintf("original/%d.csv", i))
		must(t, err)
		_, err = w.Write([]byte(original))
		must(t, err)
	}
	must(t, z.Close())
	return b.Bytes()
}

func TestAFileAndItsLabelAreVerifiedOffline(t *testing.T) {
	p := newPacket(t)
	original := []byte("a,b,c\n")
	picture := marked(p.labelOf(original, nil))
	plain, altered := p.put("data.csv", original), p.put("altered.csv", []byte("a,b,d\n"))
	beside := p.put("data.csv.label.json", p.labelOf(original, original))
	inside := p.put("picture.png", picture)
	both := p.put("picture.label.json", p.labelOf(original, picture))
	torn := p.put("torn.png", append(bytes.Clone(picture), 1))
	packed := p.put("data.zip", packageOf(t, p.labelOf(original, nil), string(original)))
	swapped := p.put("swapped.zip", packageOf(t, p.labelOf(original, nil), "a,b,d\n"))
	doubled := p.put("doubled.zip", packageOf(t, p.labelOf(original, nil), "a,b,d\n", string(original)))
	foreign := newPacket(t).key
	forged := p.put("forged.json",
		bytes.Replace(p.labelOf(original, original), []byte(`\"confidential\"`), []byte(`\"non-confidential\"`), 1))
	bare := p.put("bare.png", []byte("\x89PNG\r\n\x1a\n and nothing"+strings.Repeat(" ", 100)))
	for _, tt := range []struct {
		code int
		says string
		args []string
	}{
		{exitDone, "GOOD: " + plain, []string{plain, beside, "--key", p.key}},
		{exitDone, "the file is, byte for byte, what was handed out", []string{inside, both, "--key", p.key}},
		{exitDone, "the original inside the package is", []string{packed, "--key", p.key}},
		{exitUnverified, "those have SHA-256", []string{altered, beside, "--key", p.key}},
		{exitUnverified, "WRONG  bytes", []string{torn, both, "--key", p.key}},
		{exitUnverified, "UNBOUND: the label of copy C-7F3K2-2QX9V4 is genuine", []string{inside, "--key", p.key}},
		{exitUnverified, "chancery trace FILE", []string{torn, "--key", p.key}},
		{exitUnverified, "WRONG  bytes", []string{swapped, "--key", p.key}},
		{exitUnverified, "WRONG  bytes", []string{doubled, "--key", p.key}},
		{exitUnverified, "WRONG  signature", []string{plain, beside, "--key", foreign}},
		{exitUnverified, "its signature is not valid", []string{plain, forged, "--key", p.key}},
		{exitUnverified, "UNANCHORED: without the gateway's key", []string{plain, beside}},
		{exitUnverified, "BAD: this is no label",
			[]string{plain, p.put("no.json", []byte(`{"label":1}`)), "--key", p.key}},
		{exitFailure, "", []string{bare, "--key", p.key}},
		{exitUsage, "", []string{plain, beside, "--key", p.key, "--since", p.key}},
	} {
		code, out, errs := ran(t, nil, append([]string{"verify"}, tt.args...)...)
		if code != tt.code || !strings.Contains(out, tt.says) ||
			(code == exitFailure || code == exitUsage) == (errs == "") {
			t.Errorf("verify %v: exit %d, want %d with %q\n%s%s", tt.args, code, tt.code, tt.says, out, errs)
		}
		if strings.Contains(out, "\x1b") {
			t.Errorf("verify %v: what others wrote plays with the terminal", tt.args)
		}
	}
	code, out, _ := ran(t, nil, "verify", plain, beside, "--key", p.key, "--json")
	var report labelReport
	if err := json.Unmarshal([]byte(out), &report); err != nil || code != exitDone || !report.Good ||
		report.Binding != bindsFile || report.Label.Person != "per_1" {
		t.Errorf("exit %d, %+v, %v", code, report, err)
	}
}
