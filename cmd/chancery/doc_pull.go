package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/client"
	"chancery.example/gateway/pkg/disk"
)

// pulling is what a document is pulled for, and where to.
type pulling struct {
	reading api.Reading
	dir     string
	name    string // empty: as the gateway names the file
	replace bool
}

func docPullCommand(env environment, with withGateway) *cobra.Command {
	var p pulling
	var purpose, statement, form, version, conditions, output string
	var a answered
	cmd := &cobra.Command{
		Use:   "pull DOCUMENT",
		Short: "Get the file of a document; the disclosure is recorded",
		Long: "pull asks the rules, fetches the file, and checks its SHA-256. What breaks off, or is killed, goes on " +
			"where it\nwas, when the same command is run again while the permit lasts (15 minutes). The file appears " +
			"whole or not at\nall, with NAME.marking.json beside it: its marking, the conditions under which it was " +
			"given, its digest and what\nArticle 4 asks of whoever holds it; and NAME.label.json, which \"chancery " +
			"verify FILE LABEL\" checks.",
		Args: cobra.ExactArgs(1),
	}
	cmd.Flags().StringVar(&purpose, "purpose", "", "for this `PURPOSE`, by its code")
	cmd.Flags().StringVar(&statement, "statement", "", "`TEXT`: what it is read for")
	cmd.Flags().StringVar(&form, "form", "", "`FORM`: stamped (a marked copy, the default) or original")
	cmd.Flags().StringVar(&version, "version", "", "this `VERSION`; the newest where not given")
	cmd.Flags().StringVar(&conditions, "conditions", "", "the `SHA-256` of the conditions that you accept; the "+
		"refusal names them")
	cmd.Flags().StringVarP(&output, "output", "o", "", "write to this `FILE`, or into this folder")
	cmd.Flags().BoolVar(&p.replace, "force", false, "take the place of a file that is there")
	a.flags(cmd)
	cmd.RunE = with(func(ctx context.Context, g *gateway, args []string) error {
		p.reading = api.Reading{Purpose: given[api.PurposeCode](purpose), Statement: given[string](statement),
			Form: given[api.Form](form), Version: given[api.VersionID](version),
			ConditionsSha256: given[api.SHA256](conditions)}
		p.dir, p.name = filepath.Split(output)
		if info, err := os.Stat(output); err == nil && info.IsDir() {
			p.dir, p.name = output, ""
		}
		pulled, err := g.pull(ctx, env, args[0], p)
		if err != nil {
			return err
		}
		fmt.Fprintf(env.stderr, "Copy %s, marked %s; recorded as %s.\n", printable(pulled.CopyNumber),
			printable(string(pulled.Marking)), printable(string(pulled.LogEntry)))
		return printMade(env, a, pulled, pulled.File)
	})
	return cmd
}

// given is what a flag says, where it says something.
func given[T ~string](value string) *T {
	if value == "" {
		return nil
	}
	v := T(value)
	return &v
}

// holding is NAME.marking.json: what whoever holds a file has to know.
type holding struct {
	File       string             `json:"file"`
	SHA256     string             `json:"sha256"`
	Size       int64              `json:"size"`
	Document   api.DocumentID     `json:"document"`
	Reference  string             `json:"reference"`
	Title      *string            `json:"title,omitempty"`
	Version    api.VersionID      `json:"version"`
	Marking    api.Marking        `json:"marking"`
	Handling   *string            `json:"handling,omitempty"`
	Discloser  api.OrganisationID `json:"discloser"`
	Recipient  api.OrganisationID `json:"recipient"`
	CopyNumber string             `json:"copy_number"`
	Form       api.Form           `json:"form"`
	Purpose    *api.PurposeCode   `json:"purpose,omitempty"`
	Statement  *string            `json:"statement,omitempty"`
	Conditions *string            `json:"conditions,omitempty"`
	Disclosure api.DisclosureID   `json:"disclosure"`
	LogEntry   api.EntryID        `json:"log_entry"`
	Duties     []duty             `json:"duties"`
}

// duty is a paragraph of the Arrangement, in its words.
type duty struct {
	Paragraph string `json:"paragraph"`
	Words     string `json:"words"`
}

