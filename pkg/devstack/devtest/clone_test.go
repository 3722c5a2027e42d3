package devtest_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"chancery.example/gateway/pkg/devstack/devtest"
	"chancery.example/gateway/pkg/postgres"
)

// A clone is what migrating gives, and one test's rows are in no other's.
func TestAMigratedDatabaseIsWhatMigratingGivesAndEachTestsOwn(t *testing.T) {
	anew := devtest.NewDatabase(t)
	if err := postgres.Migrate(t.Context(), anew.OwnerURL); err != nil {
		t.Fatal(err)
	}
	first, second := devtest.NewMigratedDatabase(t), devtest.NewMigratedDatabase(t)
	const schema = `SELECT count(*) FROM information_schema.columns WHERE table_schema = 'public'`
	want := count(t, anew.OwnerURL, schema)
	if got := count(t, first.OwnerURL, schema); got != want || want == 0 {
		t.Errorf("a clone has %d columns; want %d", got, want)
	}
	execute(t, first.OwnerURL, `CREATE TABLE mine ()`)
	if count(t, second.OwnerURL, `SELECT count(*) FROM pg_tables WHERE tablename = 'mine'`) != 0 {
		t.Error("a table of one test stands in the database of another")
	}
}

func count(t *testing.T, url, sql string) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if err := conn.QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func execute(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}
