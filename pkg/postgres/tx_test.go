package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"chancery.example/gateway/pkg/devstack"
	"chancery.example/gateway/pkg/postgres"
)

func TestATransactionThatFailsLeavesNothing(t *testing.T) {
	h := newFixture(t)
	cause := errors.New("changed my mind")
	err := h.app.InTx(t.Context(), func(tx *postgres.Tx) error {
		if err := postgres.Gorm(tx).Exec(anEntry).Error; err != nil {
			return err
		}
		return cause
	})
	if !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
	func() {
		defer func() {
			if recover() != cause {
				t.Error("the panic was swallowed")
			}
		}()
		_ = h.app.InTx(t.Context(), func(tx *postgres.Tx) error {
			if err := postgres.Gorm(tx).Exec(anEntry).Error; err != nil {
				return err
			}
			panic(cause)
		})
	}()
	// A failed statement that the closure passes over: the server rolls back, and that is no success.
	err = h.app.InTx(t.Context(), func(tx *postgres.Tx) error {
		_ = postgres.Gorm(tx).Exec(anEntry + "SELECT 1/0").Error
		return nil
	})
	refused(t, err, "commit")
	if errors.Is(err, postgres.ErrOutcomeUnknown) {
		t.Errorf("the server said rollback, and yet: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = h.app.InTx(ctx, func(tx *postgres.Tx) error {
		defer cancel()
		return postgres.Gorm(tx).Exec(anEntry).Error
	})
	if !errors.Is(err, context.Canceled) || errors.Is(err, postgres.ErrOutcomeUnknown) || postgres.Unavailable(err) {
		t.Errorf("cancelled before the commit: %v", err)
	}
	if n := scan[int](t, h.app, "SELECT count(*) FROM log_entry"); n != 0 {
		t.Errorf("%d entries are left", n)
	}
	must(t, h.app.InTx(t.Context(), func(tx *postgres.Tx) error { return postgres.Gorm(tx).Exec(anEntry).Error }))
	if n := scan[int](t, h.app, "SELECT count(*) FROM log_entry"); n != 1 {
		t.Errorf("%d entries after a commit", n)
	}
}

func TestALostAnswerToCommitIsAnUnknownOutcome(t *testing.T) {
	h := newFixture(t)
	admin := open(t, h.SuperuserURL())
	err := h.app.InTx(t.Context(), func(tx *postgres.Tx) error {
		var pid int
		if err := postgres.Gorm(tx).Raw("SELECT pg_backend_pid()").Row().Scan(&pid); err != nil {
			return err
		}
		return admin.Gorm().Exec("SELECT pg_terminate_backend(?, 5000)", pid).Error
	})
	if !errors.Is(err, postgres.ErrOutcomeUnknown) || !postgres.Unavailable(err) {
		t.Errorf("got %v", err)
	}
	must(t, h.app.InTx(t.Context(), func(tx *postgres.Tx) error { _, err := tx.Now(t.Context()); return err }))
}

func TestNowIsTheClockInsideTheTransaction(t *testing.T) {
	h := newFixture(t)
	must(t, h.app.InTx(t.Context(), func(tx *postgres.Tx) error {
		first, err := tx.Now(t.Context())
		must(t, err)
		time.Sleep(2 * time.Millisecond)
		second, err := tx.Now(t.Context())
		must(t, err)
		if !second.After(first) || first.Location() != time.UTC || first != first.Truncate(time.Microsecond) ||
			time.Since(first).Abs() > time.Minute {
			t.Errorf("%s, then %s", first, second)
		}
		var stored time.Time
		must(t, postgres.Gorm(tx).Raw("SELECT '2026-07-01 12:00:00+02'::timestamptz").Row().Scan(&stored))
		if stored.Location() != time.UTC || stored.Hour() != 10 {
			t.Errorf("a stored time came back as %s", stored)
		}
		return nil
	}))
	err := h.app.InTx(t.Context(), func(tx *postgres.Tx) error {
		_ = postgres.Gorm(tx).Exec("SELECT 1/0").Error
		_, err := tx.Now(t.Context())
		if err == nil {
			t.Error("a clock in an aborted transaction")
		}
		return tx.Notify(t.Context(), "c", "p")
	})
	refused(t, err, "notify c")
}

