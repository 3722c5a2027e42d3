package article4

import (
	"slices"
	"time"
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
	words.flag("protected", f.protected())
	words.flag("retention_over", f.retentionOver())
	words.flag("focal_points", f.focalPoints(s, f.Document.Discloser, f.Document.Recipient))
	words.flag("statement", ask.StatementPresent)
	f.purpose(words, ask.Purpose)
	words.text("beneficiary", f.beneficiary(ask.For, ask.ForKind))
	words.flag("beneficiary_in_force", ask.ForInForce)
	words.flag("people_belong", ask.PeopleBelong)
	words.flag("delivery", ask.Delivery)
	words.flag("until_past", !f.Now.Before(ask.Until))
	words.flag("until_beyond_end", f.beyondEnd(ask.Until, ask.Purpose))
	words.flag("copy_held", f.copyHeld())
	words.text("form", string(ask.Form.known()))
	f.shown(words, ask.Form)
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
	words.text("sign_in", string(f.Actor.SignIn.known()))
	words.flag("focal_points", f.focalPoints(s, f.Actor.Organisation))
	words.flag("entities_confirmed", f.Document.EntitiesConfirmed || r.EntitiesRepeated &&
		len(f.Document.EntitiesConcerned) == 0)
	words.flag("statement", r.StatementPresent)
	words.flag("evidence", evident(r.Evidence, r.EvidenceValid, r.EvidenceAdmitted))
	words.flag("same_version", r.Grant.Version == f.Document.Version)
	words.flag("depositor", f.Document.Depositor == f.Actor.Person)
	words.flag("delivery", r.Delivery)
	words.flag("source", f.side() == sideRecipient &&
		slices.Contains(f.Document.SourceDisclosers, f.Actor.Organisation))
	words.flag("personal_data", f.Document.PersonalData)
	words.flag("transfer_basis", r.TransferBasis)
	words.flag("second_signatory", r.SecondSignatory)
	f.requestWords(words)
	f.term(words)
	words.flag("form_kept", form.Within(r.Grant.Form))
	f.shown(words, form)
	s.words = words
	return true
}

// evident reports whether an act brings evidence that is valid and of a kind that this gateway admits (reading 0010).
func evident(kind Evidence, valid, admitted bool) bool {
	return kind.Valid() && valid && (kind != EvidenceNone || admitted)
}

// flattenAdmit: the focal point of the beneficiary lets more of its own people in.
func (f *Facts) flattenAdmit(s *situation) bool {
	r := f.Request
	if r == nil || r.Grant.For == "" {
		return false
	}
	s.beneficiary = r.Grant.For
	words := f.common(f.side())
	words.without("operator")
	f.stops(words)
	f.requestWords(words)
	words.without("purpose_permitted")
	words.without("copy_held")
	words.flag("own_grant", r.Grant.For == f.Actor.Organisation)
	words.flag("own_people", r.AdmitOwnPeople)
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
	words.flag("operator", f.Actor.Kind == Operator)
	words.flag("asking", r.AskedByOrg == f.Actor.Organisation || r.Grant.For == f.Actor.Organisation)
	f.authority(words)
	// who decided takes it back though nobody asks any more
	words.flag("asked", f.asked() || f.decidedOn(&r.Grant))
	s.words = words
	return true
}

// authority are the words that say whether the actor has a say on the request.
func (f *Facts) authority(words *wordList) {
	words.flag("delegated", f.Actor.Delegated)
	words.flag("mandated", f.Actor.Mandated)
	words.flag("asked", f.asked())
	words.flag("asker", f.Request.AskedBy == f.Actor.Person || f.Request.Grant.AskedBy == f.Actor.Person)
}

// asked reports whether the decision of the actor's organisation is needed: the Discloser's, and that of each entity
// concerned.
func (f *Facts) asked() bool {
	return f.side() == sideDiscloser || slices.Contains(f.Document.EntitiesConcerned, f.Actor.Organisation)
}

// term are the words on the time that a decision gives; without one of its own it is the request's.
func (f *Facts) term(words *wordList) {
	until := f.Request.Until
	if until.IsZero() {
		until = f.Request.Grant.Until
	}
	words.flag("until_past", !f.Now.Before(until))
	words.flag("until_beyond_end", f.beyondEnd(until, f.Request.Grant.Purpose))
	words.flag("until_lengthened", until.After(f.Request.Grant.Until))
}

// requestWords are those of an act that keeps a request alive or widens it.
func (f *Facts) requestWords(words *wordList) {
	grant := &f.Request.Grant
	state, _ := StateOf(*f.Document, *grant, f.Arrangement, f.Now)
	words.flag("protected", f.protected())
	words.flag("retention_over", f.retentionOver())
	f.purpose(words, grant.Purpose)
	words.text("beneficiary", f.beneficiary(grant.For, grant.ForKind))
	words.text("request_state", string(state))
	words.flag("copy_held", forCopyHeld(*f.Document, grant, f.Arrangement))
}

// purpose are the words on one stated purpose.
func (f *Facts) purpose(words *wordList, code PurposeCode) {
	words.flag("purpose_named", code != "")
	words.flag("purpose_permitted", slices.Contains(f.Document.Purposes, code))
	words.flag("purpose_open", f.purposeOpen(code))
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

// shown is the word on whether the version can be shown page by page, where that is the form.
func (f *Facts) shown(words *wordList, form Form) {
	words.flag("form_shown", form != View || f.Document.Showable)
}

// known takes a form that the rules do not know, none included, for unknown.
func (f Form) known() Form {
	if f.Valid() {
		return f
	}
	return "unknown"
}
