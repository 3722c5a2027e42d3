package article4

import "time"

// flattenOffice: what a Party does on its own records and on those of the Arrangement, and what a holder answers.
func (f *Facts) flattenOffice(s *situation) bool {
	c := f.Change
	if c == nil || f.Document != nil && !f.documentSound() {
		return false
	}
	words := f.actor(f.office())
	words.text("phase", string(f.Arrangement.Phase))
	words.flag("delegated", f.Actor.Delegated)
	words.text("sign_in", string(f.Actor.SignIn.known()))
	words.flag("own_subject", f.ownSubject())
	words.flag("statement", c.ReasonPresent)
	words.flag("held", c.Held)
	words.flag("erasable", c.Erasable)
	words.flag("instrument", c.InstrumentPresent)
	words.flag("letter", c.Letter)
	words.flag("malware_found", c.MalwareFound)
	words.flag("not_inspected", c.NotInspected)
	words.flag("delegation_clear", c.ActsKnown && !c.From.IsZero() && c.From.Before(c.Until) &&
		f.Now.Before(c.Until))
	words.flag("ends", c.Ends)
	words.flag("associates", c.Associates)
	words.flag("not_subject", c.NotSubject)
	words.flag("not_backdated", !c.From.Before(f.filedAt()))
	words.flag("minted", f.minted())
	words.flag("complete", c.Complete)
	words.flag("purpose_open", len(f.Arrangement.OpenPurposes) > 0)
	words.flag("notice_stands", !f.Arrangement.EndsAt.IsZero())
	words.flag("day_to_come", f.dayToCome(c.GivenOn))
	words.text("second", f.second())
	if f.Act == ActRecognise || f.Act == ActMandate {
		words.text("second", f.counterpart())
	}
	s.words = words
	return true
}

// filedAt is the day, from 00:00 UTC, on which the first of two filed; today where nobody came before.
func (f *Facts) filedAt() time.Time {
	at := f.Now
	if first := f.Change.Second; first != nil && !first.At.IsZero() && first.At.Before(at) {
		at = first.At
	}
	return at.UTC().Truncate(24 * time.Hour)
}

// minted reports whether the second of two completes a Delegation that one of them may give: a Delegation makes
// Delegations, a group at an identity provider never does. The first of two changes nothing yet.
func (f *Facts) minted() bool {
	first := f.Change.Second
	return first == nil || first.Delegated || f.Actor.Delegated
}

// ownSubject: a document to be suspended must be of the actor's own Party, whatever else is said.
func (f *Facts) ownSubject() bool {
	return f.Change.OwnSubject && (f.Act != ActSuspend || f.Document == nil ||
		f.Document.Discloser == f.Actor.Organisation)
}

// dayToCome reports whether t is a day, from 00:00 UTC, and not one that is over (reading 0008).
func (f *Facts) dayToCome(t time.Time) bool {
	day := func(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }
	return !t.IsZero() && t.Equal(day(t)) && !t.Before(day(f.Now))
}
