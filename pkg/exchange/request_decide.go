package exchange

import (
	"context"
	"errors"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// Draft answers the canonical text that Decide would put into writing, without deciding. The rules are asked as if the
// evidence were there and the sign-in fresh, so that what stands in the way is known before anybody signs.
func (g *Gateway) Draft(ctx context.Context, a Actor, id article4.RequestID, in Verdict) (CanonicalText, error) {
	in = in.settled()
	if err := in.check(); err != nil {
		return CanonicalText{}, err
	}
	return perform(ctx, g, a, act[CanonicalText]{
		operation: operation{act: in.Act, request: id, what: "request",
			facts: func(ctx context.Context, v *visit) error {
				v.verdictFacts(in, true)
				v.facts.Request.Evidence = article4.EvidenceLetter
				v.facts.Actor.SignIn = article4.SignInFresh
				return nil
			}},
		do: func(ctx context.Context, v *visit) (CanonicalText, error) {
			shown, err := v.requestView(v.document, *v.request)
			if err != nil {
				return CanonicalText{}, err
			}
			r, err := v.resolve(ctx, in)
			return CanonicalText{Text: r.text, SHA256: r.digest, Nonce: nonceOf(r.digest), State: shown.ETag}, err
		}})
}

// Decide authorizes (4(4)), consents (4(8)) or refuses, as a signatory of the Discloser or for an entity concerned.
// An act may shorten the term, ask for the marked form and set conditions; it never widens what was asked.
// IfMatch must be the request's present ETag as the caller is shown it, else ErrChanged; a second decision of the same
// kind is ErrConflict.
func (g *Gateway) Decide(ctx context.Context, a Actor, id article4.RequestID, in Verdict) (AccessRequest, error) {
	in = in.settled()
	if err := in.check(); err != nil {
		return AccessRequest{}, err
	}
	shown, finding, err := g.verifyEvidence(ctx, a, id, in)
	if err != nil {
		return AccessRequest{}, err
	}
	return g.decideUpon(ctx, a, id, in, shown, finding)
}

// decideUpon is Decide once the evidence was looked at: finding is nil where there is none that verifies, and shown is
// the digest of the text that it is for.
func (g *Gateway) decideUpon(ctx context.Context, a Actor, id article4.RequestID, in Verdict, shown article4.Digest,
	finding *Finding) (AccessRequest, error) {
	var letter *register.Instrument
	return perform(ctx, g, a, act[AccessRequest]{
		operation: operation{act: in.Act, request: id, what: "request", lock: register.ForUpdate,
			facts: func(ctx context.Context, v *visit) error {
				var err error
				letter, err = v.letter(ctx, in)
				v.verdictFacts(in, finding != nil || letter != nil || in.Evidence.Kind == article4.EvidenceNone ||
					in.Evidence.Kind == article4.EvidenceLetter && v.settings.AdmitNoEvidence)
				return err
			}},
		do: func(ctx context.Context, v *visit) (AccessRequest, error) {
			if err := v.asSeenBy(in); err != nil {
				return AccessRequest{}, err
			}
			r, err := v.resolve(ctx, in)
			if err != nil {
				return AccessRequest{}, err
			}
			if finding != nil && r.digest != shown {
				return AccessRequest{}, ErrChanged
			}
			if err := v.giveDecision(ctx, r, finding); err != nil {
				return AccessRequest{}, err
			}
			if letter != nil {
				if err := g.register.KeepInstrument(ctx, v.tx, letter.ID, false); err != nil {
					return AccessRequest{}, err
				}
			}
			return v.reread(ctx)
		},
		replay: g.requestDescribed(a, id),
		conflicts: map[string]string{"one_decision_of_a_kind_per_organisation": "this organisation has decided on " +
			"this request"},
	})
}

// asSeenBy holds the state that is decided on against the present one, as the caller is shown it. Who is suspended is
// shown nothing any more, and may still refuse.
func (v *visit) asSeenBy(in Verdict) error {
	if in.Act == article4.ActRefuse && v.facts.Actor.Suspended {
		return nil
	}
	shown, err := v.requestView(v.document, *v.request)
	if err == nil && shown.ETag != in.IfMatch {
		err = ErrChanged
	}
	return err
}

// settled: an authorization that brings no evidence says so. Whether that is admitted, the rules say.
func (in Verdict) settled() Verdict {
	if in.Act == article4.ActAuthorize && in.Evidence.Kind == "" {
		in.Evidence.Kind = article4.EvidenceNone
	}
	return in
}

func (in Verdict) check() error {
	var c checks
	switch in.Act {
	case article4.ActAuthorize, article4.ActConsent, article4.ActRefuse:
	default:
		c.Add(invalid.NotADecision, "act", "4(8)")
	}
	c.text("statement", "4(8)", in.Statement, maxStatement)
	c.text("conditions", "4(8)", in.Conditions, maxStatement)
	c.text("transfer_basis", "4(3)", in.TransferBasis, maxStatement)
	if in.TransferBasis != "" && in.Act != article4.ActConsent {
		c.Add(invalid.BasisOfConsent, "transfer_basis", "4(3)")
	}
	c.date("until", "4(8)", in.Until)
	if in.Form != "" && !in.Form.Valid() {
		c.Add(invalid.NotAForm, "form", "")
	}
	if in.Evidence.Kind != "" && !in.Evidence.Kind.Valid() {
		c.Add(invalid.NotEvidence, "evidence.kind", "4(8)")
	}
	if in.Evidence.Kind == article4.EvidenceLetter && in.Evidence.LetterSHA256 == "" {
		c.Add(invalid.MissingLetter, "evidence.letter_sha256", "4(8)")
	}
	c.digest("evidence.letter_sha256", in.Evidence.LetterSHA256)
	if len(in.Evidence.IDToken) > 16<<10 {
		c.Add(invalid.TokenTooLong, "evidence.id_token", "4(8)")
	}
	return c.Err()
}

func (v *visit) verdictFacts(in Verdict, evidenceValid bool) {
	f := v.facts.Request
	f.StatementPresent = strings.TrimSpace(in.Statement) != ""
	f.Until, f.Form = in.Until, in.Form
	f.EntitiesRepeated = v.document.EntitiesNone // the canonical text of the decision says so, and is what is given
	f.Evidence, f.EvidenceValid = in.Evidence.Kind, evidenceValid
	f.TransferBasis = strings.TrimSpace(in.TransferBasis) != ""
}

// verifyEvidence checks an ID token before any lock is taken: it may ask the identity provider for its keys.
// The token's nonce must be the digest of the text as it is now; Decide compares again behind the locks.
func (g *Gateway) verifyEvidence(ctx context.Context, a Actor, id article4.RequestID, in Verdict) (article4.Digest,
	*Finding, error) {
	if in.Act == article4.ActRefuse || in.Evidence.Kind != article4.EvidenceOIDC || in.Evidence.IDToken == "" {
		return "", nil, nil
	}
	text, err := g.Draft(ctx, a, id, in)
	if err != nil {
		return "", nil, err
	}
	finding, err := g.signedBy(ctx, a, in.Evidence.IDToken, text.Nonce)
	return text.SHA256, finding, err
}

// signedBy is what a fresh ID token of the actor's own shows; nil where it does not verify.
func (g *Gateway) signedBy(ctx context.Context, a Actor, idToken, nonce string) (*Finding, error) {
	finding, err := g.evidence.Verify(ctx, a.claims.Issuer, idToken, nonce)
	if errors.Is(err, ErrEvidenceUnavailable) {
		return nil, err
	}
	if err != nil || finding.Subject != a.claims.Subject {
		g.logger.Info("evidence of a decision does not verify", "actor", a, "error", err)
		return nil, nil
	}
	return &finding, nil
}

// giveDecision records the decision: entry first, by whose hash the decision is known, then the row, then the word to
// replicas if it narrows.
func (v *visit) giveDecision(ctx context.Context, r resolution, finding *Finding) error {
	beneficiary, err := v.organisation(v.request.Beneficiary)
	if err != nil {
		return err
	}
	l := v.decision(r, beneficiary, finding)
	body := v.body(kindOf(v.act), ledger.Permitted)
	body.Terms = decisionTerms(v.request, l, beneficiary, r, finding)
	entry, err := v.record(ctx, body, v.concerned(), []private{{"statement", l.Statement}, {"conditions", l.Conditions},
		{"text", l.Text}, {"id-token", l.EvidenceText}, {"evidence-key", string(l.EvidenceKey)},
		{"transfer-basis", l.TransferBasis}})
	if err != nil {
		return err
	}
	l.Entry, l.EntryHash = entry.id, entry.hash
	if err := v.register.AddDecision(ctx, v.tx, l); err != nil {
		return err
	}
	// Whoever decides for the Discloser has repeated that no entity is concerned; the rules refused the decision else.
	if !v.document.EntitiesConfirmed && v.decidesForDiscloser() && v.act != article4.ActRefuse {
		if err := v.register.ConfirmEntities(ctx, v.tx, v.document); err != nil {
			return err
		}
	}
	if v.act == article4.ActRefuse { // a refusal ends grants on this request, and downloads that run under them
		if err := v.announceRevocation(ctx, v.document.ID); err != nil {
			return err
		}
	}
	if err := v.register.Touch(ctx, v.tx, v.request.ID); err != nil {
		return err
	}
	return v.tellDecision(ctx, l)
}

func (v *visit) decision(r resolution, beneficiary register.Organisation, finding *Finding) register.Decision {
	prefix := "aut_"
	if r.kind == article4.Consent {
		prefix = "cns_"
	}
	l := register.Decision{
		ID:              article4.DecisionID(register.NewID(prefix)),
		Request:         v.request.ID,
		Document:        v.document.ID,
		Discloser:       v.document.Discloser,
		Kind:            r.kind,
		Given:           v.act != article4.ActRefuse,
		By:              v.actor.person,
		Organisation:    v.actor.organisation.ID,
		At:              v.at,
		Version:         v.request.Version,
		Recipient:       beneficiary.ID,
		RecipientRecord: beneficiary.Record,
		Purpose:         v.request.Purpose,
		Until:           r.until,
		Form:            r.form,
		Conditions:      r.verdict.Conditions,
		EarlierServes:   r.verdict.EarlierServes,
		Statement:       r.verdict.Statement,
		TransferBasis:   r.verdict.TransferBasis,
		Text:            r.text,
		TextSHA:         r.digest,
	}
	if l.Conditions != "" {
		l.ConditionsSHA = digestOf(l.Conditions)
	}
	if r.agreement != nil {
		l.Agreement = r.agreement.ID
	}
	if v.delegation != nil {
		l.Delegation = v.delegation.Digest
	}
	if v.act == article4.ActRefuse {
		return l // of a refusal none is asked
	}
	l.Evidence = r.verdict.Evidence.Kind
	switch l.Evidence {
	case article4.EvidenceLetter:
		l.EvidenceSHA = r.verdict.Evidence.LetterSHA256
	case article4.EvidenceOIDC:
		l.EvidenceText, l.EvidenceKey = r.verdict.Evidence.IDToken, finding.JWK
		l.EvidenceSHA = digestOf(l.EvidenceText)
	}
	return l
}

func decisionTerms(q *register.Request, l register.Decision, beneficiary register.Organisation, r resolution,
	finding *Finding) *ledger.Terms {
	t := &ledger.Terms{
		Discloser:       string(l.Discloser),
		Recipient:       string(beneficiary.ID),
		RecipientRecord: string(beneficiary.Record),
		DocumentVersion: string(l.Version),
		Purposes:        []string{string(l.Purpose)},
		People:          texts(q.People),
		Until:           l.Until,
		Form:            string(l.Form),
		Conditions:      string(l.ConditionsSHA),
		Text:            string(l.TextSHA),
		Decision:        string(l.ID),
		EntitiesNone:    r.entitiesNone,
		Relies:          []string{q.EntryHash},
		Delegation:      string(l.Delegation),
		Evidence:        string(l.Evidence),
		EvidenceDigest:  string(l.EvidenceSHA),
	}
	if l.Kind == article4.Consent {
		for _, relied := range r.relies {
			t.Relies = append(t.Relies, relied.EntryHash)
		}
	}
	if r.agreement != nil {
		t.EarlierServes = l.EarlierServes
		t.AgreementRequired, t.Agreement, t.AgreementText = true, string(r.agreement.ID), string(r.agreement.TextSHA)
	}
	if finding != nil {
		t.EvidenceKey = finding.Thumbprint
	}
	return t
}
