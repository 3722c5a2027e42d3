package notify

import (
	"context"
	"errors"

	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/traces"
)

// hand hands mails to the server, one after another, over one session. What the server answers to one is that one's
// alone. Where the session ends before its time, one more is opened for the rest; what the server was not asked to
// take after all is given back, and counts no attempt, nor does what was interrupted since the gateway is being
// stopped. Where the server takes none, it is an attempt of each.
func (w *Worker) hand(ctx context.Context, mails []register.Mail) error {
	conn, failed := w.Server.dial(ctx)
	defer func() { conn.close() }() // what it took, it took
	rest := mails
	for again := true; conn != nil && len(rest) > 0; {
		failed = w.attempt(ctx, conn, rest[0])
		if interrupted(ctx, failed) {
			break
		}
		if !errors.Is(failed, errNotAsked) {
			if err := w.record(ctx, rest[0], failed); err != nil {
				return err
			}
			rest = rest[1:]
		}
		if !errors.Is(failed, errSessionOver) {
			continue
		}
		conn.close()
		conn = nil
		if again && ctx.Err() == nil {
			again = false
			conn, failed = w.Server.dial(ctx)
		}
	}
	if len(rest) == len(mails) && !interrupted(ctx, failed) {
		return w.recordAll(ctx, rest, failed)
	}
	return w.giveBack(ctx, rest)
}

// interrupted reports whether an attempt ended since the gateway is being stopped.
func interrupted(ctx context.Context, failed error) bool {
	return failed != nil && errors.Is(ctx.Err(), context.Canceled)
}

// attempt hands over one mail, whose address may be one that cannot be read.
func (w *Worker) attempt(ctx context.Context, conn *connection, m register.Mail) error {
	if m.Unreadable {
		return &fault{errRefusedForNow, "its address cannot be read"}
	}
	_, span := w.Tracer.Root(ctx, traces.Mail)
	span.Note(traces.MailID(m.ID), traces.Attempt(m.Attempts))
	failed := conn.deliver(ctx, w.Server, outgoing{m.ID, m.Contact.Address,
		write(m.Contact.Language, w.Link, m.Notices)})
	span.End(failed)
	return failed
}

func (w *Worker) recordAll(ctx context.Context, mails []register.Mail, failed error) error {
	for _, m := range mails {
		if err := w.record(ctx, m, failed); err != nil {
			return err
		}
	}
	return nil
}
