//go:build !nodemo

package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"chancery.example/gateway/pkg/devstack"
	"chancery.example/gateway/pkg/disk"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/rest"
	"chancery.example/gateway/pkg/sequencer"
)

const (
	demoListen = "127.0.0.1:8080"
	demoBucket = "chancery"
	demoReady  = "demo.json"
)

func demoCommand(env environment) *cobra.Command {
	d := &demo{env: env}
	var now string
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run everything on this machine, with the WCO-UNOCT Arrangement and people to try it as",
		Long: "demo starts its own PostgreSQL, S3 store and identity providers on loopback, and the gateway over " +
			"them, with a\n" +
			"handful of documents. Ctrl-C ends all of it; what it keeps under --data is used again at the next " +
			"start.\n" +
			"It admits consents without evidence, which a real gateway refuses (--written refuses them too), and its " +
			"identity\n" +
			"providers ask for no password.",
		Args: cobra.NoArgs,
		RunE: does(func(ctx context.Context) error { return d.run(ctx, now) }),
	}
	cmd.PersistentFlags().StringVar(&d.dir, "data", filepath.Join("data", "demo"), "keep everything under `DIR`")
	cmd.Flags().StringVar(&d.listen, "listen", "",
		"loopback `ADDR` of the API (default "+demoListen+", or a free port)")
	cmd.Flags().IntVar(&d.scale, "scale", 0,
		"also put `N` documents into an empty demo, with ten entries of the log for each; without N, "+
			strconv.Itoa(fullScale))
	cmd.Flags().Lookup("scale").NoOptDefVal = strconv.Itoa(fullScale)
	cmd.Flags().BoolVar(&d.written, "written", false,
		"take no decision without a sign-in for its text, as a real gateway does")
	cmd.Flags().StringVar(&now, "now", "", "move the rules' clock to this `RFC3339` instant; it goes on from there")
	cmd.AddCommand(demoTokenCommand(env, &d.dir))
	return cmd
}

// demo is one run of the demonstration.
type demo struct {
	env         environment
	dir, listen string
	public      string // where the pages and the API stand
	scale       int    // documents that are deposited beside the handful
	written     bool   // decisions need evidence

	postgres *devstack.Postgres
	store    *devstack.Store
	issuers  *devstack.Issuers
	mail     *devstack.MailServer
	clock    func(time.Time) time.Time // nil: the database's
}

func (d *demo) run(ctx context.Context, now string) (err error) {
	if d.clock, err = shifted(now); err != nil {
		return &failure{exitUsage, err}
	}
	if d.scale < 0 {
		return &failure{exitUsage, fmt.Errorf("--scale %d: there is no such number of documents", d.scale)}
	}
	if d.dir, err = filepath.Abs(d.dir); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	if err := os.MkdirAll(d.dir, 0o755); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	api, err := listenLoopback(ctx, d.listen)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.stop()) }()
	// Whatever an interruption broke off, it was the interruption; but not where that ended a log in contradiction.
	defer func() {
		if err != nil && ctx.Err() != nil && !errors.Is(err, sequencer.ErrInconsistent) {
			err = errors.New("interrupted before it was ready")
		}
	}()
	defer context.AfterFunc(ctx, func() {
		fmt.Fprintf(d.env.stdout, "\nEnding. What it keeps is in %s.\n", d.dir)
	})()
	d.public = "http://" + api.Addr().String()
	if err := d.startParts(ctx); err != nil {
		return errors.Join(err, api.Close())
	}
	// Only now is the directory known to be ours: another demo may be running on it.
	if err := d.unready(); err != nil {
		return errors.Join(err, api.Close())
	}
	defer func() { err = errors.Join(err, d.unready()) }()
	return d.serve(ctx, api)
}

// shifted makes a clock that is at that instant now and goes on from there.
func shifted(now string) (func(time.Time) time.Time, error) {
	if now == "" {
		return nil, nil
	}
	at, err := time.Parse(time.RFC3339, now)
	if err != nil {
		return nil, fmt.Errorf("--now %q is no instant; write it as 2027-03-31T09:00:00Z", now)
	}
	by := time.Until(at)
	return func(t time.Time) time.Time { return t.Add(by) }, nil
}

// listenLoopback takes the address asked for, or else the usual one, or else any that is free.
func listenLoopback(ctx context.Context, address string) (net.Listener, error) {
	var open net.ListenConfig
	if address == "" {
		if l, err := open.Listen(ctx, "tcp", demoListen); err == nil {
			return l, nil
		}
		address = "127.0.0.1:0"
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil || !loopback(host) {
		return nil, &failure{exitUsage,
			fmt.Errorf("--listen %s is no loopback address: the demo's people have no passwords", address)}
	}
	l, err := open.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("--listen: %w", err)
	}
	return l, nil
}

// startParts starts what is outside of the gateway; each part keeps its data under its own directory. PostgreSQL comes
// first: it takes the directory, so that a second demo on the same data ends here.
func (d *demo) startParts(ctx context.Context) (err error) {
	fmt.Fprintln(d.env.stderr, "starting PostgreSQL, the S3 store, the identity providers and the mail server …")
	if d.postgres, err = devstack.StartPostgres(ctx, devstack.PostgresConfig{Dir: d.path("postgres")}); err != nil {
		return err
	}
	if d.store, err = devstack.StartStore(ctx,
		devstack.StoreConfig{Dir: d.path("store"), Progress: d.env.stderr}); err != nil {
		return err
	}
	cfg, err := demoIssuers(d.path("issuers"), d.public)
	if err != nil {
		return err
	}
	if d.issuers, err = devstack.StartIssuers(ctx, cfg); err != nil {
		return err
	}
	d.mail, err = devstack.StartMail(ctx, devstack.MailConfig{Dir: d.path("mail")})
	return err
}