// dutiful are the paragraphs that bind whoever holds a file.
var dutiful = []string{"4(5)", "4(6)", "4(7)", "4(8)", "4(9)", "4(10)"}

func (g *gateway) pull(ctx context.Context, env environment, document string, p pulling) (holding, error) {
	d, err := g.Document(ctx, document)
	if err != nil {
		return holding{}, refused(err)
	}
	half, err := g.halfOf(ctx, env, document, p)
	if err != nil {
		return holding{}, err
	}
	defer half.unlock()
	if p.name != "" {
		if err := p.free(half.Disclosure); err != nil {
			if half.Disclosure == "" { // else what came is gone on with once --force is said
				err = errors.Join(err, half.done())
			}
			return holding{}, err
		}
	}
	h, err := g.pullInto(ctx, env, d, p, half)
	if err == nil {
		if err := half.done(); err != nil { // the file is whole under its name
			couldNotBeRemoved(env, err)
		}
		return h, nil
	}
	var problem *client.Problem
	if errors.As(err, &problem) && final(problem) || half.record == "" {
		// What is refused leaves nothing of the document here, nor does what nobody could go on with.
		err = errors.Join(refused(err), half.done())
	}
	return holding{}, refused(err)
}

// What lies beside a file, under its name and these.
const (
	markingEnd = ".marking.json"
	labelEnd   = ".label.json"
)

// free refuses to take the place of a file, or of what describes one. What an earlier process wrote of the same
// disclosure, before it was killed, is no other file's.
func (p pulling) free(disclosure api.DisclosureID) error {
	if p.replace {
		return nil
	}
	final := filepath.Join(p.dir, p.name)
	names := []string{final}
	var before holding
	if there, err := kept(final+markingEnd, &before); !there || err != nil || disclosure == "" ||
		before.Disclosure != disclosure {
		names = append(names, final+markingEnd, final+labelEnd)
	}
	for _, name := range names {
		if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
			return &failure{exitUsage, fmt.Errorf("%s is there already: give another name with -o, or --force", name)}
		}
	}
	return nil
}

func (g *gateway) pullInto(ctx context.Context, env environment, d api.Document, p pulling, half *half) (holding,
	error) {
	given, err := g.disclosed(ctx, d, p, half)
	if err != nil {
		return holding{}, err
	}
	if given, err = g.ready(ctx, given); err != nil {
		return holding{}, err
	}
	if err := isOf(given, d); err != nil {
		return holding{}, err
	}
	if p.name == "" {
		if p.name, err = safeName(told(given.FileName)); err != nil {
			return holding{}, err
		}
	}
	if p.dir == "" {
		p.dir = "."
	}
	h := holding{
		File:       p.name,
		Document:   d.Id,
		Reference:  d.Reference,
		Title:      d.Title,
		Version:    given.Version,
		Marking:    given.Marking,
		Handling:   d.Handling,
		Discloser:  d.Discloser,
		Recipient:  d.Recipient,
		CopyNumber: given.CopyNumber,
		Form:       given.Form,
		Purpose:    p.reading.Purpose,
		Statement:  p.reading.Statement,
		Disclosure: given.Id,
		LogEntry:   given.LogEntry,
	}
	if err := g.describe(ctx, &h); err != nil {
		return holding{}, err
	}
	return h, g.fetchTo(ctx, env, p, given, &h, half)
}

// isOf holds what is told of a disclosure against the document: the exact bytes are those that were deposited.
func isOf(given api.Disclosure, d api.Document) error {
	if given.Form != api.Original || given.Sha256 == nil || d.Sha256 == nil || d.Version == nil ||
		given.Version != *d.Version || *given.Sha256 == *d.Sha256 {
		return nil
	}
	return &failure{exitUnverified, fmt.Errorf("the gateway gives %s as the SHA-256 of the original, and the "+
		"document's is %s: nothing was fetched", printable(string(*given.Sha256)), printable(string(*d.Sha256)))}
}

