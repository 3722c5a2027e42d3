package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/identity"
	"chancery.example/gateway/pkg/portal"
	"chancery.example/gateway/pkg/rest"
	"chancery.example/gateway/pkg/session"
)

// openPortal makes the pages for those issuers that know a client for them, and what the API is told of their
// sessions; both are nil where none does.
func (srv *server) openPortal(s setting) (*portal.Portal, rest.Sessions, error) {
	browsers, err := browsersOf(s)
	if err != nil || len(browsers) == 0 {
		return nil, nil, err
	}
	providers, err := identity.NewSignIn(identity.SignInConfig{
		Config:   identity.Config{Providers: srv.providers},
		Browsers: browsers,
	})
	if err != nil {
		return nil, nil, err
	}
	public := strings.TrimSuffix(s.PublicURL, "/")
	sessions, err := session.New(session.Config{
		DB:            srv.app,
		Providers:     providers,
		Gateway:       srv.gateway,
		Organisations: signingIn(s, browsers),
		PublicURL:     public,
		Logger:        srv.logger,
	})
	if err != nil {
		return nil, nil, err
	}
	pages, err := portal.New(portal.Config{Gateway: srv.gateway, Sessions: sessions, Logger: srv.logger,
		PublicURL: public, People: s.players})
	return pages, ownSessions{sessions}, err
}

// ownSessions are the sessions of the pages, as the API asks for them.
type ownSessions struct{ all *session.Sessions }

func (o ownSessions) Of(ctx context.Context, a exchange.Actor) ([]rest.Session, error) {
	found, err := o.all.Places(ctx, session.Outside(a))
	return shownOf(found), err
}

func (o ownSessions) End(ctx context.Context, a exchange.Actor, id string) ([]rest.Session, error) {
	ended, err := o.all.EndOther(ctx, session.Outside(a), id)
	return shownOf(ended), err
}

func shownOf(places []session.Place) []rest.Session {
	var out []rest.Session
	for _, p := range places {
		out = append(out, rest.Session{ID: p.ID, Browser: p.Browser, CreatedAt: p.CreatedAt, SeenAt: p.SeenAt,
			EndsAt: p.EndsAt})
	}
	return out
}

// browsersOf are the clients of the pages, each with its secret or its key out of its file.
func browsersOf(s setting) (map[string]identity.Browser, error) {
	out := map[string]identity.Browser{}
	for i, c := range s.Issuers {
		if c.Portal.Client == "" {
			continue
		}
		browser := identity.Browser{ID: c.Portal.Client, Secret: c.Portal.Secret.reveal(),
			Audience: c.Portal.AssertionAudience}
		if c.Portal.SecretFile != "" {
			text, err := readBounded(c.Portal.SecretFile)
			if err != nil {
				return nil, fmt.Errorf("issuers[%d].portal.secret_file: %w", i, err)
			}
			browser.Secret = strings.TrimSpace(string(text))
		}
		if c.Portal.KeyFile != "" {
			var err error
			if browser.Key, err = s.Keys.openClientKey(c.Portal.KeyFile); err != nil {
				return nil, fmt.Errorf("issuers[%d].portal.key_file: %w", i, err)
			}
		}
		out[c.URL] = browser
	}
	return out, nil
}

// signingIn are the organisations whose issuers sign people in here: the Parties first, then the third parties.
func signingIn(s setting, browsers map[string]identity.Browser) []session.Organisation {
	var out []session.Organisation
	add := func(short, name, issuer string) {
		if _, browses := browsers[issuer]; browses {
			out = append(out, session.Organisation{Short: short, Name: name, Issuer: issuer})
		}
	}
	for _, p := range s.instrument.Parties {
		add(p.Short, p.Name, p.Issuer)
	}
	for _, t := range s.instrument.ThirdParties {
		add(t.Short, t.Name, t.Issuer)
	}
	add(s.instrument.Operator.Short, s.instrument.Operator.Name, s.instrument.Operator.Issuer)
	return out
}

// checkPortal wants the client of the pages to be one through which people sign in, and its secret or its key to be
// there.
func checkPortal(key string, c issuerConfig, keys keysConfig) []finding {
	var found []finding
	add := func(field, problem, cure string) {
		found = append(found, finding{Key: key + field, Problem: problem, Cure: cure})
	}
	p := c.Portal
	if p.Client != "" && !slices.Contains(c.Clients, p.Client) {
		add(".client", "is none of the clients of "+c.URL, "list it under clients as well")
	}
	if p.KeyFile != "" && p.SecretFile != "" {
		add(".key_file", "stands beside secret_file: a client has one of them", "leave secret_file out")
	}
	if p.AssertionAudience != "" && p.KeyFile == "" {
		add(".assertion_audience", "is of no use without key_file", "name the key, or leave it out")
	}
	if p.SecretFile != "" {
		if text, err := readBounded(p.SecretFile); err != nil || strings.TrimSpace(string(text)) == "" {
			add(".secret_file", "cannot be read, or is empty",
				"write the client's secret into it, or leave it out for a public client")
		}
	}
	if p.KeyFile != "" {
		if _, err := keys.openClientKey(p.KeyFile); err != nil {
			add(".key_file", err.Error(), "chanceryd keys client "+p.KeyFile+" makes one")
		}
	}
	return found
}
