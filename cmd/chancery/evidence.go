package main

import (
	"context"
	"fmt"

	"chancery.example/gateway/api"
)

// evidence signs the person in anew for exactly one text: the nonce of the sign-in is the hash of it, so that its ID
// token proves who gave that text and no other (reading 0010). It answers the gateway as that sign-in reaches it.
func (g *gateway) evidence(ctx context.Context, env environment, text api.CanonicalText) (*gateway,
	*api.Evidence, error) {
	me, err := g.Me(ctx)
	if err != nil {
		return nil, nil, refused(err)
	}
	p, err := discover(ctx, me.Issuer)
	if err != nil {
		return nil, nil, err
	}
	asked := signInAsked{client: defaultClient, nonce: text.Nonce}
	h, err := newHome(env)
	if err == nil {
		s, err := h.settings()
		if err != nil {
			return nil, nil, err
		}
		if in := s.SignIns[g.server]; in.Client != "" {
			asked.client, asked.acr = in.Client, in.ACR
		}
	}
	fmt.Fprintln(env.stderr, "This is given in writing by a fresh sign-in.")
	t, err := p.byDevice(ctx, env, asked)
	if err != nil {
		return nil, nil, err
	}
	id, _ := t.Extra("id_token").(string)
	if nonceOf(id) != text.Nonce {
		return nil, nil, fmt.Errorf("the identity provider %s puts no nonce into a sign-in by device, so this one "+
			"proves "+
			"nothing of the text: decide on the pages, %s/inbox", printable(me.Issuer), g.server)
	}
	fresh, err := dial(g.server, func(context.Context) (string, error) { return t.AccessToken, nil })
	return fresh, &api.Evidence{Kind: api.EvidenceKindOidc, IdToken: &id}, err
}
