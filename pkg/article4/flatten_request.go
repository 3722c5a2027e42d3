package article4

import (
	"slices"
	"time"

	"github.com/cedar-policy/cedar-go/types"
)

// flattenAsk: a new request, by a Party for its own people or for a third party.
func (f *Facts) flattenAsk(s *situation) bool {
	ask := f.Ask
	if ask == nil || ask.For == "" {
		return false
	}
	s.beneficiary = ask.For
	words := f.common(f.side())
	f.stops(words)
	f.service(words, f.Document.Marking, ask.Purpose)
	words["protected"] = types.Boolean(f.protected())
	words["retention_over"] = types.Boolean(f.retentionOver())
	words["focal_points"] = f.focalPoints(s, f.Document.Discloser, f.Document.Recipient)
	words["statement"] = types.Boolean(ask.StatementPresent)
	f.purpose(words, ask.Purpose)
	words["beneficiary"] = types.String(f.beneficiary(ask.For, ask.ForKind))
	words["beneficiary_in_force"] = types.Boolean(ask.ForInForce)
	words["people_belong"] = types.Boolean(ask.PeopleBelong)
	words["until_past"] = types.Boolean(!f.Now.Before(ask.Until))
	words["until_beyond_end"] = types.Boolean(f.beyondEnd(ask.Until, ask.Purpose))
	words["form"] = types.String(ask.Form.known())
	s.words = words
	return true
}

// flattenDecision: authorize, consent, refuse.
func (f *Facts) flattenDecision(s *situation) bool {
	r := f.Request
	if r == nil || r.Grant.For == "" {
		return false
	}
	s.beneficiary = r.Grant.For
	form := r.Form
	if form == "" {
		form = r.Grant.Form
	}
	words := f.common(f.side())
	f.authority(words)
	f.stops(words)
	words["sign_in"] = types.String(f.Actor.SignIn.known())
	words["focal_points"] = f.focalPoints(s, f.Actor.Organisation)
	words["entities_confirmed"] = types.Boolean(f.Document.EntitiesConfirmed || r.EntitiesRepeated &&
		len(f.Document.EntitiesConcerned) == 0)
	words["statement"] = types.Boolean(r.StatementPresent)
	words["evidence"] = types.Boolean(r.Evidence.Valid() && r.EvidenceValid &&
		(r.Evidence != EvidenceNone || r.EvidenceAdmitted))
	words["same_version"] = types.Boolean(r.Grant.Version == f.Document.Version)
	words["depositor"] = types.Boolean(f.Document.Depositor == f.Actor.Person)
	words["source"] = types.Boolean(f.side() == sideRecipient &&
		slices.Contains(f.Document.SourceDisclosers, f.Actor.Organisation))
	words["personal_data"] = types.Boolean(f.Document.PersonalData)
	words["transfer_basis"] = types.Boolean(r.TransferBasis)
	words["second_signatory"] = types.Boolean(r.SecondSignatory)
	f.requestWords(words)
	f.term(words)
	words["form_kept"] = types.Boolean(form.Valid() && (form == r.Grant.Form || form == Stamped))
	s.words = words
	return true
}

// flattenAdmit: the focal point of the beneficiary lets more of its own people in.
func (f *Facts) flattenAdmit(s *situation) bool {
	r := f.Request
	if r == nil || r.Grant.For == "" {
		return false
	}
	s.beneficiary = r.Grant.For
	words := f.common(f.side())
	delete(words, "operator")
	f.stops(words)
	f.requestWords(words)
	delete(words, "purpose_permitted")
	words["own_grant"] = types.Boolean(r.Grant.For == f.Actor.Organisation)
	words["own_people"] = types.Boolean(r.AdmitOwnPeople)
	s.words = words
	return true
}

