package sequencer

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"chancery.example/gateway/pkg/postgres"
)

// cluster is the identifier that initdb gave the cluster; a standby has that of its primary.
const cluster = "(SELECT system_identifier::text FROM pg_control_system())"

// CheckHome refuses a database that lies in another PostgreSQL cluster than the one that the log was last served from:
// a dump was put back there. Database and bucket that were put back together agree with each other, however old they
// are, so somebody who keeps a checkpoint has to be asked (CheckKept, then Settle). A log that was never served yet may
// be anywhere. The error wraps ErrInconsistent; nothing is altered.
func (s *Sequencer) CheckHome(ctx context.Context) error {
	var same bool
	err := s.pool().QueryRowContext(ctx, "SELECT cluster = "+cluster+" FROM log_home").Scan(&same)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("sequencer: home of the log: %w", err)
	case !same:
		return fmt.Errorf("%w: the database lies in another PostgreSQL cluster than the one that this log was last "+
			"served from: a backup was put back, or it was moved. By itself it cannot tell whether it holds all that "+
			"was acknowledged. Nothing was started and nothing was altered. Hold it against the newest checkpoints "+
			"that the auditors of both Parties keep: `chanceryd log check --restored --kept FILE --kept FILE`",
			ErrInconsistent)
	}
	return nil
}

// StayHome is CheckHome, and where the log was never served yet it records that this is its cluster.
func (s *Sequencer) StayHome(ctx context.Context) error {
	_, err := s.pool().ExecContext(ctx, "INSERT INTO log_home (cluster, at) SELECT "+cluster+
		", clock_timestamp() ON CONFLICT (one) DO NOTHING")
	if err != nil {
		return fmt.Errorf("sequencer: home of the log: %w", err)
	}
	return s.CheckHome(ctx)
}

// Settle records that the log goes on in this cluster. Whoever calls it has held the database against what others keep.
func (s *Sequencer) Settle(ctx context.Context, tx *postgres.Tx) error {
	_, err := pool(tx).ExecContext(ctx, "INSERT INTO log_home (cluster, at) SELECT "+cluster+
		", clock_timestamp() ON CONFLICT (one) DO UPDATE SET cluster = excluded.cluster, at = excluded.at")
	if err != nil {
		return fmt.Errorf("sequencer: home of the log: %w", err)
	}
	return nil
}

func (s *Sequencer) pool() gorm.ConnPool { return s.db.Gorm().Statement.ConnPool }
