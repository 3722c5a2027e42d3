package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/ledger"
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
			"An entry of the log, which both Parties open, says that the operator did it; where none can be\n" +
			"written, no session ends. It is run as the user that serves, with the same configuration and keys.\n" +
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
	log := newLogger(env.stderr, s.Log.Level)
	srv := &server{logger: log, now: time.Now}
	defer srv.close()
	if err := srv.openToEnd(ctx, s); err != nil {
		return err
	}
	of := exchange.SessionsOf{Person: article4.PersonID(person)}
	if organisation != "" {
		of.Organisation = exchange.OrganisationIDOf(organisation)
	}
	done, err := srv.gateway.OperatorEndSessions(ctx, of)
	if err != nil {
		return err
	}
	fmt.Fprintf(env.stdout, "%s ended", ledger.Several(done.Ended, "session"))
	if done.Entry != "" {
		fmt.Fprintf(env.stdout, ", recorded as entry %s of the log", done.Entry)
	}
	fmt.Fprintln(env.stdout)
	return nil
}

// openToEnd opens what it takes to write an entry beside the gateways that serve, and no more: the store may be away.
func (srv *server) openToEnd(ctx context.Context, s setting) error {
	key, err := srv.openToWrite(ctx, s, true)
	if err != nil {
		return err
	}
	if err := srv.sequencer.CheckHome(ctx); err != nil {
		return err
	}
	return srv.openGateway(ctx, s, key, func(at time.Time) time.Time { return at })
}
