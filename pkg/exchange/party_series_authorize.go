package exchange

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// DraftStanding answers the canonical text that AuthorizeSeries would put into writing, without authorizing. The rules
// are asked as if the evidence were there and the sign-in fresh.
func (g *Gateway) DraftStanding(ctx context.Context, a Actor, id article4.SeriesID, in StandingVerdict) (CanonicalText,
	error) {
	in = in.settled()
	if err := in.check(); err != nil {
		return CanonicalText{}, err
	}
	var s register.Series
	return perform(ctx, g, a, act[CanonicalText]{
		operation: operation{act: article4.ActAuthorizeSeries, what: "series", target: string(id),
			facts: func(ctx context.Context, v *visit) error {
				var err error
				if s, err = v.standingFacts(ctx, id, in, true); err != nil {
					return err
				}
				v.facts.Series.Evidence, v.facts.Actor.SignIn = article4.EvidenceOIDC, article4.SignInFresh
				return nil
			}},
		do: func(_ context.Context, v *visit) (CanonicalText, error) {
			text, err := v.standingText(s, in)
			digest := digestOf(text)
			return CanonicalText{Text: text, SHA256: digest, Nonce: nonceOf(digest)}, err
		}})
}

// AuthorizeSeries lets an authorization stand for all documents of a series, for one purpose, until a day (Article
// 4(4), reading 0111): by a signatory of the Discloser for people of the Recipient, each named, and by each entity
// concerned of the series. What is deposited into the series from then on is given to these people with no person in
// between. It never reaches a third party, and no document that the signatory deposits: that takes a second person.
func (g *Gateway) AuthorizeSeries(ctx context.Context, a Actor, id article4.SeriesID,
	in StandingVerdict) (StandingAuthorization, error) {
	in = in.settled()
	if err := in.check(); err != nil {
		return StandingAuthorization{}, err
	}
	shownText, finding, err := g.verifyStanding(ctx, a, id, in)
	if err != nil {
		return StandingAuthorization{}, err
	}
	var s register.Series
	return perform(ctx, g, a, act[StandingAuthorization]{
		operation: operation{act: article4.ActAuthorizeSeries, what: "series", target: string(id), alone: true,
			facts: func(ctx context.Context, v *visit) error {
				var err error
				s, err = v.standingFacts(ctx, id, in, finding != nil || in.Evidence.Kind == article4.EvidenceNone)
				return err
			}},
		do: func(ctx context.Context, v *visit) (StandingAuthorization, error) {
			text, err := v.standingText(s, in)
			if err == nil && finding != nil && digestOf(text) != shownText {
				err = ErrChanged
			}
			if err != nil {
				return StandingAuthorization{}, err
			}
			return v.authorizeSeries(ctx, s, in, text, finding)
		},
		made: func(out StandingAuthorization) string { return string(out.ID) },
		replay: func(ctx context.Context, made string) (StandingAuthorization, error) {
			return g.standingByID(ctx, a, article4.DecisionID(made))
		},
	})
}

func (in StandingVerdict) settled() StandingVerdict {
	if in.Evidence.Kind == "" {
		in.Evidence.Kind = article4.EvidenceNone
	}
	if in.Form == "" {
		in.Form = article4.Stamped
	}
	in.Until = in.Until.UTC().Truncate(time.Microsecond)
	in.People = slices.Compact(slices.Sorted(slices.Values(in.People)))
	return in
}

func (in StandingVerdict) check() error {
	var c checks
	c.text("statement", "4(4)", in.Statement, maxStatement)
	c.required("purpose", "4(7)", string(in.Purpose), 100)
	c.atMost("people", "4(6)", len(in.People), maxPeople)
	if in.Until.IsZero() {
		c.Add(invalid.MissingUntil, "until", "4(4)")
	}
	c.date("until", "4(4)", in.Until)
	if !in.Form.Valid() {
		c.Add(invalid.NotAForm, "form", "")
	}
	if k := in.Evidence.Kind; k != article4.EvidenceOIDC && k != article4.EvidenceNone {
		c.Add(invalid.NotEvidence, "evidence.kind", "4(4)")
	}
	if len(in.Evidence.IDToken) > 16<<10 {
		c.Add(invalid.TokenTooLong, "evidence.id_token", "4(4)")
	}
	return c.Err()
}

