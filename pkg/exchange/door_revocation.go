package exchange

import (
	"context"

	"chancery.example/gateway/pkg/article4"
)

// everything, in place of a document, asks for every running download to be decided again.
const everything = "*"

// revocationChannel tells every replica that running downloads of a document, or of everything ("*"), are to be decided
// again.
const revocationChannel = "chancery_narrowed"

// announceRevocation tells all replicas, with the commit, that an act narrowed what was permitted: each decides its
// running downloads again (disclosure_transfers.go).
func (v *visit) announceRevocation(ctx context.Context, id article4.DocumentID) error {
	return v.tx.Notify(ctx, revocationChannel, string(id))
}
