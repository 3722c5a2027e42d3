package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/sequencer"
	"chancery.example/gateway/pkg/web"
)

// exitContradiction is the exit code of a log that contradicts itself.
const exitContradiction = 5

// logGauges are the figures by which a monitor sees the log fall behind or break.
func logGauges(s *sequencer.Sequencer) []web.Gauge {
	of := func(name, help string, read func(sequencer.Health) float64) web.Gauge {
		return web.Gauge{Name: name, Help: help, Read: func() float64 { return read(s.Health()) }}
	}
	return []web.Gauge{
		of("chancery_log_oldest_pending_seconds",
			"How long the oldest committed entry has been waiting for its place in the log.",
			func(h sequencer.Health) float64 { return h.OldestPending.Seconds() }),
		of("chancery_log_checkpoint_age_seconds",
			"Since the newest signed tree was last confirmed to be the committed one.",
			func(h sequencer.Health) float64 { return h.CheckpointAge.Seconds() }),
		of("chancery_log_unpublished_seconds",
			"How long the store has been behind the signed tree; over 10 s content stops.",
			func(h sequencer.Health) float64 { return h.Behind.Seconds() }),
		of("chancery_log_entries", "Entries in the newest signed tree.",
			func(h sequencer.Health) float64 { return float64(h.CheckpointSize) }),
		of("chancery_log_published_entries", "Entries of the tree in the store.",
			func(h sequencer.Health) float64 { return float64(h.Published) }),
		verifyFailures(func() float64 { return float64(s.Health().Contradictions) }),
	}
}

// verifyFailures is the figure that wakes somebody.
func verifyFailures(read func() float64) web.Gauge {
	return web.Gauge{Name: "chancery_log_verify_failures", Read: read,
		Help: "How often database, store or signatures were found to contradict one another; never anything but 0."}
}

func logCommand(env environment) *cobra.Command {
	group := &cobra.Command{Use: "log", Short: "Look after the disclosure log"}
	group.AddCommand(logCheckCommand(env), rotateCommand(env))
	return group
}

func logCheckCommand(env environment) *cobra.Command {
	var path string
	var every time.Duration
	var against keptElsewhere
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Hold the database against the log's tiles, its checkpoints and what is published",
		Long: "check goes through the whole log: each row against its bytes, each body against its leaf, running " +
			"numbers, tiles,\n" +
			"every stored checkpoint, and the published copy in the store. It alters nothing and may run beside the " +
			"gateway.\n" +
			"Exit code 0: everything fits. 5: something contradicts; each problem is named with its index. 1: it " +
			"could not look.\n\n" +
			"With --kept it also wants the database to hold what that checkpoint stands for: after a restore, the " +
			"auditors'\n" +
			"newest ones (chancery log checkpoint) tell whether the backup is too old, which it cannot tell by " +
			"itself.\n\n" +
			"With --republish, and the gateway stopped, it then publishes the log again from the database: for a " +
			"bucket that was\n" +
			"lost, or put back in an older state. With --restored it records that the log goes on in this PostgreSQL " +
			"cluster: serve\n" +
			"wants that said, with at least one --kept, after a dump was put back.",
		Args: cobra.NoArgs,
		RunE: does(func(ctx context.Context) error {
			if against.restored && len(against.kept) == 0 {
				return &failure{exitUsage, errors.New("--restored wants --kept: a backup cannot tell by itself " +
					"whether it is too old")}
			}
			if every == 0 {
				return checkLog(ctx, path, against, env)
			}
			for {
				if err := checkLog(ctx, path, keptElsewhere{kept: against.kept}, env); err != nil {
					return err
				}
				select {
				case <-ctx.Done():
					return nil
				case <-time.After(every):
				}
			}
		}),
	}
	configFlag(cmd, &path)
	cmd.Flags().DurationVar(&every, "every", 0, "check again and again, with this `PAUSE`; end at the first problem")
	cmd.Flags().StringArrayVar(&against.kept, "kept", nil,
		"hold the database against the checkpoint in `FILE`; may be given several times")
	cmd.Flags().BoolVar(&against.republish, "republish", false,
		"publish the log again from the database, when the database is in order")
	cmd.Flags().BoolVar(&against.restored, "restored", false,
		"the database was put back into this cluster and holds all that --kept stands for: the log goes on here")
	return cmd
}

// keptElsewhere is what a check is held against, and what it may write when everything fits.
type keptElsewhere struct {
	kept                []string
	republish, restored bool
}

