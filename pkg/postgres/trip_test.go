package postgres_test

import (
	"testing"
	"time"

	"chancery.example/gateway/pkg/postgres"
)

func TestWhatIsAskedBehindALockInOneTripIsReadBehindIt(t *testing.T) {
	h := newFixture(t)
	owner := open(t, h.OwnerURL)
	exec(t, owner, "CREATE TABLE door (id int PRIMARY KEY)", "INSERT INTO door VALUES (1)", "CREATE TABLE fact (v int)",
		"INSERT INTO fact VALUES (1)")
	held, asked := make(chan struct{}), make(chan error, 1)
	var read int
	go func() {
		<-held
		asked <- owner.InTx(t.Context(), func(tx *postgres.Tx) error {
			return tx.Ask(t.Context(), postgres.Question{What: "lock", SQL: "SELECT FROM door FOR SHARE"},
				postgres.Question{What: "fact", SQL: "SELECT v FROM fact",
					Row: func(r postgres.Row) error { return r.Scan(&read) }})
		})
	}()
	must(t, owner.InTx(t.Context(), func(tx *postgres.Tx) error {
		if err := tx.Ask(t.Context(), postgres.Question{SQL: "SELECT FROM door FOR UPDATE"},
			postgres.Question{SQL: "UPDATE fact SET v = 2"}); err != nil {
			return err
		}
		close(held)
		for waiting := false; !waiting; time.Sleep(time.Millisecond) {
			waiting = scan[bool](t, h.app, "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
		}
		return nil
	}))
	must(t, <-asked)
	if read != 2 {
		t.Errorf("behind the lock stands %d; want 2, which was committed before it was given", read)
	}
}

func TestAWriteThatWaitsAndFailsKeepsTheTransactionFromCommitting(t *testing.T) {
	h := newFixture(t)
	owner := open(t, h.OwnerURL)
	exec(t, owner, "CREATE TABLE fact (v int CONSTRAINT fact_is_positive CHECK (v > 0))")
	for name, then := range map[string]func(tx *postgres.Tx) error{
		"with the commit": func(*postgres.Tx) error { return nil },
		"with a question": func(tx *postgres.Tx) error { _, err := tx.Now(t.Context()); return err },
		"before gorm's": func(tx *postgres.Tx) error {
			return postgres.Gorm(tx).Exec("INSERT INTO fact VALUES " +
				"(3)").Error
		},
		"before gorm's, of one row": func(tx *postgres.Tx) error {
			var v int
			return postgres.Gorm(tx).Raw("SELECT 1").Row().Scan(&v)
		},
	} {
		err := owner.InTx(t.Context(), func(tx *postgres.Tx) error {
			tx.Later("good fact", "INSERT INTO fact VALUES ($1)", 1)
			tx.Later("bad fact", "INSERT INTO fact VALUES ($1)", -1)
			return then(tx)
		})
		if postgres.Constraint(err) != "fact_is_positive" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := scan[int](t, owner, "SELECT count(*) FROM fact"); n != 0 {
		t.Errorf("%d facts are left", n)
	}
	must(t, owner.InTx(t.Context(), func(tx *postgres.Tx) error {
		tx.Later("good fact", "INSERT INTO fact VALUES ($1)", 1)
		return nil
	}))
	if n := scan[int](t, owner, "SELECT count(*) FROM fact"); n != 1 {
		t.Errorf("%d facts after a commit", n)
	}
}
