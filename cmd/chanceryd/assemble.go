package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/identity"
	"chancery.example/gateway/pkg/instrument"
	"chancery.example/gateway/pkg/notify"
	"chancery.example/gateway/pkg/objects"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/rest"
	"chancery.example/gateway/pkg/sequencer"
	"chancery.example/gateway/pkg/traces"
	"chancery.example/gateway/pkg/vault"
	"chancery.example/gateway/pkg/web"
	"chancery.example/gateway/pkg/webhook"
)

// server is a gateway with everything that it is made of.
type server struct {
	app, ordering *postgres.DB
	store         *objects.Store
	sequencer     *sequencer.Sequencer
	records       *register.Register
	providers     *identity.Providers
	gateway       *exchange.Gateway
	mail          *notify.Worker // nil: no mail is sent
	webhooks      *webhook.Worker
	tracer        *traces.Tracer // nil: nothing is traced
	certificate   *certificate   // nil: served without TLS
	api, admin    *web.Server
	logger        *slog.Logger
	now           func() time.Time // the rules' clock, as receipts are measured by it
}

// rulesDigest is that of the rules which this build carries.
func rulesDigest() (string, error) {
	rules, err := article4.Load()
	if err != nil {
		return "", err
	}
	return rules.Digest(), nil
}

// keysetNames are the organisations that own keysets, as the exchange names them.
func keysetNames(in instrument.Instrument) []string {
	shorts := []string{in.Operator.Short}
	for _, p := range in.Parties {
		shorts = append(shorts, p.Short)
	}
	for _, t := range in.ThirdParties {
		shorts = append(shorts, t.Short)
	}
	names := make([]string, len(shorts))
	for i, short := range shorts {
		names[i] = string(exchange.OrganisationIDOf(short))
	}
	return names
}

// assemble opens the parts and joins them. Database and store have to answer; identity providers need not. clock is nil
// but in the demo; tokens are always judged by the real clock. What was opened before an error is closed again.
func assemble(ctx context.Context, s setting, weakening []string, clock func(time.Time) time.Time,
	logger *slog.Logger) (*server, error) {
	srv := &server{logger: logger}
	if err := srv.open(ctx, s, weakening, clock); err != nil {
		srv.close()
		return nil, err
	}
	return srv, nil
}

func (srv *server) open(ctx context.Context, s setting, weakening []string, clock func(time.Time) time.Time) error {
	if err := srv.prepare(ctx, s, clock); err != nil {
		return err
	}
	if err := srv.openSenders(s); err != nil {
		return err
	}
	if err := srv.openListeners(s); err != nil {
		return err
	}
	return srv.adopt(ctx, s, weakening) // last: what refuses to start has written nothing
}

// prepare opens what a configuration is put in force with, and wants it to fit: log, database, store, clocks, keysets.
func (srv *server) prepare(ctx context.Context, s setting, clock func(time.Time) time.Time) error {
	moved := clock != nil // by a demo that rehearses the end: its log is of another time than its clocks
	if !moved {
		clock = func(at time.Time) time.Time { return at }
	}
	srv.now = func() time.Time { return clock(time.Now()) }
	key, err := srv.openToWrite(ctx, s, false)
	if err != nil {
		return err
	}
	if err := srv.sequencer.CheckPublished(ctx); err != nil { // before anything is appended
		return err // says itself what it means and what to do
	}
	if err := srv.sequencer.StayHome(ctx); err != nil {
		return err
	}
	if !moved {
		if err := clockFault(srv.sequencer.CheckClock(ctx, srv.now())); err != nil {
			return err
		}
	}
	if err := srv.openGateway(ctx, s, key, clock); err != nil {
		return err
	}
	if err := srv.gateway.CheckKeysets(ctx); err != nil {
		return faultAt("keys.keysets", err, "put it back from its backup: a new one opens nothing of what there is")
	}
	return nil
}

