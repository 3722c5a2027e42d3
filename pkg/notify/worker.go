package notify

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/traces"
)

// Config is what a Worker is made of.
type Config struct {
	DB       *postgres.DB       // required; the app role
	Register *register.Register // required
	Server   Server             // required
	Link     string             // required; where people see what waits: an address of the gateway, the same for all
	DailyAt  time.Duration      // after midnight UTC, when those are written to who want it once a day; default 06:00
	Pause    time.Duration      // between two looks for something to send; default 5 seconds
	Lease    time.Duration      // how long an attempt may last; default 2 minutes
	// Waits are how long after each attempt that failed the next one comes; after the last, a mail is given up and the
	// operator looks after it. Default: for three days and a half.
	Waits  []time.Duration
	Logger *slog.Logger
	Tracer *traces.Tracer // nil: nothing is traced
}

// Worker sends word. It is safe to run several over one database.
type Worker struct{ Config }

// New refuses what is missing.
func New(c Config) (*Worker, error) {
	if c.DB == nil || c.Register == nil || c.Link == "" {
		return nil, errors.New("notify: the database, the records and the link are needed")
	}
	if err := c.Server.check(); err != nil {
		return nil, err
	}
	set(&c.Server.Timeout, 20*time.Second)
	set(&c.DailyAt, 6*time.Hour)
	set(&c.Pause, 5*time.Second)
	set(&c.Lease, 2*time.Minute)
	if len(c.Waits) == 0 {
		c.Waits = patience
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &Worker{c}, nil
}

func set(d *time.Duration, to time.Duration) {
	if *d == 0 {
		*d = to
	}
}

const (
	sortAtATime = 200
	sendAtATime = 20
	keptFor     = 30 * 24 * time.Hour
)

var patience = []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour,
	12 * time.Hour, 12 * time.Hour, 24 * time.Hour, 24 * time.Hour}

// Run sends word until ctx ends. It survives outages of the database and of the mail server.
func (w *Worker) Run(ctx context.Context) error {
	tick := time.NewTicker(w.Pause)
	defer tick.Stop()
	for {
		if err := w.Once(ctx); err != nil && ctx.Err() == nil {
			w.Logger.Warn("mail is not sent, will retry", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Once makes mails of new notices, sends the mails that are due, and forgets old ones.
func (w *Worker) Once(ctx context.Context) error {
	for {
		sorted, err := w.sort(ctx)
		if err != nil {
			return err
		}
		if sorted < sortAtATime {
			break
		}
	}
	for {
		sent, err := w.send(ctx)
		if err != nil {
			return err
		}
		if sent < sendAtATime {
			break
		}
	}
	return w.DB.InTx(ctx, func(tx *postgres.Tx) error {
		now, err := tx.Now(ctx)
		if err != nil {
			return err
		}
		return w.Register.SweepMails(ctx, tx, now.Add(-keptFor))
	})
}

func (w *Worker) sort(ctx context.Context) (sorted int, err error) {
	unreached := 0
	err = w.DB.InTx(ctx, func(tx *postgres.Tx) error {
		now, err := tx.Now(ctx)
		if err != nil {
			return err
		}
		sorted, unreached, err = w.Register.SortNotices(ctx, tx, now, w.nextDaily(now), sortAtATime)
		return err
	})
	if err == nil && unreached > 0 {
		w.Logger.Info("notices reach nobody by mail", "notices", unreached)
	}
	return sorted, err
}

// nextDaily is when the day's mails go out next.
func (w *Worker) nextDaily(now time.Time) time.Time {
	at := now.UTC().Truncate(24 * time.Hour).Add(w.DailyAt)
	if !at.After(now) {
		at = at.Add(24 * time.Hour)
	}
	return at
}

// send takes some mails and hands them to the server. What became of each is recorded by itself, as soon as it is
// known: whoever is killed in between has sent one mail that is sent again.
func (w *Worker) send(ctx context.Context) (taken int, err error) {
	var mails []register.Mail
	err = w.DB.InTx(ctx, func(tx *postgres.Tx) error {
		now, err := tx.Now(ctx)
		if err != nil {
			return err
		}
		mails, err = w.Register.ClaimMails(ctx, tx, now, now.Add(w.Lease), sendAtATime)
		return err
	})
	if err != nil || len(mails) == 0 {
		return 0, err
	}
	// Over before the lease is: what became of a mail is recorded before another worker may claim it.
	session, stop := context.WithTimeout(ctx, w.Lease*3/4)
	defer stop()
	return len(mails), w.hand(session, mails)
}

// giveBack frees mails that the server was not asked to take: the attempt does not count.
func (w *Worker) giveBack(ctx context.Context, mails []register.Mail) error {
	if len(mails) == 0 {
		return nil
	}
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer stop()
	return w.DB.InTx(ctx, func(tx *postgres.Tx) error { return w.Register.GiveBackMails(ctx, tx, mails) })
}

// record keeps what became of a mail, though the gateway is being stopped.
func (w *Worker) record(ctx context.Context, m register.Mail, failed error) error {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer stop()
	return w.DB.InTx(ctx, func(tx *postgres.Tx) error {
		now, err := tx.Now(ctx)
		if err != nil {
			return err
		}
		switch {
		case failed == nil:
			return w.Register.EndMail(ctx, tx, m, register.MailSent, "", now)
		case errors.Is(failed, errRefusedAddress):
			w.Logger.Warn("a mail bounced", "mail", m.ID, "person", m.Person, "fault", failed.Error())
			return w.Register.EndMail(ctx, tx, m, register.MailBounced, failed.Error(), now)
		case m.Attempts > len(w.Waits):
			w.Logger.Error("a mail is given up", "mail", m.ID, "person", m.Person, "fault", failed.Error())
			return w.Register.EndMail(ctx, tx, m, register.MailDead, failed.Error(), now)
		}
		w.Logger.Warn("a mail is put off", "mail", m.ID, "attempt", m.Attempts, "fault", failed.Error())
		return w.Register.PutOffMail(ctx, tx, m, failed.Error(), now.Add(w.Waits[m.Attempts-1]))
	})
}

// Figures are what the operator looks at.
func (w *Worker) Figures(ctx context.Context) (register.MailFigures, error) {
	var out register.MailFigures
	err := w.DB.InTx(ctx, func(tx *postgres.Tx) error {
		now, err := tx.Now(ctx)
		if err == nil {
			out, err = w.Register.CountMails(ctx, tx, now)
		}
		return err
	})
	return out, err
}
