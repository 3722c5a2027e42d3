package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"syscall"
	"time"

	"chancery.example/gateway/pkg/identity"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
)

// askedFor bounds what one part may take to answer.
const askedFor = 20 * time.Second

// online asks every part that the configuration names, all at once, and says what is wrong with each. It writes
// nothing anywhere: its sessions with the database may only read, and of the store it wants nothing but lists and the
// published log.
func online(ctx context.Context, s setting, weakening []string) []finding {
	ctx, cancel := context.WithTimeout(ctx, askedFor)
	defer cancel()
	recorded := func(ctx context.Context, s setting) []finding { return askDatabaseAndLog(ctx, s, weakening) }
	asked := []func(context.Context, setting) []finding{recorded, askListeners, askProviders, askMail,
		askScanner, askTraces}
	answers := make([][]finding, len(asked))
	var all sync.WaitGroup
	for i, ask := range asked {
		all.Go(func() { answers[i] = ask(ctx, s) })
	}
	all.Wait()
	var found []finding
	for _, one := range answers {
		found = append(found, one...)
	}
	return found
}

// askDatabaseAndLog asks both logins and the store, and when both are well whether what they hold fits: records and
// keysets, the log and its published copy, the clocks, and these files with what is in force.
func askDatabaseAndLog(ctx context.Context, s setting, weakening []string) []finding {
	quiet := slog.New(slog.DiscardHandler)
	srv := &server{logger: quiet}
	defer srv.close()
	found := foundIn("database.url", srv.openDatabase(ctx, s.Database, true))
	found = append(found, askLogin(ctx, "database.owner_url", s.Database.OwnerURL, postgres.CheckOwner, quiet)...)
	found = append(found, askLogin(ctx, "database.backup_url", s.Database.BackupURL, postgres.CheckReader, quiet)...)
	store, err := openStore(ctx, s.Store, false)
	found = append(found, foundIn("store", err)...)
	srv.store = store // closed with the rest
	if len(found) > 0 {
		return found
	}
	key, err := openLogKey(s.Keys)
	if err != nil {
		return nil // said by checkKeys
	}
	if srv.sequencer, err = openLog(srv.ordering, key, store, time.Now, quiet); err != nil {
		return foundIn("keys.log_key", err)
	}
	found = append(found, foundIn("store.bucket", srv.sequencer.CheckPublished(ctx))...)
	found = append(found, foundIn("database.url", srv.sequencer.CheckHome(ctx))...)
	found = append(found, foundIn("database.url", clockFault(srv.sequencer.CheckClock(ctx, time.Now())))...)
	found = append(found, askKeysets(ctx, s, srv.app)...)
	if len(found) > 0 {
		return found
	}
	return askInForce(ctx, s, weakening, srv, key)
}

// askLogin wants the login of "chanceryd migrate", or of "chanceryd backup", to work, where it is given.
func askLogin(ctx context.Context, key string, url secret, check func(context.Context, *postgres.DB) error,
	logger *slog.Logger) []finding {
	if url == "" {
		return nil
	}
	db, err := postgres.Open(ctx, postgres.Config{URL: url.reveal(), ReadOnly: true, Logger: logger})
	if err != nil {
		return foundIn(key, databaseFault(key, err))
	}
	defer db.Close()
	return foundIn(key, databaseFault(key, check(ctx, db)))
}

// askListeners tries to listen, and takes no connection. What a gateway that runs here holds is told, and no problem.
func askListeners(ctx context.Context, s setting) []finding {
	var found []finding
	for _, at := range []struct{ key, address string }{{"listen", s.Listen}, {"admin_listen", s.AdminListen}} {
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", at.address)
		switch {
		case err == nil:
			l.Close()
		case errors.Is(err, syscall.EADDRINUSE) && runsHere(ctx, s):
			found = append(found, finding{Key: at.key, Note: true,
				Problem: "was not tried: a gateway answers at admin_listen",
				Cure:    "none, where that gateway is this one"})
		default:
			found = append(found, foundIn(at.key, listenFault(at.key, at.address, err))...)
		}
	}
	return found
}

func runsHere(ctx context.Context, s setting) bool {
	return health(ctx, s.AdminListen, "/livez", environment{stdout: io.Discard}) == nil
}

// clockFault is of two clocks, of which the database's is the one by which entries are dated.
func clockFault(err error) error {
	return faultAt("database.url", err, "set the clocks of both hosts (NTP); nothing was started or altered")
}

// askKeysets wants what was sealed to open.
func askKeysets(ctx context.Context, s setting, db *postgres.DB) []finding {
	keysets, err := s.Keys.open()
	if err != nil {
		return nil // said by checkKeys
	}
	records, err := register.New(keysets)
	if err != nil {
		return foundIn("keys.keysets", err)
	}
	var found []finding
	err = db.InTx(ctx, func(tx *postgres.Tx) error {
		foreign, err := records.ForeignKeyset(ctx, tx)
		if err == nil && foreign != "" {
			found = append(found, finding{Key: "keys.keysets",
				Problem: fmt.Sprintf("nothing that was sealed under the keyset of %s opens", foreign),
				Cure:    "put it back from its backup: a new one opens nothing of what there is"})
		}
		return err
	})
	return append(found, foundIn("database.url", databaseFault("database.url", err))...)
}

// askProviders wants metadata and keys of each. serve starts without, and their people get 503.
func askProviders(ctx context.Context, s setting) []finding {
	wrong, err := identity.Probe(ctx, identity.Config{Issuers: s.issuers})
	if err != nil {
		return nil // said by checkIssuer
	}
	var found []finding
	for i := range s.issuers {
		if err := wrong[i]; err != nil {
			found = append(found, foundIn("issuers", providerFault(fmt.Sprintf("issuers[%d].url", i), err))...)
		}
	}
	return found
}

// askMail opens a session, signed in, and sends nothing.
func askMail(ctx context.Context, s setting) []finding {
	if s.Mail.Host == "" {
		return nil
	}
	server, err := s.Mail.server()
	if err != nil {
		return nil // said by checkMail
	}
	if err = server.Ping(ctx); err == nil {
		return nil
	}
	key, cure := "mail.host", "see that the mail server runs at that host and port and can be reached from here"
	switch text := err.Error(); {
	case strings.Contains(text, "user or the password"):
		key, cure = "mail.credentials_file", "put user and password there, one a line, as the mail server knows them"
	case strings.Contains(text, "not trusted"):
		key, cure = "mail.ca", "name the PEM file of the authority that signed its certificate"
	case strings.Contains(text, "another name"):
		cure = "write the host that its certificate is for"
	case strings.Contains(text, "as it should"):
		key, cure = "mail.tls", "write implicit for a port that speaks TLS from the first byte, else starttls"
	}
	return foundIn(key, faultAt(key, err, cure))
}

// askScanner wants clamd to listen; without one that is up, deposits get 503.
func askScanner(ctx context.Context, s setting) []finding {
	if s.Malware.Address == "" {
		return nil // said by checkMalware
	}
	if err := s.Malware.scanner().Ping(ctx); err != nil {
		return foundIn("malware.address", scannerFault(err))
	}
	return nil
}
