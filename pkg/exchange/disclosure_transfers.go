package exchange

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/register"
	"chancery.example/gateway/pkg/vault"
)

// ErrCut says that the permit of a running download ended, or could not be confirmed any more.
var ErrCut = errors.New("download cut")

// Transfer is a running transfer of permitted bytes.
type Transfer struct {
	Disclosure Disclosure
	Offset     int64
	Length     int64

	gateway *Gateway
	actor   Actor
	id      register.TransferID
	found   register.Disclosure
	version register.Version
	parties []article4.OrganisationID
	made    string // entry of the marked copy; empty for the original
	began   time.Time
	content *vault.Content

	once  sync.Once
	cut   chan struct{}
	cause error // set before cut is closed
}

// Cut is closed when the permit ended or a fault came: the connection is to be closed at once, a stalled reader's too.
func (t *Transfer) Cut() <-chan struct{} { return t.cut }

func (t *Transfer) stop(cause error) {
	t.once.Do(func() {
		t.cause = cause
		close(t.cut)
	})
}

func (t *Transfer) why() error { return fmt.Errorf("%w: %w", ErrCut, t.cause) }

// reasons are those that cut the download, for its completion entry.
func (t *Transfer) reasons() []string {
	select {
	case <-t.cut:
	default:
		return nil
	}
	var refusal *Refusal
	if !errors.As(t.cause, &refusal) {
		return nil
	}
	var out []string
	for _, r := range refusal.Reasons {
		out = append(out, string(r.Code))
	}
	return out
}

// transfers are the downloads that run on this replica.
type transfers struct {
	mu  sync.Mutex
	all map[register.TransferID]*Transfer
}

func newTransfers() *transfers { return &transfers{all: map[register.TransferID]*Transfer{}} }

func (s *transfers) add(t *Transfer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all[t.id] = t
}

func (s *transfers) remove(t *Transfer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, t.id)
}

func (s *transfers) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.all)
}

func (s *transfers) list() []*Transfer {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]*Transfer, 0, len(s.all))
	for _, t := range s.all {
		out = append(out, t)
	}
	return out
}

// decideAgain asks the rules about running downloads of a document, or of everything, and cuts those whose permit
// ended. What cannot be confirmed is cut as well.
func (g *Gateway) decideAgain(ctx context.Context, document string) {
	g.views.forget(document)
	var wait sync.WaitGroup
	gate := make(chan struct{}, 8)
	for _, t := range g.running.list() {
		wait.Go(func() {
			gate <- struct{}{}
			defer func() { <-gate }()
			err := g.caught(ctx, "decide again", func() error { return g.stillPermitted(ctx, t, document) })
			if err != nil && ctx.Err() == nil {
				t.stop(err)
			}
		})
	}
	wait.Wait()
}

// stillPermitted is the door's decision without an entry: the completion entry will tell why a download ended.
// A download that is only beginning is not known by its document yet: it is decided as well.
func (g *Gateway) stillPermitted(ctx context.Context, t *Transfer, document string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	return g.within(ctx, finding, g.system(), operation{}, func(ctx context.Context, found *visit) error {
		d, err := g.register.TransferDisclosure(ctx, found.tx, t.id)
		if missingRecord(err) {
			return nil // decided behind the locks in a moment, after whatever restricted
		}
		if err != nil {
			return err
		}
		if document != everything && string(d.Document) != document {
			return nil
		}
		reading := readingOf(d)
		v, err := g.begin(ctx, found.tx, readOnly, t.actor,
			operation{act: article4.ActDisclose, document: d.Document, reading: &reading})
		if err != nil {
			return err
		}
		if ruling := g.rules.Decide(v.facts); !ruling.Permit {
			return &Refusal{Act: article4.ActDisclose, Reasons: ruling.Reasons, Rules: g.RulesDigest()}
		}
		return nil
	})
}

// completion is what ends one transfer.
type completion struct {
	id                   register.TransferID
	disclosure           register.Disclosure
	actor                Actor
	end                  ledger.End
	offset, length, sent int64
	copy                 article4.Digest // of the marked copy; empty for the original
	parties              []article4.OrganisationID
	reasons              []string
	began                time.Time
}

// completes writes the one completion entry of a transfer, unless somebody else did.
func (v *visit) completes(ctx context.Context, c completion) error {
	body := v.body(ledger.KindCompletion, ledger.Permitted)
	body.Document, body.Reasons = string(c.disclosure.Document), c.reasons
	body.Completion = &ledger.Completion{
		Disclosure: string(c.disclosure.ID),
		Closes:     c.disclosure.EntryHash,
		End:        c.end,
		Offset:     c.offset,
		Length:     c.length,
		Bytes:      c.sent,
		Copy:       string(c.copy),
		Began:      c.began,
	}
	first, err := v.register.EndTransfer(ctx, v.tx, c.id, string(c.end), c.sent, body.ID)
	if err != nil || !first {
		return err
	}
	_, err = v.record(ctx, body, c.parties, nil)
	return err
}

// closeTransfer writes the one completion entry of a transfer; a transfer closed by somebody else stays as it was
// closed.
func (g *Gateway) closeTransfer(ctx context.Context, c completion) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	err := g.within(ctx, followUp, c.actor, operation{act: article4.ActDisclose},
		func(ctx context.Context, v *visit) error { return v.completes(ctx, c) })
	if err != nil {
		g.logger.Warn("transfer left to be closed as unknown", "transfer", c.id, "error", err)
		return err
	}
	g.sequencer.Wake()
	return nil
}

// handedOutCopy is the digest of the marked copy that a transfer hands out; empty for the original, whose digest the
// disclosure's own entry commits to.
func handedOutCopy(t *Transfer) article4.Digest {
	if t.made == "" {
		return ""
	}
	return t.version.SHA256
}
