package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"unicode"

	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/label"
)

// labelled is a file with the label that says what it is.
type labelled struct {
	path     string
	file     *os.File
	size     int64
	label    []byte
	embedded bool // the label was taken out of the file itself
}

// labelledOf tells what the arguments of verify are: a file with its label beside it, a marked copy that carries its
// own, or, answered with nil, bundles.
func labelledOf(paths []string) (*labelled, error) {
	var beside []byte
	if len(paths) == 2 {
		text, err := readSmall(paths[1])
		if err != nil || !isLabel(text) {
			return nil, nil // two bundles, or what verify says of them
		}
		beside = text
	}
	f, err := os.Open(paths[0])
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil || info.IsDir() {
		return nil, errors.Join(err, f.Close())
	}
	l := &labelled{path: paths[0], file: f, size: info.Size(), label: beside}
	if beside != nil {
		return l, nil
	}
	l.embedded = true
	l.label, err = label.Find(f, l.size)
	switch {
	case errors.Is(err, label.ErrForeign):
		return nil, f.Close()
	case err != nil:
		f.Close()
		return nil, fmt.Errorf("%s: %w; give the label that came beside it: chancery verify FILE LABEL", paths[0], err)
	}
	return l, nil
}

// isLabel: a label is a JSON object with the member label; no bundle begins so.
func isLabel(text []byte) bool {
	text = bytes.TrimSpace(text)
	return len(text) > 0 && text[0] == '{' && bytes.Contains(text, []byte(`"label"`))
}

// labelReport is what verify found of a file and its label.
type labelReport struct {
	Good     bool         `json:"good"`
	Anchored bool         `json:"anchored"` // a key was given
	Binding  binding      `json:"binding"`  // what ties the bytes to the label
	Signed   bool         `json:"signed"`   // by one of the keys
	Embedded bool         `json:"embedded"` // the label was taken out of the file
	SHA256   string       `json:"sha256"`   // of the file
	Checks   []labelCheck `json:"checks"`
	Label    *label.Label `json:"label,omitempty"`
	NotShown []string     `json:"not_shown"`
}

// What is checked.
const (
	checkLabel     = "label"
	checkSignature = "signature"
	checkBytes     = "bytes"
)

type labelCheck struct {
	Name string `json:"name"`
	Good bool   `json:"good"`
	Says string `json:"says"`
}

func (r *labelReport) add(name string, good bool, format string, args ...any) {
	r.Checks = append(r.Checks, labelCheck{name, good, printable(fmt.Sprintf(format, args...))})
}

// verifyLabel checks a file against its label, offline.
func verifyLabel(env environment, v verification, l *labelled, keys []note.Verifier) error {
	if v.since != "" || v.receipts != "" || len(v.issuerKeys) > 0 {
		return &failure{exitUsage, errors.New("--since, --receipts and --issuer-keys go with a bundle, not with a " +
			"file and its label")}
	}
	report, err := l.report(keys)
	if err != nil {
		return err
	}
	if v.json {
		err = printJSON(env.stdout, report)
	} else {
		err = printLabelReport(env.stdout, l.path, report)
	}
	if err == nil && !report.Good {
		return &failure{code: exitUnverified}
	}
	return err
}

func (l *labelled) report(keys []note.Verifier) (labelReport, error) {
	r := labelReport{Anchored: len(keys) > 0, Embedded: l.embedded}
	var err error
	if r.SHA256, _, err = digestOf(io.NewSectionReader(l.file, 0, l.size)); err != nil {
		return r, fmt.Errorf("read %s: %w", l.path, err)
	}
	said, err := label.Unverified(l.label)
	if err != nil {
		r.add(checkLabel, false, "%v", err)
		r.NotShown = []string{"anything: without a legible label nothing ties this file to a gateway"}
		return r, nil
	}
	r.Label = &said
	r.add(checkLabel, true, "copy %s, %s, of %s for %s", said.CopyNumber, said.Marking, said.Discloser, said.Recipient)
	r.Signed = r.signature(l.label, keys)
	r.Binding = l.binding(said, r.SHA256)
	r.add(checkBytes, r.Binding.good(), "%s", r.Binding.says(said))
	r.Good = r.Signed && r.Binding.good()
	r.NotShown = notShown(said, r.Binding)
	return r, nil
}

func (r *labelReport) signature(file []byte, keys []note.Verifier) bool {
	if len(keys) == 0 {
		r.add(checkSignature, false, "not checked: no key was given")
		return false
	}
	var why error
	for _, key := range keys {
		if _, why = label.Open(file, key); why == nil {
			r.add(checkSignature, true, "by the gateway's key %s", key.Name())
			return true
		}
	}
	r.add(checkSignature, false, "%v", why)
	return false
}

// binding is what ties a file to its label.
type binding string

const (
	bindsFile     binding = "file"     // the file is what was handed out
	bindsOriginal binding = "original" // the file is the original
	bindsInside   binding = "inside"   // the original is in the package
	bindsOther    binding = "other"    // the label names other bytes
	bindsNothing  binding = "nothing"  // a label inside a marked file cannot name its bytes
)

func (b binding) good() bool { return b == bindsFile || b == bindsOriginal || b == bindsInside }

