package article4

import (
	"slices"

	"github.com/cedar-policy/cedar-go/types"
)

// flattenChange: the acts of the Discloser on its own document: mark, add and remove entities, recall, destroy.
func (f *Facts) flattenChange(s *situation) bool {
	c := f.Change
	if c == nil {
		return false
	}
	words := f.actor(f.side())
	words["phase"] = types.String(f.Arrangement.Phase)
	words["delegated"] = types.Boolean(f.Actor.Delegated)
	words["sign_in"] = types.String(f.Actor.SignIn.known())
	words["depositor"] = types.Boolean(f.Document.Depositor == f.Actor.Person)
	words["marked"] = types.Boolean(f.Act != ActMark || c.Marking.Valid())
	words["widens"] = types.Boolean(f.widens())
	words["entities_known"] = types.Boolean(c.EntitiesKnown || f.Act != ActAddEntity && f.Act != ActRemoveEntity)
	words["statement"] = types.Boolean(c.ReasonPresent)
	words["held"] = types.Boolean(c.Held && !(f.Act == ActDestroy && c.OnlyOthersHold))
	words["unprotects"] = types.Boolean(f.Act == ActMark && f.protected() && !c.Marking.Protected())
	words["no_passengers"] = types.Boolean(c.NoPassengers)
	words["second"] = types.String(f.second())
	words["nothing_put"] = types.Boolean(c.NothingPut)
	words["entity"] = types.Boolean(f.isEntity())
	words["mandated"] = types.Boolean(f.Actor.Mandated)
	words["operator"] = types.Boolean(f.Actor.Kind == Operator)
	words["authorizations"] = f.loweringStandings(s)
	s.words = words
	return true
}

// isEntity reports whether the actor's organisation is named as an entity concerned; the Discloser is not one of its
// own.
func (f *Facts) isEntity() bool {
	return f.side() != sideDiscloser && slices.Contains(f.Document.EntitiesConcerned, f.Actor.Organisation)
}

// loweringStandings are the standings of the authorizations that a lowering takes: of each entity concerned, for this
// version and this lowering. Whoever is the first of two changes nothing yet, so nothing is held against them: they
// begin, and what they began is put to the entities.
func (f *Facts) loweringStandings(s *situation) types.Set {
	if f.Act != ActMark || !f.widens() || f.Change.Second == nil {
		return types.Set{}
	}
	n := need{version: f.Document.Version, recipient: f.Document.Discloser,
		purpose: loweringTo(f.Change.Marking, f.Change.KeepProprietary), now: f.Now}
	said := make([]DecisionFacts, len(f.Change.Lowering))
	for i, l := range f.Change.Lowering {
		said[i] = DecisionFacts{
			Kind:          Authorization,
			By:            l.By,
			State:         l.State,
			Version:       l.Version,
			Recipient:     n.recipient,
			SameRecipient: true,
			Purpose:       loweringTo(l.Marking, l.KeepProprietary),
			Until:         l.Until,
			Authority:     l.Authority,
			EvidenceValid: true,
		}
	}
	var standings []Standing
	for _, entity := range f.Document.EntitiesConcerned {
		if entity == f.Document.Discloser {
			continue
		}
		required := Requirement{Kind: Authorization, From: entity}
		stands := standingOf(said, required, n)
		s.decisions = append(s.decisions, decisionStanding{Requirement: required, Standing: stands})
		standings = append(standings, stands)
	}
	return stringSet(standings)
}

// loweringTo names a lowering where a decision names a purpose.
func loweringTo(marking Marking, keepProprietary bool) PurposeCode {
	if keepProprietary {
		return PurposeCode(marking) + ", as proprietary as before"
	}
	return PurposeCode(marking)
}

// widens reports whether the act takes protection away: reading 0002 calls it lowering when a marking does. A marking
// that is not known protects nothing.
func (f *Facts) widens() bool {
	switch f.Act {
	case ActMark:
		return f.protected() && !f.Change.Marking.Protected() || f.Document.Proprietary && !f.Change.KeepProprietary
	case ActRemoveEntity, ActNotConcerned:
		return true
	}
	return false
}

// Who the person is in an act that takes two.
const (
	secondFirst   = "first"   // nobody came before
	secondMatches = "second"  // another person of the same Party confirms the same
	secondMissing = "missing" // the same person again, somebody of elsewhere, or something else
)

// second says how the person stands to whoever came first.
func (f *Facts) second() string {
	first := f.Change.Second
	switch {
	case first == nil:
		return secondFirst
	case first.First == "" || first.First == f.Actor.Person || first.Organisation != f.Actor.Organisation ||
		!first.Same:
		return secondMissing
	}
	return secondMatches
}

// counterpart says the same of an act that one Party proposes and the other confirms. Whoever is named as proposing, by
// the proposal or by its first person, must be of the other Party.
func (f *Facts) counterpart() string {
	first, proposed := f.Change.Second, f.Change.ProposedBy
	switch {
	case first == nil && proposed == "":
		return secondFirst
	case proposed == f.Actor.Organisation:
		return secondMissing
	case first == nil:
		return secondMatches
	case first.First == "" || first.First == f.Actor.Person || first.Organisation == "" ||
		first.Organisation == f.Actor.Organisation || !first.Same:
		return secondMissing
	}
	return secondMatches
}

// flattenCorrect: a new version. What the document declared stands; what was found in the file is held against it.
func (f *Facts) flattenCorrect(s *situation) bool {
	c, d, doc := f.Change, f.Deposit, f.Document
	if c == nil || d == nil || d.Marking != doc.Marking || d.PersonalData.Present != doc.PersonalData {
		return false
	}
	words := f.common(f.side())
	delete(words, "operator")
	f.service(words, doc.Marking, doc.Purposes...)
	words["depositor"] = types.Boolean(doc.Depositor == f.Actor.Person)
	words["statement"] = types.Boolean(c.ReasonPresent && c.Kind.Valid())
	words["marked"] = types.Boolean(doc.Marking.Valid())
	words["protected"] = types.Boolean(f.protected())
	words["personal_data"] = types.Boolean(doc.PersonalData)
	words["retention_over"] = types.Boolean(f.retentionOver())
	words["purpose_open"] = types.Boolean(slices.ContainsFunc(doc.Purposes, f.purposeOpen))
	flattenFound(words, d)
	s.words = words
	return true
}

// flattenRelease: a non-confidential document to a third party (Article 4(2)).
func (f *Facts) flattenRelease(s *situation) bool {
	r := f.Release
	if r == nil || r.To == "" {
		return false
	}
	s.beneficiary = r.To
	words := f.common(f.side())
	delete(words, "operator")
	words["stopped"] = types.Boolean(f.Document.Suspended)
	words["protected"] = types.Boolean(f.protected())
	words["proprietary"] = types.Boolean(f.Document.Proprietary)
	words["personal_data"] = types.Boolean(f.Document.PersonalData)
	words["retention_over"] = types.Boolean(f.retentionOver())
	words["statement"] = types.Boolean(r.StatementPresent)
	f.purpose(words, r.Purpose)
	words["to_third_party"] = types.Boolean(r.ToInForce && f.beneficiary(r.To, r.ToKind) == sideThirdParty)
	words["transfer_basis"] = types.Boolean(r.TransferBasis)
	s.words = words
	return true
}
