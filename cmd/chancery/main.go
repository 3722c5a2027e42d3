// Command chancery is what people and machines use at a command line: it speaks with a gateway, and verifies without
// one what it is given.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	code := run(ctx, os.Args[1:], environment{variables: os.Environ(), stdin: os.Stdin, stdout: os.Stdout,
		stderr: os.Stderr})
	stop()
	os.Exit(code)
}

// environment is what a command reaches of the world outside, files and network apart.
type environment struct {
	variables      []string
	stdin          io.Reader // nil: nobody answers questions
	stdout, stderr io.Writer
	progress       *string // how far a transfer is told: auto, json or none; nil is auto
}

func (e environment) lookup(name string) string {
	for i := len(e.variables) - 1; i >= 0; i-- {
		if value, found := strings.CutPrefix(e.variables[i], name+"="); found {
			return value
		}
	}
	return ""
}

// The exit codes.
const (
	exitDone        = 0
	exitFailure     = 1
	exitUsage       = 2
	exitRefused     = 3   // by the rules
	exitSignIn      = 4   // a token is needed
	exitUnverified  = 5   // verification failed, or is not anchored
	exitNotFound    = 6   // or not for the caller to know
	exitChanged     = 7   // meanwhile
	exitWaiting     = 8   // for somebody's decision
	exitInterrupted = 130 // by a signal
)

const exitHelp = `Exit codes: 0 done, 1 failure, 2 wrong use, 3 refused by the rules, 4 sign-in needed, 5 verification failed or not
anchored, 6 not found, 7 changed meanwhile, 8 waiting for somebody's decision, 130 interrupted.
"chancery help environment" says what is read of the environment, "chancery help formatting" how lists are printed.`

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

// run carries out one command and answers its exit code.
func run(ctx context.Context, args []string, env environment) int {
	root := &cobra.Command{
		Use:   "chancery",
		Short: "Work with the documents of a gateway, and verify its log",
		Long: "chancery signs in at a gateway, works with its documents, reads its disclosure log, and verifies " +
			"offline " +
			"what it is given.\n\n" + exitHelp,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetArgs(args)
	root.SetOut(env.stdout)
	root.SetErr(env.stderr)
	var server string
	root.PersistentFlags().StringVar(&server, "server", "",
		"the gateway's `ADDRESS`, or an alias of it (default CHANCERY_SERVER, else that of the last sign-in)")
	env.progress = new(string)
	root.PersistentFlags().Var(progressValue{env.progress}, "progress", "`HOW` far a transfer is told: auto (on a "+
		"terminal), json (lines on the standard error), or none")
	with := connecting(env, &server)
	root.AddCommand(docCommand(env, with), requestCommand(env, with), inboxCommand(env, with),
		agreementCommand(env, with), rulesCommand(env, with), apiCommand(env, with), syncCommand(env, &server))
	root.AddCommand(authCommand(env, &server), aliasCommand(env), logCommand(env, with), traceCommand(env, with),
		watchCommand(env, with), verifyCommand(env), reportCommand(env))
	root.AddCommand(helpTopics()...)
	root.AddCommand(manCommand(env))
	failed := &failure{}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &failure{exitUsage, err} })
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return exitDone
	case ctx.Err() != nil:
		fmt.Fprintln(env.stderr, "chancery: interrupted")
		return exitInterrupted
	case errors.As(err, &failed):
		if failed.cause != nil {
			fmt.Fprintln(env.stderr, "chancery:", printableLines(failed.cause.Error()))
		}
		return failed.code
	}
	// Whatever cobra refuses by itself is wrong use; our commands answer *failure.
	fmt.Fprintln(env.stderr, "chancery:", printableLines(err.Error()))
	fmt.Fprintln(env.stderr, `Run "chancery --help" for what there is.`)
	return exitUsage
}

// does makes an error of our own one that is not taken for wrong use.
func does(f func(cmd *cobra.Command, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		err := f(cmd, args)
		var failed *failure
		if err == nil || errors.As(err, &failed) {
			return err
		}
		return &failure{exitFailure, err}
	}
}
