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
	"chancery.example/gateway/pkg/stamp"
)

// CopyState says whether what a disclosure hands out is there.
type CopyState string

// The states. An original is always ready.
const (
	CopyReady      CopyState = "ready"
	CopyInProgress CopyState = "in-progress"
	CopyFailed     CopyState = "failed"
)

// Progress is how far a copy in the making is. Pages is 0 where the number is not known, as on another replica.
type Progress struct {
	Queued    int // copies that are made before it
	PagesDone int
	Pages     int
}

// ErrCopyInProgress says that the copy is still in the making; nothing was sent.
var ErrCopyInProgress = errors.New("copy in the making")

const (
	copyPoll = 250 * time.Millisecond // how often a copy that another replica makes is looked for
	copyHold = 25 * time.Second       // how long a GET waits for a copy in the making
)

// making is a marked copy in the making on this replica. What came of it is set before done is closed.
type making struct {
	done     chan struct{}
	progress stamp.Progress
	made     register.Copy
	err      error
}

// copyJobs are those of this replica. They outlive the call that began them: the asker may come back for the copy.
type copyJobs struct {
	mu      sync.Mutex
	all     map[article4.DisclosureID]*making
	running sync.WaitGroup
	ctx     context.Context // ends with the gateway
	stop    context.CancelFunc
}

func newCopyJobs() *copyJobs {
	s := &copyJobs{all: map[article4.DisclosureID]*making{}}
	s.ctx, s.stop = context.WithCancel(context.Background())
	return s
}

func (s *copyJobs) of(id article4.DisclosureID) *making {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all[id]
}

func (s *copyJobs) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.all)
}

// end stops what runs and waits for it.
func (s *copyJobs) end() {
	s.stop()
	s.running.Wait()
}

// startCopy makes the copy beside the call, which may end before. One that runs already is joined. It ends before the
// gateway closes the disclosure: a copy later than that nobody could fetch.
func (g *Gateway) startCopy(c *copying) *making {
	s, id := g.copyJobs, c.disclosure.ID
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.all[id]; m != nil {
		s.running.Go(func() { g.abandon(c.upload.ID) }) // two came at once; one copy is enough
		return m
	}
	m := &making{done: make(chan struct{})}
	s.all[id] = m
	s.running.Go(func() {
		ctx, cancel := context.WithTimeout(s.ctx, g.settings.PermitFor*9/10)
		defer cancel()
		m.err = g.caught(ctx, "make a copy", func() (err error) {
			m.made, err = g.makeCopy(ctx, c, &m.progress)
			return err
		})
		s.mu.Lock()
		delete(s.all, id)
		s.mu.Unlock()
		close(m.done)
	})
	return m
}

// awaitCopy waits for the copy as long as an asker is to wait without a word, and then tells how far it is.
func (g *Gateway) awaitCopy(ctx context.Context, out Disclosure, m *making) (Disclosure, error) {
	patience := time.NewTimer(g.settings.CopyPatience)
	defer patience.Stop()
	select {
	case <-m.done:
		return overlay(out, m.made), m.err
	case <-patience.C:
		return inProgress(out, m), nil
	case <-ctx.Done():
		return Disclosure{}, ctx.Err()
	}
}

// inProgress shows a disclosure whose copy is not there yet: of the original nothing is told in its place.
func inProgress(d Disclosure, m *making) Disclosure {
	d.State, d.Size, d.SHA256, d.MediaType, d.FileName = CopyInProgress, 0, "", "", ""
	if m != nil {
		d.Progress.Queued, d.Progress.PagesDone, d.Progress.Pages = m.progress.Now()
	}
	return d
}

// Disclosed tells the person of a disclosure, decided again, what it hands out, or how far the marked copy is, or that
// none can be made and which entry says so.
func (g *Gateway) Disclosed(ctx context.Context, a Actor, id article4.DisclosureID) (Disclosure, error) {
	out, err := permitDisclosure(ctx, g, a, id,
		func(ctx context.Context, v *visit, found register.Disclosure) (Disclosure, error) {
			version, err := v.handedOut(ctx, found)
			var failed *copyMissing
			var out Disclosure
			switch {
			case errors.Is(err, ErrCopyInProgress):
				out = inProgress(disclosureView(found, *v.version), g.copyJobs.of(id))
			case errors.As(err, &failed):
				out = inProgress(disclosureView(found, *v.version), nil)
				out.State, out.Reason, out.Failure = CopyFailed, codeWithoutCopy(*v.version), failed.entry
			case err != nil:
				return out, err
			default:
				out = disclosureView(found, version)
			}
			out.FormGround = v.formGround()
			return out, nil
		})
	if err != nil {
		return Disclosure{}, err
	}
	receipt, err := g.sequencer.Receipt(ctx, out.Entry)
	if err != nil {
		return Disclosure{}, g.fault(article4.ActDisclose, err)
	}
	out.LogIndex = receipt.Index()
	return out, nil
}

