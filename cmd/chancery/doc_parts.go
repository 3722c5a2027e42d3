package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/client"
)

// inParts is the size from which on a file is sent in parts, in bytes: what is smaller is soon sent again.
const inParts = 8 << 20

// large is a deposit whose file is sent in parts. Its digest stands for the whole: where the file is another meanwhile,
// what came of it before is not gone on with, and what was mixed is refused.
type large struct {
	client.Parts
	metadata api.DepositMetadata
	key      string // Idempotency-Key of the deposit; a new one where empty
	// staged is what an earlier run brought whole to the gateway, and perhaps deposited. Empty: nothing.
	staged string
	// whole keeps that the file is whole, before the deposit is asked for; may be nil.
	whole func(staged string) error
}

func inPartsOf(f *os.File, size int64, digest string, metadata api.DepositMetadata) large {
	return large{metadata: metadata, Parts: client.Parts{
		Name:    filepath.Base(f.Name()),
		Marking: *metadata.Marking,
		SHA256:  digest,
		Size:    size,
		Body:    f,
	}}
}

// depositInParts sends the file, from where it is by earlier runs, and deposits it, once for each key.
func (g *gateway) depositInParts(ctx context.Context, l large) (api.Document, error) {
	l.Sent = inSteps("sent", l.Sent)
	if l.staged != "" {
		l.Sent(l.Size)
		d, err := g.ofStaged(ctx, l, l.staged)
		if !absent(err) { // else its day is over, and no document was made of it
			return d, err
		}
	}
	staged, err := g.StageInParts(ctx, l.Parts)
	if err != nil {
		return api.Document{}, &notStaged{err}
	}
	if l.whole != nil {
		if err := l.whole(staged.Id); err != nil {
			return api.Document{}, err
		}
	}
	reached("staged")
	return g.ofStaged(ctx, l, staged.Id)
}

func (g *gateway) ofStaged(ctx context.Context, l large, staged string) (api.Document, error) {
	d, err := g.DepositStaged(ctx, staged, l.metadata, l.key)
	if err == nil {
		reached("deposited")
	}
	return d, err
}

// notStaged says that the file is not whole at the gateway: nothing was deposited.
type notStaged struct{ error }

func (e *notStaged) Unwrap() error { return e.error }

func absent(err error) bool {
	var problem *client.Problem
	return errors.As(err, &problem) && problem.Status == http.StatusNotFound
}

// inSteps reaches a step with each MiB that has left, or come.
func inSteps(what string, moved func(int64)) func(int64) {
	var last int64
	return func(n int64) {
		if moved != nil {
			moved(n)
		}
		if at := n >> 20; at != last {
			last = at
			reached(fmt.Sprintf("%s-%d", what, at))
		}
	}
}
