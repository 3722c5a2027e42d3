package exchange

import (
	"context"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// OpenSeries states what the documents of a series are: by a focal point or a signatory of the Party that is to be
// their Discloser. It authorizes nothing; a document that is deposited into it and lies outside is refused.
func (g *Gateway) OpenSeries(ctx context.Context, a Actor, in SeriesOpened) (Series, error) {
	in.Name = strings.TrimSpace(in.Name)
	if err := in.check(); err != nil {
		return Series{}, err
	}
	return perform(ctx, g, a, act[Series]{
		operation: operation{act: article4.ActOpenSeries, what: "series", lock: register.ForShare,
			facts: func(_ context.Context, v *visit) error { return v.openingFacts(in) }},
		do:   func(ctx context.Context, v *visit) (Series, error) { return v.openSeries(ctx, in) },
		made: func(s Series) string { return string(s.ID) },
		replay: func(ctx context.Context, made string) (Series, error) {
			return g.SeriesByID(ctx, a, article4.SeriesID(made))
		},
	})
}

func (in SeriesOpened) check() error {
	var c checks
	c.required("name", "4(4)", in.Name, maxName)
	c.line("name", "4(4)", in.Name, maxName)
	c.atMost("markings", "4(9)", len(in.Markings), 3)
	c.atMost("purposes", "4(7)", len(in.Purposes), maxList)
	c.atMost("entities_concerned", "4(4)", len(in.Entities), maxList)
	if len(in.Markings) == 0 {
		c.Add(invalid.Missing, "markings", "4(9)")
	}
	if len(in.Purposes) == 0 {
		c.Add(invalid.Missing, "purposes", "4(7)")
	}
	for _, m := range in.Markings {
		if !m.Valid() {
			c.Add(invalid.NotAMarking, "markings", "4(9)")
		}
	}
	return c.Err()
}

// openingFacts: a series is of the actor's own Party, for the other one.
func (v *visit) openingFacts(in SeriesOpened) error {
	s := &article4.SeriesFacts{Discloser: v.actor.organisation.ID, EntitiesDeclared: in.EntitiesDeclared}
	if !v.ofParty() {
		s.Discloser = v.parties[0] // the rules refuse whoever is of neither
	}
	for _, party := range v.parties {
		if party != s.Discloser {
			s.Recipient = party
		}
	}
	for _, entity := range in.Entities {
		o, err := v.organisation(entity)
		if err != nil && !missingRecord(err) {
			return err
		}
		if err != nil || o.Kind == article4.Operator {
			s.EntitiesDeclared = false
		}
	}
	v.facts.Series = s
	for _, code := range in.Purposes {
		if !slices.Contains(v.facts.Arrangement.KnownPurposes, code) {
			return invalid.One(invalid.NoneOf, "purposes", "4(7)", string(code),
				strings.Join(texts(v.facts.Arrangement.KnownPurposes), ", "))
		}
	}
	return nil
}

func (v *visit) openSeries(ctx context.Context, in SeriesOpened) (Series, error) {
	s := register.Series{
		ID:           article4.SeriesID(register.NewID("ser_")),
		Discloser:    v.facts.Series.Discloser,
		Recipient:    v.facts.Series.Recipient,
		Name:         in.Name,
		Markings:     slices.Compact(slices.Sorted(slices.Values(in.Markings))),
		Purposes:     slices.Compact(slices.Sorted(slices.Values(in.Purposes))),
		Entities:     slices.Compact(slices.Sorted(slices.Values(in.Entities))),
		PersonalData: in.PersonalData,
		Proprietary:  in.Proprietary,
		OpenedBy:     v.actor.person,
		OpenedAt:     v.at,
	}
	body := v.body(ledger.KindSeries, ledger.Permitted)
	body.Terms = &ledger.Terms{
		Series:       string(s.ID),
		Discloser:    string(s.Discloser),
		Recipient:    string(s.Recipient),
		Markings:     texts(s.Markings),
		Purposes:     texts(s.Purposes),
		PersonalData: s.PersonalData,
		Proprietary:  s.Proprietary,
	}
	entry, err := v.record(ctx, body, []article4.OrganisationID{s.Discloser, s.Recipient},
		[]private{{"name", s.Name}, {"entities", seriesEntities(s)}})
	if err != nil {
		return Series{}, err
	}
	s.Entry, s.EntryHash = entry.id, entry.hash
	return v.seriesView(s), v.register.AddSeries(ctx, v.tx, s)
}

// seriesEntities is what an entry commits to, and the canonical text says: who is concerned is the Discloser's to tell.
func seriesEntities(s register.Series) string {
	if len(s.Entities) == 0 {
		return "none"
	}
	return strings.Join(texts(s.Entities), ",")
}

func (v *visit) seriesView(s register.Series) Series {
	out := Series{
		ID:           s.ID,
		Discloser:    s.Discloser,
		Recipient:    s.Recipient,
		Name:         s.Name,
		Markings:     s.Markings,
		Purposes:     s.Purposes,
		PersonalData: s.PersonalData,
		Proprietary:  s.Proprietary,
		OpenedBy:     s.OpenedBy,
		OpenedAt:     s.OpenedAt,
		Entry:        s.Entry,
	}
	if v.actor.organisation.ID == s.Discloser {
		out.Entities, out.EntitiesNone = s.Entities, len(s.Entities) == 0
	}
	return out
}

// SeriesKept lists the series that the caller's organisation keeps, receives or is concerned by, the newest first.
func (g *Gateway) SeriesKept(ctx context.Context, a Actor, p Paging) (Page[Series], error) {
	limit, after, err := p.bounds()
	if err != nil {
		return Page[Series]{}, err
	}
	var out Page[Series]
	err = g.look(ctx, a, func(ctx context.Context, v *visit) error {
		if !v.sees() {
			return nil
		}
		found, err := g.register.SeriesOf(ctx, v.tx, a.organisation.ID, after.at, after.id, limit+1)
		if err != nil {
			return err
		}
		out, err = readPage(v, found, limit, as(v.seriesView))
		return err
	})
	return out, err
}

// SeriesByID shows one with what the caller could do with it; to whom it does not concern it is absent.
func (g *Gateway) SeriesByID(ctx context.Context, a Actor, id article4.SeriesID) (Series, error) {
	return shown(ctx, g, a, operation{act: article4.ActOpenSeries, what: "series", target: string(id)},
		func(ctx context.Context, v *visit) (Series, error) {
			s, err := v.series(ctx, id)
			if err != nil {
				return Series{}, err
			}
			out := v.seriesView(s)
			out.Permissions, err = v.mayOnSeries(ctx, s)
			return out, err
		})
}

// series is one that concerns the caller's organisation.
func (v *visit) series(ctx context.Context, id article4.SeriesID) (register.Series, error) {
	s, err := v.register.Series(ctx, v.tx, id)
	own := v.actor.organisation.ID
	if err == nil && (!v.hasRole() || own != s.Discloser && own != s.Recipient && !slices.Contains(s.Entities, own)) {
		err = errAbsent
	}
	return s, err
}

// mayOnSeries asks the rules what the caller could do with a series, with all the words that it wants.
func (v *visit) mayOnSeries(ctx context.Context, s register.Series) (map[article4.Act]Permission, error) {
	delegated, err := v.delegatedActs(ctx)
	if err != nil {
		return nil, err
	}
	out := map[article4.Act]Permission{}
	for _, act := range []article4.Act{article4.ActAuthorizeSeries, article4.ActWithdrawSeries} {
		facts := v.facts
		facts.Act = act
		speaks(&facts.Actor, delegated[restsOnDelegation[act]])
		f := seriesFacts(s)
		f.StatementPresent, f.PeopleBelong, f.EntitiesRepeated = true, true, true
		f.Evidence, f.EvidenceValid = article4.EvidenceOIDC, true
		f.Purpose, f.Until = s.Purposes[0], v.at.Add(oneDay)
		if open := slices.IndexFunc(s.Purposes, v.isOpen); open >= 0 {
			f.Purpose = s.Purposes[open]
		}
		facts.Series = f
		d := v.rules.Decide(facts)
		out[act] = Permission{Allowed: d.Permit, Reasons: v.forCaller(d.Reasons)}
	}
	return out, nil
}

func seriesFacts(s register.Series) *article4.SeriesFacts {
	return &article4.SeriesFacts{
		Discloser:        s.Discloser,
		Recipient:        s.Recipient,
		Markings:         s.Markings,
		Purposes:         s.Purposes,
		EntitiesDeclared: true,
		Entities:         s.Entities,
		PersonalData:     s.PersonalData,
		Proprietary:      s.Proprietary,
	}
}
