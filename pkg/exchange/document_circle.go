package exchange

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/register"
)

// Circle is who has a document, on whose word, what waits and what was refused, as far as the caller may know.
type Circle struct {
	Holders []Holder
	Edges   []Edge
	More    bool     // there are more requests than stand here
	Names   []Person // of the people whom the edges name, as far as the caller may be told
}

// Holder is one organisation of a circle.
type Holder struct {
	Organisation article4.OrganisationID
	Role         CircleRole
	People       int // to whom something was disclosed
	Copies       int
	Last         time.Time // of a disclosure; zero: none
}

// CircleRole is where an organisation stands in a circle.
type CircleRole string

// The roles.
const (
	InDiscloser  CircleRole = "discloser"
	InRecipient  CircleRole = "recipient"
	InThirdParty CircleRole = "third-party"
	InEntity     CircleRole = "entity-concerned" // and nothing else; told to the Discloser alone
)

// Edge is one way by which a document goes, or does not.
type Edge struct {
	Request article4.RequestID // empty for a Release
	To      article4.OrganisationID
	AskedBy article4.OrganisationID
	State   EdgeState
	Purpose article4.PurposeCode
	At      time.Time // when it was asked for, or released
	Until   time.Time // zero: without a term
	Lapses  time.Time // of a request that waits
	// Readers are those whom a request names, or who were admitted to it, and the asker where that is the own
	// organisation's; Words are the decisions on it that the caller is told of.
	Readers []article4.PersonID
	Words   []Word
	// Standing is the Discloser's authorization that stands for the series of the document, on whose word it goes this
	// way; nil: somebody decided on this request itself. It is told to the two Parties alone.
	Standing *StandingWord
}

// Word is on whose word a document goes a way, or does not.
type Word struct {
	Act          article4.Act // ActAuthorize, ActConsent, ActRefuse, ActRelease
	By           article4.PersonID
	Organisation article4.OrganisationID
}

// EdgeState is how a way stands.
type EdgeState string

// The states. The others are those of requests.
const (
	Released   EdgeState = "released"
	Authorized EdgeState = "authorized" // in force between the Parties
	Consented  EdgeState = "consented"  // in force for a third party
	Waits      EdgeState = "waits"
)

// maxEdges is how many requests a circle shows; the boxes of requests have all.
const maxEdges = 200

// Circle shows who has a document. It writes no entry: it is made of what the caller could see one by one, and of
// numbers; line by line it is the accounting, which does.
func (g *Gateway) Circle(ctx context.Context, a Actor, id article4.DocumentID) (Circle, error) {
	return perform(ctx, g, a, act[Circle]{
		operation: operation{act: article4.ActDescribe, document: id, what: "document", facts: loadStanding},
		do:        func(ctx context.Context, v *visit) (Circle, error) { return v.circle(ctx) },
	})
}

func (v *visit) circle(ctx context.Context) (Circle, error) {
	var out Circle
	if err := v.edges(ctx, &out); err != nil {
		return out, err
	}
	var people []article4.PersonID
	for _, e := range out.Edges {
		people = append(people, e.Readers...)
		for _, word := range e.Words {
			people = append(people, word.By)
		}
	}
	var err error
	if out.Names, err = v.names(ctx, people); err != nil {
		return out, err
	}
	had, err := v.register.HoldingsOf(ctx, v.tx, v.document.ID, v.reach())
	if err != nil {
		return out, err
	}
	out.Holders = []Holder{{Organisation: v.document.Discloser, Role: InDiscloser},
		{Organisation: v.document.Recipient, Role: InRecipient}}
	for _, e := range out.Edges {
		out.hold(e.To, InThirdParty)
	}
	for _, h := range had {
		one := out.hold(h.Organisation, InThirdParty)
		one.People, one.Copies, one.Last = h.People, h.Copies, h.Last
	}
	if v.actor.organisation.ID == v.document.Discloser {
		for _, entity := range v.document.Entities {
			out.hold(entity, InEntity)
		}
	}
	return out, nil
}

// hold is the holder of that organisation, new where there was none.
func (c *Circle) hold(id article4.OrganisationID, role CircleRole) *Holder {
	at := slices.IndexFunc(c.Holders, func(h Holder) bool { return h.Organisation == id })
	if at < 0 {
		c.Holders = append(c.Holders, Holder{Organisation: id, Role: role})
		at = len(c.Holders) - 1
	}
	return &c.Holders[at]
}

// edges are the requests of the boxes that the caller could open, and the Releases that they may know of.
func (v *visit) edges(ctx context.Context, out *Circle) error {
	seen := map[article4.RequestID]bool{}
	all := v.reader()
	all.alone, all.documents[v.document.ID] = true, register.Listed[register.Document]{Record: *v.document}
	for _, q := range v.grants {
		all.known[q.ID] = q
	}
	for _, box := range []register.Box{register.BoxAskedOfUs, register.BoxForUs, register.BoxOurs,
		register.BoxDelivered} {
		found, err := all.requestsIn(ctx, register.RequestFilter{Box: box, Document: v.document.ID,
			Limit: maxEdges + 1}, "")
		if err != nil {
			return err
		}
		if found.LeftOut > 0 { // who holds a document is told whole, or not at all
			return fmt.Errorf("requests on %s: %w", v.document.ID, register.ErrAltered)
		}
		out.More = out.More || found.Next != ""
		for _, q := range found.Items {
			if !seen[q.ID] {
				seen[q.ID] = true
				out.Edges = append(out.Edges, v.edge(q))
			}
		}
	}
	released, err := v.register.ReleasesOn(ctx, v.tx, v.document.ID)
	for _, r := range released {
		if v.ofParty() || r.To == v.actor.organisation.ID {
			out.Edges = append(out.Edges, Edge{
				To:      r.To,
				AskedBy: r.ByOrg,
				State:   Released,
				Purpose: r.Purpose,
				At:      r.At,
				Words:   []Word{{Act: article4.ActRelease, By: r.By, Organisation: r.ByOrg}},
			})
		}
	}
	slices.SortStableFunc(out.Edges, func(a, b Edge) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return strings.Compare(string(a.Request), string(b.Request))
	})
	return err
}

func (v *visit) edge(q AccessRequest) Edge {
	e := Edge{
		Request: q.ID,
		To:      q.For,
		AskedBy: q.AskedByOrg,
		State:   EdgeState(q.State),
		Purpose: q.Purpose,
		At:      q.MadeAt,
		Until:   q.Until,
		Lapses:  q.LapsesAt,
		Readers: slices.Concat(q.People, q.Admitted),
	}
	if q.AskedByOrg == q.For && !slices.Contains(e.Readers, q.AskedBy) {
		e.Readers = append([]article4.PersonID{q.AskedBy}, e.Readers...)
	}
	for _, l := range q.Decisions {
		if !l.Withdrawn {
			e.Words = append(e.Words, Word{Act: l.Act, By: l.By, Organisation: l.Organisation})
		}
		if l.Standing != "" && l.Organisation == v.document.Discloser && v.ofParty() {
			e.Standing = &StandingWord{Series: l.Series, Authorization: l.Standing}
		}
	}
	switch {
	case q.State == article4.StateOpen:
		e.State = Waits
	case q.State == article4.StateInForce && slices.Contains(v.parties, q.For):
		e.State = Authorized
	case q.State == article4.StateInForce:
		e.State = Consented
	}
	return e
}
