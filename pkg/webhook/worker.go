package webhook

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/traces"
)

// Config is what a Worker is made of.
type Config struct {
	DB       *postgres.DB            // required; the app role
	Register *register.Register      // required
	Keeper   article4.OrganisationID // required; whose keyset seals the keys that sign: the operator's
	Roots    *x509.CertPool          // whom receivers' certificates are checked by; nil: those of the machine
	Resolver *net.Resolver           // nil: that of the machine
	// AdmitLoopback lets receivers stand on this machine; only for demonstrations and tests.
	AdmitLoopback bool
	Timeout       time.Duration // of one attempt, from the name to the status; default 10 seconds
	Pause         time.Duration // between two looks for something to send; default 2 seconds
	Lease         time.Duration // how long an attempt may last before another replica takes it; default a minute
	// Waits are how long after each attempt that failed the next one comes; after the last, a delivery is given up.
	// Default: for three days.
	Waits []time.Duration
	// Rest is how long at most a receiver that fails is left alone before the next attempt; it is half as long as it
	// has been failing. Default five minutes.
	Rest   time.Duration
	Logger *slog.Logger
	Tracer *traces.Tracer // nil: nothing is traced
}

// Worker sends. It is safe to run several over one database.
type Worker struct {
	Config
	client   *http.Client
	attempts sync.WaitGroup
	ended    chan struct{} // says that an attempt ended, and so that another may begin
}

const (
	// atOneReceiver is how many attempts are made at one receiver at once, over all replicas. A Party has a bounded
	// number of them, so this bounds all.
	atOneReceiver = 4
	keptFor       = 30 * 24 * time.Hour
	// KeyOverlap is how long a key that was replaced signs beside the newest.
	KeyOverlap = 7 * 24 * time.Hour
)

var patience = []time.Duration{5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour,
	10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour}

// New refuses what is missing.
func New(c Config) (*Worker, error) {
	if c.DB == nil || c.Register == nil || c.Keeper == "" {
		return nil, errors.New("webhook: the database, the records and the keeper of the keys are needed")
	}
	for _, d := range []struct {
		of *time.Duration
		to time.Duration
	}{{&c.Timeout, defaultTimeout}, {&c.Pause, 2 * time.Second}, {&c.Lease, time.Minute}, {&c.Rest, 5 * time.Minute}} {
		if *d.of == 0 {
			*d.of = d.to
		}
	}
	if len(c.Waits) == 0 {
		c.Waits = patience
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return &Worker{Config: c, client: newClient(c), ended: make(chan struct{}, 1)}, nil
}

// Run sends until ctx ends. It survives outages of the database and of receivers, and waits for no receiver.
func (w *Worker) Run(ctx context.Context) error {
	tick := time.NewTicker(w.Pause)
	defer tick.Stop()
	defer w.attempts.Wait()
	for {
		_, err := w.begin(ctx)
		w.complain(ctx, err)
		select {
		case <-ctx.Done():
			return nil
		case <-w.ended:
		case <-tick.C:
			w.complain(ctx, w.forget(ctx))
		}
	}
}

func (w *Worker) complain(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		w.Logger.Warn("webhooks are not sent to, will retry", "error", err)
	}
}

// Once sends whatever is due, waits until nothing is any more, and forgets what is old.
func (w *Worker) Once(ctx context.Context) error {
	for {
		begun, err := w.begin(ctx)
		w.attempts.Wait()
		if err != nil {
			return err
		}
		if begun == 0 {
			return w.forget(ctx)
		}
	}
}

func (w *Worker) forget(ctx context.Context) error {
	return w.in(ctx, func(tx *postgres.Tx, now time.Time) error {
		return w.Register.SweepDeliveries(ctx, tx, now.Add(-keptFor))
	})
}

func (w *Worker) in(ctx context.Context, f func(tx *postgres.Tx, now time.Time) error) error {
	return w.DB.InTx(ctx, func(tx *postgres.Tx) error {
		now, err := tx.Now(ctx)
		if err != nil {
			return err
		}
		return f(tx, now)
	})
}

