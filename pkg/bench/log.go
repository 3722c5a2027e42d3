package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/objects"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/sequencer"
)

// logDatabase is apart from the gateway's: its own log, its own tree, and the chain that it is compared with.
const logDatabase = "log"

// measureLog has 32 callers commit entries of about a kilobyte, waiting for the receipt or not, while the log is
// published to the store; in turns with as many callers who keep a chain of hashes under one lock, each entry hashed
// over the one before.
func measureLog(ctx context.Context, h *surroundings, p plan) (failed error) {
	l, err := h.openLog(ctx)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { failed = errors.Join(failed, l.log.Run(ctx)) })
	defer func() {
		stop()
		running.Wait()
		l.app.Close()
		l.ordering.Close()
	}()
	const during = 4 * time.Second
	var receipted, appended, chained, waits series
	for range p.rounds {
		n, took, err := callers(during, func() (time.Duration, error) { return l.receipted(ctx) })
		if err != nil {
			return err
		}
		receipted, waits = append(receipted, n), append(waits, took...)
		if n, _, err = callers(during, func() (time.Duration, error) { return 0, second(l.append(ctx)) }); err != nil {
			return err
		}
		appended = append(appended, n)
		if n, _, err = callers(during, func() (time.Duration, error) { return 0, l.chain(ctx) }); err != nil {
			return err
		}
		chained = append(chained, n)
		if err := l.caughtUp(ctx); err != nil {
			return err
		}
	}
	if behind := l.log.Health(); behind.PublishErr != nil {
		return fmt.Errorf("the log was not published: %w", behind.PublishErr)
	}
	spread(fmt.Sprintf("checkpoint wait, %d callers, with publication, ms", clients), "%.1f", waits)
	compared("receipted entries/s, with publication", "%.0f", receipted, "a chain of hashes under one lock", chained)
	compared("entries/s without waiting, with publication", "%.0f", appended, "a chain of hashes under one lock",
		chained)
	return nil
}

// logHouse is a log by itself.
type logHouse struct {
	app, ordering *postgres.DB
	log           *sequencer.Sequencer
}

func (h *surroundings) openLog(ctx context.Context) (*logHouse, error) {
	owner, err := h.postgres.CreateDatabase(ctx, logDatabase)
	if err != nil {
		return nil, err
	}
	if err := postgres.Migrate(ctx, owner); err != nil {
		return nil, err
	}
	if err := prepareChain(ctx, owner); err != nil {
		return nil, err
	}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	l := &logHouse{}
	if l.app, err = postgres.Open(ctx,
		postgres.Config{URL: h.postgres.URLFor("gateway", password, logDatabase), MaxConns: clients,
			Logger: quiet}); err != nil {
		return nil, err
	}
	if l.ordering, err = postgres.Open(ctx,
		postgres.Config{URL: h.postgres.URLFor("sequencer", password, logDatabase), MaxConns: 4,
			Logger: quiet}); err != nil {
		return nil, err
	}
	signer, verifier, err := logKey()
	if err != nil {
		return nil, err
	}
	const apart = "log-alone"
	if err := h.store.CreateBucket(ctx, apart); err != nil {
		return nil, err
	}
	store, err := objects.New(objects.Config{Endpoint: h.store.Endpoint(), AccessKey: h.store.AccessKey,
		SecretKey: h.store.SecretKey, Bucket: apart})
	if err != nil {
		return nil, err
	}
	l.log, err = sequencer.New(sequencer.Config{
		DB:        l.ordering,
		Signer:    signer,
		Verifier:  verifier,
		Origin:    signer.Name(),
		Publisher: store.Log(),
		Now:       time.Now,
		Logger:    quiet,
	})
	return l, err
}

func logKey() (note.Signer, note.Verifier, error) {
	private, public, err := ledger.GenerateKey("bench.chancery.example/log")
	if err != nil {
		return nil, nil, err
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		return nil, nil, err
	}
	verifier, err := note.NewVerifier(public)
	return signer, verifier, err
}

