// Command chanceryd is the gateway's server: it builds the parts out of the configuration and runs them. It holds no
// rules; those stand in pkg/article4 and are applied by pkg/exchange.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	code := run(ctx, os.Args[1:], environment{variables: os.Environ(), stdin: os.Stdin,
		stdout: os.Stdout, stderr: os.Stderr})
	stop()
	os.Exit(code)
}

// environment is what a command reaches of the world outside, files and network apart.
type environment struct {
	variables      []string
	stdin          io.Reader
	stdout, stderr io.Writer
}

// The exit codes.
const (
	exitDone    = 0
	exitFailure = 1
	exitUsage   = 2
)

// run carries out one command and answers its exit code. It returns soon after ctx ends.
func run(ctx context.Context, args []string, env environment) int {
	root := commands(env)
	root.SetArgs(args)
	failed := &failure{}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &failure{exitUsage, err} })
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &failed):
		if failed.cause != nil {
			fmt.Fprintln(env.stderr, "chanceryd:", failed.cause)
		}
		return failed.code
	}
	// Whatever cobra refuses by itself is wrong use; our commands answer *failure.
	fmt.Fprintln(env.stderr, "chanceryd:", err)
	fmt.Fprintln(env.stderr, `Run "chanceryd --help" for what there is.`)
	return exitUsage
}

// commands are all that there is.
func commands(env environment) *cobra.Command {
	root := &cobra.Command{
		Use:   "chanceryd",
		Short: "Confidential document exchange between the two Parties of an Arrangement",
		Long: "chanceryd is the gateway's server. It carries out Article 4 of the Parties' Arrangement:\n" +
			"nothing confidential or restricted leaves without the authorizations and the consent that it asks " +
			"for,\n" +
			"and no byte before the entry that records it.",
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetOut(env.stdout)
	root.SetErr(env.stderr)
	root.AddCommand(serveCommand(env), healthCommand(env), migrateCommand(env), keysCommand(env), configCommand(env),
		logCommand(env), backupCommand(env), mailCommand(env), webhooksCommand(env), sessionsCommand(env),
		tokenCommand(env), demoCommand(env), versionCommand(env), stampCommand())
	return root
}

// failure is how a command ends that does not end well.
type failure struct {
	code  int
	cause error // nil: everything is said already
}

func (f *failure) Error() string {
	if f.cause == nil {
		return "failed"
	}
	return f.cause.Error()
}

func (f *failure) Unwrap() error { return f.cause }

// does adapts what a command does: an error of it is a failure, not wrong use.
func does(f func(ctx context.Context) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, _ []string) error {
		err := f(cmd.Context())
		var failed *failure
		if err == nil || errors.As(err, &failed) {
			return err
		}
		return &failure{exitFailure, err}
	}
}
