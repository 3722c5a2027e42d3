package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/client"
)

func docCommand(env environment, with withGateway) *cobra.Command {
	group := &cobra.Command{Use: "doc", Short: "Give documents, and get them"}
	group.AddCommand(docListCommand(env, with), docViewCommand(env, with), docOpenCommand(env, with),
		docHistoryCommand(env, with), docPushCommand(env, with), docPullCommand(env, with), docCorrectCommand(env,
			with),
		docMarkCommand(env, with), docRecallCommand(env, with))
	return group
}

func docListCommand(env environment, with withGateway) *cobra.Command {
	l := &listing[api.Document]{
		path:    "/documents",
		heading: []string{"ID", "REFERENCE", "MARKING", "DISCLOSER", "DEPOSITED", "PURPOSES", "TITLE"},
		row: func(d api.Document) []string {
			return []string{string(d.Id), d.Reference, string(d.Marking), string(d.Discloser), d.DepositedOn.String(),
				joined(d.Purposes), titleOf(d)}
		},
	}
	cmd := &cobra.Command{Use: "list", Short: "List the documents that concern you, the newest " +
		"first", Args: cobra.NoArgs,
		RunE: with(func(ctx context.Context, g *gateway, _ []string) error { return l.print(ctx, env, g) })}
	l.flags(cmd)
	l.filters(cmd, map[string]string{"q": "all these `WORDS` stand in the title", "marking": "with this `MARKING`",
		"purpose": "for this `PURPOSE`, by its code", "discloser": "of this `ORGANISATION`", "sort": "`ORDER`: " +
			"deposited, " +
			"for the oldest first"})
	return cmd
}

// titleOf is the title, as far as the caller may see it.
func titleOf(d api.Document) string {
	if d.Title == nil {
		return "(not shown to you)"
	}
	return *d.Title
}

func joined[T ~string](values []T) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = string(v)
	}
	return strings.Join(texts, ",")
}

// stateOf are the states that a document is in.
func stateOf(states []api.DocumentState) string {
	var said []string
	for _, s := range states {
		said = append(said, s.What)
	}
	return strings.Join(said, ",")
}

func docViewCommand(env environment, with withGateway) *cobra.Command {
	var a answered
	cmd := &cobra.Command{Use: "view DOCUMENT", Short: "Show one document, and what you may do with it",
		Args: cobra.ExactArgs(1)}
	a.flags(cmd)
	cmd.RunE = with(func(ctx context.Context, g *gateway, args []string) error {
		d, err := show(ctx, env, g, under("documents", args[0]), a, documentRows)
		if err != nil || a.fields != "" {
			return err
		}
		return printPermissions(env.stdout, d.Permissions)
	})
	return cmd
}

func documentRows(d api.Document) [][2]string {
	rows := [][2]string{{"document", string(d.Id)}, {"title", titleOf(d)}, {"reference", d.Reference},
		{"marking", string(d.Marking)}}
	if d.Proprietary != nil && *d.Proprietary {
		rows = append(rows, [2]string{"proprietary", "yes"})
	}
	if d.State != nil {
		rows = append(rows, [2]string{"state", stateOf(*d.State)})
	}
	return append(rows, [][2]string{{"handling", told(d.Handling)}, {"discloser", string(d.Discloser)},
		{"recipient", string(d.Recipient)}, {"purposes", joined(d.Purposes)}, {"purpose", told(d.PurposeStatement)},
		{"deposited", d.DepositedOn.String()}, {"version", told(d.Version)}, {"file", told(d.FileName)},
		{"size", told(d.Size)}, {"sha256", told(d.Sha256)}, {"entry", told(d.LogEntry)}}...)
}

// printPermissions says of each act whether it is open to the caller, and why it is not.
func printPermissions(w io.Writer, permissions *map[string]api.Permission) error {
	if permissions == nil {
		return nil
	}
	for _, act := range sortedKeys(*permissions) {
		p := (*permissions)[act]
		said := "you may"
		if !p.Allowed {
			said = "not now"
		}
		for _, r := range p.Reasons {
			said += "; " + string(r.Code)
		}
		if _, err := fmt.Fprintf(w, "%s: %s\n", printable(act), printable(said)); err != nil {
			return err
		}
	}
	return nil
}