// prepareChain makes what the log is compared with: each entry holds the hash of the one before, and one row, locked,
// says which that is.
func prepareChain(ctx context.Context, owner string) error {
	db, err := sql.Open("pgx", owner)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, `CREATE TABLE chain (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body bytea NOT
		NULL, hash bytea NOT NULL);
		CREATE TABLE chain_head (hash bytea NOT NULL); INSERT INTO chain_head VALUES (sha256(''));
		GRANT SELECT, INSERT ON chain TO chancery_app; GRANT SELECT, UPDATE ON chain_head TO chancery_app;`)
	return err
}

// callers has all clients do f again and again, and answers how often a second it was done, and what f measured.
func callers(during time.Duration, f func() (time.Duration, error)) (float64, series, error) {
	var mu sync.Mutex
	var took series
	began := time.Now()
	err := together(clients, func(int) error {
		var own series
		for time.Since(began) < during {
			t, err := f()
			if err != nil {
				return err
			}
			own = append(own, milliseconds(t))
		}
		mu.Lock()
		defer mu.Unlock()
		took = append(took, own...)
		return nil
	})
	return float64(len(took)) / time.Since(began).Seconds(), took, err
}

func second[T any](_ T, err error) error { return err }

// append commits one entry of about a kilobyte.
func (l *logHouse) append(ctx context.Context) (string, error) {
	e := sequencer.Entry{Parties: []string{"org_unoct", "org_wco"}, Body: ledger.Body{
		Version:      1,
		Kind:         ledger.KindReading,
		ID:           "ent_" + rand.Text(),
		At:           time.Now(),
		Organisation: "org_wco",
		Outcome:      ledger.Permitted,
		Reasons:      []string{strings.Repeat("r", 700)},
		Rules:        "sha256:" + strings.Repeat("0", 64),
		Build:        "bench",
		Terms:        &ledger.Terms{Subject: "entries"},
	}}
	err := l.app.InTx(ctx, func(tx *postgres.Tx) error { return second(l.log.Append(tx, e)) })
	l.log.Wake()
	return e.Body.ID, err
}

// receipted answers how long the receipt was waited for, from behind the commit.
func (l *logHouse) receipted(ctx context.Context) (time.Duration, error) {
	id, err := l.append(ctx)
	if err != nil {
		return 0, err
	}
	committed := time.Now()
	_, err = l.log.Receipt(ctx, id)
	return time.Since(committed), err
}

// chain commits one entry of the same size, hashed over the one before under the lock of the one row.
func (l *logHouse) chain(ctx context.Context) error {
	body := []byte(strings.Repeat("r", 1000))
	return l.app.InTx(ctx, func(tx *postgres.Tx) error {
		q := postgres.Gorm(tx).Statement.ConnPool
		var before []byte
		if err := q.QueryRowContext(ctx, "SELECT hash FROM chain_head FOR UPDATE").Scan(&before); err != nil {
			return err
		}
		hash := sha256.Sum256(append(before, body...))
		if _, err := q.ExecContext(ctx, "INSERT INTO chain (body, hash) VALUES ($1, $2)", body, hash[:]); err != nil {
			return err
		}
		return second(q.ExecContext(ctx, "UPDATE chain_head SET hash = $1", hash[:]))
	})
}

// caughtUp waits until everything that was appended has its place and is published, so that rounds do not disturb one
// another.
func (l *logHouse) caughtUp(ctx context.Context) error {
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		var pending int64
		if err := l.ordering.Gorm().WithContext(ctx).Raw("SELECT count(*) FROM " +
			"log_pending").Scan(&pending).Error; err != nil {
			return err
		}
		health := l.log.Health()
		if pending == 0 && health.Published == health.CheckpointSize {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("%d entries wait, %d of %d are published after a minute", pending, health.Published,
				health.CheckpointSize)
		}
	}
}
