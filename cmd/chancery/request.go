package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"chancery.example/gateway/api"
)

func requestCommand(env environment, with withGateway) *cobra.Command {
	group := &cobra.Command{Use: "request", Short: "Ask for access, and see what became of it"}
	group.AddCommand(requestCreateCommand(env, with), requestListCommand(env, with), requestViewCommand(env, with),
		requestWithdrawCommand(env, with))
	return group
}

// requests is a list of requests in one of their boxes.
func requests(box string) *listing[api.AccessRequest] {
	l := &listing[api.AccessRequest]{
		path:    "/requests",
		query:   map[string][]string{"box": {box}},
		heading: []string{"ID", "STATE", "DOCUMENT", "FOR", "PURPOSE", "UNTIL", "MISSING", "TITLE"},
		row: func(r api.AccessRequest) []string {
			return []string{string(r.Id), string(r.State), string(r.Document), string(r.For.Organisation),
				string(r.Purpose),
				r.Until.UTC().Format(time.DateOnly), fmt.Sprint(len(r.Missing)), told(r.Title)}
		},
	}
	return l
}

func requestListCommand(env environment, with withGateway) *cobra.Command {
	l := requests("mine")
	cmd := &cobra.Command{Use: "list", Short: "List the requests that you made, or of another box", Args: cobra.NoArgs,
		RunE: with(func(ctx context.Context, g *gateway, _ []string) error { return l.print(ctx, env, g) })}
	l.flags(cmd)
	for name, what := range map[string]string{"box": "`BOX`: mine (the default), ours, for-us, asked-of-us, " +
		"decided-by-us " +
		"or deliveries", "document": "of this `DOCUMENT`", "state": "`STATE`: open, in-force, refused, lapsed, " +
		"withdrawn, " +
		"expired", "for": "for this `ORGANISATION`"} {
		cmd.Flags().Var(queryValue{l.query, name}, name, what)
	}
	return cmd
}

func requestCreateCommand(env environment, with withGateway) *cobra.Command {
	var organisation, purpose, statement, until, form string
	var people []string
	var a answered
	cmd := &cobra.Command{
		Use:   "create DOCUMENT --purpose CODE --statement TEXT --until DAY",
		Short: "Ask for access to a document, for your organisation or a third party",
		Args:  cobra.ExactArgs(1),
	}
	cmd.Flags().StringVar(&organisation, "for", "", "for this `ORGANISATION`; your own where not given")
	cmd.Flags().StringSliceVar(&people, "people", nil, "for these `PEOPLE` of it, by their identifiers")
	cmd.Flags().StringVar(&purpose, "purpose", "", "the `CODE` of the purpose")
	cmd.Flags().StringVar(&statement, "statement", "", "`TEXT`: what it is read for")
	cmd.Flags().StringVar(&until, "until", "", "to the end of this `DAY` (UTC), or to an instant (RFC 3339)")
	cmd.Flags().StringVar(&form, "form", "", "`FORM`: stamped (a marked copy, the default), original or view")
	a.flags(cmd)
	cmd.RunE = with(func(ctx context.Context, g *gateway, args []string) error {
		end, err := endOf(until)
		if err != nil {
			return err
		}
		if organisation == "" {
			me, err := g.Me(ctx)
			if err != nil {
				return refused(err)
			}
			organisation = string(me.Organisation.Id)
		}
		ask := api.Ask{For: api.Beneficiary{Organisation: organisationID(organisation)}, Purpose: purpose,
			Statement: given[string](statement), Until: end, Form: given[api.Form](form)}
		if len(people) > 0 {
			ask.For.People = &people
		}
		r, err := g.Ask(ctx, args[0], ask)
		if err != nil {
			return refused(err)
		}
		fmt.Fprintf(env.stderr, "Asked; %s, recorded as %s.\n", printable(string(r.State)), printable(told(r.LogEntry)))
		printMissing(env, r)
		return printMade(env, a, r, string(r.Id))
	})
	return cmd
}

