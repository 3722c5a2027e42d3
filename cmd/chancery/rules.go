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

func rulesCommand(env environment, with withGateway) *cobra.Command {
	group := &cobra.Command{Use: "rules", Short: "What Article 4 says, what the gateway does about it, and what it " +
		"would say"}
	l := &listing[api.Rule]{path: "/rules", heading: []string{"PARAGRAPH", "MEASURES", "WORDS"},
		row: func(r api.Rule) []string { return []string{r.Paragraph, fmt.Sprint(len(r.Measures)), r.Words} }}
	list := &cobra.Command{Use: "list", Short: "List the paragraphs", Args: cobra.NoArgs,
		RunE: with(func(ctx context.Context, g *gateway, _ []string) error { return l.print(ctx, env, g) })}
	l.flags(list)
	var a answered
	one := &cobra.Command{Use: "show PARAGRAPH", Short: "Show a paragraph, such as 4(8), and what rests on it",
		Args: cobra.ExactArgs(1),
		RunE: with(func(ctx context.Context, g *gateway, args []string) error {
			paragraph := strings.ReplaceAll(strings.ReplaceAll(args[0], "(", "%28"), ")", "%29")
			_, err := show(ctx, env, g, "/rules/"+paragraph, a, func(r api.Rule) [][2]string {
				rows := [][2]string{{r.Paragraph, r.Words}}
				for _, m := range r.Measures {
					rows = append(rows, [2]string{"(" + string(m.Basis) + ")", m.What + " " + told(m.Code)})
				}
				return rows
			})
			return err
		})}
	a.flags(one)
	group.AddCommand(list, one, explainCommand(env, with))
	return group
}

func explainCommand(env environment, with withGateway) *cobra.Command {
	var organisation, person, purpose, version, action string
	var a answered
	cmd := &cobra.Command{
		Use: "explain DOCUMENT",
		Short: "Ask what the rules would say; about others only as a signatory or auditor of the Discloser, and " +
			"recorded",
		Args: cobra.ExactArgs(1),
	}
	cmd.Flags().StringVar(&organisation, "for", "", "about this `ORGANISATION`; yourself where neither is given")
	cmd.Flags().StringVar(&person, "person", "", "about this `PERSON`")
	cmd.Flags().StringVar(&purpose, "purpose", "", "for this `PURPOSE`, by its code")
	cmd.Flags().StringVar(&version, "version", "", "of this `VERSION`; the newest where not given")
	cmd.Flags().StringVar(&action, "action", "disclose", "`ACT`: disclose or request")
	a.flags(cmd)
	cmd.RunE = with(func(ctx context.Context, g *gateway, args []string) error {
		if organisation != "" {
			organisation = organisationID(organisation)
		}
		got, err := client.Post[api.Explanation](ctx, g.Client, "/explain", api.Question{
			Action:       api.QuestionAction(action),
			Document:     &args[0],
			Organisation: given[api.OrganisationID](organisation),
			Person:       given[api.PersonID](person),
			Purpose:      given[api.PurposeCode](purpose),
			Version:      given[api.VersionID](version),
		})
		if err != nil {
			return refused(err)
		}
		said := "it would be permitted"
		if !got.Body.Allowed {
			said = "it would be refused"
		}
		if a.fields != "" {
			if err := printMade(env, a, got.Body, ""); err != nil {
				return err
			}
		} else if got.Body.Allowed {
			fmt.Fprintln(env.stdout, said)
		}
		for _, r := range got.Body.Reasons {
			said += "\n  " + words(r)
		}
		if !got.Body.Allowed {
			return &failure{exitRefused, errors.New(said)}
		}
		return nil
	})
	return cmd
}
