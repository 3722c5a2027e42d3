//go:build nodemo

package main

import (
	"errors"

	"github.com/spf13/cobra"
)

// demoCommand says that this build holds no demo: what is served holds no identity provider that signs anybody in.
func demoCommand(environment) *cobra.Command {
	return &cobra.Command{
		Use:    "demo",
		Hidden: true,
		RunE: func(*cobra.Command, []string) error {
			return errors.New("this build holds no demo; make demo builds one that does")
		},
	}
}
