package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/instrument"
)

// adoptsAnything is setting.replaces of the demo, whose addresses change with each start.
const adoptsAnything = "anything"

// told is what a start puts in force: the Arrangement file, with how tokens are read, and the digest of all that turns
// tokens into roles.
func told(s setting) (instrument.Instrument, article4.Digest, error) {
	in := s.instrument
	in.SignIn = map[string]instrument.SignIn{}
	for _, issuer := range s.issuers {
		roles := map[string]string{}
		for group, role := range issuer.Roles {
			roles[group] = string(role)
		}
		in.SignIn[issuer.URL] = instrument.SignIn{Clients: issuer.Clients, ACR: issuer.StepUpACR,
			ACRClaim: issuer.ACRClaim, RoleClaim: issuer.RoleClaim, Roles: roles}
	}
	claims, err := claimsDigest(s.issuers)
	return in, claims, err
}

// adopt puts the files in force, unless others are in force that they do not replace.
func (srv *server) adopt(ctx context.Context, s setting, weakening []string) error {
	in, claims, err := told(s)
	if err != nil {
		return err
	}
	if s.replaces == adoptsAnything {
		err = srv.gateway.ApplyInstrument(ctx, in, weakening, claims)
	} else {
		err = srv.gateway.Adopt(ctx, in, weakening, claims, s.replaces)
	}
	return adoptFault(s, err)
}

// adoptFault names the key under which the files differ from what is in force.
func adoptFault(s setting, err error) error {
	var differs *exchange.NotInForce
	if !errors.As(err, &differs) {
		return faultAt("arrangement", err, "see docs/operating.md")
	}
	said := map[string][2]string{
		"arrangement": {"arrangement", fmt.Sprintf("%s, of digest %s, is not the Arrangement file in force, which "+
			"is of digest %s", s.Arrangement, s.instrument.Digest, differs.InForce)},
		"issuers": {"issuers", "what turns tokens into roles differs from what is in force"},
		"waiting": {"arrangement", "what was put in force a moment ago has no place in the log yet, and these files " +
			"are not the same; try again"},
		"weakenings": {"weakenings", "they differ from those that are in force"},
	}
	f := &fault{cause: err}
	for _, what := range differs.Differs {
		f.found = append(f.found, finding{Key: said[what][0], Problem: said[what][1] + " (entry " + differs.Entry + ")",
			Cure: "put the files here that the other replicas have; or, if these are to replace them everywhere, " +
				"run \"chanceryd config adopt --replaces " + differs.Entry + "\" with them"})
	}
	return f
}

func adoptCommand(env environment) *cobra.Command {
	var path, replaces string
	cmd := &cobra.Command{
		Use:   "adopt",
		Short: "Put this configuration in force in the place of the one that is",
		Long: "adopt is run when the Arrangement file, the issuers or what weakens the gateway were changed on " +
			"purpose: serve\n" +
			"starts with what is in force and with nothing else, so that no replica brings back the files of " +
			"yesterday.\n" +
			"Without --replaces it says what differs. With the entry that put the present one in force it writes the " +
			"next,\n" +
			"which both Parties are told, and ends. Replicas that run take the Arrangement over at once, and issuers " +
			"when they\n" +
			"are started with the same files.",
		Args: cobra.NoArgs,
		RunE: does(func(ctx context.Context) error {
			s, found, err := loadOrReport(path, env)
			if err != nil {
				return err
			}
			s.replaces = replaces
			srv := &server{logger: newLogger(env.stderr, s.Log.Level)}
			defer srv.close()
			if err := srv.prepare(ctx, s, nil); err != nil {
				return err
			}
			if err := srv.adopt(ctx, s, weakenings(found)); err != nil {
				return err
			}
			fmt.Fprintln(env.stdout, "in force")
			return nil
		}),
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVar(&replaces, "replaces", "", "the configuration `ENTRY` that is in force and is to be replaced")
	return cmd
}

// askInForce compares the files with what is in force, when everything else is well.
func askInForce(ctx context.Context, s setting, weakening []string, srv *server, key logKey) []finding {
	in, claims, err := told(s)
	if err != nil {
		return nil
	}
	srv.now = time.Now
	if err := srv.openGateway(ctx, s, key, func(at time.Time) time.Time { return at }); err != nil {
		return foundIn("arrangement", err)
	}
	return foundIn("arrangement", adoptFault(s, srv.gateway.InForce(ctx, in, weakening, claims)))
}