// openToWrite opens what an entry is written with: both logins, the log's key, the store, which has to answer unless it
// may be away, and the sequencer, by the server's clock.
func (srv *server) openToWrite(ctx context.Context, s setting, away bool) (logKey, error) {
	if err := srv.openDatabase(ctx, s.Database, false); err != nil {
		return logKey{}, err
	}
	key, err := openLogKey(s.Keys)
	if err != nil {
		return logKey{}, faultAt("keys.log_key", err, "\"chanceryd config check\" says what it is")
	}
	if srv.store, err = openStore(ctx, s.Store, away); err != nil {
		return logKey{}, err
	}
	srv.sequencer, err = openLog(srv.ordering, key, srv.store, srv.now, srv.logger)
	return key, err
}

// openDatabase wants both logins to work and the schema and its guards to be as the log's promises need them. What is
// wrong with either is said at once.
func (srv *server) openDatabase(ctx context.Context, d databaseConfig, readOnly bool) error {
	all := &fault{}
	for _, at := range []struct {
		key   string
		url   secret
		conn  int
		group postgres.Group
		db    **postgres.DB
	}{{"database.url", d.URL, d.MaxConnections, postgres.App, &srv.app},
		{"database.sequencer_url", d.SequencerURL, 0, postgres.Sequencer, &srv.ordering}} {
		db, err := postgres.Open(ctx, postgres.Config{URL: at.url.reveal(), MaxConns: at.conn, ReadOnly: readOnly,
			Logger: srv.logger})
		*at.db = db
		if err == nil {
			err = postgres.Check(ctx, db)
		}
		if err == nil {
			err = postgres.CheckGroup(ctx, db, at.group)
		}
		all.add(at.key, err)
	}
	if all.cause == nil {
		return nil
	}
	return all
}

// openLog joins the log's key with the database and the store that it is published to.
func openLog(ordering *postgres.DB, key logKey, store *objects.Store, now func() time.Time,
	logger *slog.Logger) (*sequencer.Sequencer, error) {
	return sequencer.New(sequencer.Config{
		DB:        ordering,
		Signer:    key.signer,
		Verifier:  key.verifier,
		Origin:    key.signer.Name(),
		PublicKey: key.public,
		Publisher: store.Log(),
		Now:       now,
		Logger:    logger,
	})
}

func (srv *server) openGateway(ctx context.Context, s setting, key logKey,
	clock func(time.Time) time.Time) error {
	keysets, err := s.Keys.open()
	if err != nil {
		return fmt.Errorf("keys.keysets: %w", err)
	}
	sealed, err := vault.New(vault.Config{Blobs: srv.store, Keysets: keysets, Now: srv.now})
	if err != nil {
		return err
	}
	if srv.records, err = register.New(keysets); err != nil {
		return err
	}
	rules, err := article4.Load()
	if err != nil {
		return err
	}
	if srv.providers, err = identity.NewProviders(identity.Config{Issuers: s.issuers, Logger: srv.logger}); err != nil {
		return err
	}
	evidence, err := identity.NewEvidence(identity.Config{Providers: srv.providers})
	if err != nil {
		return err
	}
	stamper, err := newStamper()
	if err != nil {
		return err
	}
	srv.gateway, err = exchange.New(exchange.Config{
		Stamper:       stamper,
		LabelKey:      key.signer,
		LabelVerifier: key.verifier,
		Malware:       s.Malware.scanner(),
		DB:            srv.app,
		Register:      srv.records,
		Sequencer:     srv.sequencer,
		Vault:         sealed,
		Keysets:       keysets,
		Rules:         rules,
		Evidence:      evidence,
		Settings: exchange.Settings{
			MaxUpload:         int64(s.Limits.MaxUpload),
			LapseAfter:        s.Limits.LapseAfter,
			BackupsKept:       s.Limits.BackupsKept,
			Refusals:          s.Limits.Refusals,
			Uploads:           s.Limits.Uploads,
			AdmitNoEvidence:   s.Admit.ConsentEvidenceNone,
			AdmitNotInspected: s.Admit.NotInspected,
		},
		Build:  build(),
		Clock:  clock,
		Logger: srv.logger,
	})
	return err
}

// openSenders opens what carries word away from here.
func (srv *server) openSenders(s setting) error {
	var err error
	if srv.tracer, err = s.Traces.open(); err != nil {
		return err
	}
	if err := srv.openMail(s, srv.records); err != nil {
		return err
	}
	return srv.openWebhooks(s, srv.records)
}