// flattenWithdraw: only who it is matters; a withdrawal is possible at any time (reading 0006).
func (f *Facts) flattenWithdraw(s *situation) bool {
	r := f.Request
	if r == nil || r.Grant.For == "" {
		return false
	}
	s.beneficiary = r.Grant.For
	words := f.actor(f.side())
	words["operator"] = types.Boolean(f.Actor.Kind == Operator)
	words["asking"] = types.Boolean(r.AskedByOrg == f.Actor.Organisation || r.Grant.For == f.Actor.Organisation)
	f.authority(words)
	// who decided takes it back though nobody asks any more
	words["asked"] = types.Boolean(f.asked() || f.decidedOn(&r.Grant))
	s.words = words
	return true
}

// authority are the words that say whether the actor has a say on the request.
func (f *Facts) authority(words types.RecordMap) {
	words["delegated"] = types.Boolean(f.Actor.Delegated)
	words["mandated"] = types.Boolean(f.Actor.Mandated)
	words["asked"] = types.Boolean(f.asked())
	words["asker"] = types.Boolean(f.Request.AskedBy == f.Actor.Person || f.Request.Grant.AskedBy == f.Actor.Person)
}

// asked reports whether the decision of the actor's organisation is needed: the Discloser's, and that of each entity
// concerned.
func (f *Facts) asked() bool {
	return f.side() == sideDiscloser || slices.Contains(f.Document.EntitiesConcerned, f.Actor.Organisation)
}

// term are the words on the time that a decision gives; without one of its own it is the request's.
func (f *Facts) term(words types.RecordMap) {
	until := f.Request.Until
	if until.IsZero() {
		until = f.Request.Grant.Until
	}
	words["until_past"] = types.Boolean(!f.Now.Before(until))
	words["until_beyond_end"] = types.Boolean(f.beyondEnd(until, f.Request.Grant.Purpose))
	words["until_lengthened"] = types.Boolean(until.After(f.Request.Grant.Until))
}

// requestWords are those of an act that keeps a request alive or widens it.
func (f *Facts) requestWords(words types.RecordMap) {
	grant := &f.Request.Grant
	state, _ := StateOf(*f.Document, *grant, f.Arrangement, f.Now)
	words["protected"] = types.Boolean(f.protected())
	words["retention_over"] = types.Boolean(f.retentionOver())
	f.purpose(words, grant.Purpose)
	words["beneficiary"] = types.String(f.beneficiary(grant.For, grant.ForKind))
	words["request_state"] = types.String(state)
}

// purpose are the words on one stated purpose.
func (f *Facts) purpose(words types.RecordMap, code PurposeCode) {
	words["purpose_named"] = types.Boolean(code != "")
	words["purpose_permitted"] = types.Boolean(slices.Contains(f.Document.Purposes, code))
	words["purpose_open"] = types.Boolean(f.purposeOpen(code))
}

// beneficiary says what the organisation of a request is to the document. The Discloser's own organisation is
// one only when its own people ask: so they admit each other to what is theirs.
func (f *Facts) beneficiary(organisation OrganisationID, kind OrganisationKind) string {
	switch {
	case kind == Party && organisation == f.Document.Recipient:
		return sideRecipient
	case kind == Party && organisation == f.Document.Discloser && f.side() == sideDiscloser:
		return sideDiscloser
	case kind == Operator:
		return "operator"
	case kind == ThirdParty && organisation != f.Document.Discloser && organisation != f.Document.Recipient:
		return sideThirdParty
	}
	return sideNobody
}

// beyondEnd reports whether until lies beyond the last instant in effect; without a notice there is none. Notice that
// counts from a day to come has a last day already. What serves a purpose of a specific arrangement in force does not
// end with the Arrangement (Article 11(4)), and what is asked for after the end is refused for that.
func (f *Facts) beyondEnd(until time.Time, purpose PurposeCode) bool {
	a := &f.Arrangement
	return a.Phase != Ended && !a.EndsAt.IsZero() && until.After(a.EndsAt) && !slices.Contains(a.Surviving, purpose)
}

// known takes a form that the rules do not know, none included, for unknown.
func (f Form) known() Form {
	if f.Valid() {
		return f
	}
	return "unknown"
}