// printMissing says whose word a request waits for.
func printMissing(env environment, r api.AccessRequest) {
	for _, m := range r.Missing {
		said := "missing: " + told(m.Title) + " (" + string(m.What) + ")"
		if m.From != nil {
			said += ", from " + string(*m.From)
		}
		fmt.Fprintln(env.stderr, printable(said))
	}
}

// endOf reads a day, to its end, or an instant.
func endOf(text string) (time.Time, error) {
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		return day.AddDate(0, 0, 1), nil
	}
	instant, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return instant, &failure{exitUsage, errors.New("--until: write a day, 2027-01-31, or an instant, " +
			"2027-01-31T12:00:00Z")}
	}
	return instant, nil
}

func requestRows(r api.AccessRequest) [][2]string {
	rows := [][2]string{{"request", string(r.Id)}, {"state", string(r.State)}, {"document", string(r.Document)},
		{"title", told(r.Title)}, {"reference", r.Reference}, {"marking", string(r.Marking)}, {"version",
			string(r.Version)},
		{"for", string(r.For.Organisation)}, {"asked by", string(r.AskedBy) + " of " + string(r.AskedByOrganisation)},
		{"purpose", string(r.Purpose)}, {"statement", told(r.Statement)}, {"form", string(r.Form)},
		{"until", r.Until.UTC().Format(time.RFC3339)}}
	if r.LapsesAt != nil {
		rows = append(rows, [2]string{"lapses", r.LapsesAt.UTC().Format(time.RFC3339)})
	}
	rows = append(rows, [][2]string{{"conditions", told(r.Conditions)}, {"accept with", told(r.ConditionsSha256)},
		{"agreement", told(r.Agreement)}}...)
	for _, m := range r.Missing {
		rows = append(rows, [2]string{"missing", told(m.Title) + " (" + string(m.What) + ") " + told(m.From)})
	}
	for _, d := range r.Decisions {
		said := string(d.Act) + " by " + string(d.Organisation) + ", " + d.At.UTC().Format(time.RFC3339)
		if d.Withdrawn {
			said += ", withdrawn"
		}
		rows = append(rows, [2]string{"decision", said})
	}
	return append(rows, [2]string{"entry", told(r.LogEntry)})
}

func requestViewCommand(env environment, with withGateway) *cobra.Command {
	var a answered
	var status bool
	cmd := &cobra.Command{Use: "view REQUEST", Short: "Show a request: who decided, and whose word is missing",
		Args: cobra.ExactArgs(1)}
	a.flags(cmd)
	cmd.Flags().BoolVar(&status, "exit-status", false, "end with 0 in force, 8 open, and 3 where it gives access no "+
		"more")
	cmd.RunE = with(func(ctx context.Context, g *gateway, args []string) error {
		r, err := show(ctx, env, g, under("requests", args[0]), a, requestRows)
		if err != nil || !status {
			return err
		}
		switch r.State {
		case api.RequestStateInForce:
			return nil
		case api.RequestStateOpen:
			return &failure{code: exitWaiting}
		}
		return &failure{code: exitRefused}
	})
	return cmd
}

func requestWithdrawCommand(env environment, with withGateway) *cobra.Command {
	var s stopping
	cmd := &cobra.Command{
		Use:   "withdraw REQUEST --statement TEXT",
		Short: "Withdraw what your organisation decided, or asked; it counts from the next byte",
		Args:  cobra.ExactArgs(1),
	}
	s.flags(cmd, "on protected documents ")
	cmd.RunE = with(func(ctx context.Context, g *gateway, args []string) error {
		seen, err := g.Request(ctx, args[0])
		if err != nil {
			return refused(err)
		}
		if err := s.ask(env, seen.Body.Marking, "withdraw "+printable(string(seen.Body.Id))); err != nil {
			return err
		}
		r, err := g.Withdraw(ctx, args[0], s.why.Statement)
		if err != nil {
			return refused(err)
		}
		fmt.Fprintf(env.stderr, "Withdrawn; the request is %s.\n", printable(string(r.State)))
		return printMade(env, s.answered, r, string(r.Id))
	})
	return cmd
}
