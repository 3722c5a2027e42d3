package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/ledger"
)

// verification is what `chancery verify` is told.
type verification struct {
	key, since, receipts, issuerKeys string
	json                             bool
}

func verifyCommand(env environment) *cobra.Command {
	var v verification
	cmd := &cobra.Command{
		Use:   "verify BUNDLE [OTHER-BUNDLE] | FILE [LABEL]",
		Short: "Verify a bundle of the log, or a file with its label; offline",
		Long: "verify needs no network and no server. It trusts the key that you give it, which has to come by another way than\n" +
			"the bundle, and what you kept: a checkpoint, receipts. Without a key the verdict is \"unanchored\", and never good.\n" +
			"Of two bundles, one opens what is closed to the other: together they prove what neither proves alone.\n\n" +
			"Until the other Party witnesses, whoever holds the log's signing key and its database can show another log to those\n" +
			"who kept no checkpoint; and the times are the operator's word. Keep checkpoints and receipts.\n\n" +
			"Of a FILE and the LABEL that came beside it, verify checks the gateway's signature on the label and that the file is\n" +
			"the one that the label names, byte for byte. Without LABEL it takes the one that a marked copy carries inside. That\n" +
			"one says whose copy it is, and cannot hold the file's own SHA-256: the verdict is then \"unbound\", except for the ZIP\n" +
			"package, whose original it names.",
		Args: cobra.RangeArgs(1, 2),
		RunE: does(func(_ *cobra.Command, args []string) error { return verify(env, v, args) }),
	}
	cmd.Flags().StringVar(&v.key, "key", "", "the log's public key: a `FILE` of one line, or one line for each Party's copy of it")
	cmd.Flags().StringVar(&v.since, "since", "", "a checkpoint that you kept, in a `FILE`: the log may only have grown")
	cmd.Flags().StringVar(&v.receipts, "receipts", "", "a `DIR` of receipts that you kept: each has to be in the log")
	cmd.Flags().StringVar(&v.issuerKeys, "issuer-keys", "", "a JWKS `FILE` got from the identity providers: consents have to be signed with its keys")
	cmd.Flags().BoolVar(&v.json, "json", false, "print the report as JSON")
	return cmd
}

func verify(env environment, v verification, paths []string) error {
	options, err := v.options()
	if err != nil {
		return err
	}
	if one, err := labelledOf(paths); err != nil || one != nil {
		if err != nil {
			return err
		}
		defer one.file.Close()
		return verifyLabel(env, v, one, options.Keys)
	}
	var bundles []ledger.Bundle
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return err
		}
		if info.IsDir() {
			return fmt.Errorf("%s is a directory, not a bundle", path)
		}
		bundles = append(bundles, ledger.Bundle{R: f, Size: info.Size()})
	}
	var report ledger.Report
	if len(bundles) == 2 {
		report, err = ledger.VerifyJoint(bundles[0], bundles[1], options)
	} else {
		report, err = ledger.Verify(bundles[0], options)
	}
	if err != nil {
		return err
	}
	if v.json {
		err = printJSON(env.stdout, report)
	} else {
		err = printReport(env.stdout, report)
	}
	if err == nil && !report.Good {
		return &failure{code: exitUnverified}
	}
	return err
}

func (v verification) options() (ledger.Options, error) {
	var o ledger.Options
	if v.key != "" {
		text, err := readSmall(v.key)
		if err != nil {
			return o, err
		}
		for _, line := range strings.Fields(string(text)) {
			key, err := note.NewVerifier(line)
			if err != nil {
				return o, fmt.Errorf("%s: %q is no public key of a log", v.key, line)
			}
			o.Keys = append(o.Keys, key)
		}
		if len(o.Keys) == 0 {
			return o, fmt.Errorf("%s holds no key", v.key)
		}
	}
	var err error
	if v.since != "" {
		if o.Since, err = readSmall(v.since); err != nil {
			return o, err
		}
	}
	if v.receipts != "" {
		if o.Receipts, err = readReceipts(v.receipts); err != nil {
			return o, err
		}
	}
	if v.issuerKeys != "" {
		o.IssuerKeys, err = readJWKS(v.issuerKeys)
	}
	return o, err
}