// begin takes deliveries that are due and begins an attempt of each, and says how many: none of them waits for another.
func (w *Worker) begin(ctx context.Context) (begun int, err error) {
	var due []register.Delivery
	var keys []register.WebhookKey
	err = w.in(ctx, func(tx *postgres.Tx, now time.Time) error {
		var err error
		due, err = w.Register.ClaimDeliveries(ctx, tx, now, now.Add(w.Lease), atOneReceiver)
		if err == nil && len(due) > 0 {
			keys, err = w.Register.WebhookSigners(ctx, tx, w.Keeper, now)
		}
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, d := range due {
		w.attempts.Go(func() {
			status, fault := w.traced(ctx, d, keys)
			if fault != "" && ctx.Err() != nil { // the gateway is being stopped, and no receiver failed
				w.complain(ctx, w.giveBack(ctx, d))
			} else {
				w.complain(ctx, w.record(ctx, d, status, fault))
			}
			select {
			case w.ended <- struct{}{}:
			default: // it was said already
			}
		})
	}
	return len(due), nil
}

// traced is an attempt that is recorded.
func (w *Worker) traced(ctx context.Context, d register.Delivery, keys []register.WebhookKey) (int, string) {
	_, span := w.Tracer.Root(ctx, traces.Webhook)
	span.Note(traces.WebhookID(d.Webhook), traces.Delivery(d.ID), traces.Attempt(d.Attempts))
	status, fault := w.attempt(ctx, d, keys)
	span.Note(traces.Status(status))
	var failed error
	if fault != "" {
		failed = errors.New(fault)
	}
	span.End(failed)
	return status, fault
}

const unreadable = "its address cannot be read"

// attempt answers the status that came, 0 where none did, and why it is no success; of the body nothing is read.
func (w *Worker) attempt(ctx context.Context, d register.Delivery, keys []register.WebhookKey) (int, string) {
	if d.Unreadable {
		return 0, unreadable
	}
	r, err := request(ctx, d, keys, time.Now())
	if err != nil {
		return 0, unreadable
	}
	answer, err := w.client.Do(r)
	if err != nil {
		return 0, faultOf(err)
	}
	_ = answer.Body.Close() // the connection goes with it, however much was to come
	switch code := answer.StatusCode; {
	case code/100 == 2:
		return code, ""
	case code/100 == 3:
		return code, "it leads elsewhere, and is not followed"
	default:
		return code, "it answers with an error"
	}
}

// giveBack frees what was being sent when the gateway was stopped.
func (w *Worker) giveBack(ctx context.Context, d register.Delivery) error {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer stop()
	return w.DB.InTx(ctx, func(tx *postgres.Tx) error { return w.Register.GiveBackDelivery(ctx, tx, d) })
}

// record keeps what became of an attempt, though the gateway is being stopped.
func (w *Worker) record(ctx context.Context, d register.Delivery, status int, fault string) error {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer stop()
	return w.in(ctx, func(tx *postgres.Tx, now time.Time) error {
		switch {
		case fault == "":
			return w.Register.EndDelivery(ctx, tx, d, status, now)
		case d.Attempts > len(w.Waits):
			w.Logger.Error("a delivery to a webhook is given up", "delivery", d.ID, "webhook", d.Webhook, "fault",
				fault)
			return w.Register.PutOffDelivery(ctx, tx, d, status, fault, now, time.Time{}, w.Rest)
		}
		w.Logger.Warn("a delivery to a webhook is put off", "delivery", d.ID, "webhook", d.Webhook, "attempt",
			d.Attempts, "fault", fault)
		return w.Register.PutOffDelivery(ctx, tx, d, status, fault, now, now.Add(w.Waits[d.Attempts-1]),
			w.Rest)
	})
}

// Rotate makes a new key; the one before signs beside it for KeyOverlap.
func (w *Worker) Rotate(ctx context.Context) error {
	return w.in(ctx, func(tx *postgres.Tx, now time.Time) error {
		return w.Register.RotateWebhookKey(ctx, tx, w.Keeper, now, now.Add(KeyOverlap))
	})
}

// Figures are what the operator looks at.
func (w *Worker) Figures(ctx context.Context) (out register.WebhookFigures, err error) {
	err = w.in(ctx, func(tx *postgres.Tx, now time.Time) error {
		out, err = w.Register.CountWebhooks(ctx, tx, now)
		return err
	})
	return out, err
}
