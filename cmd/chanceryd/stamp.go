package main

import (
	"os"

	"github.com/spf13/cobra"

	"chancery.example/gateway/pkg/stamp"
)

// stampChild is the command that the gateway starts of itself for each marked copy.
const stampChild = "stamp-child"

// newStamper makes marked copies in processes of their own, with limits: files are other people's input.
func newStamper() (*stamp.Stamper, error) {
	return stamp.New(stamp.Config{Child: []string{"/proc/self/exe", stampChild}})
}

// stampCommand is that process. Nobody calls it by hand.
func stampCommand() *cobra.Command {
	return &cobra.Command{
		Use:    stampChild,
		Short:  "Mark one copy (started by the gateway itself)",
		Args:   cobra.NoArgs,
		Hidden: true,
		RunE: func(*cobra.Command, []string) error {
			if err := stamp.Child(os.Stdin, os.Stdout); err != nil {
				return &failure{exitFailure, err}
			}
			return nil
		},
	}
}
