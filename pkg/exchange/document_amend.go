package exchange

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// Amend changes what a document says of itself, without a new version: its title and whether that is shown, its
// handling instruction, alias, countries and day of review, and the purposes that it may be used for (Articles 4(7),
// 4(9)). No decision is voided by words. A purpose that is added opens nothing to anybody: what was decided for another
// does not serve for it. One that is taken off binds at once: the decisions and Releases for it end, and are not
// revived when it is stated again (docs/decisions/0320). Holders are told what concerns their copies.
func (g *Gateway) Amend(ctx context.Context, a Actor, id article4.DocumentID, in Amendment) (Document, error) {
	if err := in.check(); err != nil {
		return Document{}, err
	}
	var m amendment
	return perform(ctx, g, a, act[Document]{
		operation: operation{act: article4.ActAmend, document: id, what: "document", lock: register.ForUpdate,
			facts: func(ctx context.Context, v *visit) error {
				var err error
				m, err = v.amends(ctx, in)
				return err
			}},
		do: func(ctx context.Context, v *visit) (Document, error) {
			if in.IfMatch != documentTag(*v.document) {
				return Document{}, ErrChanged
			}
			if err := v.amend(ctx, m, in.Reason); err != nil {
				return Document{}, err
			}
			return v.redescribe(ctx)
		},
		replay: g.described(a, id),
	})
}

func (in Amendment) check() error {
	var c checks
	c.text("statement", "4(9)", in.Reason, maxStatement)
	if in.Title != nil {
		c.line("title", "4(9)", *in.Title, maxTitle)
		if !shows(*in.Title) {
			c.Add(invalid.Missing, "title", "4(9)")
		}
	}
	if in.Handling != nil {
		c.text("handling", "4(6)", *in.Handling, maxStatement)
	}
	if in.Alias != nil {
		c.line("alias", "", *in.Alias, maxName)
	}
	if in.ReviewBy != nil {
		c.date("review_by", "4(9)", *in.ReviewBy)
	}
	if in.Purposes != nil {
		c.atMost("purposes", "4(9)", len(*in.Purposes), maxList)
		if len(*in.Purposes) == 0 {
			c.Add(invalid.Missing, "purposes", "4(9)")
		}
	}
	if in.Countries != nil {
		c.countries(*in.Countries)
	}
	return c.Err()
}

// amendment is what an act changes, and what ends with it.
type amendment struct {
	next          register.Document
	said          []private // the fields that change, and no other
	added, taken  []article4.PurposeCode
	decisions     []register.Decision // for a purpose that is taken off
	releases      []register.Release  // likewise
	title, handle bool                // change
}

// amends settles what would change against the document as it stands.
func (v *visit) amends(ctx context.Context, in Amendment) (amendment, error) {
	d := *v.document
	m := amendment{next: d}
	if in.Title != nil {
		m.next.Title = strings.TrimSpace(*in.Title)
	}
	set(&m.next.Handling, in.Handling)
	set(&m.next.Alias, in.Alias)
	set(&m.next.ShowTitle, in.ShowTitle)
	set(&m.next.Countries, in.Countries)
	if in.ReviewBy != nil {
		m.next.ReviewBy = dayOf(*in.ReviewBy)
	}
	if in.Purposes != nil {
		m.next.Purposes = slices.Compact(slices.Sorted(slices.Values(*in.Purposes)))
	}
	m.differs(d)
	m.added, m.taken = beyond(m.next.Purposes, d.Purposes), beyond(d.Purposes, m.next.Purposes)
	if err := v.ending(ctx, &m); err != nil {
		return amendment{}, err
	}
	v.facts.Change = &article4.ChangeFacts{ReasonPresent: strings.TrimSpace(in.Reason) != "", AddsPurposes: m.added,
		TakesBack: len(m.decisions)+len(m.releases) > 0}
	return m, nil
}

func set[T any](to *T, said *T) {
	if said != nil {
		*to = *said
	}
}

// beyond is what of all is not in some.
func beyond(all, some []article4.PurposeCode) []article4.PurposeCode {
	return slices.DeleteFunc(slices.Clone(all),
		func(code article4.PurposeCode) bool { return slices.Contains(some, code) })
}

