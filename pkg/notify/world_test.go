package notify_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/devstack"
	"chancery.example/gateway/pkg/devstack/devtest"
	"chancery.example/gateway/pkg/notify"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/vault"
)

// TestMain is also the processes that are killed.
func TestMain(m *testing.M) {
	switch os.Getenv("NOTIFY_ROLE") {
	case "server":
		beServer()
	case "worker":
		beWorker()
	}
	devtest.Main(m)
}

const (
	wco   article4.OrganisationID = "org_wco"
	unoct article4.OrganisationID = "org_unoct"
	link                          = "https://gateway.example/notices"
)

// world is a database with two organisations, and a mail server.
type world struct {
	t        testing.TB
	url      string
	keysets  string
	db       *postgres.DB
	register *register.Register
	mail     *devstack.MailServer
	said     *lines
	people   map[string]article4.PersonID // by the names that they were given here
}

// lines is an operations log that a test reads.
type lines struct {
	mu sync.Mutex
	bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.String()
}

func newWorld(t testing.TB) *world {
	t.Helper()
	database := devtest.NewMigratedDatabase(t)
	w := &world{t: t, keysets: filepath.Join(t.TempDir(), "keysets"), said: &lines{},
		people: map[string]article4.PersonID{}}
	must(t, postgres.Grant(t.Context(), database.SuperuserURL(), database.Name+"_app", "of-one-test", postgres.App))
	w.url = database.URLFor(database.Name+"_app", "of-one-test", database.Name)
	must(t, vault.CreateKeysets(w.keysets, []string{string(wco), string(unoct)}))
	var err error
	w.db, w.register, err = open(t.Context(), w.url, w.keysets)
	must(t, err)
	t.Cleanup(func() { w.db.Close() })
	w.in(func(tx *postgres.Tx) error {
		for i, id := range []article4.OrganisationID{wco, unoct} {
			err := w.register.PutOrganisation(t.Context(), tx, register.Organisation{ID: id, Short: string(id),
				Name: string(id), Kind: article4.Party, Issuer: "https://issuer.example/" + strconv.Itoa(i)})
			if err != nil {
				return err
			}
		}
		return nil
	})
	return w
}

func open(ctx context.Context, url, keysets string) (*postgres.DB, *register.Register, error) {
	keys, err := vault.OpenKeysets(keysets)
	if err != nil {
		return nil, nil, err
	}
	records, err := register.New(keys)
	if err != nil {
		return nil, nil, err
	}
	db, err := postgres.Open(ctx, postgres.Config{URL: url, Logger: slog.New(slog.DiscardHandler)})
	return db, records, err
}

// mailServer starts one; answer may be nil.
func (w *world) mailServer(answer func(string) error) *devstack.MailServer {
	w.t.Helper()
	s, err := devstack.StartMail(w.t.Context(), devstack.MailConfig{Dir: w.t.TempDir(), Answer: answer})
	must(w.t, err)
	w.t.Cleanup(func() { s.Stop() })
	w.mail = s
	return s
}

func serverOf(s *devstack.MailServer) notify.Server {
	return notify.Server{
		Host:     s.Host(),
		Port:     s.Port(),
		From:     "Chancery <chancery@gateway.example>",
		Username: s.Username,
		Password: s.Password,
		Roots:    s.Roots(),
		Timeout:  10 * time.Second,
	}
}

func (w *world) worker(server notify.Server, change ...func(*notify.Config)) *notify.Worker {
	w.t.Helper()
	c := notify.Config{DB: w.db, Register: w.register, Server: server, Link: link,
		Logger: slog.New(slog.NewTextHandler(w.said, nil))}
	for _, f := range change {
		f(&c)
	}
	worker, err := notify.New(c)
	must(w.t, err)
	return worker
}

func (w *world) in(f func(tx *postgres.Tx) error) {
	w.t.Helper()
	must(w.t, w.db.InTx(w.t.Context(), f))
}

// person signs in with a verified address.
func (w *world) person(o article4.OrganisationID, name, address string, answers bool) article4.PersonID {
	w.t.Helper()
	var id article4.PersonID
	w.in(func(tx *postgres.Tx) error {
		at, err := tx.Now(w.t.Context())
		if err != nil {
			return err
		}
		p, err := w.register.Meet(w.t.Context(), tx, register.Person{Organisation: o,
			Issuer: "https://issuer.example/" + string(o), Subject: name, Name: name}, at)
		if err != nil {
			return err
		}
		id, w.people[name] = p.ID, p.ID
		return w.register.Reach(w.t.Context(), tx, p, address, answers)
	})
	return id
}

// tell puts a notice before somebody, with canaries for facts, and gives its number.
func (w *world) tell(n register.Notice) string {
	w.t.Helper()
	w.in(func(tx *postgres.Tx) error { return w.telling(tx, &n) })
	return n.ID
}

func (w *world) telling(tx *postgres.Tx, n *register.Notice) error {
	at, err := tx.Now(w.t.Context())
	if err != nil {
		return err
	}
	n.ID, n.Kind, n.Owner, n.At = register.NewID("not_"), "recall", wco, at
	n.Facts = map[string]string{"how": "recalled", "statement": canary + "-statement", "name": canary + "-name",
		"title": canary + "-title"}
	if n.Class == "" {
		n.Class = register.Duty
	}
	n.Audience = register.ForOrganisation
	return w.register.AddNotice(w.t.Context(), tx, *n)
}

const canary = "canary-91b2"

func (w *world) once(worker *notify.Worker) {
	w.t.Helper()
	must(w.t, worker.Once(w.t.Context()))
}

func (w *world) sent() []devstack.SentMail {
	w.t.Helper()
	sent, err := w.mail.Sent()
	must(w.t, err)
	return sent
}

func (w *world) figures(worker *notify.Worker) register.MailFigures {
	w.t.Helper()
	f, err := worker.Figures(w.t.Context())
	must(w.t, err)
	return f
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// beServer is a mail server, until it is killed.
func beServer() {
	port, err := strconv.Atoi(os.Getenv("NOTIFY_PORT"))
	if err == nil {
		_, err = devstack.StartMail(context.Background(), devstack.MailConfig{Dir: os.Getenv("NOTIFY_DIR"), Port: port})
	}
	stand(err)
}

// beWorker is a replica, until it is killed.
func beWorker() {
	ctx := context.Background()
	db, records, err := open(ctx, os.Getenv("NOTIFY_URL"), os.Getenv("NOTIFY_KEYSETS"))
	if err != nil {
		stand(err)
	}
	dir := os.Getenv("NOTIFY_DIR")
	s, err := devstack.StartMail(ctx, devstack.MailConfig{Dir: dir}) // for its certificate and password alone
	if err != nil {
		stand(err)
	}
	server := serverOf(s)
	server.Port, err = strconv.Atoi(os.Getenv("NOTIFY_PORT"))
	if err != nil {
		stand(err)
	}
	short := make([]time.Duration, 200)
	for i := range short {
		short[i] = 500 * time.Millisecond
	}
	worker, err := notify.New(notify.Config{
		DB:       db,
		Register: records,
		Server:   server,
		Link:     link,
		Pause:    100 * time.Millisecond,
		Lease:    8 * time.Second,
		Waits:    short,
	})
	if err == nil {
		go func() { err = worker.Run(ctx) }()
	}
	stand(err)
}

// stand says that a process is up, or why not, and stays.
func stand(err error) {
	if err != nil {
		fmt.Println("failed:", strings.ReplaceAll(err.Error(), "\n", " "))
		os.Exit(1)
	}
	fmt.Println("ready")
	select {}
}
