package article4

import "slices"

// flattenDisclose: who asks for the bytes, and what there is to rely on.
func (f *Facts) flattenDisclose(s *situation) bool {
	if f.Access == nil {
		return false
	}
	side := f.side()
	words := f.common(side)
	words.flag("own", side == sideDiscloser)
	f.service(words, f.Document.Marking, f.Access.Purpose)
	f.stops(words)
	words.flag("strong", f.strong())
	words.flag("protected", f.protected())
	words.flag("proprietary", f.Document.Proprietary)
	words.flag("personal_data", f.Document.PersonalData)
	words.flag("retention_over", f.retentionOver())
	words.flag("focal_points", f.focalPoints(s, f.Actor.Organisation))
	words.flag("statement", f.Access.StatementPresent)
	f.purpose(words, f.Access.Purpose)
	words.flag("purpose_known", f.Access.Purpose == "" ||
		slices.Contains(f.Arrangement.KnownPurposes, f.Access.Purpose))
	words.flag("entities_confirmed", f.Document.EntitiesConfirmed)
	words.flag("depositor", f.Document.Depositor == f.Actor.Person)
	words.text("form", string(f.Access.Form.known()))
	words.flag("stamp_available", f.Access.StampAvailable)
	f.shown(words, f.Access.Form)
	words.flag("file", f.Access.File)
	f.release(words)
	f.grant(s, words, side)
	s.words = words
	return true
}

// grant are the words on the nearest grant. The Discloser's own people need none, and a non-confidential
// document asks for none; for the former only an admission among their own counts.
func (f *Facts) grant(s *situation, words *wordList, side string) {
	view := grantView{standing: grantNone, agreement: AgreementNotRequired, admitted: true, conditions: true}
	if f.protected() && side != sideDiscloser {
		view = nearestGrant(f)
	}
	if side == sideDiscloser {
		view.admitted = slices.ContainsFunc(f.Access.Grants, f.ownAdmission)
	}
	words.text("grant", string(view.standing))
	setOf(words, "authorizations", view.authorizations())
	words.flag("discloser_decision", len(view.decisions) > 0 &&
		view.decisions[0].Standing == StandingMatching)
	words.text("consent", view.consent())
	words.text("agreement", string(view.agreement))
	words.flag("conditions_accepted", view.conditions)
	words.flag("admitted", view.admitted)
	words.text("grant_form", "")
	if view.grant != nil {
		words.text("grant_form", string(view.grant.Form))
		s.beneficiary, s.proposers = view.grant.For, view.grant.declined(f.Document)
	}
	if f.protected() {
		words.flag("transfer_basis", view.hasTransferBasis(f.Document.Discloser))
	}
	s.grant, s.decisions, s.sources = view.grant, view.decisions, wanting(view.sources)
	words.flag("sources_consented", len(s.sources) == 0)
}

// hasTransferBasis reports whether the Discloser's consent names a legal basis for this transfer; without a consent
// there is nothing to name it in, and that is said.
func (v *grantView) hasTransferBasis(discloser OrganisationID) bool {
	return v.grant == nil || !slices.ContainsFunc(v.grant.Decisions, func(l DecisionFacts) bool {
		return l.Kind == Consent && l.By == discloser && l.State == DecisionGiven && !l.TransferBasis
	})
}

// ownAdmission reports whether a grant for the Discloser's own organisation, good now and for this version,
// admits the reader. Asking, or being named by a colleague, is not enough: their focal point admits. A signatory of
// theirs may have refused it.
func (f *Facts) ownAdmission(grant GrantFacts) bool {
	return grant.For == f.Document.Discloser && grant.Version == f.Document.Version &&
		!grant.Withdrawn && !grant.has(DecisionRefused) && !grant.has(DecisionWithdrawn) && !grant.Lapsed &&
		f.Now.Before(grant.Until) &&
		slices.Contains(grant.Admitted, f.Actor.Person)
}

// release are the words on the Release that serves best: for this third party and purpose, with a basis for
// the transfer and the owner's decision where the document asks for them.
func (f *Facts) release(words *wordList) {
	var released, basis, decision bool
	best := -1
	for _, r := range f.Access.Releases {
		if r.To != f.Actor.Organisation || r.Purpose == "" ||
			(f.Access.Purpose != "" && r.Purpose != f.Access.Purpose) {
			continue
		}
		if serves := f.serves(r); serves > best {
			best, released, basis, decision = serves, true, r.TransferBasis, r.ByDiscloser
		}
	}
	words.flag("released", released)
	words.flag("transfer_basis", basis)
	words.flag("by_discloser", decision)
}

// serves counts what a Release brings of what this document asks for.
func (f *Facts) serves(r ReleaseFacts) int {
	return cost(r.TransferBasis || !f.Document.PersonalData, 1) + cost(r.ByDiscloser || !f.Document.Proprietary, 1)
}
