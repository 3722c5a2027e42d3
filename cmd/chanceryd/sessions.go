package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/session"
)

// sessionsCommand ends sessions of browsers: a person has left, a device was lost, or nobody knows who is inside.
func sessionsCommand(env environment) *cobra.Command {
	group := &cobra.Command{Use: "sessions", Short: "End sessions of browsers"}
	var path, person, organisation string
	var everybody bool
	end := &cobra.Command{
		Use:   "end",
		Short: "End the sessions of a person, of an organisation or of everybody",
		Long: "end ends sessions on every replica at once; whoever holds one is told so and signs in again.\n" +
			"It keeps nobody out: the identity provider does, or a suspension.\n" +
			"Tokens of programs are no sessions: they last fifteen minutes at most.",
		Args: cobra.NoArgs,
		RunE: does(func(ctx context.Context) error {
			return endSessions(ctx, path, env, person, organisation, everybody)
		}),
	}
	configFlag(end, &path)
	end.Flags().StringVar(&person, "person", "", "whose: per_…")
	end.Flags().StringVar(&organisation, "organisation", "", "whose people's: the short name, such as wco")
	end.Flags().BoolVar(&everybody, "everybody", false, "all of them")
	group.AddCommand(end)
	return group
}

func endSessions(ctx context.Context, path string, env environment, person, organisation string, all bool) error {
	given := 0
	for _, one := range []bool{person != "", organisation != "", all} {
		if one {
			given++
		}
	}
	if given != 1 {
		return &failure{exitUsage, errors.New("say whose: one of --person, --organisation and --everybody")}
	}
	s, _, err := loadOrReport(path, env)
	if err != nil {
		return err
	}
	whose := session.Whose{Person: article4.PersonID(person)}
	if organisation != "" {
		if whose.Issuer = issuerOf(s, organisation); whose.Issuer == "" {
			return fmt.Errorf("%s is no organisation of the Arrangement", organisation)
		}
	}
	db, err := postgres.Open(ctx, postgres.Config{URL: s.Database.URL.reveal(),
		Logger: newLogger(env.stderr, s.Log.Level)})
	if err != nil {
		return fmt.Errorf("database.url: %w", err)
	}
	defer db.Close()
	n, err := session.EndByOperator(ctx, db, whose)
	if err == nil {
		fmt.Fprintf(env.stdout, "%d sessions ended\n", n)
	}
	return err
}

// issuerOf is who signs in the people of an organisation; empty: there is no such organisation.
func issuerOf(s setting, short string) string {
	for _, p := range s.instrument.Parties {
		if p.Short == short {
			return p.Issuer
		}
	}
	for _, t := range s.instrument.ThirdParties {
		if t.Short == short {
			return t.Issuer
		}
	}
	if s.instrument.Operator.Short == short {
		return s.instrument.Operator.Issuer
	}
	return ""
}