func readReceipts(dir string) (map[string][]byte, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	receipts := map[string][]byte{}
	for _, e := range entries {
		if e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if receipts[e.Name()], err = readSmall(filepath.Join(dir, e.Name())); err != nil {
			return nil, err
		}
	}
	if len(receipts) == 0 {
		return nil, fmt.Errorf("%s holds no receipt", dir)
	}
	return receipts, nil
}

// readJWKS gives the thumbprints of the keys of a set (RFC 7517 5) that can sign.
func readJWKS(path string) ([]string, error) {
	text, err := readSmall(path)
	if err != nil {
		return nil, err
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(text, &set); err != nil {
		return nil, fmt.Errorf("%s is no JWKS: %w", path, err)
	}
	var out []string
	for _, key := range set.Keys {
		if thumbprint, err := ledger.Thumbprint(key); err == nil {
			out = append(out, thumbprint)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s holds no key that can sign", path)
	}
	return out, nil
}

// readSmall reads a file that is small by its nature.
func readSmall(path string) ([]byte, error) {
	const most = 1 << 20
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	var broken *fs.PathError
	switch {
	case errors.As(err, &broken):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", path, err)
	case len(data) > most:
		return nil, fmt.Errorf("%s is larger than %d bytes", path, most)
	}
	return data, nil
}

func printJSON(w io.Writer, v any) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(v)
}

// printReport is a line a check, then what is open, what cannot be proven, and the verdict.
func printReport(w io.Writer, r ledger.Report) error {
	lines := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range r.Checks {
		mark := "ok"
		switch {
		case !c.Good:
			mark = "WRONG"
		case c.Name == ledger.CheckSignature && !r.Anchored:
			mark = "??"
		}
		fmt.Fprintf(lines, "%s\t%s\t%s\n", mark, c.Name, c.Says)
	}
	if err := lines.Flush(); err != nil {
		return err
	}
	for _, k := range r.IssuerKeys {
		known := "compare it with the keys that this identity provider publishes"
		if k.Known {
			known = "as the identity provider has it"
		}
		fmt.Fprintf(w, "\nconsents signed through %s: %d, key %s, %s", k.Issuer, k.Consents, k.Thumbprint, known)
	}
	if len(r.IssuerKeys) > 0 {
		fmt.Fprintln(w)
	}
	for _, m := range r.Manifests {
		if m.Filter != (ledger.Filter{}) {
			fmt.Fprintf(w, "\nof %d entries of %s, %d are those that were asked for; all of them were verified\n", m.Own, m.Of, m.Matching)
		}
	}
	for _, d := range r.Open {
		fmt.Fprintf(w, "\nopen: disclosure %s at index %d, authorised %s, without a completion entry", d.ID, d.Index, d.At.Format("2006-01-02 15:04:05Z"))
	}
	if len(r.Open) > 0 {
		fmt.Fprintln(w)
	}
	for _, gap := range r.NotProvable {
		fmt.Fprintf(w, "\nnot provable: %d %s", gap.Count, gap.What)
	}
	if len(r.NotProvable) > 0 {
		fmt.Fprintln(w)
	}
	for i, f := range r.Findings {
		if i == 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "wrong: %s: %s\n", f.Check, f)
	}
	_, err := fmt.Fprintf(w, "\n%s\n", verdict(r))
	return err
}

func verdict(r ledger.Report) string {
	switch {
	case r.Good:
		return fmt.Sprintf("GOOD: %d entries of %s, root %s", r.Size, r.Origin, r.Root)
	case r.Bad > 0 && r.First.Index >= 0:
		return fmt.Sprintf("BAD: %d findings; the first bad index is %d", r.Bad, r.First.Index)
	case r.Bad > 0:
		return fmt.Sprintf("BAD: %d findings", r.Bad)
	}
	return "UNANCHORED: it fits together, and without the log's key from elsewhere (--key) that proves nothing"
}
