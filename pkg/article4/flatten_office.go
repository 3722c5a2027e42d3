package article4

import (
	"time"

	"github.com/cedar-policy/cedar-go/types"
)

// flattenOffice: what a Party does on its own records and on those of the Arrangement, and what a holder answers.
func (f *Facts) flattenOffice(s *situation) bool {
	c := f.Change
	if c == nil || f.Document != nil && !f.documentSound() {
		return false
	}
	words := f.actor(f.office())
	words["phase"] = types.String(f.Arrangement.Phase)
	words["delegated"] = types.Boolean(f.Actor.Delegated)
	words["sign_in"] = types.String(f.Actor.SignIn.known())
	words["own_subject"] = types.Boolean(f.ownSubject())
	words["statement"] = types.Boolean(c.ReasonPresent)
	words["held"] = types.Boolean(c.Held)
	words["erasable"] = types.Boolean(c.Erasable)
	words["instrument"] = types.Boolean(c.InstrumentPresent)
	words["delegation_clear"] = types.Boolean(c.ActsKnown && !c.From.IsZero() && c.From.Before(c.Until) &&
		f.Now.Before(c.Until))
	words["ends"] = types.Boolean(c.Ends)
	words["not_subject"] = types.Boolean(c.NotSubject)
	words["not_backdated"] = types.Boolean(!c.From.Before(f.filedAt()))
	words["minted"] = types.Boolean(f.minted())
	words["complete"] = types.Boolean(c.Complete)
	words["purpose_open"] = types.Boolean(len(f.Arrangement.OpenPurposes) > 0)
	words["notice_stands"] = types.Boolean(!f.Arrangement.EndsAt.IsZero())
	words["day_to_come"] = types.Boolean(f.dayToCome(c.GivenOn))
	words["second"] = types.String(f.second())
	if f.Act == ActRecognise {
		words["second"] = types.String(f.counterpart())
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
