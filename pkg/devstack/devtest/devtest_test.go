package devtest_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"chancery.example/gateway/pkg/devstack/devtest"
)

func TestMain(m *testing.M) { devtest.Main(m) }

func TestEachTestGetsItsOwnEmptyDatabase(t *testing.T) {
	for range 2 {
		db := devtest.NewDatabase(t)
		conn, err := pgx.Connect(t.Context(), db.OwnerURL)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close(t.Context())
		if _, err := conn.Exec(t.Context(), "CREATE TABLE same_name (n int)"); err != nil {
			t.Error(err)
		}
		role, url := db.Login(t, "app")
		app, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		defer app.Close(t.Context())
		if _, err := app.Exec(t.Context(), "SELECT * FROM same_name"); err == nil {
			t.Errorf("%s reads without a grant", role)
		}
	}
}

func TestEachTestGetsItsOwnBucket(t *testing.T) {
	_, one := devtest.NewBucket(t)
	s, two := devtest.NewBucket(t)
	client, err := s.Client()
	if err != nil {
		t.Fatal(err)
	}
	buckets, err := client.ListBuckets(t.Context())
	if err != nil || len(buckets) != 2 || one == two {
		t.Errorf("%v, %v", buckets, err)
	}
}
