package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/client"
)

func agreementCommand(env environment, with withGateway) *cobra.Command {
	group := &cobra.Command{Use: "agreement", Short: "Confidentiality Agreements of third parties: Article 4(8)"}
	l := &listing[api.Agreement]{
		path:    "/agreements",
		heading: []string{"ID", "STATE", "OF", "PUT BY", "AT", "TEXT SHA-256"},
		row: func(a api.Agreement) []string {
			return []string{string(a.Id), string(a.State), string(a.Organisation), string(a.ByOrganisation),
				a.ProposedAt.UTC().Format("2006-01-02"), string(a.TextSha256)}
		},
	}
	list := &cobra.Command{Use: "list", Short: "List them, the newest first", Args: cobra.NoArgs,
		RunE: with(func(ctx context.Context, g *gateway, _ []string) error { return l.print(ctx, env, g) })}
	l.flags(list)
	group.AddCommand(list, agreementViewCommand(env, with), agreementSignCommand(env, with),
		agreementDeclineCommand(env, with))
	return group
}

func agreementViewCommand(env environment, with withGateway) *cobra.Command {
	var a answered
	cmd := &cobra.Command{Use: "view AGREEMENT", Short: "Show one, with its text", Args: cobra.ExactArgs(1)}
	a.flags(cmd)
	cmd.RunE = with(func(ctx context.Context, g *gateway, args []string) error {
		one, err := show(ctx, env, g, under("agreements", args[0]), a, func(a api.Agreement) [][2]string {
			rows := [][2]string{{"agreement", string(a.Id)}, {"state", string(a.State)}, {"of", string(a.Organisation)},
				{"put by", string(a.ByOrganisation)}, {"document", told(a.Document)}, {"sha256", string(a.TextSha256)}}
			if s := a.Signature; s != nil {
				rows = append(rows, [2]string{"signed", s.Name + ", " + s.Function + ", by " + s.Authority})
			}
			if n := a.Declined; n != nil {
				rows = append(rows, [2]string{"declined", n.Statement})
			}
			return rows
		})
		if err != nil || a.fields != "" {
			return err
		}
		_, err = fmt.Fprintf(env.stdout, "\n%s\n", printableLines(one.Text))
		return err
	})
	return cmd
}

func agreementSignCommand(env environment, with withGateway) *cobra.Command {
	var signing api.Signing
	var by proving
	var sure confirming
	var a answered
	cmd := &cobra.Command{
		Use:   "sign AGREEMENT --name NAME --function FUNCTION --authority TEXT",
		Short: "Sign one for your organisation, under exactly the text that is shown",
		Args:  cobra.ExactArgs(1),
	}
	cmd.Flags().StringVar(&signing.Name, "name", "", "your `NAME`")
	cmd.Flags().StringVar(&signing.Function, "function", "", "your `FUNCTION`")
	cmd.Flags().StringVar(&signing.Authority, "authority", "", "`TEXT`: by what you sign for your organisation")
	by.flags(cmd)
	cmd.Flags().BoolVar(&sure.yes, "yes", false, "do not ask; only with CHANCERY_ALLOW_YES=1")
	a.flags(cmd)
	cmd.RunE = with(func(ctx context.Context, g *gateway, args []string) error {
		seen, err := client.Get[api.Agreement](ctx, g.Client, under("agreements", args[0]), nil)
		if err != nil {
			return refused(err)
		}
		if err := isItsDigest(seen.Body.Text, seen.Body.TextSha256); err != nil {
			return err
		}
		fmt.Fprintln(env.stderr, printableLines(seen.Body.Text))
		signing.TextSha256, signing.Accepts = seen.Body.TextSha256, true
		var draft api.CanonicalText
		if by.bySignIn() {
			if draft, err = g.signingText(ctx, args[0], signing); err != nil {
				return err
			}
			fmt.Fprintln(env.stderr, printableLines(draft.Text))
		}
		if err := sure.ask(env, api.Confidential, "sign "+printable(string(seen.Body.Id))); err != nil {
			return err
		}
		if by.bySignIn() {
			if g, signing.Evidence, err = g.evidence(ctx, env, draft); err != nil {
				return err
			}
		}
		signed, err := g.Sign(ctx, args[0], signing)
		if err != nil {
			return refused(err)
		}
		fmt.Fprintf(env.stderr, "Signed; recorded as %s.\n", printable(told(signed.LogEntry)))
		return printMade(env, a, signed, string(signed.Id))
	})
	return cmd
}

func agreementDeclineCommand(env environment, with withGateway) *cobra.Command {
	var s stopping
	cmd := &cobra.Command{
		Use:   "decline AGREEMENT --statement TEXT",
		Short: "Say for your organisation that it does not sign a text, and why",
		Args:  cobra.ExactArgs(1),
	}
	s.flags(cmd, "")
	cmd.RunE = with(func(ctx context.Context, g *gateway, args []string) error {
		if err := s.ask(env, api.Confidential, "decline "+printable(args[0])); err != nil {
			return err
		}
		declined, err := client.Post[api.Agreement](ctx, g.Client, under("agreements", args[0], "declining"), s.why)
		if err != nil {
			return refused(err)
		}
		if n := declined.Body.Declined; n != nil {
			fmt.Fprintf(env.stderr, "Declined; recorded as %s.\n", printable(string(n.LogEntry)))
		}
		return printMade(env, s.answered, declined.Body, string(declined.Body.Id))
	})
	return cmd
}

// signingText is what the signature puts into writing: a text that names the agreement by the digest of its own.
func (g *gateway) signingText(ctx context.Context, agreement string, signing api.Signing) (api.CanonicalText, error) {
	signing.Evidence = &api.Evidence{Kind: api.EvidenceKindOidc}
	draft, err := client.Post[api.CanonicalText](ctx, g.Client, under("agreements", agreement, "signatures", "draft"),
		signing)
	if err != nil {
		return draft.Body, refused(err)
	}
	if !strings.Contains(draft.Body.Text, string(signing.TextSha256)) {
		return draft.Body, &failure{exitUnverified, errors.New("the text of the signature names another agreement " +
			"than the one that is shown: nothing was signed")}
	}
	return draft.Body, isItsOwn(draft.Body)
}