func (b binding) says(l label.Label) string {
	switch b {
	case bindsFile:
		return "the file is, byte for byte, what was handed out"
	case bindsOriginal:
		return "the file is the original, byte for byte, as the Discloser deposited it"
	case bindsInside:
		return "the original inside the package is, byte for byte, as the Discloser deposited it"
	case bindsNothing:
		return "a label inside a file cannot hold that file's own SHA-256: whether the file is as it was handed out " +
			"is not shown"
	}
	named := l.Copy
	if named == "" {
		named = l.Original
	}
	return "the bytes are others than the label names: those have SHA-256 " + named
}

// binding holds what the label names against what there is: the whole file, or the original inside the package.
func (l *labelled) binding(said label.Label, digest string) binding {
	switch {
	case said.Copy == digest:
		return bindsFile
	case said.Original == digest:
		return bindsOriginal
	case said.Copy != "":
		return bindsOther
	}
	inside, found := l.inside()
	switch {
	case !found:
		return bindsNothing
	case inside == said.Original:
		return bindsInside
	}
	return bindsOther
}

// inside is the digest of the one original in a package; found tells whether the file is a package.
func (l *labelled) inside() (digest string, found bool) {
	archive, err := zip.NewReader(l.file, l.size)
	if err != nil {
		return "", false // of another format, or broken: then its label ties nothing to it
	}
	var originals []*zip.File
	for _, f := range archive.File {
		if strings.HasPrefix(f.Name, "original/") {
			originals = append(originals, f)
		}
	}
	if len(originals) != 1 { // of two, one is not the Discloser's
		return "", len(originals) > 1
	}
	r, err := originals[0].Open()
	if err != nil {
		return "", true
	}
	defer r.Close()
	digest, _, _ = digestOf(r) // of what cannot be read there is none
	return digest, true
}

// notShown says in words what no label proves.
func notShown(said label.Label, b binding) []string {
	out := []string{
		"that the disclosure stands in the log: a receipt or a bundle shows that (chancery verify BUNDLE)",
		"who has the file now, and whether a decision was withdrawn since",
	}
	if !b.good() {
		out = append(out, "that the file is unaltered: ask an auditor or signatory of "+said.Discloser+
			" to look its SHA-256 up (chancery trace FILE), or check it "+
			"with the label that came beside it")
	}
	return out
}

func printLabelReport(w io.Writer, path string, r labelReport) error {
	lines := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range r.Checks {
		mark := "ok"
		switch {
		case c.Name == checkSignature && !r.Anchored, c.Name == checkBytes && r.Binding == bindsNothing:
			mark = "??"
		case !c.Good:
			mark = "WRONG"
		}
		fmt.Fprintf(lines, "%s\t%s\t%s\n", mark, c.Name, c.Says)
	}
	if err := lines.Flush(); err != nil {
		return err
	}
	if r.Label != nil {
		fmt.Fprintf(w, "\nthe label says:\n")
		for _, row := range labelRows(*r.Label) {
			if row[1] != "" {
				fmt.Fprintf(lines, "  %s\t%s\n", row[0], printable(row[1]))
			}
		}
		if err := lines.Flush(); err != nil {
			return err
		}
	}
	fmt.Fprintf(w, "\nnot shown:\n")
	for _, s := range r.NotShown {
		fmt.Fprintf(w, "  %s\n", printable(s))
	}
	_, err := fmt.Fprintf(w, "\n%s\n", r.verdict(path))
	return err
}

func labelRows(l label.Label) [][2]string {
	return [][2]string{
		{"copy number", l.CopyNumber}, {"marking", l.Marking}, {"the Discloser's own word", l.Alias},
		{"Discloser", l.Discloser},
		{"Recipient", l.Recipient}, {"given to", l.GivenTo}, {"person", l.Person}, {"paragraph", l.Paragraph},
		{"authority", l.Authority},
		{"purpose", l.Purpose}, {"in words", l.PurposeWords}, {"proprietary", yes(l.Proprietary)},
		{"handling", l.Handling},
		{"conditions", l.Conditions}, {"reference", l.Reference}, {"disclosure", l.Disclosure},
		{"date", l.Date.Format("2006-01-02 15:04:05Z")}, {"original, SHA-256", l.Original},
		{"handed out, SHA-256", l.Copy},
	}
}

func yes(is bool) string {
	if is {
		return "yes"
	}
	return ""
}

func (r labelReport) verdict(path string) string {
	name := printable(path)
	switch {
	case r.Label == nil:
		return "BAD: this is no label of a gateway"
	case !r.Anchored:
		return "UNANCHORED: without the gateway's key from elsewhere (--key) the label proves nothing"
	case r.Good:
		return fmt.Sprintf("GOOD: %s is what the gateway handed out as copy %s", name, r.Label.CopyNumber)
	case r.Signed && r.Binding == bindsNothing:
		return fmt.Sprintf("UNBOUND: the label of copy %s is genuine, and nothing shows that %s is still as it was "+
			"handed out", printable(r.Label.CopyNumber), name)
	}
	return "BAD: the file and the label do not go together, or the label is not of this gateway"
}

// printable keeps what others wrote from playing with the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}
