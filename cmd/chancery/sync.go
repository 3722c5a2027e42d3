package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
	"github.com/spf13/cobra"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/disk"
)

// syncing moves documents between a gateway and the folders of a platform: out of --out into the gateway, and what was
// granted into --in. Whatever ends it, and whenever, a document is never there twice and never in part.
type syncing struct {
	env        environment
	purpose    api.PurposeCode
	statement  string
	form       api.Form
	in, out    string   // empty: that direction is not served
	manifest   string   // what is declared of files that have none of their own; may be empty
	conditions []string // accepted, by their SHA-256

	g *gateway // of this pass
}

func syncCommand(env environment, server *string) *cobra.Command {
	s := syncing{env: env}
	var once bool
	var every time.Duration
	cmd := &cobra.Command{
		Use:   "sync --purpose CODE [--in DIR] [--out DIR]",
		Short: "Serve the folders of a platform: what was granted comes in, what stands in out is deposited",
		Long: "sync writes each version that is granted for the purpose into --in, hidden first, then whole under " +
			"its name, " +
			"once. Its\nmarking stands in .chancery/markings: platforms load every file of their input " +
			"folder.\n\nWhat " +
			"stands " +
			"in --out is deposited as NAME.manifest.json beside it declares, or --manifest for all, and moved " +
			"to\nprocessed " +
			"with its receipt, or to error with the reason. Put files there hidden, or elsewhere, and rename " +
			"them.\n\nA line " +
			"of JSON on the standard output tells of each file. Meant for a machine client: see \"chancery help " +
			"environment\".",
		Args: cobra.NoArgs,
	}
	flags := cmd.Flags()
	flags.StringVar((*string)(&s.purpose), "purpose", "", "serve this `PURPOSE`, by its code")
	flags.StringVar(&s.statement, "statement", "Loaded by the platform", "`TEXT`: what documents are read for")
	flags.StringVar((*string)(&s.form), "form", string(api.Original), "`FORM` to fetch: original, or stamped")
	flags.StringVar(&s.in, "in", "", "the `FOLDER` that the platform reads")
	flags.StringVar(&s.out, "out", "", "the `FOLDER` that the platform writes")
	flags.StringVar(&s.manifest, "manifest", "", "a `FILE` of JSON: what is declared of files without a manifest")
	flags.StringArrayVar(&s.conditions, "conditions", nil, "accept the conditions of this `SHA-256`")
	flags.BoolVar(&once, "once", false, "one pass, then end: 0 done, 3 something was refused, 1 something failed")
	flags.DurationVar(&every, "every", time.Minute, "how long to rest between two passes")
	cmd.RunE = does(func(cmd *cobra.Command, _ []string) error {
		if err := s.complete(); err != nil {
			return err
		}
		for _, dir := range []string{s.in, s.out} {
			if dir == "" {
				continue
			}
			unlock, err := lockedfile.MutexAt(filepath.Join(dir, stateFolder, "lock")).Lock() // one sync at a time
			if err != nil {
				return err
			}
			defer unlock()
		}
		for {
			err := s.pass(cmd.Context(), *server)
			if once || cmd.Context().Err() != nil {
				return err
			}
			if err != nil {
				fmt.Fprintln(env.stderr, "chancery:", err)
			}
			select {
			case <-cmd.Context().Done():
				return cmd.Context().Err()
			case <-time.After(every):
			}
		}
	})
	return cmd
}

func (s *syncing) complete() error {
	if s.purpose == "" || s.in == "" && s.out == "" {
		return &failure{exitUsage, errors.New("give --purpose, and --in or --out or both")}
	}
	for _, dir := range []string{s.in, s.out} {
		if dir == "" {
			continue
		}
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			return &failure{exitUsage, fmt.Errorf("%s is no folder", printable(dir))}
		}
		for _, below := range []string{"in", "out", "markings"} {
			if err := os.MkdirAll(filepath.Join(dir, stateFolder, below), 0o700); err != nil {
				return err
			}
		}
	}
	return nil
}

// pass serves both directions once. What fails holds up no other file; what it means for the whole is the last answer.
func (s *syncing) pass(ctx context.Context, server string) error {
	var err error
	if s.g, err = newGateway(ctx, s.env,
		server); err != nil { // with a token of its own: this machine's clock may have jumped
		return err
	}
	var faults []error
	if s.out != "" {
		faults = append(faults, s.send(ctx)...)
	}
	if s.in != "" && ctx.Err() == nil {
		faults = append(faults, s.receive(ctx)...)
		if err := s.listen(ctx); err != nil {
			faults = append(faults, refused(err))
		}
	}
	if len(faults) == 0 {
		return nil
	}
	code := exitRefused
	for _, fault := range faults {
		var refusal *failure
		if !errors.As(fault, &refusal) || refusal.code != exitRefused {
			code = exitFailure
		}
	}
	return &failure{code, errors.Join(faults...)}
}

// stateFolder is where, in each of the two folders, stands what is known already: on the disk of what is renamed, and
// hidden, which loaders leave alone.
const stateFolder = ".chancery"

// tells is a line about one file.
type tells struct {
	What       string `json:"what"` // received, deposited, refused, waiting, notice
	File       string `json:"file,omitempty"`
	Document   string `json:"document,omitempty"`
	Version    string `json:"version,omitempty"`
	Marking    string `json:"marking,omitempty"`
	CopyNumber string `json:"copy_number,omitempty"`
	SHA256     string `json:"sha256,omitempty"`
	LogEntry   string `json:"log_entry,omitempty"`
	Code       string `json:"code,omitempty"` // of a refusal; of a notice its kind
	Text       string `json:"text,omitempty"`
}

func (s *syncing) tell(t tells) error {
	text, err := json.Marshal(t)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(s.env.stdout, escaped(string(text)))
	return err
}

// reached is called at each step that a sync takes, once it is taken. A test ends the process there.
var reached = func(step string) {}

// keep writes a record whole and onto the disk, before what it announces is done.
func keep(path string, record any) error {
	text, err := json.Marshal(record)
	if err != nil {
		return err
	}
	if err := disk.Replace(path, append(text, '\n')); err != nil {
		return err
	}
	return disk.SyncFolder(filepath.Dir(path))
}

// kept reads a record back; found is false where there is none.
func kept(path string, record any) (found bool, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := json.Unmarshal(text, record); err != nil {
		return false, fmt.Errorf("%s is not as sync wrote it: %w", path, err)
	}
	return true, nil
}
