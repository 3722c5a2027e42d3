package exchange

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/instrument"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/register"
)

// organisationSaid is what one Party proposes and the other confirms, settled: the identifier included.
type organisationSaid struct {
	ID      article4.OrganisationID `json:"id"`
	Short   string                  `json:"short"`
	Name    string                  `json:"name"`
	Type    string                  `json:"type"`
	Country string                  `json:"country,omitempty"`
	Issuer  string                  `json:"issuer"`
	New     bool                    `json:"new"` // an organisation that stood before is not what was proposed
}

// ProposeOrganisation proposes a third party with its identity provider, or, with Changes set, another legal name,
// type, country or issuer of one. It is in force when the other Party confirms it. Until then a new organisation does
// not exist to the rules and a change changes nothing. A later proposal about the same organisation takes the place of
// an earlier one; the other Party, proposing the same, confirms it.
//
// People of a new organisation can sign in once the operator has added its issuer to the configuration as well.
func (g *Gateway) ProposeOrganisation(ctx context.Context, a Actor, in OrganisationProposed) (Organisation, *Pending,
	error) {
	if err := in.check(); err != nil {
		return Organisation{}, nil, err
	}
	said := organisationSaid{
		ID:      in.Changes,
		Short:   in.Short,
		Name:    in.Name,
		Type:    in.Type,
		Country: in.Country,
		Issuer:  in.Issuer,
	}
	if said.New = in.Changes == ""; said.New {
		said.ID = OrganisationIDOf(in.Short)
	}
	var waiting *register.Pending
	return both(perform(ctx, g, a, act[Outcome[Organisation]]{
		operation: operation{act: article4.ActRecognise, what: "organisation", target: string(said.ID), alone: true,
			facts: func(ctx context.Context, v *visit) error {
				if err := v.settleShort(ctx, in, &said); err != nil {
					return err
				}
				var err error
				waiting, err = v.pendingOrganisation(ctx, said.ID)
				if err != nil {
					return err
				}
				if waiting != nil && waiting.Organisation != v.actor.organisation.ID && saidBefore(*waiting, said) {
					v.pending = waiting
				}
				return v.recogniseFacts(ctx, said)
			}},
		do: func(ctx context.Context, v *visit) (Outcome[Organisation], error) {
			if err := v.replaces(ctx, waiting, said); err != nil {
				return Outcome[Organisation]{}, err
			}
			return v.recognise(ctx, said)
		},
		replay: func(ctx context.Context, made string) (Outcome[Organisation], error) {
			return g.replayRecognition(ctx, a, made)
		},
	}))
}

// replayRecognition answers the repetition of either half of a recognition.
func (g *Gateway) replayRecognition(ctx context.Context, a Actor, made string) (Outcome[Organisation], error) {
	var said organisationSaid
	waits, err := g.begun(ctx, a, made, &said)
	if err != nil {
		return Outcome[Organisation]{}, err
	}
	out, err := g.Organisation(ctx, a, said.ID)
	return Outcome[Organisation]{out, waits}, err
}

// ConfirmOrganisation confirms what the other Party proposed about an organisation, as it is shown: ifMatch is the ETag
// of the Organisation, else ErrChanged. From then on consents that named the organisation's old record no longer match
// (art4.8/other-recipient), and running downloads are decided again.
func (g *Gateway) ConfirmOrganisation(ctx context.Context, a Actor, id article4.OrganisationID,
	ifMatch string) (Organisation, error) {
	var said organisationSaid
	out, err := perform(ctx, g, a, act[Outcome[Organisation]]{
		operation: operation{act: article4.ActRecognise, what: "organisation", target: string(id), alone: true,
			facts: func(ctx context.Context, v *visit) error {
				waiting, err := v.pendingOrganisation(ctx, id)
				if err != nil {
					return err
				}
				if waiting == nil || !v.ofParty() || !v.hasRole() {
					return errAbsent
				}
				v.pending = waiting
				if err := json.Unmarshal([]byte(waiting.Payload), &said); err != nil {
					return fmt.Errorf("pending %s: %w", waiting.ID, err)
				}
				return v.recogniseFacts(ctx, said)
			}},
		do: func(ctx context.Context, v *visit) (Outcome[Organisation], error) {
			shown, err := v.organisationShown(ctx, said.ID)
			if err != nil {
				return Outcome[Organisation]{}, err
			}
			if shown.ETag != ifMatch {
				return Outcome[Organisation]{}, ErrChanged
			}
			return v.recognise(ctx, said)
		},
		replay: func(ctx context.Context, made string) (Outcome[Organisation], error) {
			return g.replayRecognition(ctx, a, made)
		},
	})
	return out.Value, err
}

