package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/notify"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/web"
)

// mailConfig is the mail server that word is handed to; without a host none is sent.
type mailConfig struct {
	Host        string        `koanf:"host"`
	Port        int           `koanf:"port"`
	TLS         string        `koanf:"tls"`
	From        string        `koanf:"from"`
	Credentials secret        `koanf:"credentials"` // user and password, one a line
	CA          string        `koanf:"ca"`
	DailyAt     time.Duration `koanf:"daily_at"`

	pause time.Duration // between two looks; only the demo sets it
}

// server reads what the files hold; it reaches out to nobody.
func (c mailConfig) server() (notify.Server, error) {
	s := notify.Server{Host: c.Host, Port: c.Port, Implicit: c.TLS == "implicit", From: c.From}
	if c.TLS != "starttls" && c.TLS != "implicit" {
		return s, fmt.Errorf("mail.tls: %q is neither starttls nor implicit", c.TLS)
	}
	if c.Credentials != "" {
		user, password, _ := strings.Cut(strings.TrimSpace(c.Credentials.reveal()), "\n")
		s.Username, s.Password = strings.TrimSpace(user), strings.TrimSpace(password)
		if s.Username == "" || s.Password == "" {
			return s, errors.New("mail.credentials_file: holds no user and password, one a line")
		}
	}
	if c.CA != "" {
		pem, err := readBounded(c.CA)
		if err != nil {
			return s, fmt.Errorf("mail.ca: %w", err)
		}
		s.Roots = x509.NewCertPool()
		if !s.Roots.AppendCertsFromPEM(pem) {
			return s, errors.New("mail.ca: holds no certificate in PEM")
		}
	}
	return s, s.Check()
}

// checkMail wants a server that can be spoken to, or none.
func checkMail(c mailConfig) []finding {
	if c.Host == "" {
		return nil
	}
	var found []finding
	if c.DailyAt < 0 || c.DailyAt >= 24*time.Hour {
		found = append(found, finding{Key: "mail.daily_at", Problem: "is no time of a day",
			Cure: "write how long after midnight UTC, such as 6h"})
	}
	if _, err := c.server(); err != nil {
		key, said, named := strings.Cut(err.Error(), ": ")
		if !named || !strings.HasPrefix(key, "mail.") {
			key, said = "mail", err.Error()
		}
		found = append(found, finding{Key: key, Problem: said,
			Cure: "correct it; \"chanceryd config example\" explains each key"})
	}
	return found
}

// openMail makes the worker, if mail is sent at all.
func (srv *server) openMail(s setting, records *register.Register) error {
	if s.Mail.Host == "" {
		return nil
	}
	server, err := s.Mail.server()
	if err != nil {
		return err
	}
	link, err := url.JoinPath(s.PublicURL, "notices")
	if err != nil {
		return err
	}
	srv.mail, err = notify.New(notify.Config{
		DB:       srv.app,
		Register: records,
		Server:   server,
		Link:     link,
		DailyAt:  s.Mail.DailyAt,
		Pause:    s.Mail.pause,
		Logger:   srv.logger,
		Tracer:   srv.tracer,
	})
	return err
}

// mailGauges are the figures of what is sent by mail.
func mailGauges(w *notify.Worker) []web.Gauge {
	if w == nil {
		return nil
	}
	of := figuresOf(w.Figures)
	return []web.Gauge{
		of("chancery_mail_unsorted", "Notices of which no mail was made yet.",
			func(f register.MailFigures) float64 { return float64(f.Unsorted) }),
		of("chancery_mail_waiting", "Mails that are due and not sent.",
			func(f register.MailFigures) float64 { return float64(f.Waiting) }),
		of("chancery_mail_oldest_seconds", "How long the oldest of them has been due.",
			func(f register.MailFigures) float64 { return secondsSince(f.Oldest) }),
		of("chancery_mail_dead", "Mails that were given up and wait for the operator.",
			func(f register.MailFigures) float64 { return float64(f.Dead) }),
		of("chancery_mail_bounced", "People whose address was refused.",
			func(f register.MailFigures) float64 { return float64(f.Bounced) }),
	}
}