// checkLog is one check; it signs in as the sequencer.
func checkLog(ctx context.Context, path string, against keptElsewhere, env environment) error {
	s, _, err := loadOrReport(path, env)
	if err != nil {
		return err
	}
	srv := &server{logger: newLogger(env.stderr, s.Log.Level), now: time.Now}
	defer srv.close()
	if _, err := srv.openToWrite(ctx, s, false); err != nil {
		return err
	}
	log := srv.sequencer
	if err := holdKept(ctx, srv, log, against.kept, env); err != nil {
		return err
	}
	if against.republish {
		if err := log.Republish(ctx); err != nil {
			return err
		}
		fmt.Fprintln(env.stdout, "published again from the database")
	}
	var found sequencer.Checked
	err = srv.ordering.InTx(ctx, func(tx *postgres.Tx) error {
		found, err = log.CheckStored(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	if err := reportCheck(found, env); err != nil || !against.restored {
		return err
	}
	return srv.ordering.InTx(ctx, func(tx *postgres.Tx) error { return log.Settle(ctx, tx) })
}

// holdKept comes before anything is published: where the database is too old, nothing is.
func holdKept(ctx context.Context, srv *server, log *sequencer.Sequencer, kept []string, env environment) error {
	for _, path := range kept {
		signed, err := readBounded(path)
		if err != nil {
			return err
		}
		err = srv.ordering.InTx(ctx, func(tx *postgres.Tx) error { return log.CheckKept(ctx, tx, signed) })
		if errors.Is(err, sequencer.ErrInconsistent) {
			fmt.Fprintf(env.stdout, "WRONG: %s: %v\n", path, err)
			return &failure{exitContradiction,
				errors.New("the database is not what was signed: start no gateway on it, publish nothing, and look " +
					"for its newest state")}
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(env.stdout, "the database holds all that %s stands for\n", path)
	}
	return nil
}

func reportCheck(found sequencer.Checked, env environment) error {
	fmt.Fprintf(env.stdout, "%s, %s, %s; %s published in %s; %d waiting\n", ledger.Several(found.Entries, "entry"),
		ledger.Several(found.Checkpoints, "checkpoint"), ledger.Several(found.Tiles, "tile"),
		ledger.Several(found.Published, "entry"), ledger.Several(found.Objects, "object"), found.Pending)
	for _, p := range found.Problems {
		fmt.Fprintln(env.stdout, "WRONG:", p)
	}
	if len(found.Problems) > 0 {
		return &failure{exitContradiction,
			fmt.Errorf("the log contradicts itself in %s: stop the gateway, keep everything as it is, tell "+
				"both Parties' auditors", ledger.Several(len(found.Problems), "place"))}
	}
	fmt.Fprintln(env.stdout, "everything fits")
	return nil
}

func rotateCommand(env environment) *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "rotate-key",
		Short: "Give the log a new signing key, which the old one vouches for",
		Long: "rotate-key makes a new key of the same name, lets the old one sign it, records that, and puts the new " +
			"key in the\n" +
			"place of the old, which stays beside it as FILE.former-TIME. Do it while no gateway runs. Whoever " +
			"trusts the old\n" +
			"key verifies on; give the new public key to the auditors of both Parties all the same.",
		Args: cobra.NoArgs,
		RunE: does(func(ctx context.Context) error { return rotateKey(ctx, path, env) }),
	}
	configFlag(cmd, &path)
	return cmd
}

func rotateKey(ctx context.Context, path string, env environment) error {
	s, _, err := loadOrReport(path, env)
	if err != nil {
		return err
	}
	file := s.Keys.LogKey
	old, err := openLogKey(s.Keys)
	if err != nil {
		return fmt.Errorf("keys.log_key: %w", err)
	}
	private, public, err := ledger.GenerateKey(old.signer.Name())
	if err != nil {
		return err
	}
	rotation, err := ledger.SignRotation(old.signer, old.public, public)
	if err != nil {
		return err
	}
	srv := &server{logger: newLogger(env.stderr, s.Log.Level)}
	defer srv.close()
	if err := srv.openDatabase(ctx, s.Database, false); err != nil {
		return err
	}
	// The new key is durable before anything names it, and in its place only after that.
	if err := errors.Join(writeNew(file+".next", []byte(private+"\n")),
		writeNew(file+".next"+publicSuffix, []byte(public+"\n")),
		os.Chmod(file+".next"+publicSuffix, publicMode)); err != nil {
		return fmt.Errorf("a rotation that did not end? %w. When \"chanceryd log check\" says that the key was "+
			"rotated to another one, put this one and its %s in the place of %s; else remove both", err, publicSuffix,
			file)
	}
	if err := sequencer.Rotate(ctx, srv.ordering, rotation); err != nil {
		if errors.Is(err, sequencer.ErrInconsistent) { // it was refused, so nothing names the new key
			err = errors.Join(err, os.Remove(file+".next"), os.Remove(file+".next"+publicSuffix))
		}
		return err
	}
	former := file + ".former-" + time.Now().UTC().Format("20060102T150405Z")
	for _, move := range [][2]string{{file, former}, {file + publicSuffix, former + publicSuffix},
		{file + ".next" + publicSuffix, file + publicSuffix}, {file + ".next", file}} {
		if err := os.Rename(move[0], move[1]); err != nil {
			return fmt.Errorf("the new key stands in %s: put it in the place of %s by hand: %w", file+".next", file,
				err)
		}
	}
	fmt.Fprintf(env.stdout, "new public key  %s\nthe old key     %s\n\nGive the new public key to the auditors of "+
		"both Parties, by another way than this gateway.\nA gateway that runs all the same signs with the old key "+
		"until it is started again.\n", public, former)
	return nil
}
