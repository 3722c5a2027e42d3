package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"chancery.example/gateway/api"
)

// proving is --evidence: what proves who gave a text.
type proving struct{ api.EvidenceKind }

func (p *proving) flags(cmd *cobra.Command) {
	p.EvidenceKind = api.EvidenceKindOidc
	cmd.Flags().Var(p, "evidence", "`KIND`: oidc, a sign-in for exactly this text, or none where the gateway admits it")
}

func (p *proving) String() string { return string(p.EvidenceKind) }
func (p *proving) Type() string   { return "string" }

func (p *proving) Set(v string) error {
	kind := api.EvidenceKind(v)
	if kind != api.EvidenceKindOidc && kind != api.EvidenceKindNone {
		return errors.New("write oidc or none")
	}
	p.EvidenceKind = kind
	return nil
}

// bySignIn reports whether it is a sign-in, which is still to come.
func (p *proving) bySignIn() bool { return p.EvidenceKind == api.EvidenceKindOidc }

// isItsDigest holds a text as it came against the SHA-256 that the gateway states of it.
func isItsDigest(text string, stated api.SHA256) error {
	sum := sha256.Sum256([]byte(text))
	if hex.EncodeToString(sum[:]) != string(stated) {
		return &failure{exitUnverified, errors.New("the gateway shows a text and states the SHA-256 of another: " +
			"nothing was given")}
	}
	return nil
}

// isItsOwn holds a text against its digest and against the nonce of the sign-in for it: whoever shows one text and has
// another signed gets no sign-in (reading 0010).
func isItsOwn(text api.CanonicalText) error {
	sum := sha256.Sum256([]byte(text.Text))
	if text.Nonce != base64.RawURLEncoding.EncodeToString(sum[:]) {
		return &failure{exitUnverified, errors.New("the gateway shows a text and wants the nonce of another signed: " +
			"nothing was given")}
	}
	return isItsDigest(text.Text, text.TextSha256)
}

// evidence signs the person in anew for exactly one text: the nonce of the sign-in is the hash of it, so that its ID
// token proves who gave that text and no other (reading 0010). It answers the gateway as that sign-in reaches it. The
// identity provider is that of the sign-in which is kept here, whatever the gateway names.
func (g *gateway) evidence(ctx context.Context, env environment, text api.CanonicalText) (*gateway,
	*api.Evidence, error) {
	if err := isItsOwn(text); err != nil {
		return nil, nil, err
	}
	in, err := g.signedInHere(ctx, env)
	if err != nil {
		return nil, nil, err
	}
	p, err := discover(ctx, in.Issuer)
	if err != nil {
		return nil, nil, err
	}
	fmt.Fprintln(env.stderr, "This is given in writing by a fresh sign-in.")
	t, err := p.byDevice(ctx, env, signInAsked{client: in.Client, scopes: in.Scopes, acr: in.ACR, nonce: text.Nonce})
	if err != nil {
		return nil, nil, err
	}
	id, _ := t.Extra("id_token").(string)
	if nonceOf(id) != text.Nonce {
		return nil, nil, fmt.Errorf("the identity provider %s puts no nonce into a sign-in by device, so this one "+
			"proves nothing of the text: decide on the pages, %s/inbox", printable(in.Issuer), g.server)
	}
	fresh, err := dial(g.server, func(context.Context) (string, error) { return t.AccessToken, nil })
	return fresh, &api.Evidence{Kind: api.EvidenceKindOidc, IdToken: &id}, err
}

// signedInHere is the sign-in at the gateway that is kept on this machine. The gateway has to know the caller by the
// same identity provider.
func (g *gateway) signedInHere(ctx context.Context, env environment) (signIn, error) {
	h, err := newHome(env)
	if err != nil {
		return signIn{}, err
	}
	s, err := h.settings()
	if err != nil {
		return signIn{}, err
	}
	in, found := s.SignIns[g.server]
	if !found {
		return in, &failure{exitSignIn, fmt.Errorf("by which identity provider you sign in is not kept here, and no "+
			"gateway's word is taken for it: chancery auth login --server %s", g.server)}
	}
	me, err := g.Me(ctx)
	if err != nil {
		return in, refused(err)
	}
	if me.Issuer != in.Issuer {
		return in, &failure{exitSignIn, fmt.Errorf("the gateway knows you by the identity provider %s, and the "+
			"sign-in that is kept here is by %s: nobody was signed in, and nothing was given. Where the first is "+
			"yours: chancery auth login --server %s --issuer %s", printable(me.Issuer), printable(in.Issuer), g.server,
			printable(me.Issuer))}
	}
	return in, nil
}
