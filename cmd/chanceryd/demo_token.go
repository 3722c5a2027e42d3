//go:build !nodemo

package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"chancery.example/gateway/pkg/devstack"
)

func demoTokenCommand(env environment, dir *string) *cobra.Command {
	var nonce string
	cmd := &cobra.Command{
		Use:   "token PERSON",
		Short: "Print a fresh bearer token of a running demo",
		Long: "token prints what PERSON would get by signing in now, with several factors: an access token for ten " +
			"minutes.\n" +
			"With --nonce it prints an ID token with that nonce instead, the evidence of a consent.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return does(func(context.Context) error { return printToken(env.stdout, *dir, args[0], nonce) })(cmd, args)
		},
	}
	cmd.Flags().StringVar(&nonce, "nonce", "",
		"print an ID token with this `NONCE` (base64url of a consent text's SHA-256)")
	return cmd
}

func printToken(w io.Writer, dir, person, nonce string) error {
	p, known := playerOf(person)
	if !known {
		return fmt.Errorf("the demo knows no %q; there are %s", person, castNames())
	}
	if p.service && nonce != "" {
		return fmt.Errorf("%s is a machine client: it has no ID token", person)
	}
	if !fileExists(filepath.Join(dir, demoReady)) {
		return fmt.Errorf("no demo is running on %s; start one with \"chanceryd demo --data %s\"", dir, dir)
	}
	cfg, err := demoIssuers(filepath.Join(dir, "issuers"), "http://"+demoListen)
	if err != nil {
		return err
	}
	issuers, err := devstack.OpenIssuers(cfg)
	if err != nil {
		return err
	}
	access, id, err := p.tokens(issuers, nonce)
	if err != nil {
		return err
	}
	if nonce != "" {
		access = id
	}
	fmt.Fprintln(w, access)
	return nil
}