// ready waits for a marked copy in the making.
func (g *gateway) ready(ctx context.Context, d api.Disclosure) (api.Disclosure, error) {
	for d.State == api.CopyStateInProgress {
		select {
		case <-ctx.Done():
			return d, ctx.Err()
		case <-time.After(time.Second):
		}
		got, err := client.Get[api.Disclosure](ctx, g.Client, under("disclosures", string(d.Id)), nil)
		if err != nil {
			return d, refused(err)
		}
		d = got.Body
	}
	if d.State == api.CopyStateFailed {
		said := "no marked copy could be made; nothing was sent"
		if d.Reasons != nil {
			for _, r := range *d.Reasons {
				said += "\n  " + words(r)
			}
		}
		return d, &failure{exitRefused, errors.New(said)}
	}
	return d, nil
}

// describe adds what Article 4 asks of the holder, in its words, and the conditions of the request that is relied on.
func (g *gateway) describe(ctx context.Context, h *holding) error {
	rules, err := client.Get[api.RulePage](ctx, g.Client, "/rules", nil)
	if err != nil {
		return refused(err)
	}
	for _, paragraph := range dutiful {
		for _, rule := range rules.Body.Items {
			if rule.Paragraph == paragraph {
				h.Duties = append(h.Duties, duty{rule.Paragraph, rule.Words})
			}
		}
	}
	for _, box := range []string{"mine", "for-us"} {
		page, err := client.Get[api.AccessRequestPage](ctx, g.Client, "/requests", map[string][]string{"box": {box},
			"document": {string(h.Document)}, "state": {string(api.RequestStateInForce)}})
		if err != nil {
			return refused(err)
		}
		for _, r := range page.Body.Items {
			if r.Conditions != nil && r.Version == h.Version && h.Purpose != nil && r.Purpose == *h.Purpose {
				h.Conditions = r.Conditions
				return nil
			}
		}
	}
	return nil
}

// safeName is a name of the gateway's as a name in a folder: no path, nothing hidden, nothing that plays with a
// terminal.
func safeName(name string) (string, error) {
	name = strings.Map(func(r rune) rune {
		if r == '/' || r == '\\' || r == ':' || r == 0xfffd {
			return '_'
		}
		return r
	}, printable(name))
	name = strings.TrimLeft(name, ".")
	if name == "" || len(name) > 200 {
		return "", &failure{exitUsage, errors.New("the gateway gives the file no name that can stand here: give -o " +
			"FILE")}
	}
	return name, nil
}

// disclosed asks for the disclosure that an earlier process began with, as long as its permit lasts, or for a new one.
func (g *gateway) disclosed(ctx context.Context, d api.Document, p pulling, half *half) (api.Disclosure, error) {
	ask := func() (api.Disclosure, error) {
		made, err := client.Post[api.Disclosure](ctx, g.Client, under("documents", string(d.Id), "disclosures"),
			p.reading, "Idempotency-Key", half.Key)
		return made.Body, err
	}
	given, err := ask()
	var problem *client.Problem
	if errors.As(err, &problem) && problem.Status == http.StatusGone { // the permit is over: another copy, and entry
		if err := half.begin(); err != nil {
			return given, err
		}
		given, err = ask()
	}
	return given, err
}

// fetchTo writes the file beside its description: first hidden, then whole and on the disk, then under its name.
func (g *gateway) fetchTo(ctx context.Context, env environment, p pulling, d api.Disclosure, h *holding,
	half *half) error {
	final := filepath.Join(p.dir, p.name)
	if err := p.free(d.Id); err != nil {
		return errors.Join(err, half.done())
	}
	bar := newProgress(env, p.name, *orZero(d.Size))
	err := half.complete(ctx, g, arriving{half.Part, 0o600, d, inSteps("came", bar.at), half.keep})
	bar.end()
	if err != nil {
		return err
	}
	h.Size, h.SHA256 = *orZero(d.Size), *orZero(d.Sha256)
	label, err := client.Get[json.RawMessage](ctx, g.Client, under("disclosures", string(d.Id), "label"), nil)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		return err
	}
	// Before the file: it is never there without its marking, and what lies there alone says whose it is.
	if err := disk.Replace(final+markingEnd, append(text, '\n')); err != nil {
		return err
	}
	if err := disk.Replace(final+labelEnd, label.Body); err != nil {
		return err
	}
	if err := os.Rename(half.Part, final); err != nil {
		return err
	}
	return disk.SyncFolder(p.dir)
}
