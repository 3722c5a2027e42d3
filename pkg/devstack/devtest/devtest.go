// Package devtest gives tests the real parts: one PostgreSQL cluster and one S3 server for each test
// process, and in them a fresh database or bucket for each test.
//
// A package that uses it hands its tests over in TestMain, so that the parts end with the process:
//
//	func TestMain(m *testing.M) { devtest.Main(m) }
package devtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"chancery.example/gateway/pkg/devstack"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/stamp"
)

// stack holds what the tests of this process have started; a test binary is one program, so this is
// the one place where it can stand.
var stack struct {
	mu       sync.Mutex
	dir      string
	memory   string   // a directory in memory; empty: there is none
	kept     *os.File // says to others that memory is in use
	postgres *devstack.Postgres
	template string // URL of the owner of the migrated template; empty until the first test wants a clone
	store    *devstack.Store
	ending   bool
	serial   atomic.Int64
}

// Main runs the tests, ends the parts they started, removes their data, and exits.
func Main(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == stampChild {
		if err := stamp.Child(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	code := m.Run()
	if err := end(); err != nil {
		fmt.Fprintln(os.Stderr, "devtest:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

func end() error {
	stack.mu.Lock()
	defer stack.mu.Unlock()
	stack.ending = true
	var failed []error
	if stack.postgres != nil {
		failed = append(failed, stack.postgres.Stop())
	}
	if stack.store != nil && os.Getenv(foreignStore) == "" {
		stack.store.Kill() // its data goes as well, and an orderly end waits for idle connections
	}
	if stack.dir != "" {
		failed = append(failed, os.RemoveAll(stack.dir))
	}
	if stack.memory != "" {
		failed = append(failed, os.RemoveAll(stack.memory), stack.kept.Close())
	}
	return errors.Join(failed...)
}

// directory is where this process keeps the parts' data; the caller holds stack.mu.
func directory() (string, error) {
	if stack.ending {
		return "", errors.New("the tests have ended")
	}
	if stack.dir == "" {
		sweep()
		dir, err := os.MkdirTemp("", "chancery-test-")
		if err != nil {
			return "", err
		}
		stack.dir = dir
	}
	return stack.dir, nil
}

// sweep removes what test processes that were killed left behind; their servers ended with them.
func sweep() {
	left, _ := filepath.Glob(filepath.Join(os.TempDir(), "chancery-test-*"))
	for _, dir := range left {
		if info, err := os.Stat(dir); err == nil && time.Since(info.ModTime()) > 24*time.Hour {
			os.RemoveAll(dir)
		}
	}
}

// Directory is a fresh directory of one test, for servers of its own; it goes with the process.
// (A directory of testing.TB lies under paths that a server running as another user may not enter.)
func Directory(tb testing.TB) string {
	tb.Helper()
	stack.mu.Lock()
	defer stack.mu.Unlock()
	root, err := directory()
	if err != nil {
		tb.Fatalf("test directory: %v", err)
	}
	dir := fmt.Sprintf("%s/own-%d", root, stack.serial.Add(1))
	if err := os.Mkdir(dir, 0o755); err != nil {
		tb.Fatalf("test directory: %v", err)
	}
	return dir
}

// Postgres is the cluster of this test process, started at the first call. Tests that stop, kill or
// pause a server start their own with devstack.StartPostgres.
func Postgres(tb testing.TB) *devstack.Postgres {
	tb.Helper()
	stack.mu.Lock()
	defer stack.mu.Unlock()
	if stack.postgres != nil {
		return stack.postgres
	}
	dir, err := clusterDirectory()
	if err != nil {
		tb.Fatalf("test directory: %v", err)
	}
	p, err := devstack.StartPostgres(context.Background(), devstack.PostgresConfig{Dir: dir + "/postgres"})
	if err != nil {
		tb.Fatalf("%v", err)
	}
	stack.postgres = p
	if err := p.KeepLittleWAL(context.Background(), maxWAL); err != nil {
		tb.Fatalf("%v", err)
	}
	return p
}

// maxWAL bounds what a cluster of tests keeps of its write-ahead log.
const maxWAL = "192MB"

// clusterDirectory is where the cluster of this process lies: in memory where there is room, else on the disk. The
// caller holds stack.mu.
func clusterDirectory() (string, error) {
	dir, err := directory()
	if err != nil {
		return "", err
	}
	if stack.memory, stack.kept = inMemory(); stack.memory != "" {
		return stack.memory, os.Chmod(stack.memory, 0o755)
	}
	return dir, nil
}

// Database is a fresh, empty database of one test.
type Database struct {
	*devstack.Postgres
	Name     string
	OwnerURL string // a login that owns the database and is no superuser
}

// SuperuserURL connects to the database as the cluster's superuser.
func (d Database) SuperuserURL() string { return d.URL(d.Name) }

// Login makes a login for this database only, called NAME_suffix, and returns its name and URL.
func (d Database) Login(tb testing.TB, suffix string) (role, url string) {
	tb.Helper()
	role = d.Name + "_" + suffix
	const password = "login-of-one-test"
	if err := d.CreateLogin(tb.Context(), role, password); err != nil {
		tb.Fatalf("%v", err)
	}
	return role, d.URLFor(role, password, d.Name)
}

// NewDatabase makes a fresh, empty database, dropped when the test ends.
func NewDatabase(tb testing.TB) Database {
	tb.Helper()
	p := Postgres(tb)
	name := fmt.Sprintf("test_%d", stack.serial.Add(1))
	owner, err := p.CreateDatabase(tb.Context(), name)
	if err != nil {
		tb.Fatalf("%v", err)
	}
	dropped(tb, p, name)
	return Database{Postgres: p, Name: name, OwnerURL: owner}
}

// template is the database that migrated ones are cloned from.
const template = "migrated"

// NewMigratedDatabase makes a database in the newest schema, dropped when the test ends. It is a clone of one that this
// process migrated once, which takes about a third of creating and migrating one; all clones belong to the same owner.
func NewMigratedDatabase(tb testing.TB) Database {
	tb.Helper()
	p := Postgres(tb)
	url, err := migrated(tb.Context(), p)
	if err != nil {
		tb.Fatalf("%v", err)
	}
	name := fmt.Sprintf("test_%d", stack.serial.Add(1))
	if err := p.CloneDatabase(tb.Context(), name, template); err != nil {
		tb.Fatalf("%v", err)
	}
	dropped(tb, p, name)
	return Database{Postgres: p, Name: name, OwnerURL: url(name)}
}

// migrated makes the template at the first call; url is the owner's connection string for a clone of it.
func migrated(ctx context.Context, p *devstack.Postgres) (url func(name string) string, err error) {
	stack.mu.Lock()
	defer stack.mu.Unlock()
	if stack.template == "" {
		owner, err := p.CreateDatabase(ctx, template)
		if err != nil {
			return nil, err
		}
		if err := postgres.Migrate(ctx, owner); err != nil {
			return nil, err
		}
		stack.template = owner
	}
	owner := stack.template
	return func(name string) string { return strings.Replace(owner, "/"+template+"?", "/"+name+"?", 1) }, nil
}

func dropped(tb testing.TB, p *devstack.Postgres, name string) {
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := p.DropDatabase(ctx, name); err != nil {
			tb.Errorf("%v", err)
		}
	})
}

// foreignStore has the tests use an S3 server that is not ours: http://ACCESS:SECRET@127.0.0.1:PORT.
const foreignStore = "CHANCERY_FOREIGN_STORE"

// Store is the S3 server of this test process, started at the first call; the first call on a machine
// builds it, which takes about 90 seconds and is said on standard error. Tests that stop, kill or
// pause a server start their own with devstack.StartStore.
func Store(tb testing.TB) *devstack.Store {
	tb.Helper()
	stack.mu.Lock()
	defer stack.mu.Unlock()
	if stack.store != nil {
		return stack.store
	}
	if address := os.Getenv(foreignStore); address != "" {
		s, err := devstack.ForeignStore(address)
		if err != nil {
			tb.Fatalf("%s: %v", foreignStore, err)
		}
		stack.store = s
		return s
	}
	dir, err := directory()
	if err != nil {
		tb.Fatalf("test directory: %v", err)
	}
	s, err := devstack.StartStore(context.Background(), devstack.StoreConfig{Dir: dir + "/store", Progress: os.Stderr})
	if err != nil {
		tb.Fatalf("%v", err)
	}
	stack.store = s
	return s
}

// NewBucket makes a fresh, empty bucket in the store of this test process.
func NewBucket(tb testing.TB) (s *devstack.Store, bucket string) {
	tb.Helper()
	s = Store(tb)
	bucket = fmt.Sprintf("test-%d-%d", os.Getpid(), stack.serial.Add(1)) // a foreign store outlives this process
	if err := s.CreateBucket(tb.Context(), bucket); err != nil {
		tb.Fatalf("%v", err)
	}
	return s, bucket
}

// Eventually waits until a condition holds, and fails the test when it does not come within 20 seconds. A test that
// wants something not to happen does not wait for it: it runs what should have done it.
func Eventually(tb testing.TB, what string, holds func() bool) {
	tb.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			tb.Fatalf("it never came that %s", what)
		}
	}
}
