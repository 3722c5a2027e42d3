package exchange

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/vault"
)

// ErrOver says that the time in which a disclosure's content may be fetched is over; a new disclosure is needed.
var ErrOver = errors.New("disclosure over")

// Content decides again and opens the bytes of a disclosure, to the same person only. nil asks for everything.
// A marked copy in the making is waited for, at most half a minute: then it is ErrCopyInProgress.
// The caller reads the Transfer to its end or until it fails, and calls Finish exactly once.
func (g *Gateway) Content(ctx context.Context, a Actor, id article4.DisclosureID, r *ByteRange) (*Transfer, error) {
	t := &Transfer{gateway: g, actor: a, id: register.TransferID(register.NewID("trf_")), cut: make(chan struct{})}
	g.running.add(t)
	err := g.whenMade(ctx, a, id, func() error { return g.startContent(ctx, a, id, r, t) })
	if err != nil {
		g.running.remove(t)
		return nil, err
	}
	if err := t.open(ctx); err != nil {
		_ = t.Finish(ctx, 0)
		return nil, g.fault(article4.ActDisclose, err)
	}
	return t, nil
}

// startContent is the decision behind Content, and the transfer's beginning.
func (g *Gateway) startContent(ctx context.Context, a Actor, id article4.DisclosureID, r *ByteRange,
	t *Transfer) error {
	_, err := permitContent(ctx, g, a, id,
		func(ctx context.Context, v *visit, found register.Disclosure, version register.Version) (bool, error) {
			var err error
			if t.Offset, t.Length, err = r.resolve(version.Size); err != nil {
				return false, err
			}
			t.found, t.version, t.parties, t.made, t.began = found, version, v.concerned(), v.made, v.at
			t.Disclosure = disclosureView(found, version)
			err = g.register.StartTransfer(ctx, v.tx,
				register.Transfer{ID: t.id, Disclosure: id, StartedAt: v.at, Offset: t.Offset, Length: t.Length})
			if missingRecord(err) { // the gateway was quicker
				return false, fmt.Errorf("disclosure %s: %w", id, ErrOver)
			}
			return true, err
		})
	return err
}

// open makes the receipt again, which any replica can, and asks the vault with it.
func (t *Transfer) open(ctx context.Context) error {
	receipt, err := t.gateway.sequencer.Receipt(ctx, t.found.Entry)
	if err != nil {
		return err
	}
	t.Disclosure.LogIndex = receipt.Index()
	subject := string(t.version.Document)
	if t.made != "" { // the digest of the copy stands in the log before its first byte leaves
		subject = string(t.found.ID)
		if err := t.asMade(ctx); err != nil {
			return err
		}
	}
	content, err := t.gateway.vault.Open(ctx, receipt, vault.Reading{
		Organisation: string(t.version.Discloser),
		Version:      string(t.version.ID),
		Subject:      subject,
		Object:       t.version.Object,
		WrappedKey:   t.version.WrappedKey,
		Size:         t.version.Size,
		Actor:        string(t.found.Person),
		Form:         string(t.found.Form),
		Offset:       t.Offset,
		Length:       t.Length,
	})
	if err != nil {
		return err
	}
	t.content = content
	return t.stopped()
}

// asMade wants the copy that is handed out to be the one that its entry in the log names, by digest, size and type: a
// row that says something else was altered.
func (t *Transfer) asMade(ctx context.Context) error {
	receipt, err := t.gateway.sequencer.Receipt(ctx, t.made)
	if err != nil {
		return err
	}
	said := receipt.Body().Terms
	if said == nil || said.Subject != string(t.found.ID) || said.Digest != string(t.version.SHA256) ||
		said.Size != t.version.Size || said.MediaType != t.version.MediaType {
		return fmt.Errorf("copy of %s: %w", t.found.ID, register.ErrAltered)
	}
	return nil
}

// ContentHead decides again and tells what Content would send; no byte leaves.
func (g *Gateway) ContentHead(ctx context.Context, a Actor, id article4.DisclosureID) (Disclosure, error) {
	var out Disclosure
	err := g.whenMade(ctx, a, id, func() error {
		var err error
		out, err = permitContent(ctx, g, a, id,
			func(_ context.Context, _ *visit, found register.Disclosure, version register.Version) (Disclosure, error) {
				return disclosureView(found, version), nil
			})
		return err
	})
	return out, err
}

// permitContent is permitDisclosure with what is handed out, which of what is read page by page is nothing.
func permitContent[T any](ctx context.Context, g *Gateway, a Actor, id article4.DisclosureID,
	do func(context.Context, *visit, register.Disclosure, register.Version) (T, error)) (T, error) {
	return permitAgain(ctx, g, a, id, true, func(ctx context.Context, v *visit, found register.Disclosure) (T, error) {
		version, err := v.handedOut(ctx, found)
		if err != nil {
			var none T
			return none, err
		}
		return do(ctx, v, found, version)
	})
}

