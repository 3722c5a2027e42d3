package exchange

import (
	"context"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/postgres"
)

// maxSeveral is how many documents are asked for, or requests decided on, in one call. Each is an act of its own.
const maxSeveral = 50

// AskedFor is what came of asking for one of several documents.
type AskedFor struct {
	Document article4.DocumentID
	Request  AccessRequest
	Err      error // of this one; the others stand
}

// RequestSeveral asks for access to several documents in the same words. Each is asked for by itself, as Request does:
// what is refused of one holds up no other.
func (g *Gateway) RequestSeveral(ctx context.Context, a Actor, ids []article4.DocumentID, ask Ask) ([]AskedFor,
	error) {
	var c checks
	c.several("documents", len(ids))
	for _, id := range ids {
		c.named("documents", string(id), "doc_")
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	if err := ask.check(); err != nil {
		return nil, err
	}
	if err := g.sameCall(ctx, a); err != nil {
		return nil, err
	}
	out := make([]AskedFor, len(ids))
	for i, id := range ids {
		q, err := g.Request(ctx, a.part(string(id)), id, ask)
		out[i] = AskedFor{Document: id, Request: q, Err: err}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return out, nil
}

// Deciding is one of several decisions: its evidence is that of all.
type Deciding struct {
	Request article4.RequestID
	Verdict Verdict
}

// Decided is what came of one of several decisions, or its text before it is given.
type Decided struct {
	ID      article4.RequestID
	Text    CanonicalText // where it was asked for
	Request AccessRequest // where it was decided
	Err     error         // of this one; the others stand
}

// Together are the texts of several decisions, and what one sign-in gives them by.
type Together struct {
	Decisions []Decided
	SHA256    article4.Digest // over the texts that can be given
	Nonce     string          // that the ID token has to carry
}

// DraftSeveral answers the canonical text of each of several decisions, without deciding, and the nonce by which one
// sign-in gives all those that can be given.
func (g *Gateway) DraftSeveral(ctx context.Context, a Actor, all []Deciding) (Together, error) {
	if err := checkSeveral(all); err != nil {
		return Together{}, err
	}
	out := Together{Decisions: make([]Decided, len(all))}
	var texts []string
	for i, one := range all {
		text, err := g.Draft(ctx, a, one.Request, one.Verdict)
		out.Decisions[i] = Decided{ID: one.Request, Text: text, Err: err}
		if err == nil {
			texts = append(texts, string(text.SHA256))
		}
		if ctx.Err() != nil {
			return out, ctx.Err()
		}
	}
	if len(texts) > 0 {
		out.SHA256 = digestOf(ledger.Together(texts))
		out.Nonce = nonceOf(out.SHA256)
	}
	return out, nil
}

// DecideSeveral decides several requests with one piece of evidence. Each is decided by itself, as Decide does, on the
// text that was shown of it: what is refused of one holds up no other. An ID token is evidence for the texts that can
// be given now, and for no others (docs/decisions/0251).
func (g *Gateway) DecideSeveral(ctx context.Context, a Actor, all []Deciding, evidence EvidenceGiven) ([]Decided,
	error) {
	for i := range all {
		all[i].Verdict.Evidence = evidence
	}
	if err := checkSeveral(all); err != nil {
		return nil, err
	}
	if err := g.sameCall(ctx, a); err != nil {
		return nil, err
	}
	var finding *Finding
	shown, kept := map[article4.RequestID]article4.Digest{}, evidence
	if evidence.Kind == article4.EvidenceOIDC && evidence.IDToken != "" {
		drafts, err := g.DraftSeveral(ctx, a, all)
		if err != nil {
			return nil, err
		}
		if finding, err = g.signedBy(ctx, a, evidence.IDToken, drafts.Nonce); err != nil {
			return nil, err
		}
		kept.IDToken = drafts.evidence(evidence.IDToken, shown)
	}
	out := make([]Decided, len(all))
	for i, one := range all {
		in := one.Verdict.settled()
		if in.Evidence.Kind == article4.EvidenceOIDC {
			in.Evidence = kept
		}
		with := finding
		if shown[one.Request] == "" || in.Act == article4.ActRefuse {
			with = nil // it was not among what was signed, or of a refusal none is asked
		}
		q, err := g.decideUpon(ctx, a.part(string(one.Request)), one.Request, in, shown[one.Request], with)
		out[i] = Decided{ID: one.Request, Request: q, Err: err}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return out, nil
}

// evidence is what is kept of an ID token that gives several texts, as ledger.EvidenceOf takes it apart. shown takes
// the text of each request.
func (t Together) evidence(idToken string, shown map[article4.RequestID]article4.Digest) string {
	out := []string{idToken}
	for _, one := range t.Decisions {
		if one.Err == nil {
			shown[one.ID] = one.Text.SHA256
			out = append(out, string(one.Text.SHA256))
		}
	}
	return strings.Join(out, "\n")
}

func checkSeveral(all []Deciding) error {
	var c checks
	c.several("decisions", len(all))
	for _, one := range all {
		c.named("decisions.request", string(one.Request), "req_")
	}
	if err := c.Err(); err != nil {
		return err
	}
	for _, one := range all {
		if err := one.Verdict.settled().check(); err != nil {
			return err
		}
	}
	return nil
}

func (c *checks) several(field string, n int) {
	if n == 0 {
		c.Add(invalid.Missing, field, "")
	}
	c.atMost(field, "", n, maxSeveral)
}

// named wants an identifier.
func (c *checks) named(field, id, prefix string) {
	if id == "" {
		c.Add(invalid.Missing, field, "")
	}
	c.identifier(field, id, prefix)
}

// sameCall refuses a key under which another call did several acts before.
func (g *Gateway) sameCall(ctx context.Context, a Actor) error {
	if a.attempt == nil {
		return nil
	}
	return g.find(ctx, func(tx *postgres.Tx) error {
		found, err := g.register.AttemptWithin(ctx, tx, a.person, a.attempt.of())
		if err == nil && found != nil && found.Fingerprint != a.attempt.fingerprint {
			err = ErrKeyReused
		}
		return err
	})
}

// part is the same caller, for one of several acts of a call that may come again.
func (a Actor) part(of string) Actor {
	if a.attempt != nil {
		one := *a.attempt
		one.operation += " " + of
		a.attempt = &one
	}
	return a
}
