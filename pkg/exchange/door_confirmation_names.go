package exchange

import (
	"context"
	"slices"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// NotDerived is what the first of two people said of a file that resembles what was received: it derives from none of
// that (reading 0110). The second deposits the same file and says so too.
type NotDerived struct {
	SHA256    article4.Digest
	Resembles []DocumentNamed // those that the caller has standing for
}

// DocumentNamed is what people call a document, and how it is marked.
type DocumentNamed struct {
	ID        article4.DocumentID
	Reference string
	Marking   article4.Marking
}

// nameConfirmed tells of each what it is about, as far as the caller has standing for it: the document, and the
// suspension or the Hold whose end waits. All are read at once, however many there are.
func (v *visit) nameConfirmed(ctx context.Context, all []Confirmation) error {
	if err := v.stopsConfirmed(ctx, all); err != nil {
		return err
	}
	if err := v.requestsConfirmed(ctx, all); err != nil {
		return err
	}
	ids := []article4.DocumentID{}
	for _, one := range all {
		if one.Document != "" {
			ids = append(ids, one.Document)
		}
		if said, is := one.Says.(NotDerived); is {
			for _, d := range said.Resembles {
				ids = append(ids, d.ID)
			}
		}
	}
	known, err := v.standingFor(ctx, ids)
	if err != nil {
		return err
	}
	named, err := v.register.References(ctx, v.tx, ids)
	if err != nil {
		return err
	}
	for i := range all {
		all[i].name(known, named)
	}
	return nil
}

// name fills in what is known of the documents, and takes away those that the caller has no standing for.
func (c *Confirmation) name(known map[article4.DocumentID]bool, named map[article4.DocumentID]register.Reference) {
	if !known[c.Document] {
		c.Document = ""
	}
	of := named[c.Document]
	c.Reference, c.Marking = of.Reference, of.Marking
	said, is := c.Says.(NotDerived)
	if !is {
		return
	}
	said.Resembles = slices.DeleteFunc(said.Resembles, func(d DocumentNamed) bool { return !known[d.ID] })
	for i, d := range said.Resembles {
		said.Resembles[i] = DocumentNamed(named[d.ID])
	}
	c.Says = said
}

// stopsConfirmed tells of the suspensions and Holds whose end waits. Why one was placed is for whoever may list it.
func (v *visit) stopsConfirmed(ctx context.Context, all []Confirmation) error {
	var stops, holds []string
	for _, one := range all {
		switch one.Act {
		case article4.ActLift:
			stops = append(stops, one.Subject)
		case article4.ActEndHold:
			holds = append(holds, one.Subject)
		}
	}
	stopped, err := v.register.SuspensionsNamed(ctx, v.tx, stops)
	if err != nil {
		return err
	}
	held, err := v.register.HoldsNamed(ctx, v.tx, holds)
	if err != nil {
		return err
	}
	own := v.actor.organisation.ID
	for i := range all {
		one := &all[i]
		switch one.Act {
		case article4.ActLift:
			s := suspensionView(stopped[one.Subject])
			if one.Document = s.Document; answers(v.actor) && s.ByOrg == own {
				one.Stop = &s
			}
		case article4.ActEndHold:
			h := holdView(held[one.Subject], own)
			if one.Document = h.Document; answers(v.actor) && h.ByOrg == own {
				one.Hold = &h
			}
		}
	}
	return nil
}

// requestsConfirmed tells of which document the requests are that an authorization is filed for.
func (v *visit) requestsConfirmed(ctx context.Context, all []Confirmation) error {
	var ids []article4.RequestID
	for _, one := range all {
		if one.Request != "" {
			ids = append(ids, one.Request)
		}
	}
	asked, err := v.register.DocumentsAsked(ctx, v.tx, ids)
	for i := range all {
		if all[i].Request != "" {
			all[i].Document = asked[all[i].Request]
		}
	}
	return err
}
