package devstack_test

import (
	"context"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"chancery.example/gateway/pkg/devstack"
)

func startPostgres(t *testing.T, dir string) *devstack.Postgres {
	t.Helper()
	p, err := devstack.StartPostgres(t.Context(), devstack.PostgresConfig{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func query[T any](t *testing.T, conn *pgx.Conn, sql string) T {
	t.Helper()
	var v T
	if err := conn.QueryRow(t.Context(), sql).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

func TestWhatIsCommittedSurvivesAKillAndARestart(t *testing.T) {
	p := startPostgres(t, t.TempDir())
	owner, err := p.CreateDatabase(t.Context(), "chancery")
	if err != nil {
		t.Fatal(err)
	}
	conn := connect(t, owner)
	if _, err := conn.Exec(t.Context(), "CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)"); err != nil {
		t.Fatal(err)
	}
	p.Kill()
	if _, err := pgx.Connect(t.Context(), owner); err == nil {
		t.Fatal("a killed server answers")
	}
	for range 2 { // from dead, then from running
		if err := p.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := query[int](t, connect(t, owner), "SELECT n FROM kept"); got != 7 {
			t.Errorf("kept %d, want 7", got)
		}
	}
}

func TestSettingsThatGuardCommitsAreOn(t *testing.T) {
	p := startPostgres(t, t.TempDir())
	conn := connect(t, p.URL("postgres"))
	for setting, want := range map[string]string{
		"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "listen_addresses": "127.0.0.1",
		"server_encoding": "UTF8", "lc_collate": "C.UTF-8", "TimeZone": "UTC", "unix_socket_directories": "",
	} {
		if got := query[string](t, conn, "SHOW "+setting); got != want {
			t.Errorf("%s is %q, want %q", setting, got, want)
		}
	}
}

func TestTheOwnerOfADatabaseIsNoSuperuser(t *testing.T) {
	p := startPostgres(t, t.TempDir())
	owner, err := p.CreateDatabase(t.Context(), "chancery")
	if err != nil {
		t.Fatal(err)
	}
	conn := connect(t, owner)
	if got := query[string](t, conn,
		"SELECT current_user||' '||rolsuper||' '||rolcreaterole FROM pg_roles WHERE rolname = "+
			"current_user"); got != "chancery_owner false true" {
		t.Errorf("owner is %s", got)
	}
	again, err := p.CreateDatabase(t.Context(), "chancery")
	if err != nil {
		t.Fatalf("a database that exists: %v", err)
	}
	connect(t, again)
	if _, err := pgx.Connect(t.Context(), owner); err == nil {
		t.Error("the login's old password still opens the database")
	}
	const odd = `it's "odd"; --`
	if err := p.CreateLogin(t.Context(), "app", odd); err != nil {
		t.Fatal(err)
	}
	connect(t, p.URLFor("app", odd, "chancery"))
}

func TestNamesThatCouldCarrySQLAreRefused(t *testing.T) {
	p := startPostgres(t, t.TempDir())
	for _, name := range []string{"", `a"; DROP ROLE x; --`, "Ä", "1st", strings.Repeat("a", 52), "a\x00b"} {
		if _, err := p.CreateDatabase(t.Context(), name); err == nil {
			t.Errorf("database %q was made", name)
		}
	}
	for _, login := range [][2]string{{"postgres", "x"}, {"app", ""}, {"app", "a\x00b"}, {"app", `a\b`}} {
		if err := p.CreateLogin(t.Context(), login[0], login[1]); err == nil {
			t.Errorf("login %q with password %q was made", login[0], login[1])
		}
	}
}

func TestNobodyEntersWithoutThePassword(t *testing.T) {
	p := startPostgres(t, t.TempDir())
	u, err := url.Parse(p.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword("postgres", "guess")
	if _, err := pgx.Connect(t.Context(), u.String()); err == nil {
		t.Error("a wrong password was taken")
	}
}

func TestTwoClustersRunAtOnceAndOneDirectoryRunsOnce(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	first, second := startPostgres(t, one), startPostgres(t, two)
	if first.URL("postgres") == second.URL("postgres") {
		t.Fatal("two clusters at one address")
	}
	if _, err := devstack.StartPostgres(t.Context(), devstack.PostgresConfig{Dir: one}); err == nil {
		t.Error("a second server was started on the same directory")
	}
	connect(t, first.URL("postgres"))
}

func TestATakenPortIsRefusedAndTheDirectoryStaysFree(t *testing.T) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	dir := t.TempDir()
	port := listener.Addr().(*net.TCPAddr).Port
	_, err = devstack.StartPostgres(t.Context(), devstack.PostgresConfig{Dir: dir, Port: port})
	if err == nil || !strings.Contains(err.Error(), strconv.Itoa(port)) {
		t.Fatalf("a taken port gave %v", err)
	}
	startPostgres(t, dir)
}

func TestAStalePidFileIsCleaned(t *testing.T) {
	dir := t.TempDir()
	p := startPostgres(t, dir)
	if err := p.Stop(); err != nil {
		t.Fatal(err)
	}
	// The number of a process that lives and is no postgres: this one.
	stale := strconv.Itoa(os.Getpid()) + "\n" + dir + "/data\n1\n15432\n\n127.0.0.1\n  1 1\nready\n"
	if err := os.WriteFile(filepath.Join(dir, "data", "postmaster.pid"), []byte(stale), 0o600); err != nil {
		t.Fatal(err)
	}
	connect(t, startPostgres(t, dir).URL("postgres"))
}

func TestNoServerOutlivesAKilledOwner(t *testing.T) {
	for _, role := range []string{"own-postgres", "own-paused-postgres"} {
		t.Run(role, func(t *testing.T) {
			dir := t.TempDir()
			requireGone(t, killedOwner(t, role, dir))
			connect(t, startPostgres(t, dir).URL("postgres"))
		})
	}
}

func TestAPausedServerHangsAndGoesOn(t *testing.T) {
	p := startPostgres(t, t.TempDir())
	conn := connect(t, p.URL("postgres"))
	if err := p.Pause(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := pgx.Connect(ctx, p.URL("postgres")); err == nil {
		t.Error("a paused server lets in")
	}
	answered := make(chan error, 1)
	go func() {
		_, err := conn.Exec(t.Context(), "SELECT 1")
		answered <- err
	}()
	select {
	case err := <-answered:
		t.Errorf("a paused session answered (%v)", err)
	case <-time.After(300 * time.Millisecond):
	}
	p.Resume()
	if err := <-answered; err != nil {
		t.Errorf("the session did not outlive the pause: %v", err)
	}
}

func TestAnUnfinishedClusterIsMadeAgain(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "data", "base"), 0o700); err != nil {
		t.Fatal(err)
	}
	connect(t, startPostgres(t, dir).URL("postgres"))
}