// verifyStanding checks an ID token before any lock is taken, as verifyEvidence does a decision's.
func (g *Gateway) verifyStanding(ctx context.Context, a Actor, id article4.SeriesID,
	in StandingVerdict) (article4.Digest, *Finding, error) {
	if in.Evidence.Kind != article4.EvidenceOIDC || in.Evidence.IDToken == "" {
		return "", nil, nil
	}
	text, err := g.DraftStanding(ctx, a, id, in)
	if err != nil {
		return "", nil, err
	}
	finding, err := g.signedBy(ctx, a, in.Evidence.IDToken, text.Nonce)
	return text.SHA256, finding, err
}

// standingFacts puts before the rules what an authorization of a series brings. The canonical text repeats who is
// concerned, and that is what is given.
func (v *visit) standingFacts(ctx context.Context, id article4.SeriesID, in StandingVerdict,
	evidenceValid bool) (register.Series, error) {
	s, err := v.series(ctx, id)
	if err != nil {
		return s, err
	}
	f := seriesFacts(s)
	f.Purpose, f.Until = in.Purpose, in.Until
	f.StatementPresent = strings.TrimSpace(in.Statement) != ""
	f.EntitiesRepeated = true
	f.Evidence, f.EvidenceValid, f.EvidenceAdmitted = in.Evidence.Kind, evidenceValid, v.settings.AdmitNoEvidence
	if f.PeopleBelong, err = v.belong(ctx, in.People, s.Recipient); err != nil {
		return s, err
	}
	names := v.actor.organisation.ID == s.Discloser
	f.PeopleBelong = f.PeopleBelong && (len(in.People) > 0) == names
	v.facts.Series = f
	return s, nil
}

// standingText is the canonical text of a standing authorization, version 1, in the form of a decision's: it holds no
// instant of its own, so that it is the same when it is shown and when it is given.
func (v *visit) standingText(s register.Series, in StandingVerdict) (string, error) {
	recipient, err := v.organisation(s.Recipient)
	if err != nil {
		return "", err
	}
	var t strings.Builder
	line := func(name, value string) { fmt.Fprintf(&t, "%s: %s\n", name, oneLine(value)) }
	fmt.Fprintf(&t, "CHANCERY STANDING AUTHORIZATION, canonical text, version 1\n")
	line("arrangement", v.arrangement.Title)
	line("decision", v.actor.organisation.Name+" authorizes, under Article 4(4) of the Arrangement, the exchange of "+
		"each document of this series between the Parties, whenever it is deposited, and nothing to any third party")
	line("series", string(s.ID))
	line("series entry sha-256", s.EntryHash)
	line("name", s.Name)
	line("markings", strings.Join(texts(s.Markings), " "))
	line("personal data", yes(s.PersonalData))
	line("proprietary", yes(s.Proprietary))
	line("recipient", fmt.Sprintf("%s (%s)", recipient.Name, recipient.ID))
	line("recipient record sha-256", string(recipient.Record))
	line("people", orNone(strings.Join(texts(in.People), " ")))
	line("purpose", string(in.Purpose))
	line("until", in.Until.Format(time.RFC3339))
	line("form", string(in.Form))
	if v.actor.organisation.ID == s.Discloser {
		line("entities concerned, and no other", seriesEntities(s))
	}
	line("signatory", string(v.actor.person))
	line("delegation", v.delegationText())
	line("statement", orNone(in.Statement))
	return t.String(), nil
}

