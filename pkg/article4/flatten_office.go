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
	words["delegation_clear"] = types.Boolean(c.ActsKnown && !c.From.IsZero() && c.From.Before(c.Until) && f.Now.Before(c.Until))
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

// ownSubject: a document to be suspended must be of the actor's own Party, whatever else is said.
func (f *Facts) ownSubject() bool {
	return f.Change.OwnSubject && (f.Act != ActSuspend || f.Document == nil || f.Document.Discloser == f.Actor.Organisation)
}

// dayToCome reports whether t is a day, from 00:00 UTC, and not one that is over (reading 0008).
func (f *Facts) dayToCome(t time.Time) bool {
	day := func(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }
	return !t.IsZero() && t.Equal(day(t)) && !t.Before(day(f.Now))
}
