package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/client"
)

func docCorrectCommand(env environment, with withGateway) *cobra.Command {
	said := declaration{}
	var kind, why string
	var keep bool
	var a answered
	cmd := &cobra.Command{
		Use:   "correct DOCUMENT FILE --kind KIND --statement TEXT --derived-from DOCUMENTS",
		Short: "Deposit a new version; holders of earlier ones are told",
		Long: "correct deposits a new version of a document of your organisation's.\n\nA file that is larger than 8 " +
			"MiB is sent in parts: where the line breaks it goes on by itself for some minutes, and\nwhen the same " +
			"command is run again within a day it goes on where it was. What is refused for an answer need\nnot be " +
			"sent again.",
		Args: cobra.ExactArgs(2),
	}
	said.flags(cmd, "derived_from", "not_derived", "marking_confirmation")
	cmd.Flags().StringVar(&kind, "kind", "", "`KIND`: corrects, updates or replaces the version before")
	cmd.Flags().StringVar(&why, "statement", "", "`TEXT`: what is new")
	cmd.Flags().BoolVar(&keep, "keep-previous", false, "the version before may still be read by whoever was granted it")
	a.flags(cmd)
	cmd.RunE = with(func(ctx context.Context, g *gateway, args []string) error {
		members, err := said.members()
		if err != nil {
			return &failure{exitUsage, err}
		}
		members["kind"], members["statement"], members["keep_previous"] = kind, why, keep
		d, err := g.correct(ctx, env, args[0], args[1], members)
		if err != nil {
			return err
		}
		fmt.Fprintf(env.stderr, "Version %s of %s; recorded as %s.\n", told(d.VersionNumber), printable(string(d.Id)),
			printable(told(d.LogEntry)))
		return printMade(env, a, d, told(d.Version))
	})
	return cmd
}

// correct deposits a new version, as members of JSON say it.
func (g *gateway) correct(ctx context.Context, env environment, document, path string, said map[string]any) (
	api.Document, error) {
	metadata, err := decoded[api.CorrectionMetadata](said)
	if err != nil {
		return api.Document{}, &failure{exitUsage, err}
	}
	f, size, err := openRegular(path)
	if err != nil {
		return api.Document{}, err
	}
	defer f.Close()
	bar := newProgress(env, filepath.Base(path), size)
	defer bar.end()
	if size > inParts {
		d, err := g.correctInParts(ctx, f, size, document, said, bar)
		return d, refused(err)
	}
	d, err := g.Correct(ctx, document, metadata, client.File{Name: filepath.Base(path), Size: size,
		Body: bar.reading(f)})
	return d, refused(err)
}

// correctInParts deposits a new version whose file is sent in parts, as pushInParts deposits a document.
func (g *gateway) correctInParts(ctx context.Context, f *os.File, size int64, document string, said map[string]any,
	bar *progress) (api.Document, error) {
	digest, _, err := digestOf(f)
	if err != nil {
		return api.Document{}, err
	}
	staged, err := g.StageInParts(ctx, client.Parts{
		Name:     filepath.Base(f.Name()),
		Document: document,
		SHA256:   digest,
		Size:     size,
		Body:     f,
		Key:      keyOf("correct", document, digest, filepath.Base(f.Name())),
		Sent:     inSteps("sent", bar.at),
	})
	if err != nil {
		return api.Document{}, err
	}
	reached("staged")
	said["staged"] = staged.Id
	correction, err := decoded[api.StagedCorrection](said)
	if err != nil {
		return api.Document{}, &failure{exitUsage, err}
	}
	return g.CorrectStaged(ctx, document, correction, "")
}
