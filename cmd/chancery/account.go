package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"chancery.example/gateway/pkg/ledger"
)

func accountingCommand(env environment) *cobra.Command {
	return &cobra.Command{
		Use:   "accounting BUNDLE DOCUMENT",
		Short: "Make the accounting of disclosures of one document out of a bundle; offline",
		Long: "accounting prints a line of JSON for each disclosure of the document that your Party may open, the " +
			"oldest first: to\n" +
			"whom, when, on whose authority, under which copy number, and how it was closed. The lines are the items " +
			"of\n" +
			"GET /log/accounting, byte for byte. It takes the bundle at its word: verify it first.",
		Args: cobra.ExactArgs(2),
		RunE: does(func(_ *cobra.Command, args []string) error {
			f, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer f.Close()
			info, err := f.Stat()
			if err != nil {
				return err
			}
			lines, err := ledger.AccountOf(ledger.Bundle{R: f, Size: info.Size()}, args[1])
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			_, err = env.stdout.Write(lines)
			return err
		}),
	}
}
