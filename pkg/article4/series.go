package article4

import (
	"slices"
	"time"
)

// SeriesFacts is a series of documents of one Discloser with its bounds, and what an act on it brings (reading 0111).
type SeriesFacts struct {
	Discloser        OrganisationID
	Recipient        OrganisationID
	Markings         []Marking // that its documents may bear
	Purposes         []PurposeCode
	EntitiesDeclared bool // a list of organisations in force, or the explicit "none"
	Entities         []OrganisationID
	PersonalData     bool // its documents may hold personal data
	Proprietary      bool // its documents may be proprietary

	// Brought by ActAuthorizeSeries.
	Purpose          PurposeCode
	Until            time.Time
	StatementPresent bool
	PeopleBelong     bool // somebody is named, and all of them are of the Recipient; an entity concerned names nobody
	EntitiesRepeated bool // the Discloser's writing says that no further entity is concerned
	Evidence         Evidence
	EvidenceValid    bool
	EvidenceAdmitted bool // EvidenceNone only where the setting admits it
}

// within reports whether what is deposited lies within the bounds of the series that it names. A deposit that names
// none is outside no series; one that names a series which the depositor's Party does not keep is outside.
func (d *DepositFacts) within(depositor OrganisationID) bool {
	s := d.Series
	if !d.SeriesNamed {
		return s == nil
	}
	return s != nil && s.Discloser == depositor && s.Recipient == d.Recipient &&
		slices.Contains(s.Markings, d.Marking) && containsAll(s.Purposes, d.Purposes) &&
		(s.PersonalData || !d.PersonalData.Present) && (s.Proprietary || !d.Proprietary) &&
		!slices.ContainsFunc(d.EntitiesConcerned, func(o OrganisationID) bool {
			return o != depositor && !slices.Contains(s.Entities, o)
		})
}

// outside reports whether a standing authorization does not reach the document as it is marked now, or is of the person
// who deposited it: what one person deposits and authorizes takes a second.
func (l *DecisionFacts) outside(n need) bool {
	return l.Series != "" && (!slices.Contains(l.Markings, n.marking) || l.GivenBy == n.depositor)
}

// flattenSeries: who opens a series, lets an authorization stand for it, or takes that back.
func (f *Facts) flattenSeries(s *situation) bool {
	r := f.Series
	if r == nil || r.Discloser == "" || r.Recipient == "" || r.Discloser == r.Recipient || !f.ofSeries() {
		return false
	}
	side := f.sideOfSeries()
	s.discloser, s.beneficiary = r.Discloser, r.Recipient
	words := f.common(side)
	words.text("sign_in", string(f.Actor.SignIn.known()))
	words.flag("delegated", f.Actor.Delegated)
	words.flag("mandated", f.Actor.Mandated)
	words.flag("asked", side == sideDiscloser || slices.Contains(r.Entities, f.Actor.Organisation))
	words.flag("entities_declared", r.EntitiesDeclared)
	words.flag("entities_confirmed", r.EntitiesRepeated)
	words.flag("protected", true)
	words.flag("statement", r.StatementPresent)
	words.flag("evidence", evident(r.Evidence, r.EvidenceValid, r.EvidenceAdmitted))
	words.flag("people_belong", r.PeopleBelong)
	words.flag("purpose_named", r.Purpose != "")
	words.flag("purpose_permitted", slices.Contains(r.Purposes, r.Purpose))
	words.flag("purpose_open", f.purposeOpen(r.Purpose))
	words.flag("until_past", !f.Now.Before(r.Until))
	words.flag("until_beyond_end", f.beyondEnd(r.Until, r.Purpose))
	s.words = words
	return true
}

// ofSeries reports whether the actor's kind agrees with the series' two Parties, as documentSound asks it of a
// document.
func (f *Facts) ofSeries() bool {
	isParty := f.Actor.Organisation == f.Series.Discloser || f.Actor.Organisation == f.Series.Recipient
	return isParty == (f.Actor.Kind == Party)
}

func (f *Facts) sideOfSeries() string {
	switch f.Actor.Organisation {
	case f.Series.Discloser:
		return sideDiscloser
	case f.Series.Recipient:
		return sideRecipient
	}
	return sideThirdParty
}
