package exchange

import (
	"context"
	"fmt"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// Releases lists the Releases of a document, in force and ended, oldest first: all of them to the people of the two
// Parties, its own to a third party, without the words that the Parties wrote for each other.
func (g *Gateway) Releases(ctx context.Context, a Actor, id article4.DocumentID) ([]Release, error) {
	return perform(ctx, g, a, act[[]Release]{
		operation: operation{act: article4.ActDescribe, document: id, what: "document", facts: loadAccess},
		do: func(ctx context.Context, v *visit) ([]Release, error) {
			of := a.organisation.ID
			if v.ofParty() {
				of = ""
			}
			found, err := g.register.Releases(ctx, v.tx, id, of)
			out := make([]Release, 0, len(found))
			for _, rel := range found {
				shown := v.releaseShown(rel)
				if rel.EndedAt.IsZero() {
					facts := v.facts
					facts.Act, facts.Change = article4.ActEndRelease, v.endsRelease(rel)
					ruling := v.rules.Decide(facts)
					shown.Permissions = map[article4.Act]Permission{article4.ActEndRelease: v.permission(ruling)}
				}
				out = append(out, shown)
			}
			return out, err
		}})
}

// EndRelease takes a Release back, for the future only: by whoever released, or by the Discloser, one person enough.
// Running downloads of that third party that rest on it are cut.
func (g *Gateway) EndRelease(ctx context.Context, a Actor, id article4.DocumentID, release, reason string) (Release,
	error) {
	var c checks
	c.required("statement", "4(2)", reason, maxStatement)
	if err := c.Err(); err != nil {
		return Release{}, err
	}
	var found register.Release
	return perform(ctx, g, a, act[Release]{
		operation: operation{
			act:      article4.ActEndRelease,
			document: id,
			what:     "release",
			target:   release,
			lock:     register.ForUpdate,
			facts: func(ctx context.Context, v *visit) error {
				if err := loadAccess(ctx, v); err != nil {
					return err
				}
				var err error
				if found, err = v.releaseOf(ctx, release); err != nil {
					return err
				}
				v.facts.Change = v.endsRelease(found)
				return nil
			},
		},
		do:     func(ctx context.Context, v *visit) (Release, error) { return v.endRelease(ctx, found, reason) },
		replay: func(ctx context.Context, _ string) (Release, error) { return g.replayRelease(ctx, a, id, release) },
	})
}

// releaseOf is one of this document that the caller may know of.
func (v *visit) releaseOf(ctx context.Context, id string) (register.Release, error) {
	found, err := v.register.Release(ctx, v.tx, id)
	if err == nil && (found.Document != v.document.ID || !v.ofParty() && found.To != v.actor.organisation.ID) {
		err = errAbsent
	}
	return found, err
}

func (v *visit) endsRelease(rel register.Release) *article4.ChangeFacts {
	own := v.actor.organisation.ID
	return &article4.ChangeFacts{ReasonPresent: true, OwnSubject: own == rel.ByOrg || own == v.document.Discloser}
}

func (v *visit) endRelease(ctx context.Context, rel register.Release, reason string) (Release, error) {
	if !rel.EndedAt.IsZero() {
		return Release{}, fmt.Errorf("%w: this Release is over already", ErrConflict)
	}
	body := v.body(ledger.KindReleaseEnded, ledger.Permitted)
	body.Terms = &ledger.Terms{
		Discloser: string(v.document.Discloser),
		Recipient: string(rel.To),
		Subject:   rel.ID,
		Relies:    []string{rel.EntryHash},
	}
	entry, err := v.record(ctx, body, v.concerned(), []private{{"statement", reason}})
	if err != nil {
		return Release{}, err
	}
	rel.EndedAt, rel.EndedBy, rel.EndedByOrg = v.at, v.actor.person, v.actor.organisation.ID
	rel.EndStatement, rel.EndEntry = reason, entry.id
	if err := v.register.EndRelease(ctx, v.tx, v.document.Discloser, rel); err != nil {
		return Release{}, err
	}
	if err := v.tellReleaseEnded(ctx, rel); err != nil {
		return Release{}, err
	}
	return v.releaseShown(rel), v.announceRevocation(ctx, v.document.ID)
}

// tellReleaseEnded asks whoever holds copies at the third party what became of them, and tells its focal points and the
// Party that did not end it.
func (v *visit) tellReleaseEnded(ctx context.Context, rel register.Release) error {
	to, err := v.organisation(rel.To)
	if err != nil {
		return err
	}
	err = v.tellHoldersIn(ctx, noticeWithdrawal, "", rel.To, rel.EndEntry, facts{"how": "release"})
	if err != nil {
		return err
	}
	err = v.tell(ctx, register.Notice{Kind: noticeReleased, To: rel.To, Facts: facts{"how": "ended"},
		Entry: rel.EndEntry})
	if err != nil {
		return err
	}
	for _, party := range []article4.OrganisationID{v.document.Discloser, v.document.Recipient} {
		if party == v.actor.organisation.ID {
			continue
		}
		err := v.tell(ctx, register.Notice{Kind: noticeReleased, To: party,
			Facts: facts{"how": "ended-for", "organisation": to.Name}, Entry: rel.EndEntry})
		if err != nil {
			return err
		}
	}
	return nil
}

// releaseShown leaves out of a Release what the Parties wrote for each other, and who of them, where a third party
// looks.
func (v *visit) releaseShown(rel register.Release) Release {
	out := releaseView(rel)
	if !v.ofParty() {
		out.Statement, out.EndStatement, out.EndedBy = "", "", ""
	}
	return out
}
