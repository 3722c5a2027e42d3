package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/client"
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
	state      string   // where it is kept what is known; empty: in each of the two folders

	serving // of this pass
}

// serving is what a pass has at hand.
type serving struct {
	g               *gateway
	me              api.Me
	asOf            time.Time // when the pass began, by the gateway's clock
	inAt, outAt     place
	inKept, outKept state
}

func (p serving) close() {
	p.inKept.close()
	p.outKept.close()
	p.inAt.close()
	p.outAt.close()
}

func syncCommand(env environment, server *string) *cobra.Command {
	s := syncing{env: env}
	var once bool
	var every time.Duration
	cmd := &cobra.Command{
		Use:   "sync --purpose CODE [--in DIR] [--out DIR]",
		Short: "Serve the folders of a platform: what was granted comes in, what stands in out is deposited",
		Long: "sync writes each version that is granted for the purpose into --in, hidden first, then whole under " +
			"its name,\nonce. Its marking stands in .chancery/markings: platforms load every file of their input " +
			"folder.\n\nWhat stands in --out is deposited as NAME.manifest.json beside it declares, or --manifest " +
			"for all, and moved to\nprocessed with the receipt of its entry, or to error with the reason. Put files " +
			"there hidden, or elsewhere, and rename\nthem.\n\nWhat sync knows stands in .chancery of each folder, " +
			"or in --state. Whoever can write there, or put another folder\ninto its place, acts as sync: where the " +
			"platform may write into its folders, name a --state that only sync can write.\n\n" +
			"A line of JSON on the standard output tells of each file. Meant for a machine client: see \"chancery " +
			"help\nenvironment\".",
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
	flags.StringVar(&s.state, "state", "", "keep what is known in this `FOLDER`, on the disk of --out")
	flags.BoolVar(&once, "once", false, "one pass, then end: 0 done, 3 something was refused, 1 something failed")
	flags.DurationVar(&every, "every", time.Minute, "how long to rest between two passes")
	cmd.RunE = does(func(cmd *cobra.Command, _ []string) error {
		if err := s.complete(); err != nil {
			return err
		}
		unlock, err := s.alone(cmd.Context(), once)
		if err != nil {
			return err
		}
		defer unlock()
		for {
			err := s.pass(cmd.Context(), *server)
			if once || cmd.Context().Err() != nil {
				return err
			}
			if err != nil {
				fmt.Fprintln(env.stderr, "chancery:", printableLines(err.Error()))
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
	var known []os.FileInfo
	for _, dir := range []string{s.in, s.out, s.state} {
		if dir == "" {
			continue
		}
		info, err := os.Stat(dir)
		if err != nil || !info.IsDir() {
			return &failure{exitUsage, fmt.Errorf("%s is no folder", printable(dir))}
		}
		for _, other := range known {
			if os.SameFile(info, other) {
				return &failure{exitUsage, fmt.Errorf("%s is given twice: --in, --out and --state are folders of "+
					"their own", printable(dir))}
			}
		}
		known = append(known, info)
	}
	return nil
}

// alone waits until no other sync has one of the folders, and says so; a single pass does not wait.
func (s *syncing) alone(ctx context.Context, once bool) (unlock func(), err error) {
	opened, err := s.open()
	if err != nil {
		return nil, err
	}
	defer opened.close()
	var unlocks []func()
	unlock = func() {
		for _, f := range unlocks {
			f()
		}
	}
	for _, kept := range opened.states() {
		held, err := s.lock(ctx, filepath.Join(kept, "lock"), once)
		if err != nil {
			unlock()
			return nil, err
		}
		unlocks = append(unlocks, held)
	}
	return unlock, nil
}

// lockedFor is how long a single pass waits for the lock of a folder: one that is free is had at once.
const lockedFor = 2 * time.Second

func (s *syncing) lock(ctx context.Context, path string, once bool) (unlock func(), err error) {
	env, asked, stop := s.env, ctx, func() {}
	env.stderr = io.Discard // what is waited for is said here
	if once {
		asked, stop = context.WithTimeout(ctx, lockedFor)
	} else {
		waits := time.AfterFunc(time.Second, func() {
			fmt.Fprintln(s.env.stderr, "Another sync serves this folder: waiting for it.")
		})
		defer waits.Stop()
	}
	defer stop()
	unlock, err = lock(asked, env, path)
	if err != nil && asked.Err() != nil && ctx.Err() == nil {
		return nil, fmt.Errorf("another sync serves this folder: %s", printable(filepath.Dir(path)))
	}
	return unlock, err
}

// open opens the folders and what is kept of them.
func (s *syncing) open() (p serving, err error) {
	for _, folder := range []struct {
		path string
		at   *place
		kept *state
	}{{s.in, &p.inAt, &p.inKept}, {s.out, &p.outAt, &p.outKept}} {
		if folder.path == "" || err != nil {
			continue
		}
		if *folder.at, err = openPlace(folder.path); err == nil {
			*folder.kept, err = s.stateOf(*folder.at)
		}
	}
	if err != nil {
		p.close()
	}
	return p, err
}

// states are the folders of what is kept, each once, in an order in which no two syncs wait for each other.
func (p serving) states() (paths []string) {
	for _, kept := range []state{p.inKept, p.outKept} {
		if kept.Root != nil && !slices.Contains(paths, kept.Name()) {
			paths = append(paths, kept.Name())
		}
	}
	slices.Sort(paths)
	return paths
}

// pass serves both directions once. What fails holds up no other file; what it means for the whole is the last answer.
func (s *syncing) pass(ctx context.Context, server string) error {
	var err error
	if s.serving, err = s.open(); err != nil {
		return err
	}
	defer s.close()
	if s.g, err = newGateway(ctx, s.env,
		server); err != nil { // with a token of its own: this machine's clock may have jumped
		return err
	}
	me, err := client.Get[api.Me](ctx, s.g.Client, "/me", nil)
	if err != nil {
		return refused(err)
	}
	s.me, s.asOf = me.Body, me.Date
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

// keep is place.keep of a path, for its owner alone.
func keep(path string, record any) error {
	p, err := openPlace(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer p.close()
	return p.keep(filepath.Base(path), record, 0o600)
}

// kept is place.kept of a path.
func kept(path string, record any) (found bool, err error) {
	p, err := openPlace(filepath.Dir(path))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer p.close()
	return p.kept(filepath.Base(path), record)
}
