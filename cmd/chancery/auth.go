package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/oauth2"

	"chancery.example/gateway/api"
)

func authCommand(env environment, server *string) *cobra.Command {
	group := &cobra.Command{Use: "auth", Short: "Sign in and out"}
	group.AddCommand(loginCommand(env, server), statusCommand(env, server), logoutCommand(env, server),
		tokenCommand(env, server))
	return group
}

func loginCommand(env environment, server *string) *cobra.Command {
	var issuer string
	asked := signInAsked{}
	cmd := &cobra.Command{
		Use:   "login",
		Short: "Sign in with any browser, on this machine or another",
		Long: "login shows a code, which you enter on a page of your organisation's identity provider (RFC 8628). " +
			"The " +
			"gateway names the\nproviders of the two Parties; --issuer chooses, by a part of its address. That of a " +
			"third " +
			"party is given whole.\n\nThe token is kept in the keyring of this system, or, where none answers, in a " +
			"file " +
			"that you alone can read. It is renewed\nby itself while the identity provider lets it. With BROWSER " +
			"set, " +
			"that program opens the page.",
		Args: cobra.NoArgs,
		RunE: does(func(cmd *cobra.Command, _ []string) error {
			return login(cmd.Context(), env, *server, issuer, asked)
		}),
	}
	cmd.Flags().StringVar(&issuer, "issuer", "", "your identity provider: its `ADDRESS`, or a part of one that is "+
		"named")
	cmd.Flags().StringVar(&asked.client, "client-id", defaultClient, "the `NAME` under which it knows this command")
	cmd.Flags().StringArrayVar(&asked.scopes, "scope", nil, "ask for this `SCOPE` too, where the provider needs it")
	cmd.Flags().StringVar(&asked.acr, "acr", "", "how strong a sign-in, in the provider's `WORD`: decisions say which")
	return cmd
}

// login signs in and keeps it, once the gateway has said who came.
func login(ctx context.Context, env environment, named, wanted string, asked signInAsked) error {
	server, err := serverOf(env, named)
	if err != nil {
		return err
	}
	h, err := newHome(env)
	if err != nil {
		return err
	}
	s, err := h.settings()
	if err != nil {
		return err
	}
	issuer, before := "", s.SignIns[server]
	if wanted == "" && before.Issuer != "" { // as the last time
		issuer = before.Issuer
		asked = before.again(asked)
	} else {
		told, err := issuersOf(ctx, server)
		if err != nil {
			return err
		}
		if issuer, err = chooseIssuer(told, wanted); err != nil {
			return err
		}
	}
	p, err := discover(ctx, issuer)
	if err != nil {
		return err
	}
	t, err := p.byDevice(ctx, env, asked)
	if err != nil {
		return err
	}
	me, err := whoIs(ctx, server, t.AccessToken)
	if err != nil {
		return err
	}
	noKeyring, err := keepSignIn(env, h, server, signIn{Issuer: issuer, Client: asked.client, ACR: asked.acr,
		Scopes: asked.scopes}, t)
	if err != nil {
		return err
	}
	fmt.Fprintf(env.stderr, "Signed in at %s as %s, %s.\n", server, printable(me.Name), printable(me.Organisation.Name))
	if env.lookup("CHANCERY_TOKEN") != "" {
		fmt.Fprintln(env.stderr, "CHANCERY_TOKEN is set, and goes before this sign-in.")
	}
	if noKeyring != nil {
		fmt.Fprintf(env.stderr, "The token is kept in %s/%s, which you alone can read: no keyring took it "+
			"(%s).\n", h.dir,
			tokenFile, printable(noKeyring.Error()))
	}
	return nil
}

// again is what is asked for at a sign-in like the one before: what is not said anew is as it was.
func (before signIn) again(asked signInAsked) signInAsked {
	if asked.client == defaultClient {
		asked.client = before.Client
	}
	if asked.acr == "" {
		asked.acr = before.ACR
	}
	if len(asked.scopes) == 0 {
		asked.scopes = before.Scopes
	}
	return asked
}

// keepSignIn keeps tokens and makes this the server that is meant from now on.
func keepSignIn(env environment, h home, server string, in signIn, t *oauth2.Token) (noKeyring, err error) {
	err = h.change(func(s *settings) error {
		var err error
		noKeyring, err = newVault(env, h).keep(server,
			tokens{Access: t.AccessToken, Refresh: t.RefreshToken, Expires: t.Expiry})
		in.InFile = noKeyring != nil
		before, found := s.SignIns[server]
		in.Before = in.InFile && found && (before.Before || !before.InFile)
		s.Current, s.SignIns[server] = server, in
		return err
	})
	return noKeyring, err
}