func docOpenCommand(env environment, with withGateway) *cobra.Command {
	return &cobra.Command{
		Use:   "open DOCUMENT",
		Short: "Open the page of a document in the browser; nothing is kept on this machine",
		Args:  cobra.ExactArgs(1),
		RunE: with(func(ctx context.Context, g *gateway, args []string) error {
			d, err := g.Document(ctx, args[0])
			if err != nil {
				return refused(err)
			}
			address := g.server + under("documents", string(d.Id))
			program := env.lookup("BROWSER")
			if program == "" {
				_, err := fmt.Fprintln(env.stdout, printable(address))
				return err
			}
			return env.browser(ctx, program, address).Run()
		}),
	}
}

func docHistoryCommand(env environment, with withGateway) *cobra.Command {
	l := &listing[api.HistoryItem]{
		heading: []string{"AT", "KIND", "OUTCOME", "ORGANISATION", "PERSON", "COPY", "PURPOSE", "ENTRY"},
		row: func(h api.HistoryItem) []string {
			return []string{h.At.UTC().Format(time.RFC3339), string(h.Kind), string(h.Outcome), string(h.Organisation),
				string(h.Person), told(h.CopyNumber), told(h.Purpose), told(h.LogEntry)}
		},
	}
	cmd := &cobra.Command{Use: "history DOCUMENT", Args: cobra.ExactArgs(1),
		Short: "Who got it, and who was refused, as far as you may know; the question is recorded",
		RunE: with(func(ctx context.Context, g *gateway, args []string) error {
			l.path = under("documents", args[0], "history")
			return l.print(ctx, env, g)
		})}
	l.flags(cmd)
	return cmd
}

func docMarkCommand(env environment, with withGateway) *cobra.Command {
	var change api.MarkingChange
	var a answered
	cmd := &cobra.Command{
		Use:   "mark DOCUMENT --marking MARKING --statement TEXT",
		Short: "Change the marking; lowering it waits for a second person",
		Args:  cobra.ExactArgs(1),
	}
	cmd.Flags().StringVar((*string)(&change.Marking), "marking", "", "`MARKING`: confidential, restricted or "+
		"non-confidential")
	cmd.Flags().Func("proprietary", "`yes` or no; left as it is where not given", func(v string) error {
		is, err := yesOrNo(v)
		change.Proprietary = &is
		return err
	})
	cmd.Flags().StringVar(&change.Statement, "statement", "", "`TEXT`: why")
	a.flags(cmd)
	cmd.RunE = with(func(ctx context.Context, g *gateway, args []string) error {
		path := under("documents", args[0])
		seen, err := client.Get[api.Document](ctx, g.Client, path, nil)
		if err != nil {
			return refused(err)
		}
		done, err := client.Post[api.Document](ctx, g.Client, path+"/marking", change, "If-Match", seen.ETag)
		if err != nil {
			return refused(err)
		}
		if done.Waits {
			return waits(env, done.Location)
		}
		fmt.Fprintf(env.stderr, "Marked %s; recorded as %s.\n", printable(string(done.Body.Marking)),
			printable(told(done.Body.LogEntry)))
		return printMade(env, a, done.Body, string(done.Body.Id))
	})
	return cmd
}

func docRecallCommand(env environment, with withGateway) *cobra.Command {
	var s stopping
	cmd := &cobra.Command{
		Use:   "recall DOCUMENT --statement TEXT",
		Short: "Recall a document: every grant ends at the next byte, holders are asked what became of their copies",
		Args:  cobra.ExactArgs(1),
	}
	s.flags(cmd, "on protected documents ")
	cmd.RunE = with(func(ctx context.Context, g *gateway, args []string) error {
		d, err := g.Document(ctx, args[0])
		if err != nil {
			return refused(err)
		}
		if err := s.ask(env, d.Marking, "recall "+printable(string(d.Id))); err != nil {
			return err
		}
		done, err := client.Post[api.Document](ctx, g.Client, under("documents", args[0], "recall"), s.why)
		if err != nil {
			return refused(err)
		}
		fmt.Fprintf(env.stderr, "Recalled; recorded as %s.\n", printable(told(done.Body.LogEntry)))
		return printMade(env, s.answered, done.Body, string(done.Body.Id))
	})
	return cmd
}