var (
	proposedShort = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,39}$`)
	countryForm   = regexp.MustCompile(`^[A-Z]{2}$`)
)

func (in OrganisationProposed) check() error {
	var c checks
	if in.Changes == "" && !proposedShort.MatchString(in.Short) {
		c.Add(invalid.NotAShortName, "short", "4(8)")
	}
	c.name("name", "4(8)", in.Name)
	if !slices.Contains(instrument.ThirdPartyTypes(), in.Type) {
		c.Add(invalid.IsNoneOf, "type", "4(8)", instrument.ThirdPartyTypes())
	}
	switch {
	case in.Country != "" && !countryForm.MatchString(in.Country):
		c.Add(invalid.NotTwoCapitals, "country", "4(8)")
	case in.Country == "" && (in.Type == "member-state-authority" || in.Type == "passenger-information-unit"):
		c.Add(invalid.MissingCountry, "country", "4(8)")
	}
	c.issuer("issuer", "4(8)", in.Issuer)
	return c.Err()
}

// issuer wants the identifier of an identity provider (OpenID Connect Discovery 3): an absolute URL, nothing beyond its
// path.
func (c *checks) issuer(field, paragraph, s string) {
	if s == "" {
		c.Add(invalid.MissingIssuer, field, paragraph)
		return
	}
	u, err := url.Parse(s)
	plain := strings.IndexFunc(s, func(r rune) bool { return r <= 0x20 || r > 0x7e }) < 0 && len(s) <= 500
	if err != nil || !plain || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil ||
		u.RawQuery != "" || u.Fragment != "" {
		c.Add(invalid.NotAnIssuer, field, paragraph)
	}
}

// settleShort: the short name is for ever, so a change takes it from the record.
func (v *visit) settleShort(ctx context.Context, in OrganisationProposed, said *organisationSaid) error {
	if in.Changes == "" {
		return nil
	}
	before, err := v.register.Organisation(ctx, v.tx, in.Changes)
	if err != nil {
		return err
	}
	if !v.mayKnow(before.Kind, before.ID) {
		return errAbsent
	}
	if before.Kind != article4.ThirdParty {
		return invalid.One(invalid.NotAThirdParty, "changes", "")
	}
	said.Short = before.Short
	return nil
}

// pendingOrganisation is the proposal about an organisation; nil while there is none.
func (v *visit) pendingOrganisation(ctx context.Context, id article4.OrganisationID) (*register.Pending, error) {
	waiting, err := v.register.PendingOn(ctx, v.tx, article4.ActRecognise, string(id), v.at)
	if errors.Is(err, register.ErrNotFound) {
		return nil, nil
	}
	return &waiting, err
}

func saidBefore(waiting register.Pending, said organisationSaid) bool {
	digest, _, err := payloadOf(said)
	return err == nil && digest == waiting.PayloadSHA
}

// recogniseFacts: an identity provider speaks for one organisation, and a short name names one.
func (v *visit) recogniseFacts(ctx context.Context, said organisationSaid) error {
	c := &article4.ChangeFacts{OwnSubject: v.ofParty()}
	v.facts.Change = c
	if v.pending != nil {
		c.ProposedBy = v.pending.Organisation
	}
	if !v.ofParty() {
		return nil // who else is recognised here is not theirs to learn
	}
	self := said.ID
	if said.New {
		self = ""
	}
	taken, err := v.register.OrganisationTaken(ctx, v.tx, self, said.Short, said.Issuer)
	c.Complete = !taken
	return err
}

// replaces ends an earlier proposal that is not confirmed by this one.
func (v *visit) replaces(ctx context.Context, waiting *register.Pending, said organisationSaid) error {
	if waiting == nil || v.pending != nil {
		return nil
	}
	if saidBefore(*waiting, said) {
		return fmt.Errorf("%w: the same proposal waits for the other Party already", ErrConflict)
	}
	return v.register.EndPending(ctx, v.tx, waiting.ID, v.at)
}

func (v *visit) recognise(ctx context.Context, said organisationSaid) (Outcome[Organisation], error) {
	o := said.record()
	body := v.officialBody(string(o.ID), "")
	body.Terms.RecipientRecord = string(o.Record)
	fields := []private{{"name", said.Name}, {"issuer", said.Issuer}}
	pending, err := v.twice(ctx, halves{
		target:  string(said.ID),
		payload: said,
		body:    body,
		parties: v.twoParties(),
		fields:  fields,
		done: func(entry written) error {
			return v.recognised(ctx, o, entry)
		},
	})
	if err != nil {
		return Outcome[Organisation]{}, err
	}
	out, err := v.organisationShown(ctx, said.ID)
	return Outcome[Organisation]{out, pending}, err
}

func (s organisationSaid) record() register.Organisation {
	o := register.Organisation{
		ID:      s.ID,
		Short:   s.Short,
		Name:    s.Name,
		Kind:    article4.ThirdParty,
		Type:    s.Type,
		Country: s.Country,
		Issuer:  s.Issuer,
	}
	o.Record = recordOf(o)
	return o
}

// recordOf is what a consent names besides the identifier: whoever changes name, type, country or issuer is somebody
// else to it. It is computed at every use, so that a column altered behind the gateway is a change like any other.
func recordOf(o register.Organisation) article4.Digest {
	return digestOf(strings.Join([]string{string(o.ID), o.Name, string(o.Kind), o.Type, o.Country, o.Issuer}, "\x00"))
}

// recognised puts into force what both Parties said. The names of a newcomer's people are sealed under the keyset of
// the Party that proposed it: every replica has that one (docs/decisions/0030).
func (v *visit) recognised(ctx context.Context, o register.Organisation, entry written) error {
	o.Entry, o.ProposedBy, o.ConfirmedBy = entry.id, v.pending.Organisation, v.actor.organisation.ID
	o.Keyset = o.ProposedBy
	if err := v.register.PutOrganisation(ctx, v.tx, o); err != nil {
		return err
	}
	return v.announceRevocation(ctx, everything)
}

// organisationShown shows one with what waits for the other Party.
func (v *visit) organisationShown(ctx context.Context, id article4.OrganisationID) (Organisation, error) {
	o, err := v.register.Organisation(ctx, v.tx, id)
	if err != nil && !missingRecord(err) || err == nil && !v.mayKnow(o.Kind, o.ID) {
		return Organisation{}, cmp.Or(err, errAbsent)
	}
	proposals, perr := v.proposals(ctx)
	if perr != nil {
		return Organisation{}, perr
	}
	proposal := proposals[id]
	if err == nil {
		return withProposal(organisationView(o), proposal), nil
	}
	if proposal == nil {
		return Organisation{}, errAbsent
	}
	return proposedView(id, proposal), nil
}

// pendingProposal is a proposal with what names it in an ETag.
type pendingProposal struct {
	OrganisationProposal
	pending string
}

// proposals are what waits for the other Party, by organisation; only people of the Parties see any.
func (v *visit) proposals(ctx context.Context) (map[article4.OrganisationID]*pendingProposal, error) {
	if !v.ofParty() || !v.sees() {
		return nil, nil
	}
	waiting, err := v.register.Pendings(ctx, v.tx, article4.ActRecognise, "", v.at, 200)
	if err != nil {
		return nil, err
	}
	out := map[article4.OrganisationID]*pendingProposal{}
	for _, w := range waiting {
		var said organisationSaid
		if err := json.Unmarshal([]byte(w.Payload), &said); err != nil {
			return nil, fmt.Errorf("pending %s: %w", w.ID, err)
		}
		out[said.ID] = &pendingProposal{pending: w.ID, OrganisationProposal: OrganisationProposal{
			OrganisationProposed: OrganisationProposed{Short: said.Short, Name: said.Name, Type: said.Type,
				Country: said.Country, Issuer: said.Issuer},
			ProposedBy: w.Organisation,
			Pending:    w.ID,
			By:         w.By,
			At:         w.At,
			ExpiresAt:  w.ExpiresAt,
			Record:     said.record().Record,
		}}
	}
	return out, nil
}

func withProposal(o Organisation, p *pendingProposal) Organisation {
	if p == nil {
		return o
	}
	proposal := p.OrganisationProposal
	proposal.Changes = o.ID
	o.Proposal = &proposal
	o.ETag += "-" + p.pending
	return o
}

func proposedView(id article4.OrganisationID, p *pendingProposal) Organisation {
	proposal := p.OrganisationProposal
	return Organisation{
		ID:       id,
		Short:    p.Short,
		Name:     p.Name,
		Kind:     article4.ThirdParty,
		Type:     p.Type,
		Country:  p.Country,
		Issuer:   p.Issuer,
		State:    "proposed",
		Record:   p.Record,
		Proposal: &proposal,
		ETag:     string(id) + "-" + p.pending,
	}
}

// withProposals puts proposals in their places among organisations in the order of identifiers.
func (v *visit) withProposals(ctx context.Context, found []register.Organisation,
	after article4.OrganisationID) ([]Organisation, error) {
	proposals, err := v.proposals(ctx)
	if err != nil {
		return nil, err
	}
	var out []Organisation
	for _, o := range found {
		out = append(out, withProposal(organisationView(o), proposals[o.ID]))
	}
	for id, p := range proposals {
		if p != nil && id > after && !slices.ContainsFunc(found,
			func(o register.Organisation) bool { return o.ID == id }) {
			if _, err := v.register.Organisation(ctx, v.tx, id); !missingRecord(err) {
				if err != nil {
					return nil, err
				}
				continue // stands on a later page
			}
			out = append(out, proposedView(id, p))
		}
	}
	slices.SortFunc(out, func(a, b Organisation) int { return cmp.Compare(a.ID, b.ID) })
	return out, nil
}