func mailCommand(env environment) *cobra.Command {
	group := &cobra.Command{Use: "mail", Short: "Look after mails that were given up"}
	group.AddCommand(mailListCommand(env), mailOf(env, &cobra.Command{
		Use:   "retry [MAIL...]",
		Short: "Have mails that were given up tried again: those, or all",
	}, "tried again", func(ctx context.Context, r *register.Register, tx *postgres.Tx, ids []string) (int, error) {
		now, err := tx.Now(ctx)
		if err != nil {
			return 0, err
		}
		return r.ReviveMails(ctx, tx, ids, now)
	}), mailOf(env, &cobra.Command{
		Use:   "drop MAIL...",
		Short: "Forget mails that were given up",
		Long: "drop forgets mails that nobody wants sent any more, such as those of a person who left. What they " +
			"were about\nstays among the person's notices.",
		Args: cobra.MinimumNArgs(1),
	}, "forgotten", func(ctx context.Context, r *register.Register, tx *postgres.Tx, ids []string) (int, error) {
		return r.DropMails(ctx, tx, ids)
	}))
	return group
}

func mailListCommand(env environment) *cobra.Command {
	var path string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the mails that were given up, and why",
		Long: "list shows mails that the mail server did not take for three days and a half: when that ended, " +
			"number, person,\nattempts, since when the person was to be told, the kinds of what it tells of, and " +
			"why.\nIt shows no address and no title. What each is about stands among the person's notices.",
		Args: cobra.NoArgs,
		RunE: does(func(ctx context.Context) error {
			return withMails(ctx, path, env, func(records *register.Register, tx *postgres.Tx) error {
				dead, err := records.DeadMails(ctx, tx, 1000)
				table := tabwriter.NewWriter(env.stdout, 0, 8, 2, ' ', 0)
				for _, m := range dead {
					fmt.Fprintf(table, "%s\t%s\t%s\t%s since %s\t%s\t%s\n",
						m.EndedAt.UTC().Format(time.RFC3339), m.ID, m.Person, ledger.Several(m.Attempts, "attempt"),
						m.Since.UTC().Format(time.RFC3339), m.Kinds, m.Fault)
				}
				return errors.Join(err, table.Flush())
			})
		}),
	}
	configFlag(cmd, &path)
	return cmd
}

// mailOf completes a command on mails that were given up. Where one of those that are named is none, nothing is done.
func mailOf(env environment, cmd *cobra.Command, done string,
	act func(context.Context, *register.Register, *postgres.Tx, []string) (int, error)) *cobra.Command {
	var path string
	cmd.RunE = func(cmd *cobra.Command, ids []string) error {
		slices.Sort(ids)
		ids = slices.Compact(ids)
		return does(func(ctx context.Context) error {
			return withMails(ctx, path, env, func(records *register.Register, tx *postgres.Tx) error {
				n, err := act(ctx, records, tx, ids)
				if err == nil && len(ids) > 0 && n != len(ids) {
					err = fmt.Errorf("only %d of %d are mails that were given up; nothing was done", n, len(ids))
				}
				if err == nil {
					are := "are"
					if n == 1 {
						are = "is"
					}
					fmt.Fprintf(env.stdout, "%s %s %s\n", ledger.Several(n, "mail"), are, done)
				}
				return err
			})
		})(cmd, nil)
	}
	configFlag(cmd, &path)
	return cmd
}

// withMails signs in as the app.
func withMails(ctx context.Context, path string, env environment,
	f func(*register.Register, *postgres.Tx) error) error {
	s, _, err := loadOrReport(path, env)
	if err != nil {
		return err
	}
	keysets, err := s.Keys.open()
	if err != nil {
		return fmt.Errorf("keys.keysets: %w", err)
	}
	records, err := register.New(keysets)
	if err != nil {
		return err
	}
	db, err := postgres.Open(ctx, postgres.Config{URL: s.Database.URL.reveal(),
		Logger: newLogger(env.stderr, s.Log.Level)})
	if err != nil {
		return fmt.Errorf("database.url: %w", err)
	}
	defer db.Close()
	return db.InTx(ctx, func(tx *postgres.Tx) error { return f(records, tx) })
}