func TestADeadlockIsAConflict(t *testing.T) {
	h := newFixture(t)
	owner := open(t, h.OwnerURL)
	exec(t, owner, "CREATE TABLE pair (id int PRIMARY KEY, v int)", "INSERT INTO pair VALUES (1, 0), (2, 0)")
	var both sync.WaitGroup
	both.Add(2)
	results := make(chan error, 2)
	for _, order := range [][2]int{{1, 2}, {2, 1}} {
		go func() {
			results <- owner.InTx(t.Context(), func(tx *postgres.Tx) error {
				err := postgres.Gorm(tx).Exec("UPDATE pair SET v = v + 1 WHERE id = ?", order[0]).Error
				both.Done()
				both.Wait()
				if err != nil {
					return err
				}
				return postgres.Gorm(tx).Exec("UPDATE pair SET v = v + 1 WHERE id = ?", order[1]).Error
			})
		}()
	}
	var conflicts int
	for range 2 {
		if err := <-results; postgres.Conflict(err) {
			conflicts++
			if postgres.Unavailable(err) || postgres.Constraint(err) != "" {
				t.Errorf("a conflict is nothing else: %v", err)
			}
		} else {
			must(t, err)
		}
	}
	if conflicts != 1 {
		t.Errorf("%d conflicts", conflicts)
	}
}

func TestAnExhaustedPoolIsUnavailableInTime(t *testing.T) {
	t.Parallel()
	h := newFixture(t)
	db, err := postgres.Open(t.Context(),
		postgres.Config{URL: h.appURL, MaxConns: 1, Logger: slog.New(slog.DiscardHandler)})
	must(t, err)
	defer db.Close()
	must(t, db.InTx(t.Context(), func(*postgres.Tx) error {
		begin := time.Now()
		err := db.InTx(t.Context(), func(*postgres.Tx) error { return nil })
		if !postgres.Unavailable(err) || time.Since(begin) > 8*time.Second {
			t.Errorf("after %s: %v", time.Since(begin), err)
		}
		return nil
	}))
}