func (v *visit) authorizeSeries(ctx context.Context, s register.Series, in StandingVerdict, text string,
	finding *Finding) (StandingAuthorization, error) {
	recipient, err := v.organisation(s.Recipient)
	if err != nil {
		return StandingAuthorization{}, err
	}
	a := register.StandingAuthorization{
		ID:              article4.DecisionID(register.NewID("aut_")),
		Series:          s.ID,
		Discloser:       s.Discloser,
		By:              v.actor.person,
		Organisation:    v.actor.organisation.ID,
		At:              v.at,
		Recipient:       recipient.ID,
		RecipientRecord: recordOf(recipient),
		Markings:        s.Markings,
		Purpose:         in.Purpose,
		People:          in.People,
		Until:           in.Until,
		Form:            in.Form,
		Statement:       in.Statement,
		Text:            text,
		TextSHA:         digestOf(text),
		Evidence:        in.Evidence.Kind,
	}
	if v.delegation != nil {
		a.Delegation = v.delegation.Digest
	}
	body := v.standingBody(s, a)
	if finding != nil {
		a.EvidenceText, a.EvidenceKey = in.Evidence.IDToken, finding.JWK
		a.EvidenceSHA = digestOf(a.EvidenceText)
		body.Terms.EvidenceDigest, body.Terms.EvidenceKey = string(a.EvidenceSHA), finding.Thumbprint
	}
	entry, err := v.record(ctx, body, v.ofSeries(s), []private{{"statement", a.Statement}, {"text", a.Text},
		{"id-token", a.EvidenceText}, {"evidence-key", string(a.EvidenceKey)}})
	if err != nil {
		return StandingAuthorization{}, err
	}
	a.Entry, a.EntryHash = entry.id, entry.hash
	return v.standingView(a), v.register.AddStanding(ctx, v.tx, a)
}

func (v *visit) standingBody(s register.Series, a register.StandingAuthorization) ledger.Body {
	body := v.body(ledger.KindStanding, ledger.Permitted)
	body.Terms = &ledger.Terms{
		Series:          string(s.ID),
		Discloser:       string(s.Discloser),
		Recipient:       string(a.Recipient),
		RecipientRecord: string(a.RecipientRecord),
		Markings:        texts(a.Markings),
		Purposes:        []string{string(a.Purpose)},
		People:          texts(a.People),
		Until:           a.Until,
		Form:            string(a.Form),
		Text:            string(a.TextSHA),
		Decision:        string(a.ID),
		Relies:          []string{s.EntryHash},
		Delegation:      string(a.Delegation),
		Evidence:        string(a.Evidence),
	}
	return body
}

// ofSeries are the Parties entitled to open an entry about a series: what an entity concerned does is the Discloser's
// to tell.
func (v *visit) ofSeries(s register.Series) []article4.OrganisationID {
	if !v.ofParty() {
		return []article4.OrganisationID{s.Discloser}
	}
	return []article4.OrganisationID{s.Discloser, s.Recipient}
}

// StandingAuthorizations lists those of a series, withdrawn and expired ones included, the oldest first. What an entity
// concerned gave is told to it and to the Discloser alone.
func (g *Gateway) StandingAuthorizations(ctx context.Context, a Actor, id article4.SeriesID) ([]StandingAuthorization,
	error) {
	return shown(ctx, g, a, operation{act: article4.ActAuthorizeSeries, what: "series", target: string(id)},
		func(ctx context.Context, v *visit) ([]StandingAuthorization, error) {
			s, err := v.series(ctx, id)
			if err != nil {
				return nil, err
			}
			found, err := v.register.StandingAuthorizations(ctx, v.tx, id)
			if err != nil {
				return nil, err
			}
			var out []StandingAuthorization
			for _, one := range found {
				if v.toldOfStanding(s, one) {
					out = append(out, v.standingView(one))
				}
			}
			return out, nil
		})
}

func (g *Gateway) standingByID(ctx context.Context, a Actor, id article4.DecisionID) (StandingAuthorization, error) {
	return shown(ctx, g, a, operation{act: article4.ActAuthorizeSeries, what: "series", target: string(id)},
		func(ctx context.Context, v *visit) (StandingAuthorization, error) {
			found, err := v.register.StandingAuthorization(ctx, v.tx, id)
			return v.standingView(found), err
		})
}

func (v *visit) standingView(a register.StandingAuthorization) StandingAuthorization {
	out := StandingAuthorization{
		ID:           a.ID,
		Series:       a.Series,
		Organisation: a.Organisation,
		By:           a.By,
		At:           a.At,
		Purpose:      a.Purpose,
		People:       a.People,
		Until:        a.Until,
		Form:         a.Form,
		Statement:    a.Statement,
		Evidence:     a.Evidence,
		TextSHA256:   a.TextSHA,
		State:        "in-force",
		Entry:        a.Entry,
	}
	switch {
	case !a.WithdrawnAt.IsZero():
		out.State, out.WithdrawnAt, out.WithdrawnBy, out.WithdrawnWhy = "withdrawn", &a.WithdrawnAt, a.WithdrawnBy,
			a.WithdrawnWhy
	case !v.at.Before(a.Until):
		out.State = "expired"
	}
	return out
}