// whoIs asks the gateway who a token is of.
func whoIs(ctx context.Context, server, token string) (api.Me, error) {
	g, err := dial(server, func(context.Context) (string, error) { return token, nil })
	if err != nil {
		return api.Me{}, err
	}
	me, err := g.Me(ctx)
	return me, refused(err)
}

func statusCommand(env environment, server *string) *cobra.Command {
	var a answered
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say who you are to the gateway, and what you may do there",
		Args:  cobra.NoArgs,
		RunE: connecting(env, server)(func(ctx context.Context, g *gateway, _ []string) error {
			_, err := show(ctx, env, g, "/me", a, func(me api.Me) [][2]string { return meRows(env, g, me) })
			return err
		}),
	}
	a.flags(cmd)
	return cmd
}

func meRows(env environment, g *gateway, me api.Me) [][2]string {
	rows := [][2]string{{"gateway", g.server}, {"person", me.Name + " (" + string(me.Person) + ")"},
		{"organisation", me.Organisation.Name + " (" + string(me.Organisation.Id) + ")"}, {"issuer", me.Issuer}}
	for _, role := range me.Roles {
		rows = append(rows, [2]string{"role", string(role)})
	}
	if me.Service != nil {
		for _, purpose := range me.Service.Purposes {
			rows = append(rows, [2]string{"purpose", string(purpose)})
		}
		for _, marking := range me.Service.Markings {
			rows = append(rows, [2]string{"marking", string(marking)})
		}
	}
	return append(rows, [2]string{"signed in by", signedInBy(env, g.server)})
}

// signedInBy says where the token that is sent comes from.
func signedInBy(env environment, server string) string {
	if env.lookup("CHANCERY_TOKEN") != "" {
		return "CHANCERY_TOKEN"
	}
	if id := env.lookup("CHANCERY_CLIENT_ID"); id != "" {
		return "the machine client " + id
	}
	h, err := newHome(env)
	if err != nil {
		return ""
	}
	s, err := h.settings()
	if err != nil {
		return ""
	}
	in := s.SignIns[server]
	t, _, err := newVault(env, h).tokens(server, in.InFile)
	if err != nil {
		return ""
	}
	said := "sign-in, token until " + t.Expires.UTC().Format(time.RFC3339)
	if t.Refresh != "" {
		said += ", then renewed by itself"
	}
	return said
}

func logoutCommand(env environment, server *string) *cobra.Command {
	return &cobra.Command{
		Use:   "logout",
		Short: "Sign out: the token is forgotten here, and can be renewed no more",
		Args:  cobra.NoArgs,
		RunE: does(func(cmd *cobra.Command, _ []string) error {
			server, err := serverOf(env, *server)
			if err != nil {
				return err
			}
			h, err := newHome(env)
			if err != nil {
				return err
			}
			return h.change(func(s *settings) error {
				in, found := s.SignIns[server]
				if !found {
					return &failure{exitSignIn, fmt.Errorf("you are not signed in at %s", server)}
				}
				dropped, left, err := newVault(env, h).drop(server, in.InFile)
				if err != nil {
					return err
				}
				if left != nil && in.Before {
					fmt.Fprintf(env.stderr, "The keyring of this system was not asked (%s): it may hold the token of "+
						"an earlier sign-in.\n", printable(left.Error()))
				}
				delete(s.SignIns, server)
				if s.Current == server {
					s.Current = ""
				}
				p, err := discover(cmd.Context(), in.Issuer)
				if err == nil {
					for _, t := range dropped {
						err = errors.Join(err, p.revoke(cmd.Context(), in.Client, t.Refresh))
					}
				}
				if err != nil { // what is kept here is gone in any case
					fmt.Fprintf(env.stderr, "The identity provider was not told: %s. The token there ends by its "+
						"age.\n", printable(err.Error()))
				}
				fmt.Fprintf(env.stderr, "Signed out at %s.\n", server)
				return nil
			})
		}),
	}
}

func tokenCommand(env environment, server *string) *cobra.Command {
	return &cobra.Command{
		Use:   "token",
		Short: "Print an access token, renewed where it must be; who has it is you",
		Args:  cobra.NoArgs,
		RunE: does(func(cmd *cobra.Command, _ []string) error {
			server, err := serverOf(env, *server)
			if err != nil {
				return err
			}
			token, err := credentialsFor(cmd.Context(), env, server)
			if err != nil {
				return err
			}
			t, err := token(cmd.Context())
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(env.stdout, t)
			return err
		}),
	}
}
