package sequencer

import (
	"context"
	"fmt"

	"chancery.example/gateway/pkg/postgres"
)

// Erase removes the salt and the value of the private field that an entry of kind erasure names, inside the transaction
// that appended that entry. The entry whose field it was, its commitment and the tree stay as they are. The database
// looks again: without a second person it violates erasure_takes_two_people, under Hold nothing_is_erased_under_hold.
// ErrNotFound: there is none.
func (s *Sequencer) Erase(ctx context.Context, tx *postgres.Tx, erasure string) error {
	var gone bool
	if err := pool(tx).QueryRowContext(ctx, "SELECT log_erase($1)", erasure).Scan(&gone); err != nil {
		return fmt.Errorf("sequencer: erasure %s: %w", erasure, err)
	}
	if !gone {
		return fmt.Errorf("sequencer: erasure %s: nothing is there to erase: %w", erasure, ErrNotFound)
	}
	return nil
}
