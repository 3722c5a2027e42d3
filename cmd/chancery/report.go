package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"
	_ "time/tzdata" // an auditor's machine may have none

	"github.com/spf13/cobra"

	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/report"
)

// reporting is what `chancery report` is told, besides what it verifies with.
type reporting struct {
	verification
	out, from, to, zone, language string
}

func reportCommand(env environment) *cobra.Command {
	var r reporting
	cmd := &cobra.Command{
		Use:   "report BUNDLE [OTHER-BUNDLE] -o DIR",
		Short: "Write what an auditor reads: a page that prints, and CSV files; offline",
		Long: "report verifies a bundle, as verify does, and writes report.html and CSV files into a folder: who got " +
			"which document,\n" +
			"when, on whose decision; consents, authorizations, withdrawals, refusals, third parties; what is new " +
			"since the checkpoint\n" +
			"that you kept (--since), and what looks unusual. Each line bears the verdict on its entry and the place " +
			"where it stands.\n" +
			"The page asks for nothing from elsewhere and opens without a network. Of two bundles it makes the joint " +
			"report.\n\n" +
			"The files hold titles and names as far as your Party may know them: they are readable by you alone, and " +
			"the page bears\n" +
			"the highest marking of what it names. The exit code is that of verify.",
		Args: cobra.RangeArgs(1, 2),
		RunE: does(func(_ *cobra.Command, args []string) error { return r.make(env, args) }),
	}
	r.flags(cmd)
	cmd.Flags().StringVarP(&r.out, "output", "o", "", "write the files into this `DIR`")
	cmd.Flags().StringVar(&r.from, "from", "", "list what happened at this `INSTANT` (RFC 3339) or later")
	cmd.Flags().StringVar(&r.to, "to", "", "list what happened before this `INSTANT`")
	cmd.Flags().StringVar(&r.zone, "zone", "UTC", "where a night is a night, such as Europe/Brussels: a `ZONE`")
	cmd.Flags().StringVar(&r.language, "lang", "en", "the `LANGUAGE` of the page, en or fr")
	return cmd
}

func (r reporting) make(env environment, paths []string) error {
	if r.out == "" {
		return &failure{exitUsage, errors.New("where to? Give -o DIR")}
	}
	o := report.Options{Language: r.language}
	var err error
	if o.Verify, err = r.options(); err != nil {
		return err
	}
	if err = period(bound{"--from", r.from, &o.From}, bound{"--to", r.to, &o.To}); err != nil {
		return err
	}
	if o.Zone, err = time.LoadLocation(r.zone); err != nil {
		return &failure{exitUsage, fmt.Errorf("--zone %s: no such time zone", ledger.Plain(r.zone))}
	}
	bundles, done, err := openBundles(paths)
	if err != nil {
		return err
	}
	defer done()
	made, err := report.Make(bundles, o)
	if err != nil {
		return err
	}
	if err := made.Write(r.out); err != nil {
		return err
	}
	fmt.Fprintf(env.stdout, "%s\n%s\n", filepath.Join(r.out, report.Page), verdict(made.Verdict))
	if !made.Verdict.Good {
		return &failure{code: exitUnverified}
	}
	return nil
}
