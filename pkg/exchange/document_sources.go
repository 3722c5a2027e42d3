package exchange

import (
	"context"
	"slices"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// What is derived stays protected (reading 0110): a deposit names what it derives from, and takes over the entities
// concerned of each source, and its Discloser as one of them.

// derivation is what a deposit takes over from its sources.
type derivation struct {
	sources  []register.Source
	entities []article4.OrganisationID // of protected sources, with their Disclosers
	// inherited: of entities, those of a source of the other Party. They are not the depositor's to take off, nor, but
	// for that Party itself, to be told of.
	inherited []article4.OrganisationID
}

// named are the sources as an entry names them.
func (d derivation) named() []string {
	var out []string
	for _, s := range d.sources {
		out = append(out, string(s.Document))
	}
	return out
}

// beside are the inherited entities that the depositor did not name.
func (d derivation) beside(named []article4.OrganisationID) []article4.OrganisationID {
	return slices.DeleteFunc(slices.Clone(d.inherited),
		func(o article4.OrganisationID) bool { return slices.Contains(named, o) })
}

// declareSources puts before the rules what the content derives from. A source that the caller has no standing for is
// none: it is answered like a question that was not answered, which it is.
func (in *intake) declareSources(ctx context.Context, v *visit) error {
	d := v.facts.Deposit
	if err := in.readTextKey(v); err != nil {
		return err
	}
	d.SourcesDeclared, in.derived = in.meta.SourcesDeclared, derivation{}
	for _, id := range slices.Compact(slices.Sorted(slices.Values(in.meta.DerivedFrom))) {
		source, err := v.register.Document(ctx, v.tx, id)
		if missingRecord(err) || err == nil && !article4.StandingOf(v.of(source).facts) {
			d.SourcesDeclared = false
			continue
		}
		if err != nil {
			return err
		}
		if id == in.subject {
			d.SourcesDeclared = false // nothing derives from itself
			continue
		}
		in.derived.take(source, v.actor.organisation.ID)
		d.Sources = append(d.Sources, article4.SourceFacts{
			Discloser:         source.Discloser,
			Marking:           source.Marking,
			Proprietary:       source.Proprietary,
			PersonalData:      source.PersonalData,
			EntitiesConcerned: source.Entities,
		})
	}
	d.EntitiesConcerned = slices.Concat(d.EntitiesConcerned, in.derived.entities)
	return nil
}

// take takes over what a source has.
func (d *derivation) take(source register.Document, depositor article4.OrganisationID) {
	protected := source.Marking != article4.NonConfidential
	d.sources = append(d.sources, register.Source{Document: source.ID, Discloser: source.Discloser,
		Protected: protected})
	if !protected {
		return
	}
	for _, entity := range append([]article4.OrganisationID{source.Discloser}, source.Entities...) {
		if entity == depositor {
			continue
		}
		if !slices.Contains(d.entities, entity) {
			d.entities = append(d.entities, entity)
		}
		theirs := source.Discloser != depositor || slices.Contains(source.Inherited, entity)
		if theirs && !slices.Contains(d.inherited, entity) {
			d.inherited = append(d.inherited, entity)
		}
	}
}