// differs collects what an entry says of the change; what is left empty is said to be none.
func (m *amendment) differs(d register.Document) {
	field := func(name, before, after string) bool {
		if before != after {
			m.said = append(m.said, private{name, orNone(after)})
		}
		return before != after
	}
	m.title = field("title", d.Title, m.next.Title)
	m.handle = field("handling", d.Handling, m.next.Handling)
	field("alias", d.Alias, m.next.Alias)
	field("show-title", yes(d.ShowTitle), yes(m.next.ShowTitle))
	field("countries", strings.Join(d.Countries, ","), strings.Join(m.next.Countries, ","))
	if !d.ReviewBy.Equal(m.next.ReviewBy) {
		m.said = append(m.said, private{"review-by", dayOrNone(m.next)})
	}
}

func dayOrNone(d register.Document) string {
	if d.ReviewBy.IsZero() {
		return orNone("")
	}
	return day(d.ReviewBy)
}

// ending finds what stands for the purposes that are taken off.
func (v *visit) ending(ctx context.Context, m *amendment) error {
	if len(m.taken) == 0 {
		return nil
	}
	decisions, err := v.register.DecisionsOn(ctx, v.tx, v.document.ID)
	if err != nil {
		return err
	}
	m.decisions = slices.DeleteFunc(decisions,
		func(l register.Decision) bool { return !slices.Contains(m.taken, l.Purpose) })
	releases, err := v.register.ReleasesOn(ctx, v.tx, v.document.ID)
	m.releases = slices.DeleteFunc(releases,
		func(rel register.Release) bool { return !slices.Contains(m.taken, rel.Purpose) })
	return err
}

func (v *visit) amend(ctx context.Context, m amendment, reason string) error {
	if len(m.said)+len(m.added)+len(m.taken) == 0 {
		return fmt.Errorf("%w: the document says all this already", ErrConflict)
	}
	body := v.body(ledger.KindAmendment, ledger.Permitted)
	body.Terms = v.changeTerms()
	body.Terms.Purposes = texts(m.next.Purposes)
	var err error
	if body.Terms.Withdraws, err = v.endHere(ctx, m.decisions); err != nil {
		return err
	}
	for _, rel := range m.releases {
		body.Terms.Withdraws = append(body.Terms.Withdraws, rel.EntryHash)
	}
	if v.delegation != nil {
		body.Terms.Delegation = string(v.delegation.Digest)
	}
	entry, err := v.record(ctx, body, v.concerned(), append(m.said, private{"reason", reason}))
	if err != nil {
		return err
	}
	if err := v.register.Amend(ctx, v.tx, v.document, m.next); err != nil {
		return err
	}
	if err := v.endFor(ctx, m, reason, entry); err != nil {
		return err
	}
	if err := v.tellAmended(ctx, m, reason, entry); err != nil || len(m.taken) == 0 {
		return err
	}
	return v.announceRevocation(ctx, v.document.ID)
}

// endFor takes back what was decided and released for the purposes that are taken off, and tells whom it concerns:
// whoever holds copies, as at a withdrawal (reading 0006), whoever asked, and whoever decided.
func (v *visit) endFor(ctx context.Context, m amendment, reason string, entry written) error {
	if err := v.takeBack(ctx, m.decisions, reason, entry); err != nil {
		return err
	}
	for _, l := range m.decisions {
		if err := v.register.Touch(ctx, v.tx, l.Request); err != nil {
			return err
		}
	}
	for _, rel := range m.releases {
		rel.EndedAt, rel.EndedBy, rel.EndedByOrg = v.at, v.actor.person, v.actor.organisation.ID
		rel.EndStatement, rel.EndEntry = reason, entry.id
		if err := v.register.EndRelease(ctx, v.tx, v.document.Discloser, rel); err != nil {
			return err
		}
		if err := v.tellReleaseEnded(ctx, rel); err != nil {
			return err
		}
	}
	if len(m.decisions) == 0 {
		return nil
	}
	return v.tellPurposesOff(ctx, m, entry)
}