// permitDisclosure is the door for a disclosure that was authorised before: another person's is absent, and the rules
// are asked with what the reader handed in then.
func permitDisclosure[T any](ctx context.Context, g *Gateway, a Actor, id article4.DisclosureID,
	do func(context.Context, *visit, register.Disclosure) (T, error)) (T, error) {
	return permitAgain(ctx, g, a, id, false, do)
}

func permitAgain[T any](ctx context.Context, g *Gateway, a Actor, id article4.DisclosureID, file bool,
	do func(context.Context, *visit, register.Disclosure) (T, error)) (T, error) {
	var found register.Disclosure
	var none T
	err := g.find(ctx, func(tx *postgres.Tx) error {
		var err error
		found, err = g.register.Disclosure(ctx, tx, id)
		if missingRecord(err) || err == nil && found.Person != a.person {
			return errAbsent
		}
		return err
	})
	if errors.Is(err, errAbsent) {
		return none, g.notFound(ctx, a, article4.ActDisclose, "disclosure", string(id))
	}
	if err != nil {
		return none, err
	}
	reading := readingOf(found)
	reading.File = file
	return perform(ctx, g, a, act[T]{
		operation: operation{act: article4.ActDisclose, document: found.Document, what: "disclosure",
			lock: register.ForShare, reading: &reading},
		do: func(ctx context.Context, v *visit) (T, error) {
			if !v.at.Before(found.ExpiresAt) {
				return none, fmt.Errorf("disclosure %s: %w", id, ErrOver)
			}
			return do(ctx, v, found)
		}})
}

func readingOf(d register.Disclosure) Reading {
	return Reading{Purpose: d.Purpose, Statement: d.Statement, Form: d.Form, Version: d.Version,
		ConditionsSHA256: d.Conditions}
}

// resolve settles a range against the size: RFC 9110, 14.1.2.
func (r *ByteRange) resolve(size int64) (offset, length int64, err error) {
	switch {
	case r == nil:
		return 0, size, nil
	case r.First < 0 && r.Last > 0:
		length = min(r.Last, size)
		return size - length, length, nil
	case r.First < 0 || r.First >= size || r.Last >= 0 && r.Last < r.First:
		return 0, 0, fmt.Errorf("bytes %d-%d of %d: %w", r.First, r.Last, size, ErrRange)
	case r.Last < 0 || r.Last >= size:
		return r.First, size - r.First, nil
	}
	return r.First, r.Last - r.First + 1, nil
}

// Read hands out authenticated bytes. An error other than io.EOF means that the connection is to be closed hard.
func (t *Transfer) Read(p []byte) (int, error) {
	if err := t.stopped(); err != nil {
		return 0, err
	}
	n, err := t.content.Read(p)
	return n, t.told(err)
}

// Next is Read without a copy: the bytes stand until the next call.
func (t *Transfer) Next() ([]byte, error) {
	if err := t.stopped(); err != nil {
		return nil, err
	}
	bytes, err := t.content.Next()
	return bytes, t.told(err)
}

func (t *Transfer) stopped() error {
	select {
	case <-t.cut:
		return t.why()
	default:
		return nil
	}
}

// told writes a failure down where the operator sees it.
func (t *Transfer) told(err error) error {
	if err != nil && !errors.Is(err, io.EOF) {
		t.gateway.logger.Error("content fails", "disclosure", t.found.ID, "error", err)
	}
	if faultCode(err) == codeAltered { // its entry and the notices; where nothing was sent yet it is the answer too
		ctx, stop := context.WithTimeout(context.Background(), 5*time.Second)
		defer stop()
		o := operation{act: article4.ActDisclose, document: t.found.Document}
		return t.gateway.outage(ctx, t.actor, o, t.parties, err)
	}
	return err
}

// Finish appends the completion entry: complete if everything asked for was handed to the network, else aborted. It is
// called exactly once, with the number of bytes handed over; the context may be cancelled already.
func (t *Transfer) Finish(ctx context.Context, sent int64) error {
	t.gateway.running.remove(t)
	if t.content != nil {
		t.content.Close()
	}
	end := ledger.EndAborted
	if sent == t.Length {
		end = ledger.EndComplete
	}
	t.gateway.figures.end(t, end)
	return t.gateway.closeTransfer(context.WithoutCancel(ctx), completion{
		id:         t.id,
		disclosure: t.found,
		actor:      t.actor,
		end:        end,
		offset:     t.Offset,
		length:     t.Length,
		sent:       sent,
		copy:       handedOutCopy(t),
		parties:    t.parties,
		reasons:    t.reasons(),
		began:      t.began,
	})
}
