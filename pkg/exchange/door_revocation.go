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

// announceRevocation is the word of a narrowing act to all replicas; it goes out with the commit.
func (v *visit) announceRevocation(ctx context.Context, id article4.DocumentID) error {
	return v.tx.Notify(ctx, revocationChannel, string(id))
}
