package main

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/client"
)

func inboxCommand(env environment, with withGateway) *cobra.Command {
	group := &cobra.Command{Use: "inbox", Short: "What waits for the decision of your organisation"}
	l := requests("inbox")
	list := &cobra.Command{Use: "list", Short: "List what waits", Args: cobra.NoArgs,
		RunE: with(func(ctx context.Context, g *gateway, _ []string) error { return l.print(ctx, env, g) })}
	l.flags(list)
	group.AddCommand(list, inboxViewCommand(env, with), inboxAskCommand(env, with),
		decideCommand(env, with, api.DecisionActAuthorize, "Authorize a request, for your organisation: "+
			"Article 4(4)"),
		decideCommand(env, with, api.DecisionActConsent, "Consent in writing to a third party's access: "+
			"Article 4(8)"),
		decideCommand(env, with, api.DecisionActRefuse, "Refuse a request, with a reason"))
	return group
}

func inboxViewCommand(env environment, with withGateway) *cobra.Command {
	var a answered
	cmd := &cobra.Command{Use: "view REQUEST", Short: "Show a request, and what was asked and answered about it",
		Args: cobra.ExactArgs(1)}
	a.flags(cmd)
	cmd.RunE = with(func(ctx context.Context, g *gateway, args []string) error {
		r, err := show(ctx, env, g, under("requests", args[0]), a, requestRows)
		if err != nil || a.fields != "" {
			return err
		}
		said, err := client.Get[api.MessagePage](ctx, g.Client, under("requests", args[0], "messages"), url.Values{})
		if err != nil {
			return refused(err)
		}
		for _, m := range said.Body.Items {
			_, err := fmt.Fprintf(env.stdout, "%s  %s  %s: %s\n", m.At.UTC().Format(time.RFC3339),
				printable(string(m.Organisation)), printable(string(m.Kind)), printable(m.Text))
			if err != nil {
				return err
			}
		}
		return printPermissions(env.stdout, r.Permissions)
	})
	return cmd
}

func inboxAskCommand(env environment, with withGateway) *cobra.Command {
	var a answered
	cmd := &cobra.Command{Use: "ask REQUEST TEXT", Short: "Ask whoever made a request, or answer; what is said is " +
		"recorded",
		Args: cobra.ExactArgs(2)}
	a.flags(cmd)
	cmd.RunE = with(func(ctx context.Context, g *gateway, args []string) error {
		said, err := client.Post[api.Message](ctx, g.Client, under("requests", args[0], "messages"),
			api.Words{Text: args[1]})
		if err != nil {
			return refused(err)
		}
		return printMade(env, a, said.Body, string(said.Body.Id))
	})
	return cmd
}

// deciding is a decision as its flags give it.
type deciding struct {
	api.Deciding
	statement, until, conditions, form, transfer string
	agreement, earlier, draft                    bool
	proving
	confirming
	answered
}

func decideCommand(env environment, with withGateway, act api.DecisionAct,
	short string) *cobra.Command {
	d := deciding{Deciding: api.Deciding{Act: act}}
	cmd := &cobra.Command{Use: string(act) + " REQUEST --statement TEXT", Short: short, Args: cobra.ExactArgs(1)}
	cmd.Flags().StringVar(&d.statement, "statement", "", "`TEXT`: why")
	if act != api.DecisionActRefuse {
		cmd.Flags().StringVar(&d.until, "until", "", "to the end of this `DAY` (UTC); as asked where not given")
		cmd.Flags().StringVar(&d.conditions, "conditions", "", "`TEXT` that readers accept before they read")
		cmd.Flags().StringVar(&d.form, "form", "", "only in this `FORM`: stamped, original or view")
		d.proving.flags(cmd)
	}
	if act == api.DecisionActConsent {
		cmd.Flags().StringVar(&d.transfer, "transfer-basis", "", "the legal `BASIS` of the transfer, for personal data")
		cmd.Flags().BoolVar(&d.agreement, "agreement", false, "the third party has to sign a Confidentiality "+
			"Agreement first")
		cmd.Flags().BoolVar(&d.earlier, "earlier-signature-serves", false, "one that it signed before serves")
	}
	cmd.Flags().BoolVar(&d.yes, "yes", false, "do not ask; on protected documents only with CHANCERY_ALLOW_YES=1")
	cmd.Flags().BoolVar(&d.draft, "draft", false, "print the text that would be given in writing; decide nothing")
	d.answered.flags(cmd)
	cmd.RunE = with(func(ctx context.Context, g *gateway, args []string) error {
		return d.decide(ctx, env, g, args[0])
	})
	return cmd
}

// decide shows what would be given in writing, has it confirmed, and gives it on the request as it was read.
func (d *deciding) decide(ctx context.Context, env environment, g *gateway, id string) error {
	if err := d.complete(); err != nil {
		return err
	}
	seen, err := g.Request(ctx, id)
	if err != nil {
		return refused(err)
	}
	if d.Act != api.DecisionActRefuse { // of a refusal none is asked
		d.Evidence = &api.Evidence{Kind: d.EvidenceKind}
	}
	draft, err := g.Draft(ctx, id, d.Deciding)
	if err != nil {
		return refused(err)
	}
	if err := isItsOwn(draft); err != nil {
		return err
	}
	if d.draft && d.fields == "" {
		_, err := fmt.Fprintln(env.stdout, printableLines(draft.Text))
		return err
	}
	if d.draft {
		return printMade(env, d.answered, draft, "")
	}
	fmt.Fprintln(env.stderr, printableLines(draft.Text))
	if err := d.ask(env, seen.Body.Marking, string(d.Act)+" "+printable(string(seen.Body.Id))); err != nil {
		return err
	}
	if d.bySignIn() {
		if g, d.Evidence, err = g.evidence(ctx, env, draft); err != nil {
			return err
		}
	}
	r, err := g.Decide(ctx, id, seen.ETag, d.Deciding)
	if err != nil {
		return refused(err)
	}
	fmt.Fprintf(env.stderr, "Decided; the request is %s.\n", printable(string(r.State)))
	printMissing(env, r)
	return printMade(env, d.answered, r, string(r.Id))
}

func (d *deciding) complete() error {
	d.Statement, d.Conditions = given[string](d.statement), given[string](d.conditions)
	d.Form, d.TransferBasis = given[api.Form](d.form), given[string](d.transfer)
	if d.agreement {
		d.AgreementRequired = &d.agreement
	}
	if d.earlier {
		d.EarlierSignatureServes = &d.earlier
	}
	if d.until == "" {
		return nil
	}
	end, err := endOf(d.until)
	d.Until = &end
	return err
}

// printableLines keeps the lines of a text, and nothing else that plays with a terminal.
func printableLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = printable(line)
	}
	return strings.Join(lines, "\n")
}
