package article4

import "slices"

// Reading 0110: what is derived stays protected. A document takes over from each source whatever protects it, and
// before it reaches a third party each source's Discloser consents as well.

// inherits reports whether a deposit protects at least as its sources do: their marking, their caveats (proprietary,
// personal data), the entities concerned by them, and their Disclosers as entities concerned. Of
// its own sources a Party is Discloser already.
func (d *DepositFacts) inherits(depositor OrganisationID) bool {
	named := func(o OrganisationID) bool { return o == depositor || slices.Contains(d.EntitiesConcerned, o) }
	for _, source := range d.Sources {
		if source.Marking != NonConfidential && d.Marking == NonConfidential || source.Proprietary && !d.Proprietary ||
			source.PersonalData && !d.PersonalData.Present {
			return false
		}
		if source.Marking == NonConfidential {
			continue
		}
		if !named(source.Discloser) ||
			slices.ContainsFunc(source.EntitiesConcerned, func(o OrganisationID) bool { return !named(o) }) {
			return false
		}
	}
	return true
}

// sourcesOf are the consents of the sources' Disclosers that a third party needs, and how each stands; the document's
// own Discloser consents to the document itself.
func sourcesOf(doc DocumentFacts, kind OrganisationKind, decisions []DecisionFacts, n need) []decisionStanding {
	if kind == Party || doc.Marking == NonConfidential {
		return nil
	}
	var all []decisionStanding
	for _, discloser := range doc.SourceDisclosers {
		one := Requirement{Kind: Consent, From: discloser}
		known := func(s decisionStanding) bool { return s.From == discloser }
		if discloser == doc.Discloser || slices.ContainsFunc(all, known) {
			continue
		}
		all = append(all, decisionStanding{Requirement: one, Standing: standingOf(decisions, one, n)})
	}
	return all
}

// wanting are those of the sources' Disclosers whose consent is not there.
func wanting(sources []decisionStanding) []OrganisationID {
	var from []OrganisationID
	for _, source := range sources {
		if source.Standing != StandingMatching {
			from = append(from, source.From)
		}
	}
	return from
}
