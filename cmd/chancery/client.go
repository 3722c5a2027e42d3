package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"chancery.example/gateway/pkg/client"
)

// gateway is the server that a command speaks with.
type gateway struct {
	*client.Client
	server string
}

// withGateway makes what a command does of what it does with a gateway.
type withGateway func(func(ctx context.Context, g *gateway, args []string) error) func(*cobra.Command, []string) error

// connecting gives commands the gateway that is named, or meant.
func connecting(env environment, named *string) withGateway {
	return func(f func(ctx context.Context, g *gateway, args []string) error) func(*cobra.Command, []string) error {
		return does(func(cmd *cobra.Command, args []string) error {
			g, err := newGateway(cmd.Context(), env, *named)
			if err != nil {
				return err
			}
			return f(cmd.Context(), g, args)
		})
	}
}

// serverOf is the address that is meant: of --server, of CHANCERY_SERVER, or of the last sign-in. Each may be an alias.
func serverOf(env environment, named string) (string, error) {
	var s settings
	if h, err := newHome(env); err == nil {
		if s, err = h.settings(); err != nil {
			return "", err
		}
	}
	if named == "" {
		named = env.lookup("CHANCERY_SERVER")
	}
	if named == "" {
		named = s.Current
	}
	if named == "" {
		return "", &failure{exitUsage, errors.New("which gateway? Give --server with its address, set " +
			"CHANCERY_SERVER, " +
			"or sign in: chancery auth login --server https://chancery.example.int")}
	}
	if address, known := s.Aliases[named]; known {
		named = address
	}
	named = strings.TrimRight(named, "/")
	if !safeAddress(named) {
		return "", &failure{exitUsage, fmt.Errorf("%q is no alias, and no address of a gateway to which a token may "+
			"be "+
			"sent; write https://chancery.example.int", named)}
	}
	return named, nil
}

func newGateway(ctx context.Context, env environment, named string) (*gateway, error) {
	server, err := serverOf(env, named)
	if err != nil {
		return nil, err
	}
	token, err := credentialsFor(ctx, env, server)
	if err != nil {
		return nil, err
	}
	return dial(server, token)
}

func dial(server string, token func(context.Context) (string, error)) (*gateway, error) {
	c, err := client.New(client.Config{
		Server: server,
		Token:  token,
		// Every act bears a key, so that one whose answer was lost is done once.
		Unanswered: 2,
	})
	if err != nil {
		return nil, &failure{exitUsage, err}
	}
	return &gateway{c, server}, nil
}

// call answers the body of a good response; it has to be closed.
func (g *gateway) call(ctx context.Context, method, path string, query url.Values, body io.Reader) (io.ReadCloser,
	error) {
	response, err := g.Do(ctx, client.Call{Method: method, Path: path, Query: query, Body: body})
	if err != nil {
		return nil, refused(err)
	}
	return response.Body, nil
}
