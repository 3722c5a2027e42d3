package main

import (
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"chancery.example/gateway/pkg/ledger"
)

func accountingCommand(env environment) *cobra.Command {
	var f ledger.AccountFilter
	var since, until string
	cmd := &cobra.Command{
		Use:   "accounting BUNDLE [DOCUMENT]",
		Short: "Make an accounting of disclosures out of a bundle; offline",
		Long: "accounting prints a line of JSON for each disclosure that your Party may open, the oldest first:\n" +
			"to whom, when, on whose authority, under which copy number, and how it was closed. DOCUMENT and\n" +
			"the flags leave out what does not fit. The lines are the items of GET /log/accounting, byte for\n" +
			"byte. It takes the bundle at its word: verify it first.",
		Args: cobra.RangeArgs(1, 2),
		RunE: does(func(_ *cobra.Command, args []string) error {
			if len(args) == 2 {
				f.Document = args[1]
			}
			if err := period(bound{"--since", since, &f.Since}, bound{"--until", until, &f.Until}); err != nil {
				return err
			}
			file, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer file.Close()
			info, err := file.Stat()
			if err != nil {
				return err
			}
			lines, err := ledger.AccountOf(ledger.Bundle{R: file, Size: info.Size()}, f)
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			_, err = env.stdout.Write(lines)
			return err
		}),
	}
	flags := cmd.Flags()
	flags.StringVar(&f.To, "organisation", "", "only what the `ORGANISATION` org_… got")
	flags.StringVar(&f.Person, "person", "", "only what the `PERSON` per_… got")
	flags.StringVar(&f.Consent, "consent", "", "only what rested on the consent whose body has this `SHA-256`")
	flags.StringVar(&since, "since", "", "only what was disclosed at this `INSTANT` (RFC 3339) or later")
	flags.StringVar(&until, "until", "", "only what was disclosed before this `INSTANT`")
	return cmd
}

// bound is one end of a period, as a flag says it.
type bound struct {
	flag, text string
	to         *time.Time
}

// period reads the ends that are given.
func period(ends ...bound) error {
	for _, b := range ends {
		if b.text == "" {
			continue
		}
		var err error
		if *b.to, err = time.Parse(time.RFC3339, b.text); err != nil {
			return &failure{exitUsage, fmt.Errorf("%s %s: want an instant such as 2026-10-01T00:00:00Z", b.flag,
				ledger.Plain(b.text))}
		}
	}
	return nil
}
