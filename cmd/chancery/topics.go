package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// manCommand writes the manual pages, for whoever makes a package.
func manCommand(env environment) *cobra.Command {
	return &cobra.Command{
		Use:    "man DIR",
		Short:  "Write a manual page for each command into a folder",
		Args:   cobra.ExactArgs(1),
		Hidden: true,
		RunE: does(func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return err
			}
			root := cmd.Root()
			root.DisableAutoGenTag = true // the same pages of the same commands
			head := &doc.GenManHeader{Title: "CHANCERY", Section: "1", Source: "Chancery", Manual: "Chancery"}
			if err := doc.GenManTree(root, head, args[0]); err != nil {
				return err
			}
			_, err := fmt.Fprintln(env.stderr, "Manual pages are in "+printable(args[0]))
			return err
		}),
	}
}

// helpTopics are read with "chancery help TOPIC".
func helpTopics() []*cobra.Command {
	return []*cobra.Command{
		{Use: "exit-codes", Short: "What the exit codes mean", Long: exitHelp},
		{Use: "environment", Short: "What is read of the environment", Long: environmentHelp},
		{Use: "formatting", Short: "How lists and answers are printed", Long: formattingHelp},
	}
}

const environmentHelp = `CHANCERY_SERVER             the gateway's address, or an alias; --server goes before it
CHANCERY_TOKEN              an access token, used before any sign-in that was kept
CHANCERY_CLIENT_ID          a machine client, which gets its token itself (client credentials), with
CHANCERY_CLIENT_SECRET_FILE   a file that holds its secret, read each time a token is needed,
CHANCERY_ISSUER               the whole address of its identity provider, to which alone the secret goes, and
CHANCERY_SCOPE                the scopes to ask for, where the provider needs them
CHANCERY_CONFIG_DIR         where sign-ins, aliases and how far files and folders are on their way are kept
                              (default XDG_CONFIG_HOME/chancery, ~/.config/chancery)
CHANCERY_KEYRING            "off": keep tokens in a file that you alone can read, and ask no keyring
CHANCERY_ALLOW_YES          "1": --yes decides on protected documents too
BROWSER                     the program that opens the sign-in page; none where it is not set
NO_COLOR, TERM=dumb         no bold heading on a terminal
HTTPS_PROXY, NO_PROXY       the way to the gateway`

const formattingHelp = `What was asked for stands on the standard output, everything else on the standard error.

On a terminal lists are columns under a heading, cut at its width. Written to a file or a pipe they are whole: one thing
a line, tabs between, no heading. Letters that could play with a terminal are shown as U+FFFD. A list ends at 50, or at
what --limit says; where there are more the standard error says so.

--json FIELDS prints these fields as JSON, by the names that the API has for them: --json id,marking. --json all prints
everything that the gateway answers; a wrong field is answered with those that there are.

--progress json tells how far each transfer is, on the standard error, five times a second at most and at its end:
{"file":"long.pdf","done":1048576,"total":4194304}, in bytes. Of an upload whose line broke "done" may go back.`
