package main

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// superuser runs a statement in the demo's database, as root on its host could.
func (p *playing) superuser(t *testing.T, statement string) {
	t.Helper()
	at := filepath.Join(p.dir, "postgres")
	password, err := os.ReadFile(filepath.Join(at, "password"))
	if err != nil {
		t.Fatal(err)
	}
	running, err := os.ReadFile(filepath.Join(at, "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	address := url.URL{Scheme: "postgres", User: url.UserPassword("postgres", strings.TrimSpace(string(password))),
		Host: "127.0.0.1:" + strings.Split(string(running), "\n")[3], Path: "/chancery"}
	conn, err := pgx.Connect(t.Context(), address.String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

// A page shows what stands beside a record that was altered, and says in the reader's language that not everything is
// shown. The first page and the lists were closed to everybody who would have seen it.
func TestPagesGoOnWithoutWhatWasAltered(t *testing.T) {
	t.Parallel()
	p := play(t, t.TempDir())
	staff, french := in(t, p.BaseURL, "staff.wco", "en"), in(t, p.BaseURL, "staff.wco", "fr")
	whole, altered := staff.put("Quays of the season", "restricted", "org_unoct", "art2.e", nil),
		staff.put("Berths of the season", "restricted", "org_unoct", "art2.e", nil)
	const english, said = "Not everything is shown", "n’est pas affiché"
	for _, page := range []string{"/", "/documents"} {
		if body := staff.send(page, nil).body; strings.Contains(body, english) || !strings.Contains(body, "Berths") {
			t.Errorf("before anything was altered, %s: %s", page, textOf(body))
		}
	}
	id := strings.TrimPrefix(altered, "/documents/")
	p.superuser(t, fmt.Sprintf(`SET session_replication_role = replica;
		UPDATE document SET marking = 'non-confidential' WHERE id = '%s'`, id))
	for _, page := range []string{"/", "/documents"} {
		shown := staff.send(page, nil)
		if shown.StatusCode != 200 || !strings.Contains(shown.body, "Quays") || strings.Contains(shown.body, "Berths") {
			t.Errorf("%s: %d %s", page, shown.StatusCode, textOf(shown.body))
		}
		staff.wants(shown, english, "The auditors of both Parties have been told")
		french.wants(french.send(page, nil), said)
	}
	if shown := staff.send(whole, nil); strings.Contains(shown.body, english) {
		t.Error("a page of what is whole says that something is left out")
	}
	staff.wants(staff.send(altered, nil), "does not match its seal")
}
