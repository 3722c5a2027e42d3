package article4

import "slices"

// flattenChange: the acts of the Discloser on its own document: mark, add and remove entities, recall, destroy; and
// what an entity concerned says of itself and of a lowering.
func (f *Facts) flattenChange(s *situation) bool {
	c := f.Change
	if c == nil {
		return false
	}
	words := f.actor(f.side())
	words.text("phase", string(f.Arrangement.Phase))
	words.flag("delegated", f.Actor.Delegated)
	words.text("sign_in", string(f.Actor.SignIn.known()))
	words.flag("depositor", f.Document.Depositor == f.Actor.Person)
	words.flag("marked", f.Act != ActMark || c.Marking.Valid())
	words.flag("widens", f.widens())
	words.flag("adds_proprietary", f.Act == ActMark && c.AddsProprietary && c.KeepProprietary &&
		!f.Document.Proprietary && c.Marking == f.Document.Marking)
	words.flag("entities_known", c.EntitiesKnown || f.Act != ActAddEntity && f.Act != ActRemoveEntity)
	words.flag("statement", c.ReasonPresent)
	words.flag("held", c.Held && !(f.Act == ActDestroy && c.OnlyOthersHold))
	words.flag("unprotects", f.Act == ActMark && f.protected() && !c.Marking.Protected())
	words.flag("no_passengers", c.NoPassengers)
	words.text("second", f.second())
	words.flag("nothing_put", c.NothingPut)
	words.flag("entity", f.isEntity())
	words.flag("lowering_open", c.LoweringOpen)
	words.flag("lowering_decided", f.decidedOnLowering())
	words.flag("mandated", f.Actor.Mandated)
	words.flag("operator", f.Actor.Kind == Operator)
	setOf(words, "authorizations", f.loweringStandings(s))
	s.words = words
	return true
}

// isEntity reports whether the actor's organisation is named as an entity concerned; the Discloser is not one of its
// own.
func (f *Facts) isEntity() bool {
	return f.side() != sideDiscloser && slices.Contains(f.Document.EntitiesConcerned, f.Actor.Organisation)
}

// decidedOnLowering reports whether the actor's organisation authorized or refused the lowering.
func (f *Facts) decidedOnLowering() bool {
	return slices.ContainsFunc(f.Change.Lowering, func(l LoweringFacts) bool { return l.By == f.Actor.Organisation })
}

// loweringStandings are the standings of the authorizations that a lowering takes: of each entity concerned, for this
// version and this lowering. Whoever is the first of two changes nothing yet, so nothing is held against them: they
// begin, and what they began is put to the entities.
func (f *Facts) loweringStandings(s *situation) []Standing {
	if f.Act != ActMark || !f.widens() || f.Change.Second == nil {
		return nil
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
	return standings
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
	case ActRemoveEntity, ActNotConcerned, ActAuthorizeLowering:
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
	words.without("operator")
	f.service(words, doc.Marking, doc.Purposes...)
	words.flag("strong", f.strong())
	words.flag("depositor", doc.Depositor == f.Actor.Person)
	words.flag("statement", c.ReasonPresent && c.Kind.Valid())
	words.flag("marked", doc.Marking.Valid())
	words.flag("protected", f.protected())
	words.flag("personal_data", doc.PersonalData)
	words.flag("retention_over", f.retentionOver())
	words.flag("purpose_open", slices.ContainsFunc(doc.Purposes, f.purposeOpen))
	words.flag("sources_declared", d.SourcesDeclared)
	words.flag("inherits", d.inherits(doc.Discloser))
	flattenFound(words, d)
	s.words = words
	return true
}

// flattenAmend: what a document says of itself. What adds no purpose opens it to nobody, and is the Discloser's own.
func (f *Facts) flattenAmend(s *situation) bool {
	c := f.Change
	if c == nil {
		return false
	}
	words := f.actor(f.side())
	words.text("phase", string(f.Arrangement.Phase))
	words.flag("delegated", f.Actor.Delegated)
	words.flag("depositor", f.Document.Depositor == f.Actor.Person)
	words.flag("statement", c.ReasonPresent)
	words.flag("protected", f.protected())
	words.flag("own", len(c.AddsPurposes) == 0)
	words.flag("purpose_named", len(c.AddsPurposes) > 0)
	words.flag("purpose_open", containsAll(f.Arrangement.OpenPurposes, c.AddsPurposes))
	words.flag("takes_back", c.TakesBack)
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
	words.without("operator")
	words.flag("stopped", f.Document.Suspended)
	words.flag("protected", f.protected())
	words.flag("proprietary", f.Document.Proprietary)
	words.flag("personal_data", f.Document.PersonalData)
	words.flag("retention_over", f.retentionOver())
	words.flag("statement", r.StatementPresent)
	f.purpose(words, r.Purpose)
	words.text("sign_in", string(f.Actor.SignIn.known()))
	words.flag("to_third_party", r.ToInForce && f.beneficiary(r.To, r.ToKind) == sideThirdParty)
	words.flag("transfer_basis", r.TransferBasis)
	s.words = words
	return true
}