func (d *demo) path(name string) string { return filepath.Join(d.dir, name) }

// stop ends the parts, the database last.
func (d *demo) stop() error {
	var errs []error
	if d.mail != nil {
		errs = append(errs, d.mail.Stop())
	}
	if d.issuers != nil {
		errs = append(errs, d.issuers.Stop())
	}
	if d.store != nil {
		errs = append(errs, d.store.Stop())
	}
	if d.postgres != nil {
		errs = append(errs, d.postgres.Stop())
	}
	return errors.Join(errs...)
}

// serve runs the gateway until ctx ends, and says when it is ready.
func (d *demo) serve(ctx context.Context, api net.Listener) error {
	admin, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return errors.Join(fmt.Errorf("admin listener: %w", err), api.Close())
	}
	log, err := os.OpenFile(d.path("gateway.log"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return errors.Join(fmt.Errorf("operations log: %w", err), api.Close(), admin.Close())
	}
	defer log.Close()
	srv, err := d.assemble(ctx, "http://"+api.Addr().String(), newLogger(log, slog.LevelInfo))
	if err != nil {
		return errors.Join(err, api.Close(), admin.Close())
	}
	defer srv.close()

	running, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- srv.run(running, api, admin) }()
	err = d.settle(running, "http://"+api.Addr().String(), "http://"+admin.Addr().String())
	if err != nil {
		cancel()
		return errors.Join(err, <-ended)
	}
	return <-ended
}

// assemble prepares database, bucket and keys, and builds the same gateway that serve builds.
func (d *demo) assemble(ctx context.Context, public string, logger *slog.Logger) (*server, error) {
	s := setting{config: defaults()}
	s.PublicURL, s.Issuers, s.issuers = public, demoBindings(d.issuers.URL), issuersOf(demoBindings(d.issuers.URL))
	s.Admit.ConsentEvidenceNone, s.Admit.NotInspected, s.Admit.WebhooksHere = !d.written, true, true
	if d.scale > 0 { // a few people do what a thousand do elsewhere
		s.Limits.Person, s.Limits.Address = rateConfig{}, rateConfig{}
	}
	s.Mail = mailConfig{
		Host:        d.mail.Host(),
		Port:        d.mail.Port(),
		TLS:         "starttls",
		From:        "Chancery <chancery@demo.example>",
		Credentials: secret(d.mail.Username + "\n" + d.mail.Password),
		CA:          d.mail.AuthorityFile(),
		pause:       time.Second,
	}
	s.players, s.replaces = demoPlayers(), adoptsAnything
	s.Keys = keysConfig{Keysets: d.path("keysets"), LogKey: d.path("log.key")}
	s.Store = storeConfig{Endpoint: d.store.Endpoint(), Bucket: demoBucket, AccessKey: secret(d.store.AccessKey),
		SecretKey: secret(d.store.SecretKey), Region: devstack.StoreRegion}
	var err error
	if s.instrument, err = demoInstrument(d.issuers.URL); err != nil {
		return nil, err
	}
	if err := makeKeys(s.Keys, s.instrument, demoLog); err != nil {
		return nil, err
	}
	if err := d.store.CreateBucket(ctx, demoBucket); err != nil {
		return nil, err
	}
	if s.Database, err = d.migrate(ctx); err != nil {
		return nil, err
	}
	found := examine(s)
	for _, f := range found {
		if f.stops() {
			return nil, fmt.Errorf("%s: %s", f.Key, f.Problem)
		}
	}
	return assemble(ctx, s, weakenings(found), d.clock, logger)
}

// migrate makes the database, its schema and the two logins; they get new passwords at each start.
func (d *demo) migrate(ctx context.Context) (databaseConfig, error) {
	const database, app, ordering = "chancery", "chancery_demo_app", "chancery_demo_sequencer"
	owner, err := d.postgres.CreateDatabase(ctx, database)
	if err != nil {
		return databaseConfig{}, err
	}
	if err := postgres.Migrate(ctx, owner); err != nil {
		return databaseConfig{}, err
	}
	cfg := databaseConfig{MaxConnections: 16}
	for _, login := range []struct {
		name  string
		group postgres.Group
		url   *secret
	}{{app, postgres.App, &cfg.URL}, {ordering, postgres.Sequencer, &cfg.SequencerURL}} {
		password := rand.Text()
		if err := postgres.Grant(ctx, d.postgres.URL(database), login.name, password, login.group); err != nil {
			return databaseConfig{}, err
		}
		*login.url = secret(d.postgres.URLFor(login.name, password, database))
	}
	return cfg, nil
}

// settle waits until the gateway answers, meets everybody, puts documents into an empty gateway, and says that it is
// ready.
func (d *demo) settle(ctx context.Context, base, admin string) error {
	if err := awaitReady(ctx, admin); err != nil {
		return err
	}
	stage := &stage{base: base + rest.Base, issuers: d.issuers, now: time.Now, written: d.written}
	if d.clock != nil {
		stage.now = func() time.Time { return d.clock(time.Now()) }
	}
	ready := demoFile{BaseURL: base, AdminURL: admin, MailURL: d.mail.PageURL(), Issuers: map[string]string{}}
	if err := stage.meet(ctx, &ready); err != nil {
		return err
	}
	furnished, err := stage.furnish(ctx)
	if err != nil {
		return fmt.Errorf("put the demo's documents in place: %w", err)
	}
	if furnished {
		if err := d.scaled(ctx, stage); err != nil {
			return err
		}
	}
	content, err := json.MarshalIndent(ready, "", "  ")
	if err != nil {
		return err
	}
	if err := disk.Replace(d.path(demoReady), append(content, '\n')); err != nil {
		return err
	}
	d.announce(ready)
	return nil
}