// newStore makes the store's client; it reaches out to nobody.
func newStore(c storeConfig) (*objects.Store, error) {
	cfg := objects.Config{
		Endpoint:  c.Endpoint,
		AccessKey: c.AccessKey.reveal(),
		SecretKey: c.SecretKey.reveal(),
		Bucket:    c.Bucket,
		Region:    c.Region,
		Secure:    c.Secure,
		Prefix:    c.Prefix,
	}
	var err error
	if c.CA != "" {
		if cfg.CACert, err = readBounded(c.CA); err != nil {
			return nil, fmt.Errorf("store.ca: %w", err)
		}
	}
	return objects.New(cfg)
}

// openStore wants the store to answer, unless it may be away.
func openStore(ctx context.Context, c storeConfig, away bool) (*objects.Store, error) {
	store, err := newStore(c)
	if err != nil {
		return nil, storeFault(err)
	}
	if away {
		return store, nil
	}
	if err := store.Check(ctx); err != nil {
		store.Close()
		return nil, storeFault(err)
	}
	return store, nil
}

func (srv *server) openListeners(s setting) error {
	var err error
	if srv.certificate, err = openCertificate(s.config, srv.logger); err != nil {
		return fmt.Errorf("tls: %w", err)
	}
	verifier, err := identity.New(identity.Config{Providers: srv.providers, Gateway: srv.gateway})
	if err != nil {
		return err
	}
	logins := map[string]*postgres.DB{"app": srv.app, "sequencer": srv.ordering}
	metrics, err := web.NewMetrics(slices.Concat(logGauges(srv.sequencer), mailGauges(srv.mail),
		webhookGauges(srv.webhooks), traceGauges(srv.tracer),
		srv.certificate.gauges(), gatewayGauges(srv.gateway), partGauges(logins, srv.providers))...)
	if err != nil {
		return err
	}
	engine, err := web.NewEngine(web.EngineConfig{
		Logger:    srv.logger,
		Tracer:    srv.tracer,
		Metrics:   metrics,
		PublicURL: s.PublicURL,
		MaxUpload: int64(s.Limits.MaxUpload),
		Proxies:   s.proxies(),
		Rates: web.Rates{Person: s.Limits.Person.rate(), Address: s.Limits.Address.rate(),
			Strangers: s.Limits.Strangers.rate()},
	})
	if err != nil {
		return err
	}
	pages, sessions, err := srv.openPortal(s)
	if err != nil {
		return err
	}
	api, err := rest.New(rest.Config{
		Gateway:       srv.gateway,
		Authenticator: verifier,
		Logger:        srv.logger,
		ProblemBase:   s.PublicURL,
		StepUpACR:     stepUpOf(s.issuers),
		Pages:         pages != nil,
		Sessions:      sessions,
		Mirror:        s.Log.Mirror,

		AuthorizationServers: providersOf(s.instrument.Parties),
	})
	if err != nil {
		return err
	}
	api.Register(engine)
	if pages != nil {
		pages.Register(engine)
	}
	if srv.api, err = web.NewServer(web.ServerConfig{Handler: engine, Logger: srv.logger,
		PublicURL: s.PublicURL}); err != nil {
		return err
	}
	admin, err := web.NewAdmin(web.AdminConfig{
		Metrics: metrics, Logger: srv.logger, Ready: srv.gateway.Ready, Spared: exchange.Spared,
		Version: map[string]string{"build": build(), "rules": srv.gateway.RulesDigest()},
	})
	if err != nil {
		return err
	}
	srv.admin, err = web.NewServer(web.ServerConfig{Handler: admin, Logger: srv.logger, Grace: time.Second,
		PublicURL: s.PublicURL})
	return err
}

// close gives back what open took.
func (srv *server) close() {
	if srv.store != nil {
		srv.store.Close()
	}
	for _, db := range []*postgres.DB{srv.app, srv.ordering} {
		if db == nil {
			continue
		}
		if err := db.Close(); err != nil {
			srv.logger.Warn("database not closed", "error", err)
		}
	}
}
