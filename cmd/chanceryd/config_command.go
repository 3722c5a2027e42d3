package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"

	"github.com/spf13/cobra"

	"chancery.example/gateway/deploy"
	"chancery.example/gateway/pkg/ledger"
)

func configCommand(env environment) *cobra.Command {
	group := &cobra.Command{Use: "config", Short: "Look at the configuration"}
	var path string
	var asks bool
	check := &cobra.Command{
		Use:   "check",
		Short: "Name each problem of the configuration with its key and its cure",
		Long: "check reads the configuration, the Arrangement file and the key files, and reports everything that is " +
			"wrong at\n" +
			"once. Settings that weaken the gateway are listed: the very first start enters them in the log and " +
			"tells both\n" +
			"Parties; serve does not start with others later, before \"config adopt\" put them in force.\n\n" +
			"It reaches no database, store or provider. With --online each is asked, mail server and malware " +
			"scanner too.\n" +
			"Neither way anything is written. Exit code 0: no problem was found. 1: there are problems.",
		Args: cobra.NoArgs,
		RunE: does(func(ctx context.Context) error {
			s, found := checked(path, env.variables)
			switch readable := !slices.ContainsFunc(found, finding.stops); {
			case asks && readable:
				found = append(found, online(ctx, s, ofServe(found))...)
			case asks:
				found = append(found, finding{Key: "--online", Note: true, Problem: "nobody was asked",
					Cure: "mend the problems first"})
			}
			if report(env.stdout, found) > 0 {
				return &failure{code: exitFailure}
			}
			return nil
		}),
	}
	configFlag(check, &path)
	check.Flags().BoolVar(&asks, "online", false, "ask every part that the configuration names; nothing is written")
	example := &cobra.Command{
		Use:   "example",
		Short: "Print a configuration that explains every key",
		Args:  cobra.NoArgs,
		RunE: does(func(context.Context) error {
			_, err := env.stdout.Write(deploy.ExampleConfig)
			return err
		}),
	}
	group.AddCommand(check, example, adoptCommand(env))
	return group
}

// configFlag is the one flag that every command with a configuration has.
func configFlag(cmd *cobra.Command, path *string) {
	cmd.Flags().StringVar(path, "config", "", "the configuration `FILE` (YAML); the environment is read besides")
}

// report writes findings and answers how many of them are problems.
func report(w io.Writer, found []finding) int {
	problems := 0
	for i, f := range found {
		kind := "weakening"
		switch {
		case f.Note:
			kind = "note"
		case f.stops():
			kind = "problem"
			problems++
		}
		fmt.Fprintf(w, "%-9s  %s: %s\n", kind, f.Key, f.Problem)
		if i+1 == len(found) || found[i+1].Cure != f.Cure { // one cure for all that stand together
			fmt.Fprintf(w, "%-9s  cure: %s\n", "", f.Cure)
		}
	}
	if problems == 0 {
		fmt.Fprintln(w, "no problem found")
	} else {
		fmt.Fprintln(w, ledger.Several(problems, "problem"), "found")
	}
	return problems
}

// weakenings are what the log's configuration entry says of the settings.
func weakenings(found []finding) []string {
	var said []string
	for _, f := range found {
		if f.Weakening {
			said = append(said, f.Key+": "+f.Problem)
		}
	}
	slices.Sort(said)
	return said
}

// ofServe are the weakenings that serve would have in the same place: the owner's address is there for migrate alone.
func ofServe(found []finding) []string {
	return weakenings(slices.DeleteFunc(slices.Clone(found),
		func(f finding) bool { return f.Key == "database.owner_url" }))
}

// loadToServe is how what serves starts: with everything that is named.
func loadToServe(path string, env environment) (setting, []finding, error) {
	s, found := checked(path, env.variables)
	return s, found, stopped(found, env)
}

// loadOrReport is how the other commands start. What serving alone takes is not looked at: a certificate that expired
// at night keeps nobody from a backup, a look at the log or the end of sessions.
func loadOrReport(path string, env environment) (setting, []finding, error) {
	s, found := checked(path, env.variables)
	found = slices.DeleteFunc(found, func(f finding) bool { return f.stops() && ofServing.MatchString(f.Key) })
	return s, found, stopped(found, env)
}

var ofServing = regexp.MustCompile(`^(tls|malware|mail|issuers\[\d+\]\.portal)(\.|$)`)

// stopped reports what is found when nothing may be started with it.
func stopped(found []finding, env environment) error {
	if slices.ContainsFunc(found, func(f finding) bool { return f.stops() }) {
		report(env.stderr, found)
		return &failure{exitFailure, errors.New("the configuration has problems; nothing was started")}
	}
	return nil
}

// fileExists is true for whatever stands under that name.
func fileExists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
