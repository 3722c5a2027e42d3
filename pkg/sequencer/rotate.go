package sequencer

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/postgres"
)

// Rotate records that the log's old key named a new one (ledger.SignRotation). From then on only gateways that sign
// with the new key start. It is done while none runs.
//
// A key that is not the log's names nobody: the error wraps ErrInconsistent, and nothing is recorded. What is recorded
// stays, so such a note would leave the log without any key that starts a gateway.
func Rotate(ctx context.Context, db *postgres.DB, rotation []byte) error {
	err := db.InTx(ctx, func(tx *postgres.Tx) error {
		// Rounds wait, so none signs with the old key behind this note.
		if _, err := readHead(ctx, pool(tx), " FOR UPDATE"); err != nil {
			return err
		}
		if err := isOfTheLog(ctx, tx, rotation); err != nil {
			return err
		}
		_, err := pool(tx).ExecContext(ctx, "INSERT INTO log_rotation (note) VALUES ($1)", rotation)
		return err
	})
	if err != nil {
		return fmt.Errorf("sequencer: rotate: %w", err)
	}
	return nil
}

// isOfTheLog wants the key that a rotation starts from to be the log's: the one that the last rotation named or, where
// there was none, the one that signed the newest checkpoint. A log that signed nothing yet takes any.
func isOfTheLog(ctx context.Context, tx *postgres.Tx, rotation []byte) error {
	oldKey, _, err := ledger.RotationKeys(rotation)
	if err != nil {
		return err
	}
	made, err := rotations(ctx, pool(tx))
	if err != nil {
		return err
	}
	if len(made) > 0 {
		_, inUse, err := ledger.RotationKeys(made[len(made)-1])
		if err != nil || inUse != oldKey {
			return errors.Join(fmt.Errorf("%w: the log's key was rotated to another one than this: put the log's own "+
				"key in its place", ErrInconsistent), err)
		}
		return nil
	}
	newest, err := notes(ctx, pool(tx), "SELECT note FROM log_checkpoint ORDER BY size DESC LIMIT 1")
	if err != nil || len(newest) == 0 {
		return err
	}
	key, err := note.NewVerifier(oldKey)
	if err != nil {
		return fmt.Errorf("the old key: %w", err)
	}
	if _, err := ledger.OpenCheckpoint(newest[0], key); err != nil {
		return fmt.Errorf("%w: this key did not sign the newest checkpoint, so it is not the log's: put the log's "+
			"own key in its place (%w)", ErrInconsistent, err)
	}
	return nil
}

// open opens a checkpoint that this key signed, or one before it in the chain of rotations that ends with this key.
// The error wraps ErrInconsistent, outages apart.
func (s *Sequencer) open(ctx context.Context, signed []byte) (ledger.Checkpoint, error) {
	c, err := ledger.OpenCheckpoint(signed, s.verifier)
	if err == nil {
		return c, nil
	}
	keys, outage := s.former(ctx)
	if outage != nil {
		return ledger.Checkpoint{}, outage
	}
	for _, key := range keys {
		if c, err := ledger.OpenCheckpoint(signed, key); err == nil {
			return c, nil
		}
	}
	return ledger.Checkpoint{}, fmt.Errorf("%w: it is not signed by this log's key: %w", ErrInconsistent, err)
}

// former are the keys of the chain of rotations, if it ends with the key in use.
func (s *Sequencer) former(ctx context.Context) ([]note.Verifier, error) {
	made, err := rotations(ctx, s.db.Gorm().Statement.ConnPool)
	if err != nil || len(made) == 0 {
		return nil, err
	}
	first, _, err := ledger.RotationKeys(made[0])
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInconsistent, err)
	}
	oldest, err := note.NewVerifier(first)
	if err != nil {
		return nil, fmt.Errorf("%w: the oldest key: %w", ErrInconsistent, err)
	}
	keys, err := ledger.Keys([]note.Verifier{oldest}, made)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrInconsistent, err)
	}
	if keys[len(keys)-1].KeyHash() != s.verifier.KeyHash() {
		return nil, fmt.Errorf("%w: the log's key was rotated to another one than this gateway's", ErrInconsistent)
	}
	return keys, nil
}
