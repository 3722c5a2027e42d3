package exchange

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/sequencer"
)

// Receipt is the file that proves, to the reader and to the Discloser, that one disclosure stands in the log: for the
// person who got it, and for focal points, signatories and auditors of the Parties that may open its entry. `chancery
// verify --receipts` checks it, or ledger.ReadReceipt, with the log's key and nothing else.
func (g *Gateway) Receipt(ctx context.Context, a Actor, id article4.DisclosureID) ([]byte, error) {
	var entry string
	err := g.look(ctx, a, func(ctx context.Context, v *visit) error {
		found, err := g.register.Disclosure(ctx, v.tx, id)
		if missingRecord(err) {
			return errAbsent
		}
		if err != nil {
			return err
		}
		d, err := g.register.Document(ctx, v.tx, found.Document)
		if err != nil {
			return err
		}
		if found.Person != a.person &&
			!(answers(a) && slices.Contains(entitledTo(d, found.Organisation), a.organisation.ID)) {
			return errAbsent
		}
		entry = found.Entry
		return nil
	})
	if errors.Is(err, errAbsent) {
		return nil, g.notFound(ctx, a, article4.ActDisclose, "disclosure", string(id))
	}
	if err != nil {
		return nil, err
	}
	receipt, err := g.sequencer.Receipt(ctx, entry)
	if err != nil {
		return nil, g.fault(article4.ActDisclose, err)
	}
	return receipt.File()
}

// ReceiptOf is the file that proves that an act stands in the log: for whoever did it, under whatever outcome, and for
// nobody else; the auditors of the Parties have LogProof. Who withdraws, consents, authorizes or signs goes away with
// it, and nobody can say later that it was never said. `chancery verify --receipts` takes it.
func (g *Gateway) ReceiptOf(ctx context.Context, a Actor, entry string) ([]byte, error) {
	receipt, err := g.ownAct(ctx, a, entry)
	if err != nil {
		return nil, err
	}
	return receipt.File()
}

// EntryOf is what the log says of an act, in short, to whoever did it: kind, time, outcome and its places in the log,
// and nothing of what stands behind it. To everybody else it is what does not exist. To look is no reading of the log:
// it tells the person nothing that the answer to the act did not, but where it stands.
func (g *Gateway) EntryOf(ctx context.Context, a Actor, entry string) (OwnEntry, error) {
	receipt, err := g.ownAct(ctx, a, entry)
	if err != nil {
		return OwnEntry{}, err
	}
	leaf, err := ledger.DecodeLeaf(receipt.LeafBytes())
	if err != nil {
		return OwnEntry{}, fmt.Errorf("entry %s: %w: %w", entry, sequencer.ErrInconsistent, err)
	}
	body := receipt.Body()
	out := OwnEntry{
		ID:         body.ID,
		Kind:       string(body.Kind),
		At:         body.At,
		Outcome:    string(body.Outcome),
		Step:       stepOf(body),
		Index:      receipt.Index(),
		BodySHA256: receipt.BodyHash().String(),
	}
	for _, code := range body.Reasons {
		out.Reasons = append(out.Reasons, article4.Code(code))
	}
	for _, p := range leaf.Parties {
		if p.Party == partyOf(a) {
			out.Number = p.N
		}
	}
	return out, nil
}

// ownAct is the receipt of an act of the caller's own.
func (g *Gateway) ownAct(ctx context.Context, a Actor, entry string) (ledger.Receipt, error) {
	if err := g.look(ctx, a, func(context.Context, *visit) error { return nil }); err != nil {
		return ledger.Receipt{}, err
	}
	receipt, err := g.sequencer.Receipt(ctx, entry)
	if err == nil && !didIt(a, receipt) {
		err = sequencer.ErrNotFound
	}
	switch {
	case errors.Is(err, sequencer.ErrNotFound):
		return ledger.Receipt{}, g.notFound(ctx, a, article4.ActReadLog, "entry", entry)
	case err != nil:
		return ledger.Receipt{}, g.fault(article4.ActReadLog, err)
	}
	return receipt, nil
}

// didIt reports whether the entry is of an act of this person, in this organisation.
func didIt(a Actor, r ledger.Receipt) bool {
	b := r.Body()
	return b.Actor == string(a.person) && b.Organisation == string(a.organisation.ID)
}
