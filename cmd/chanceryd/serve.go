package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"

	"github.com/spf13/cobra"

	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/sequencer"
	"chancery.example/gateway/pkg/web"
)

func serveCommand(env environment) *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Run the gateway against an external PostgreSQL, S3 store and identity providers",
		Long: "serve checks the configuration and everything it names, adopts the Arrangement file, and serves until " +
			"it gets\n" +
			"SIGTERM or SIGINT; requests in flight may then finish. It starts while an identity provider is away, " +
			"and goes on by\n" +
			"itself when database, store or providers were away and are back. The operations log goes to standard " +
			"error.",
		Args: cobra.NoArgs,
		RunE: does(func(ctx context.Context) error { return serve(ctx, path, env) }),
	}
	configFlag(cmd, &path)
	return cmd
}

func serve(ctx context.Context, path string, env environment) error {
	s, found, err := loadToServe(path, env)
	if err != nil {
		return err
	}
	logger := newLogger(env.stderr, s.Log.Level)
	for _, said := range weakenings(found) {
		logger.Warn("a setting weakens the gateway", "setting", said)
	}
	api, admin, err := listen(ctx, s.config)
	if err != nil {
		return err
	}
	defer admin.Close()
	defer api.Close()
	srv, err := assemble(ctx, s, weakenings(found), nil, logger)
	if errors.Is(err, sequencer.ErrInconsistent) {
		api.Close() // nobody is answered there
		return hold(ctx, s, admin, err, logger)
	}
	if err != nil {
		return err
	}
	defer srv.close()
	if err := s.Malware.scanner().Ping(ctx); err != nil && s.Malware.Address != "" {
		logger.Warn("malware scanner does not answer", "error", err.Error())
	}
	logger.Info("serving", "listen", api.Addr().String(), "admin", admin.Addr().String(), "public_url", s.PublicURL,
		"build", build(), "rules", srv.gateway.RulesDigest())
	go srv.certificate.obey(ctx, logger)
	web.CollectSeldom()
	err = srv.run(ctx, dressed(api, s.config, srv.certificate), admin)
	logger.Info("stopped")
	return err
}

func newLogger(w io.Writer, level slog.Level) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level}))
}

// suites12 are what TLS 1.2 may use: forward secret and authenticated, none in CBC mode. Those of TLS 1.3 all are so.
var suites12 = []uint16{
	tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
	tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
	tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
}

// listen opens both listeners, or neither. Nobody is answered before they are served.
func listen(ctx context.Context, cfg config) (api, admin net.Listener, err error) {
	var open net.ListenConfig
	if api, err = open.Listen(ctx, "tcp", cfg.Listen); err != nil {
		return nil, nil, listenFault("listen", cfg.Listen, err)
	}
	if admin, err = open.Listen(ctx, "tcp", cfg.AdminListen); err != nil {
		return nil, nil, errors.Join(listenFault("admin_listen", cfg.AdminListen, err), api.Close())
	}
	return api, admin, nil
}

// dressed has a listener speak as the configuration says: announced by proxies, over TLS.
func dressed(api net.Listener, cfg config, shown *certificate) net.Listener {
	if proxies := cfg.proxies(); proxies.Announces {
		api = web.Announced(api, proxies.Trusted)
	}
	if shown == nil {
		return api
	}
	return tls.NewListener(api, &tls.Config{
		MinVersion:     tls.VersionTLS12,
		CipherSuites:   suites12,
		GetCertificate: shown.show,
		NextProtos:     []string{"http/1.1"}, // no HTTP/2: the hard cut needs a connection for each transfer
	})
}

func loadCertificate(t tlsConfig) (tls.Certificate, error) {
	certificate, err := tls.LoadX509KeyPair(t.Certificate, t.Key)
	return certificate, plainPathError(err)
}

func migrateCommand(env environment) *cobra.Command {
	var path string
	var pending bool
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database's schema to this build, with the owner's credentials",
		Long: "migrate wants database.owner_url, best given as CHANCERY_DATABASE_OWNER_URL or …_FILE in its own " +
			"environment.\n" +
			"It creates what is missing and alters nothing that was recorded. The service never gets these " +
			"credentials.",
		Args: cobra.NoArgs,
		RunE: does(func(ctx context.Context) error {
			cfg, found := load(path, env.variables)
			if cfg.Database.OwnerURL == "" {
				found = append(found, finding{Key: "database.owner_url", Problem: "is missing",
					Cure: "set CHANCERY_DATABASE_OWNER_URL or CHANCERY_DATABASE_OWNER_URL_FILE to the address of the " +
						"database's owner"})
			}
			if len(found) > 0 {
				report(env.stderr, found)
				return &failure{exitFailure, errors.New("nothing was migrated")}
			}
			if pending {
				return tellPending(ctx, cfg.Database.OwnerURL, env)
			}
			if err := postgres.Migrate(ctx, cfg.Database.OwnerURL.reveal()); err != nil {
				return err
			}
			fmt.Fprintln(env.stdout, "the schema is that of this build")
			return nil
		}),
	}
	configFlag(cmd, &path)
	cmd.Flags().BoolVar(&pending, "pending", false, "say what would be done, and do nothing")
	return cmd
}

// tellPending names what migrate would run, and whether replicas of the build before go on meanwhile.
func tellPending(ctx context.Context, owner secret, env environment) error {
	names, ends, err := postgres.Pending(ctx, owner.reveal())
	if err != nil {
		return err
	}
	for _, name := range names {
		fmt.Fprintln(env.stdout, name)
	}
	switch {
	case len(names) == 0:
		fmt.Fprintln(env.stdout, "the schema is that of this build")
	case ends:
		fmt.Fprintln(env.stdout, "builds before do not bear all of these: stop every replica first")
	default:
		fmt.Fprintln(env.stdout, "replicas of the build before may go on meanwhile")
	}
	return nil
}
