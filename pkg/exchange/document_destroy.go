package exchange

import (
	"context"
	"fmt"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
)

// Destroy erases the key of a version that holds a wrong file, and the keys of the copies made of it: nobody can open
// the bytes any more, on any replica or from any backup of the store alone. The objects are removed. It takes two
// people of the Discloser; the entries stay. Never under a Hold of the own Party, nor under the other Party's where
// that was given this version (docs/decisions/0107).
func (g *Gateway) Destroy(ctx context.Context, a Actor, id article4.DocumentID, version article4.VersionID,
	reason string) (*Pending, error) {
	var c checks
	c.required("statement", "4(9)", reason, maxStatement)
	if err := c.Err(); err != nil {
		return nil, err
	}
	_, waits, err := both(perform(ctx, g, a, act[Outcome[article4.VersionID]]{
		operation: operation{act: article4.ActDestroy, document: id, what: "version", lock: register.ForUpdate,
			facts: func(ctx context.Context, v *visit) error {
				if err := v.ofVersion(ctx, version); err != nil {
					return err
				}
				second, err := v.second(ctx, string(version), version)
				if err != nil {
					return err
				}
				held, err := g.register.Held(ctx, v.tx, id)
				if err != nil {
					return err
				}
				others, err := g.register.OnlyOthersHold(ctx, v.tx, id, version, v.document.Discloser)
				v.facts.Change = &article4.ChangeFacts{ReasonPresent: true, Second: second, Held: held,
					OnlyOthersHold: others}
				return err
			}},
		do: func(ctx context.Context, v *visit) (Outcome[article4.VersionID], error) {
			waits, err := v.destroyTwice(ctx, version, reason)
			return Outcome[article4.VersionID]{version, waits}, err
		},
		replay: replayTwo(g, a, func(context.Context) (article4.VersionID, error) { return version, nil }),
	}))
	return waits, err
}

func (v *visit) destroyTwice(ctx context.Context, version article4.VersionID, reason string) (*Pending, error) {
	if !v.version.DestroyedAt.IsZero() {
		return nil, fmt.Errorf("%w: the version was destroyed already", ErrConflict)
	}
	body := v.body(ledger.KindDestruction, ledger.Permitted)
	body.Terms = v.changeTerms()
	body.Terms.DocumentVersion, body.Terms.VersionCommitment = string(version), v.version.Commitment
	if v.delegation != nil {
		body.Terms.Delegation = string(v.delegation.Digest)
	}
	return v.twice(ctx, halves{
		target:  string(version),
		payload: version,
		body:    body,
		parties: v.concerned(),
		fields:  []private{{"reason", reason}, v.entitiesField(), {"backups", v.backupsHold()}},
		done: func(entry written) error {
			return v.destroy(ctx, version, entry)
		},
	})
}

// backupsHold says what backups still hold of what is destroyed here, and until when: the wrapped keys in those of the
// database, the objects in those of the store. Whoever has both and the keysets can open them until then.
func (v *visit) backupsHold() string {
	if v.settings.BackupsKept == 0 {
		return "keys and objects, in backups made before; the operator has not said until when they are kept"
	}
	return "keys and objects, in backups made before, until " + day(v.at.Add(v.settings.BackupsKept+oneDay))
}

func (v *visit) destroy(ctx context.Context, version article4.VersionID, entry written) error {
	if err := v.register.DestroyVersion(ctx, v.tx, *v.version, v.at); err != nil {
		return err
	}
	if err := v.tellHolders(ctx, noticeRecall, version, entry.id, facts{"how": "destroyed"}); err != nil {
		return err
	}
	return v.announceRevocation(ctx, v.document.ID)
}