// copyMissing says that no copy was made, and that nobody is at it.
type copyMissing struct {
	disclosure article4.DisclosureID
	entry      string // that says so; empty when its maker died
}

func (e *copyMissing) Error() string {
	return fmt.Sprintf("disclosure %s: no marked copy", e.disclosure)
}

// copyOf reads the copy of a disclosure. Where there is none it is ErrCopyInProgress, or *copyMissing. Each question
// sees what is committed by then. The copy and the end of its job are one commit, which may fall between the two
// questions: so the copy is looked for once more after its job is seen to be over.
func (v *visit) copyOf(ctx context.Context, id article4.DisclosureID) (register.Copy, error) {
	made, err := v.register.CopyOf(ctx, v.tx, id)
	if !missingRecord(err) {
		return made, err
	}
	last, err := v.register.LastCopyJob(ctx, v.tx, id)
	switch {
	case err != nil && !missingRecord(err):
		return made, err
	case err == nil && last.Running:
		return made, fmt.Errorf("disclosure %s: %w", id, ErrCopyInProgress)
	}
	if made, err = v.register.CopyOf(ctx, v.tx, id); missingRecord(err) {
		return made, &copyMissing{disclosure: id, entry: last.Entry}
	}
	return made, err
}

// whenMade does f again while the copy is in the making, for as long as a GET waits. Each time f decides anew. A copy
// that was not made is a refusal.
func (g *Gateway) whenMade(ctx context.Context, a Actor, id article4.DisclosureID, f func() error) error {
	over := time.Now().Add(copyHold)
	for {
		err := f()
		var missing *copyMissing
		if errors.As(err, &missing) {
			err = g.refuseCopy(ctx, a, id)
		}
		if !errors.Is(err, ErrCopyInProgress) || !time.Now().Before(over) {
			return err
		}
		var done chan struct{}
		if m := g.copyJobs.of(id); m != nil {
			done = m.done
		}
		if err := pause(ctx, done); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context, done <-chan struct{}) error {
	wait := time.NewTimer(copyPoll)
	defer wait.Stop()
	select {
	case <-done:
	case <-wait.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

// refuseCopy answers for content of which there is no copy, with an entry of its own. It is ErrCopyInProgress where
// one was made or begun since: an entry cannot be taken back.
func (g *Gateway) refuseCopy(ctx context.Context, a Actor, id article4.DisclosureID) error {
	refusal, err := permitDisclosure(ctx, g, a, id,
		func(ctx context.Context, v *visit, found register.Disclosure) (*Refusal, error) {
			var missing *copyMissing
			switch _, err := v.copyOf(ctx, id); {
			case err == nil:
				return nil, fmt.Errorf("disclosure %s: %w", id, ErrCopyInProgress)
			case !errors.As(err, &missing):
				return nil, err
			}
			return v.noCopy(ctx, found, codeWithoutCopy(*v.version), v.concerned())
		})
	if err != nil {
		return err
	}
	return refusal
}

// noCopy writes the entry that says that a disclosure has no copy.
func (v *visit) noCopy(ctx context.Context, d register.Disclosure, code article4.Code,
	parties []article4.OrganisationID) (*Refusal, error) {
	body := v.body(ledger.KindCopy, ledger.Refused)
	body.Document, body.Reasons = string(d.Document), []string{string(code)}
	body.Terms = &ledger.Terms{Subject: string(d.ID), Relies: []string{d.EntryHash}}
	entry, err := v.record(ctx, body, parties, nil)
	return &Refusal{Act: article4.ActDisclose, Reasons: []article4.Reason{{Code: code}}, Rules: v.RulesDigest(),
		Document: d.Document,
		Entry:    entry.id}, err
}

// copyRetry is when whoever found too many waiting may come again.
const copyRetry = 10 * time.Second

// failCopyJob records a copy that cannot be made, or, where too many are being made, not now, and gives the refusal.
func (g *Gateway) failCopyJob(ctx context.Context, c *copying, busy bool) error {
	var refusal *Refusal
	code := codeWithoutCopy(c.version)
	if busy {
		code = codeStamp
	}
	err := g.within(ctx, followUp, c.actor, operation{act: article4.ActDisclose},
		func(ctx context.Context, v *visit) error {
			var err error
			if refusal, err = v.noCopy(ctx, c.disclosure, code, c.parties); err != nil {
				return err
			}
			if busy {
				refusal.RetryAfter = copyRetry
			}
			return v.register.FailCopyJob(ctx, v.tx, c.upload.ID, refusal.Entry, v.at)
		})
	g.sequencer.Wake()
	if err != nil {
		return g.fault(article4.ActDisclose, err)
	}
	return refusal
}
