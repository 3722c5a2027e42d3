package main

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// release is set by the linker in a release build; a build from a work tree names its commit instead.
var release string

// build names the build that runs, as the log's entries and /version name it.
func build() string {
	if release != "" {
		return release
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	commit, changed := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = "+changed"
		}
	}
	if commit == "" {
		return "development"
	}
	return commit[:min(12, len(commit))] + changed
}

func versionCommand(env environment) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Say which build this is, and which rules it carries",
		Args:  cobra.NoArgs,
		RunE: does(func(context.Context) error {
			rules, err := rulesDigest()
			if err != nil {
				return err
			}
			fmt.Fprintf(env.stdout, "chanceryd %s\nrules %s\n", build(), rules)
			return nil
		}),
	}
}
