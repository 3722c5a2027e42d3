package article4

import (
	"slices"

	"github.com/cedar-policy/cedar-go/types"
)

// flattenDisclose: who asks for the bytes, and what there is to rely on.
func (f *Facts) flattenDisclose(s *situation) bool {
	if f.Access == nil {
		return false
	}
	side := f.side()
	words := f.common(side)
	words["own"] = types.Boolean(side == sideDiscloser)
	f.service(words, f.Document.Marking, f.Access.Purpose)
	f.stops(words)
	words["protected"] = types.Boolean(f.protected())
	words["proprietary"] = types.Boolean(f.Document.Proprietary)
	words["personal_data"] = types.Boolean(f.Document.PersonalData)
	words["retention_over"] = types.Boolean(f.retentionOver())
	words["focal_points"] = f.focalPoints(s, f.Actor.Organisation)
	words["statement"] = types.Boolean(f.Access.StatementPresent)
	f.purpose(words, f.Access.Purpose)
	words["purpose_known"] = types.Boolean(f.Access.Purpose == "" ||
		slices.Contains(f.Arrangement.KnownPurposes, f.Access.Purpose))
	words["entities_confirmed"] = types.Boolean(f.Document.EntitiesConfirmed)
	words["depositor"] = types.Boolean(f.Document.Depositor == f.Actor.Person)
	words["form"] = types.String(f.Access.Form.known())
	words["stamp_available"] = types.Boolean(f.Access.StampAvailable)
	f.release(words)
	f.grant(s, words, side)
	s.words = words
	return true
}

// grant are the words on the nearest grant. The Discloser's own people need none, and a non-confidential
// document asks for none; for the former only an admission among their own counts.
func (f *Facts) grant(s *situation, words types.RecordMap, side string) {
	view := grantView{standing: grantNone, agreement: AgreementNotRequired, admitted: true, conditions: true}
	if f.protected() && side != sideDiscloser {
		view = nearestGrant(f)
	}
	if side == sideDiscloser {
		view.admitted = slices.ContainsFunc(f.Access.Grants, f.ownAdmission)
	}
	words["grant"] = types.String(view.standing)
	words["authorizations"] = stringSet(view.authorizations())
	words["discloser_decision"] = types.Boolean(len(view.decisions) > 0 &&
		view.decisions[0].Standing == StandingMatching)
	words["consent"] = types.String(view.consent())
	words["agreement"] = types.String(view.agreement)
	words["conditions_accepted"] = types.Boolean(view.conditions)
	words["admitted"] = types.Boolean(view.admitted)
	words["grant_form"] = types.String("")
	if view.grant != nil {
		words["grant_form"] = types.String(view.grant.Form)
		s.beneficiary = view.grant.For
	}
	if f.protected() {
		words["transfer_basis"] = types.Boolean(view.hasTransferBasis(f.Document.Discloser))
	}
	s.grant, s.decisions, s.sources = view.grant, view.decisions, wanting(view.sources)
	words["sources_consented"] = types.Boolean(len(s.sources) == 0)
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
func (f *Facts) release(words types.RecordMap) {
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
	words["released"] = types.Boolean(released)
	words["transfer_basis"] = types.Boolean(basis)
	words["by_discloser"] = types.Boolean(decision)
}

// serves counts what a Release brings of what this document asks for.
func (f *Facts) serves(r ReleaseFacts) int {
	return cost(r.TransferBasis || !f.Document.PersonalData, 1) + cost(r.ByDiscloser || !f.Document.Proprietary, 1)
}
