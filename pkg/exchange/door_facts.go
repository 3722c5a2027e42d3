package exchange

import (
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// Facts are made of what was read, by functions that read nothing: the same situation gives the same facts, here and
// whenever it is looked at again. docs/decisions/0083.

// situation is what one decision looks at, read in one trip: who asks, by which records, and the dossier. What the act
// itself brings, such as a statement or the first of two people, its operation adds to the facts.
type situation struct {
	Act             article4.Act
	Actor           article4.ActorFacts // as recognised: nothing of it was read
	At              time.Time           // the rules' clock
	Records         *register.Records
	Dossier         register.Dossier
	Reading         *Reading // what a reader hands in; nil: the act is no reading
	AdmitNoEvidence bool
}

// settled is what a situation comes to: the facts, and the records behind them.
type settled struct {
	facts      article4.Facts
	version    *register.Version
	delegation *register.Delegation
	grants     []register.Request
}

// factsOf makes the facts. A version that is not of the document is absent.
func factsOf(s situation, evidence EvidenceVerifier) (settled, error) {
	found := s.Dossier
	set := settled{facts: article4.Facts{Act: s.Act, Now: s.At, Actor: s.Actor}}
	set.facts.Arrangement, _ = lifeOf(found.Arrangement, s.Records, s.At)
	set.facts.Actor.Suspended = found.PersonStopped
	if act, rests := restsOnDelegation[s.Act]; rests {
		set.delegation = inForceFor(act, found.Delegations, s.At)
		speaks(&set.facts.Actor, set.delegation != nil)
	}
	if found.Document == nil {
		return set, nil
	}
	document := documentFacts(found.Document)
	document.Suspended = found.DocumentStopped
	set.facts.Document = &document
	return set, set.relied(s, basis{s.Records, evidence, s.AdmitNoEvidence})
}

// relied adds the request that the act is about, and what a reader may rely on.
func (set *settled) relied(s situation, b basis) error {
	found := s.Dossier
	if found.Request == nil && s.Reading == nil {
		return nil
	}
	if found.Request != nil {
		grants, err := b.grants([]register.Request{*found.Request})
		if err != nil {
			return err
		}
		q := found.Request
		set.facts.Request = requestFacts(q, found.Document, grants[0], s.AdmitNoEvidence)
	}
	if found.Version == nil || found.Version.Document != found.Document.ID {
		return errAbsent
	}
	set.version = found.Version
	versionFacts(set.facts.Document, found.Version)
	if s.Reading == nil {
		return nil
	}
	var err error
	set.grants = found.Requests
	set.facts.Access, err = b.access(*s.Reading, found.Requests, found.Releases)
	return err
}

// requestFacts are what a request says before anybody decides on it.
func requestFacts(q *register.Request, d *register.Document, grant article4.GrantFacts,
	admitNoEvidence bool) *article4.RequestFacts {
	return &article4.RequestFacts{
		Grant:            grant,
		AskedBy:          q.AskedBy,
		AskedByOrg:       q.AskedByOrg,
		LastAnswered:     q.MadeAt,
		Delivery:         q.Delivery && q.AskedByOrg == d.Discloser && q.Beneficiary == d.Recipient,
		EvidenceAdmitted: admitNoEvidence,
	}
}

// lifeOf is where the Arrangement stands in its life, and by which dates.
func lifeOf(a register.Arrangement, records *register.Records, at time.Time) (article4.ArrangementFacts,
	article4.LifeDates) {
	dates := article4.LifeDates{NoticeGiven: a.NoticeGivenOn}
	for _, p := range records.Parties {
		dates.Signed = append(dates.Signed, p.SignedOn)
	}
	phase, ends := dates.In(at)
	open := openPurposes(records.Purposes, phase, ends, at)
	return article4.ArrangementFacts{
		Phase:         phase,
		EndsAt:        ends,
		OpenPurposes:  open,
		Surviving:     survivingPurposes(records.Purposes, open),
		EndedPurposes: endedPurposes(records.Purposes, phase, at),
		KnownPurposes: codesOf(records.Purposes),
		FocalPoints:   records.Designated,
	}, dates
}

// restsOnDelegation is what a Delegation, or a third party's Mandate, has to name for an act that rests on one. Notice
// of termination, a recall and a lowering are named of their own; to take an entity off lowers what protects it.
// Who files an authorization authorizes in the entity's place; who may take back may destroy a wrong file and erase.
var restsOnDelegation = map[article4.Act]article4.Act{
	article4.ActAuthorize: article4.ActAuthorize,
	article4.ActConsent:   article4.ActConsent,
	article4.ActRefuse:    article4.ActRefuse,
	article4.ActSign:      article4.ActSign,
	article4.ActDecline:   article4.ActSign, // whoever may sign
	article4.ActWithdraw:  article4.ActWithdraw,
	article4.ActFile:      article4.ActAuthorize,

	article4.ActDepositInstrument: article4.ActAuthorize, // of a letter

	article4.ActAuthorizeSeries: article4.ActAuthorize,
	article4.ActWithdrawSeries:  article4.ActWithdraw,

	article4.ActRecall:       article4.ActRecall,
	article4.ActMark:         article4.ActMark,
	article4.ActRemoveEntity: article4.ActMark,
	article4.ActAmend:        article4.ActWithdraw, // what is decided for a purpose that is taken off ends
	article4.ActNotConcerned: article4.ActAuthorize,

	article4.ActAuthorizeLowering: article4.ActAuthorize,
	article4.ActRefuseLowering:    article4.ActRefuse,
	article4.ActWithdrawLowering:  article4.ActWithdraw,

	article4.ActGiveNotice: article4.ActGiveNotice,
	article4.ActDestroy:    article4.ActWithdraw,
	article4.ActErase:      article4.ActWithdraw,
	article4.ActDelegate:   article4.ActDelegate,
}

// DelegatedFor is what a Delegation has to name for an act; false: the act rests on none.
func DelegatedFor(act article4.Act) (article4.Act, bool) {
	named, rests := restsOnDelegation[act]
	return named, rests
}

// inForceFor is the Delegation that lets its holder do an act now; nil: none does.
func inForceFor(act article4.Act, held []register.Delegation, at time.Time) *register.Delegation {
	for i := range held {
		if held[i].Covers(act, at) {
			return &held[i]
		}
	}
	return nil
}

// actorFacts are what a caller's own claims say; nothing of it was read.
func actorFacts(a Actor) article4.ActorFacts {
	return article4.ActorFacts{
		Person:       a.person,
		Organisation: a.organisation.ID,
		Kind:         a.organisation.Kind,
		Roles:        a.claims.Roles,
		SignIn:       a.claims.SignIn,
		Service:      a.claims.Service,
	}
}

// speaks says that a Delegation of a Party's official, or the Mandate of somebody of a third party, covers the act.
func speaks(f *article4.ActorFacts, covered bool) {
	f.Delegated, f.Mandated = covered && f.Kind == article4.Party, covered && f.Kind != article4.Party
}

func documentFacts(d *register.Document) article4.DocumentFacts {
	f := article4.DocumentFacts{
		ID:                d.ID,
		Version:           d.Version,
		Discloser:         d.Discloser,
		Recipient:         d.Recipient,
		Depositor:         d.Depositor,
		Marking:           d.Marking,
		Proprietary:       d.Proprietary,
		Purposes:          d.Purposes,
		PersonalData:      d.PersonalData,
		EntitiesConcerned: d.Entities,
		EntitiesConfirmed: d.EntitiesConfirmed,
		Series:            d.Series,
	}
	for _, source := range d.Sources {
		if source.Protected {
			f.SourceDisclosers = append(f.SourceDisclosers, source.Discloser)
		}
	}
	if d.PersonalData {
		f.RetainUntil = endOf(d.RetainUntil)
	}
	return f
}

// dayOf is the day that an instant lies in, 00:00 UTC; zero stays zero.
func dayOf(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// endOf is 24:00 UTC of a day: a day that is named is still included.
func endOf(day time.Time) time.Time { return day.AddDate(0, 0, 1) }

// versionFacts makes a version the one that the act is about.
func versionFacts(d *article4.DocumentFacts, version *register.Version) {
	d.Version = version.ID
	d.VersionDestroyed = !version.DestroyedAt.IsZero()
	d.Showable = showable(version)
	d.VersionClosed = !version.ClosedAt.IsZero() && !d.VersionDestroyed
}
