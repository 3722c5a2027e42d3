package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/identity"
	"chancery.example/gateway/pkg/instrument"
)

func tokenCommand(env environment) *cobra.Command {
	group := &cobra.Command{Use: "token", Short: "Look at an access token of an identity provider"}
	var path, keys string
	explain := &cobra.Command{
		Use:   "explain",
		Short: "Say why a token is refused, or whom it names and what it gives",
		Long: "explain reads an access token from standard input and says what this gateway would make of it: each " +
			"reason for\n" +
			"which it is refused, or organisation, person and roles, and which claims are missing and what that " +
			"costs. It\n" +
			"asks the token's issuer for its keys, or takes them from a file, and nothing else; nothing is written, " +
			"and the\n" +
			"token is never printed. Exit code 0: it would be accepted. 1: it would not.",
		Args: cobra.NoArgs,
		RunE: does(func(ctx context.Context) error { return explainToken(ctx, path, keys, env) }),
	}
	configFlag(explain, &path)
	explain.Flags().StringVar(&keys, "jwks", "", "take the issuer's keys from this `FILE` (a JWK set), and ask nobody")
	group.AddCommand(explain)
	return group
}

func explainToken(ctx context.Context, path, keysFile string, env environment) error {
	cfg, _ := load(path, env.variables) // whatever else is wrong with it is not asked
	if len(cfg.Issuers) == 0 {
		return faultAt("issuers", errors.New("none is configured"), "name the gateway's configuration with --config")
	}
	in, _ := readArrangement(cfg.Arrangement)
	var keys []byte
	if keysFile != "" {
		var err error
		if keys, err = readBounded(keysFile); err != nil {
			return fmt.Errorf("--jwks: %w", err)
		}
	}
	text, err := io.ReadAll(io.LimitReader(env.stdin, 1<<20))
	if err != nil {
		return fmt.Errorf("standard input: %w", err)
	}
	token := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(string(text)), "Bearer "))
	if token == "" {
		return &failure{exitUsage, errors.New("no token on standard input")}
	}
	e, err := identity.Explain(ctx, identity.Config{Issuers: issuersOf(cfg.Issuers)}, token, keys)
	if err != nil && e.Issuer == "" {
		return err
	}
	tell(env.stdout, e, in)
	if err != nil {
		return fmt.Errorf("the signature was not checked: %w", err)
	}
	if len(e.Refusals) > 0 {
		return &failure{code: exitFailure}
	}
	return nil
}

// tell writes an explanation; values of claims are quoted, since whoever made the token chose them.
func tell(w io.Writer, e identity.Explanation, in instrument.Instrument) {
	for _, r := range e.Refusals {
		fmt.Fprintf(w, "refused    %s: %s\n           cure: %s\n", r.About, r.What, r.Cure)
	}
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	if e.Issuer != "" {
		short, name := organisationOf(in, e.Issuer)
		fmt.Fprintf(table, "issuer\t%s\norganisation\t%s %s\n", e.Issuer, short, name)
	}
	if c := e.Claims; c.Subject != "" {
		fmt.Fprintf(table, "subject\t%q, named %q\nclient\t%q\nroles\t%s\n", c.Subject, c.Name, c.Client, rolesOf(c))
		if c.Service == nil {
			fmt.Fprintf(table, "decides\t%s\n", delegationsOf(in, e.Issuer, c.Subject, time.Now()))
		}
	}
	_ = table.Flush() // to a writer that was written to above
	for _, m := range e.Missing {
		fmt.Fprintf(w, "missing    %s: %s\n           cure: %s\n", m.About, m.What, m.Cure)
	}
	if len(e.Refusals) == 0 && e.Verified {
		fmt.Fprintf(w, "accepted until %s\n", e.Expires.UTC().Format(time.RFC3339))
	}
}

func rolesOf(c exchange.Claims) string {
	if len(c.Roles) == 0 {
		return "none"
	}
	all := make([]string, len(c.Roles))
	for i, role := range c.Roles {
		all[i] = string(role)
	}
	return strings.Join(all, ", ")
}

// organisationOf is whom an issuer speaks for, by the Arrangement file.
func organisationOf(in instrument.Instrument, issuer string) (short, name string) {
	for _, p := range in.Parties {
		if p.Issuer == issuer {
			return p.Short, p.Name
		}
	}
	for _, t := range in.ThirdParties {
		if t.Issuer == issuer {
			return t.Short, t.Name
		}
	}
	if in.Operator.Issuer == issuer {
		return in.Operator.Short, in.Operator.Name
	}
	return "none:", "the Arrangement file binds this issuer to no organisation"
}

// delegationsOf are the acts for which the Arrangement file names somebody; what was changed through the gateway since
// only the gateway knows.
func delegationsOf(in instrument.Instrument, issuer, subject string, now time.Time) string {
	var acts []string
	for _, p := range in.Parties {
		for _, d := range p.Delegations {
			if p.Issuer == issuer && d.Subject == subject && !now.Before(d.From) && now.Before(d.Ends()) {
				acts = append(acts, d.Acts...)
			}
		}
	}
	if len(acts) == 0 {
		return "nothing by the Arrangement file: a role does not suffice, that takes a Delegation of this subject"
	}
	slices.Sort(acts)
	return strings.Join(slices.Compact(acts), ", ") + " (Delegation of the Arrangement file)"
}
