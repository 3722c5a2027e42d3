package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"runtime/debug"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/review"
)

// verification is what `chancery verify` is told.
type verification struct {
	key, since, receipts, letters, party string
	issuerKeys                           []string
	json, strict, redecide               bool
}

func verifyCommand(env environment) *cobra.Command {
	var v verification
	cmd := &cobra.Command{
		Use:   "verify BUNDLE [OTHER-BUNDLE] | FILE [LABEL]",
		Short: "Verify a bundle of the log, or a file with its label; offline",
		Long: "verify needs no network and no server. It trusts the key that you give it, which has to come by " +
			"another way than\n" +
			"the bundle, and what you kept: a checkpoint, receipts. Without a key the verdict is \"unanchored\", and " +
			"never good.\n" +
			"Of two bundles, one opens what is closed to the other: together they prove what neither proves " +
			"alone.\n\n" +
			"Until the other Party witnesses, whoever holds the log's signing key and its database can show another " +
			"log to those\n" +
			"who kept no checkpoint; and the times are the operator's word. Keep checkpoints and receipts. What the " +
			"bundle cannot\n" +
			"prove stands behind the findings; with --strict, a verdict is good only when nothing of this bundle is " +
			"left unproven.\n\n" +
			"Of a FILE and the LABEL that came beside it, verify checks the gateway's signature on the label and " +
			"that the file is\n" +
			"the one that the label names, byte for byte. Without LABEL it takes the one that a marked copy carries " +
			"inside. That\n" +
			"one says whose copy it is, and cannot hold the file's own SHA-256: the verdict is then \"unbound\", " +
			"except for the ZIP\n" +
			"package, whose original it names.",
		Args: cobra.RangeArgs(1, 2),
		RunE: does(func(_ *cobra.Command, args []string) error { return verify(env, v, args) }),
	}
	v.flags(cmd)
	cmd.Flags().BoolVar(&v.json, "json", false, "print the report as JSON")
	return cmd
}

// flags are what an auditor brings: keys, and what was kept.
func (v *verification) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&v.key, "key", "",
		"the log's public key: a `FILE` of one line, or one line for each Party's copy of it")
	cmd.Flags().StringVar(&v.since, "since", "", "a checkpoint that you kept, in a `FILE`: the log may only have grown")
	cmd.Flags().StringVar(&v.receipts, "receipts", "", "a `DIR` of receipts that you kept: each has to be in the log")
	cmd.Flags().StringVar(&v.party, "party", "",
		"your own Party, an `ORGANISATION`: a bundle of the other one is a finding")
	cmd.Flags().StringArrayVar(&v.issuerKeys, "issuer-keys", nil,
		"key sets of one identity provider, kept over time, as `ISSUER=DIR` (or a file): consents have to be signed "+
			"with\nthem; may be repeated")
	cmd.Flags().StringVar(&v.letters, "letters", "",
		"a `DIR` of the papers by which consents were given, byte for byte")
	cmd.Flags().BoolVar(&v.redecide, "redecide", false,
		"take every decision again, by the rules that the bundle carries, from the facts that its entry commits to")
	cmd.Flags().BoolVar(&v.strict, "strict", false, "what is not provable makes the verdict other than good")
}

func verify(env environment, v verification, paths []string) error {
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(memoryWanted)
	}
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
	bundles, done, err := openBundles(paths)
	if err != nil {
		return err
	}
	defer done()
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

// openBundles opens the files; done closes them.
func openBundles(paths []string) (bundles []ledger.Bundle, done func(), err error) {
	var files []*os.File
	done = func() {
		for _, f := range files {
			f.Close()
		}
	}
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			done()
			return nil, nil, err
		}
		files = append(files, f)
		info, err := f.Stat()
		if err == nil && info.IsDir() {
			err = fmt.Errorf("%s is a directory, not a bundle", path)
		}
		if err != nil {
			done()
			return nil, nil, err
		}
		bundles = append(bundles, ledger.Bundle{R: f, Size: info.Size()})
	}
	return bundles, done, nil
}

// memoryWanted is what a million entries are verified within, some 150 MiB of it in use, where the environment
// (GOMEMLIMIT) says nothing else; of more entries it only means that memory is looked through more often.
const memoryWanted = 165 << 20

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
	if v.letters != "" {
		if o.Letters, err = hashLetters(v.letters); err != nil {
			return o, err
		}
	}
	o.Party, o.Strict = v.party, v.strict
	if v.redecide {
		if o.Decider, err = review.New(); err != nil {
			return o, err
		}
	}
	if len(v.issuerKeys) > 0 {
		o.IssuerKeys, err = readIssuerKeys(v.issuerKeys)
	}
	return o, err
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
			fmt.Fprintf(w, "\nof %s of %s, %d as asked for; all of them were verified\n",
				ledger.Several(m.Own, "entry"), m.Of, m.Matching)
		}
	}
	for _, d := range r.Open {
		fmt.Fprintf(w, "\nopen: disclosure %s at index %d, authorised %s, without a completion entry", d.ID, d.Index,
			d.At.Format("2006-01-02 15:04:05Z"))
	}
	if len(r.Open) > 0 {
		fmt.Fprintln(w)
	}
	for _, l := range r.Letters {
		fmt.Fprintf(w, "\non paper: consent %s at index %d, SHA-256 %s", l.Entry, l.Index, l.SHA256)
	}
	if len(r.Letters) > 0 {
		fmt.Fprintln(w)
	}
	for _, gap := range r.NotProvable {
		fmt.Fprintf(w, "\nnot provable: %d %s", gap.Count, gap.What)
	}
	for _, limit := range r.Limits {
		fmt.Fprintf(w, "\nno bundle proves: %s", limit)
	}
	if len(r.NotProvable)+len(r.Limits) > 0 {
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
		return fmt.Sprintf("GOOD: %s of %s, root %s", ledger.Several(r.Size, "entry"), r.Origin, r.Root)
	case r.Bad > 0 && r.First.Index >= 0:
		return fmt.Sprintf("BAD: %s; the first bad index is %d", ledger.Several(r.Bad, "finding"), r.First.Index)
	case r.Bad > 0:
		return "BAD: " + ledger.Several(r.Bad, "finding")
	case r.Anchored:
		return fmt.Sprintf("NOT PROVEN: nothing is wrong with %s of %s, and not everything is proven "+
			"(--strict)", ledger.Several(r.Size, "entry"), r.Origin)
	}
	return "UNANCHORED: it fits together, and without the log's key from elsewhere (--key) that proves nothing"
}