func TestAServerThatIsAwayIsUnavailableAndComesBackByItself(t *testing.T) {
	t.Parallel()
	server, err := devstack.StartPostgres(t.Context(), devstack.PostgresConfig{Dir: t.TempDir()})
	must(t, err)
	t.Cleanup(func() { _ = server.Stop() })
	db := open(t, server.URL("postgres"))
	work := func() error {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		return db.InTx(ctx, func(tx *postgres.Tx) error { _, err := tx.Now(ctx); return err })
	}
	must(t, work())
	for name, away := range map[string]func(){"stopped": func() { _ = server.Stop() }, "killed": server.Kill} {
		away()
		for range 6 { // every connection of the pool is met once
			if err := work(); !postgres.Unavailable(err) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := db.Ping(t.Context()); !postgres.Unavailable(err) {
			t.Errorf("%s: ping: %v", name, err)
		}
		must(t, server.Restart(t.Context()))
		must(t, work())
	}
	must(t, server.Pause())
	if err := work(); !postgres.Unavailable(err) {
		t.Errorf("hanging: %v", err)
	}
	server.Resume()
	must(t, work())
}

func TestOrdinaryErrorsAreNotUnavailable(t *testing.T) {
	h := newFixture(t)
	for _, err := range []error{
		nil, errors.New("other"), context.Canceled,
		h.app.Gorm().Exec("SELECT 1/0").Error, h.app.Gorm().Exec("SELECT * FROM nowhere").Error,
	} {
		if postgres.Unavailable(err) || postgres.Conflict(err) || postgres.Constraint(err) != "" {
			t.Errorf("%v", err)
		}
	}
	exec(t, h.app, anEntry)
	if got := postgres.Constraint(h.app.Gorm().Exec(anEntry).Error); got != "log_entry_is_written_once" {
		t.Errorf("constraint %q", got)
	}
}

func TestValuesStayOutOfTheOperationsLog(t *testing.T) {
	h := newFixture(t)
	var out bytes.Buffer
	db, err := postgres.Open(t.Context(), postgres.Config{URL: h.appURL,
		Logger: slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	must(t, err)
	defer db.Close()
	const canary = "canary-7261"
	for range 2 {
		_ = db.Gorm().Exec("INSERT INTO log_pending (entry) VALUES (?)", canary).Error
		_ = db.Gorm().Exec("SELECT ?::int", canary).Error
		_ = db.Gorm().Exec("SELECT pg_sleep(0.6), ?::text", canary).Error
	}
	got := out.String()
	if strings.Contains(got, canary) {
		t.Errorf("the log holds a value:\n%s", got)
	}
	for _, want := range []string{"statement failed", "statement slow", "sqlstate=23503", "log_pending_is_of_an_entry",
		"$1"} {
		if !strings.Contains(got, want) {
			t.Errorf("the log lacks %q:\n%s", want, got)
		}
	}
}

func TestOpenRefusesWhatCannotWorkWithoutRepeatingThePassword(t *testing.T) {
	h := newFixture(t)
	logger := slog.New(slog.DiscardHandler)
	for about, c := range map[string]postgres.Config{
		"no database URL": {Logger: logger},
		"negative":        {URL: h.appURL, MaxConns: -1, Logger: logger},
		"no logger":       {URL: h.appURL},
		"cannot be read":  {URL: "postgres://u:s3cret@host:notaport/x", Logger: logger},
		"ping":            {URL: h.URLFor(h.Name+"_app", "s3cret", h.Name), Logger: logger},
	} {
		_, err := postgres.Open(t.Context(), c)
		refused(t, err, about)
		if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: the password is in the error", about)
		}
	}
}

// A server that hangs sends no error, and a caller may wait for ever: every statement and the commit are given up in
// time.
func TestAServerThatHangsIsGivenUpThoughNobodyCancels(t *testing.T) {
	t.Parallel()
	server, err := devstack.StartPostgres(t.Context(), devstack.PostgresConfig{Dir: t.TempDir()})
	must(t, err)
	t.Cleanup(func() { _ = server.Stop() })
	db, err := postgres.Open(t.Context(),
		postgres.Config{URL: server.URL("postgres"), Patience: time.Second, Logger: slog.New(slog.DiscardHandler)})
	must(t, err)
	defer db.Close()
	for name, at := range map[string]func(tx *postgres.Tx) error{
		"in a statement": func(tx *postgres.Tx) error {
			must(t, server.Pause())
			_, err := tx.Now(t.Context())
			return err
		},
		"in the commit": func(tx *postgres.Tx) error {
			_, err := tx.Now(t.Context())
			must(t, server.Pause())
			return err
		},
	} {
		begin := time.Now()
		err := db.InTx(t.Context(), at)
		if !postgres.Unavailable(err) || time.Since(begin) > 3*time.Second {
			t.Errorf("%s: after %s: %v", name, time.Since(begin), err)
		}
		if unknown := errors.Is(err, postgres.ErrOutcomeUnknown); unknown != (name == "in the commit") {
			t.Errorf("%s: outcome unknown: %t", name, unknown)
		}
		server.Resume()
		must(t, db.InTx(t.Context(), func(tx *postgres.Tx) error { _, err := tx.Now(t.Context()); return err }))
	}
	begin := time.Now()
	if err := db.Gorm().WithContext(t.Context()).Exec("SELECT pg_sleep(1.5)").Error; !postgres.Unavailable(err) {
		t.Errorf("a statement without an answer was waited for %s: %v", time.Since(begin), err)
	}
}
