package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/client"
)

func docPushCommand(env environment, with withGateway) *cobra.Command {
	said := declaration{}
	var manifest, metadata string
	var dry bool
	var a answered
	cmd := &cobra.Command{
		Use:   "push FILE | push DIR --manifest CSV",
		Short: "Deposit a file, or every file of a folder",
		Long: "push deposits a file with what its flags declare, or with --metadata, a file of JSON as POST " +
			"/documents " +
			"takes it;\nflags go before it. --dry-run asks the rules, and sends nothing.\n\nWith --manifest it " +
			"deposits a " +
			"folder. The table has a column file, and others by the names of the flags, with _ for -;\nevery row " +
			"bears its " +
			"own marking. The whole is refused, naming the row, before a byte of any file is sent, where a " +
			"row\nlacks " +
			"something, a file has no row (in a folder inside too), or the rules would refuse " +
			"one. Run again within two days, it goes on " +
			"where it\nwas and deposits nothing twice.\n\nA file that is larger than 8 MiB is sent in parts: where " +
			"the line breaks it goes on by itself for some minutes, and\nwhen the same command is run again within a " +
			"day it goes on where it was. A file that is another meanwhile is sent anew.",
		Args: cobra.ExactArgs(1),
	}
	said.flags(cmd)
	cmd.Flags().StringVar(&manifest, "manifest", "", "a `TABLE` (CSV) that says what is declared of each file of a "+
		"folder")
	cmd.Flags().StringVar(&metadata, "metadata", "", "a `FILE` of JSON with what is declared")
	cmd.Flags().BoolVar(&dry, "dry-run", false, "ask the rules whether it would be taken; send nothing")
	a.flags(cmd)
	cmd.RunE = with(func(ctx context.Context, g *gateway, args []string) error {
		if manifest != "" {
			return g.pushFolder(ctx, env, args[0], manifest, said, a, dry)
		}
		var base []byte
		var err error
		if metadata != "" {
			if base, err = readSmall(metadata); err != nil {
				return err
			}
		}
		if said["title"] == "" && metadata == "" {
			said["title"] = filepath.Base(args[0])
		}
		declared, err := said.metadata(base)
		if err != nil {
			return &failure{exitUsage, err}
		}
		if dry {
			return g.explainDeposit(ctx, declared)
		}
		d, err := g.push(ctx, env, args[0], declared)
		if err != nil {
			return err
		}
		return printMade(env, a, d, string(d.Id))
	})
	return cmd
}

// push deposits one file.
func (g *gateway) push(ctx context.Context, env environment, path string, metadata api.DepositMetadata) (api.Document,
	error) {
	f, size, err := openRegular(path)
	if err != nil {
		return api.Document{}, err
	}
	defer f.Close()
	bar := newProgress(env, filepath.Base(path), size)
	defer bar.end()
	var d api.Document
	if size > inParts && metadata.Marking != nil {
		d, err = g.pushInParts(ctx, f, size, metadata, bar)
	} else {
		d, err = g.Deposit(ctx, metadata, client.File{Name: filepath.Base(path), Size: size, Body: bar.reading(f)})
	}
	if err != nil {
		return d, refused(err)
	}
	bar.end()
	tellDeposited(env, filepath.Base(path), d)
	return d, nil
}

func tellDeposited(env environment, name string, d api.Document) {
	fmt.Fprintf(env.stderr, "Deposited %s as %s, marked %s; recorded as %s.\n", printable(name),
		printable(string(d.Id)), printable(string(d.Marking)), printable(told(d.LogEntry)))
}

// pushInParts deposits a file that is sent in parts. What broke off goes on, in a later run of the same command too:
// the upload is found again by the digest of the file.
func (g *gateway) pushInParts(ctx context.Context, f *os.File, size int64, metadata api.DepositMetadata,
	bar *progress) (api.Document, error) {
	digest, _, err := digestOf(f)
	if err != nil {
		return api.Document{}, err
	}
	p := inPartsOf(f, size, digest, metadata)
	p.Key, p.Sent = keyOf("push", p.SHA256, p.Marking, p.Name), bar.at
	return g.depositInParts(ctx, p)
}

// keyOf names what is sent in parts, so that a later run of the same command finds it.
func keyOf(command string, said ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(said, "\n")))
	return command + "-" + hex.EncodeToString(sum[:])
}

// openRegular opens what is a file, and nothing else.
func openRegular(path string) (*os.File, int64, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, fmt.Errorf("%s is no file", printable(path))
	}
	f, err := os.Open(path)
	return f, info.Size(), err
}

// explainDeposit asks the rules whether a deposit would be taken.
func (g *gateway) explainDeposit(ctx context.Context, metadata api.DepositMetadata) error {
	got, err := client.Post[api.Explanation](ctx, g.Client, "/explain",
		api.Question{Action: api.QuestionDeposit, Deposit: &metadata})
	if err != nil {
		return refused(err)
	}
	if got.Body.Allowed {
		return nil
	}
	said := "it would be refused"
	for _, r := range got.Body.Reasons {
		said += "\n  " + words(r)
	}
	return &failure{exitRefused, errors.New(said)}
}
