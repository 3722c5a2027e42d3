package exchange

import (
	"context"
	"slices"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// tell puts a notice before a person or, where none is named, before whoever answers for an organisation, in the
// transaction of the act that it tells of. Kind, To, Entry and Facts are the caller's to say; of what is left out the
// document and the request are those of the visit, unless it is about another subject. Whoever tells somebody asks
// first whether they may see it.
func (v *visit) tell(ctx context.Context, n register.Notice) error {
	n.ID, n.At, n.Besides = register.NewID("not_"), v.at, v.actor.person
	*v.tells = true
	kind := noticeKinds[n.Kind]
	n.Audience, n.Class = kind.audience, kind.class
	if v.document != nil && n.Document == "" && n.Subject == "" {
		n.Document = v.document.ID
	}
	if v.document != nil && n.Owner == "" {
		n.Owner = v.document.Discloser
	}
	if v.request != nil && n.Request == "" && n.Subject == "" {
		n.Request = v.request.ID
	}
	if _, err := wordsOf(n.Kind, n.Facts); err != nil {
		return err
	}
	return v.register.AddNotice(ctx, v.tx, n)
}

// facts are what a notice says, beside what it is about.
type facts = map[string]string

// day and instant are how notices tell the time.
func day(at time.Time) string     { return at.UTC().Format(time.DateOnly) }
func instant(at time.Time) string { return at.UTC().Format("2006-01-02 15:04 UTC") }

// tellHolders puts a notice before everybody outside the Discloser who was given copies of the document, or of one
// version of it, with their copy numbers (reading 0006). It names the document by its reference, never by its title.
func (v *visit) tellHolders(ctx context.Context, kind string, version article4.VersionID, entry string,
	said facts) error {
	return v.tellHoldersIn(ctx, kind, version, "", entry, said)
}

// tellHoldersIn tells those of one organisation only, if one is named.
func (v *visit) tellHoldersIn(ctx context.Context, kind string, version article4.VersionID,
	only article4.OrganisationID, entry string, said facts) error {
	holders, err := v.register.Holders(ctx, v.tx, v.document.ID, version)
	if err != nil {
		return err
	}
	for _, h := range holders {
		if h.Organisation == v.document.Discloser || only != "" && h.Organisation != only {
			continue
		}
		err := v.tell(ctx, register.Notice{
			Kind:        kind,
			To:          h.Organisation,
			Person:      h.Person,
			CopyNumbers: h.CopyNumbers,
			Facts:       said,
			Entry:       entry,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// tellOtherParty puts a notice before the focal points of the other Party.
func (v *visit) tellOtherParty(ctx context.Context, kind, entry string, said facts) error {
	for _, p := range v.parties {
		if p == v.actor.organisation.ID {
			continue
		}
		err := v.tell(ctx, register.Notice{Kind: kind, Owner: v.actor.organisation.ID, To: p, Facts: said,
			Entry: entry})
		if err != nil {
			return err
		}
	}
	return nil
}

// tellConfirmation tells of the first half of an act who can confirm it: the own Party's people, and the other Party's
// where it takes one of each.
func (v *visit) tellConfirmation(ctx context.Context, p register.Pending) error {
	n := register.Notice{
		Kind:    noticeConfirmation,
		Subject: p.ID,
		Owner:   p.Organisation,
		To:      p.Organisation,
		Facts:   facts{"until": instant(p.ExpiresAt)},
		Entry:   p.Entry,
	}
	if !slices.Contains(ofTwoParties(), p.Act) {
		return v.tell(ctx, n)
	}
	n.Facts["how"] = "other-party"
	for _, party := range v.parties {
		if n.To = party; party == p.Organisation {
			continue
		}
		if err := v.tell(ctx, n); err != nil {
			return err
		}
	}
	return nil
}

// tellSuspension tells the Party that stops, and whom the stop keeps from reading: of a document both Parties, of a
// third party those and itself. A person who is stopped sees nothing.
func (v *visit) tellSuspension(ctx context.Context, s register.Suspension) error {
	n := register.Notice{Kind: noticeSuspension, Owner: s.ByOrg, Facts: facts{"how": "person"}, Entry: s.Entry}
	to := []article4.OrganisationID{s.ByOrg}
	switch {
	case s.Document != "":
		n.Document, n.Facts["how"], to = s.Document, "document", v.stopParties()
	case s.Organisation != "":
		o, err := v.organisation(s.Organisation)
		if err != nil {
			return err
		}
		n.Facts["how"], n.Facts["organisation"] = "organisation", o.Name
		to = append(v.stopParties(), s.Organisation)
	}
	for _, n.To = range to {
		if err := v.tell(ctx, n); err != nil {
			return err
		}
	}
	return nil
}
