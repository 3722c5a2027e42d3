package sequencer

import (
	"context"

	"chancery.example/gateway/pkg/postgres"
)

// CheckKept holds the database against a signed checkpoint that somebody keeps elsewhere, an auditor for instance.
// After database and bucket were lost together it is the only witness: a backup that is older than what was
// acknowledged agrees with itself. The error wraps ErrInconsistent when the database holds less, or another log; the
// text says which.
func (s *Sequencer) CheckKept(ctx context.Context, tx *postgres.Tx, signed []byte) error {
	c, err := s.open(ctx, signed)
	if err != nil {
		return err
	}
	h, err := readHead(ctx, pool(tx), "")
	if err != nil {
		return err
	}
	return s.extends(ctx, pool(tx), &tree{size: h.size, root: h.root}, c)
}
