package exchange

import (
	"context"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// read takes the locks in their one order (arrangement, document, request) and reads behind them, in one trip, the
// clock and what every decision looks at.
func (v *visit) read(ctx context.Context, o operation) error {
	read := v.register.Dossier
	if o.reading != nil {
		read = v.register.Reading
	}
	found, err := read(ctx, v.tx, o.wanted(v.actor))
	if err != nil {
		return err
	}
	return v.stand(ctx, o, found)
}

// stand makes what was read the facts of this decision.
func (v *visit) stand(ctx context.Context, o operation, found register.Dossier) error {
	v.arrangement = found.Arrangement
	err := v.dated(found.At)
	if err != nil {
		return err
	}
	if v.records, err = v.register.Records(ctx, v.tx, v.arrangement.Revision); err != nil {
		return err
	}
	found.Delegations = v.borneOut(found.Delegations, v.actor.claims.Issuer, v.actor.claims.Subject)
	v.arrangementFacts()
	if err := v.stillWho(ctx); err != nil {
		return err
	}
	if o.document != "" && found.Document == nil || o.request != "" && found.Request == nil {
		return errAbsent
	}
	v.situation = situation{
		Act:             v.act,
		Actor:           actorFacts(v.actor),
		At:              v.at,
		Records:         v.records,
		Dossier:         found,
		Reading:         o.reading,
		AdmitNoEvidence: v.settings.AdmitNoEvidence,
	}
	set, err := factsOf(v.situation, v.evidence)
	v.document, v.request = found.Document, found.Request
	v.facts, v.version, v.delegation, v.grants = set.facts, set.version, set.delegation, set.grants
	return err
}

// arrangementFacts tells the act, the clock and the Arrangement's life.
func (v *visit) arrangementFacts() {
	v.facts.Act, v.facts.Now = v.act, v.at
	v.parties = v.parties[:0]
	for _, p := range v.records.Parties {
		v.parties = append(v.parties, p.ID)
	}
	v.facts.Arrangement, v.dates = lifeOf(v.arrangement, v.records, v.at)
}

func (o operation) wanted(a Actor) register.Wanted {
	_, rests := restsOnDelegation[o.act]
	w := register.Wanted{
		Person:          a.person,
		Organisation:    a.organisation.ID,
		Document:        o.document,
		Request:         o.request,
		HoldArrangement: arrangementLock(o),
		HoldDocument:    o.lock,
		HoldRequest:     o.lock != register.Unlocked,
		Delegations:     rests,
	}
	if o.reading != nil {
		w.Version = o.reading.Version
	}
	return w
}

// arrangementLock: acts on one document only share the arrangement, whatever they do to the document.
func arrangementLock(o operation) register.Lock {
	switch {
	case o.alone:
		return register.ForUpdate
	case o.lock == register.Unlocked:
		return register.Unlocked
	}
	return register.ForShare
}

// basis is what the facts of requests are made of in this transaction.
func (v *visit) basis() basis { return basis{v.records, v.evidence, v.settings.AdmitNoEvidence} }

// suspensionFacts: an emergency stop holds at every access, for the person, the organisation and the document.
func (v *visit) suspensionFacts(ctx context.Context) error {
	person, stopped, err := v.register.Suspended(ctx, v.tx, v.actor.person, v.actor.organisation.ID, v.document.ID)
	v.facts.Actor.Suspended, v.facts.Document.Suspended = person, stopped
	return err
}

// ofVersion makes a version the one that the act is about; one that is not of this document is absent.
func (v *visit) ofVersion(ctx context.Context, id article4.VersionID) error {
	version, err := v.register.Version(ctx, v.tx, id)
	if err != nil {
		return err
	}
	if version.Document != v.document.ID {
		return errAbsent
	}
	v.version = &version
	versionFacts(v.facts.Document, &version)
	return nil
}

// loadAccess loads what the caller's organisation may rely on, without a reading: every request on the document that is
// for it or was put to it.
func loadAccess(ctx context.Context, v *visit) error {
	requests, err := v.register.RequestsOn(ctx, v.tx, []article4.DocumentID{v.document.ID}, v.actor.organisation.ID,
		nil)
	if err != nil {
		return err
	}
	releases, err := v.register.ReleasesOf(ctx, v.tx, []article4.DocumentID{v.document.ID}, v.actor.organisation.ID)
	if err != nil {
		return err
	}
	return v.access(requests, releases)
}

// loadStanding loads what a caller has standing by, where nothing else is decided. A Party's people have it without.
func loadStanding(ctx context.Context, v *visit) error {
	if v.ofParty() {
		return nil
	}
	return loadAccess(ctx, v)
}

// access puts requests and releases that were read already before the rules.
func (v *visit) access(requests []register.Request, releases []register.Release) error {
	var err error
	v.facts.Access, err = v.basis().access(Reading{}, requests, releases)
	v.grants = requests
	return err
}

// organisation is one as it stood when this visit began.
func (v *visit) organisation(id article4.OrganisationID) (register.Organisation, error) {
	return v.records.Organisation(id)
}
