package exchange_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"go.uber.org/goleak"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// verb is what a caller of the race test does to one document.
type verb string

const (
	give     verb = "give"     // authorize, or consent to, one request
	takeBack verb = "withdraw" // what was given on one request
	disclose verb = "disclose" // get a permit
	fetch    verb = "fetch"    // open the bytes of an earlier permit, which is decided again
)

// call is one call as its caller made it; its answer is whether disclose and fetch were permitted.
type call struct {
	document article4.DocumentID
	verb     verb
	request  article4.RequestID // for give and takeBack
}

// door is what the rules promise of a document: it is open while something that was given stands, and at no other time.
// The state is the requests in force.
var door = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		of := map[article4.DocumentID][]porcupine.Operation{}
		for _, op := range history {
			id := op.Input.(call).document
			of[id] = append(of[id], op)
		}
		return slices.Collect(maps.Values(of))
	},
	Init: func() any { return "" },
	Step: func(state, in, out any) (bool, any) {
		standing, c := strings.Fields(state.(string)), in.(call)
		switch c.verb {
		case give:
			standing = append(standing, string(c.request))
			slices.Sort(standing)
			return true, strings.Join(standing, " ")
		case takeBack:
			rest := slices.DeleteFunc(slices.Clone(standing), func(q string) bool { return q == string(c.request) })
			return len(rest) < len(standing), strings.Join(rest, " ")
		}
		return out.(bool) == (len(standing) > 0), state
	},
	DescribeOperation: func(in, out any) string { return fmt.Sprintf("%+v: %v", in, out) },
}

// chronicle holds calls with the instants between which each took effect.
type chronicle struct {
	began time.Time
	mu    sync.Mutex
	ops   []porcupine.Operation
	count map[string]int
}

func (h *chronicle) record(client int, in call, f func() (bool, error)) error {
	from := time.Since(h.began)
	out, err := f()
	to := time.Since(h.began)
	h.mu.Lock()
	defer h.mu.Unlock()
	if err != nil {
		h.count["unknown"]++
		return fmt.Errorf("%s of %s: %w", in.verb, in.document, err)
	}
	h.count[fmt.Sprintf("%s %t", in.verb, out)]++
	h.ops = append(h.ops, porcupine.Operation{ClientId: client, Input: in, Output: out, Call: int64(from),
		Return: int64(to)})
	return nil
}

// course is one document with those who decide about it and those who want it, on any replica.
type course struct {
	*chronicle
	replicas              []*exchange.Gateway
	document              article4.DocumentID
	act                   article4.Act
	decider, asker, reads exchange.Actor
	to                    article4.OrganisationID
	until                 time.Time
}

func (c *course) any() *exchange.Gateway { return c.replicas[rand.IntN(len(c.replicas))] }

func (c *course) goesOn() bool { return time.Now().Before(c.until) }

func pause() { time.Sleep(rand.N(50 * time.Millisecond)) }

// decide gives, and takes back, until the time is over.
func (c *course) decide(ctx context.Context, client int) error {
	for c.goesOn() {
		request := ask(nil, c.to)
		request.People = []article4.PersonID{c.reads.Person()}
		q, err := c.any().Request(ctx, c.asker, c.document, request)
		if err != nil {
			return err
		}
		err = c.record(client, call{c.document, give, q.ID}, func() (bool, error) {
			return true, second(c.any().Decide(ctx, c.decider, q.ID, verdict(c.act, q)))
		})
		if err != nil {
			return err
		}
		pause()
		err = c.record(client, call{c.document, takeBack, q.ID}, func() (bool, error) {
			return true, second(c.any().Withdraw(ctx, c.decider, q.ID, exchange.Withdrawal{Statement: "No longer"}))
		})
		if err != nil {
			return err
		}
		pause()
	}
	return nil
}

// read asks for permits, and for the bytes of the last one that it got.
func (c *course) read(ctx context.Context, client int) error {
	var last article4.DisclosureID
	for c.goesOn() {
		_ = c.record(client, call{document: c.document, verb: disclose}, func() (bool, error) {
			d, err := c.any().Disclose(ctx, c.reads, c.document, reading())
			if err == nil {
				last = d.ID
			}
			return permitted(err)
		})
		if last != "" {
			_ = c.record(client, call{document: c.document, verb: fetch},
				func() (bool, error) { return c.firstByte(ctx, last) })
		}
		pause()
	}
	return nil
}

func (c *course) firstByte(ctx context.Context, id article4.DisclosureID) (bool, error) {
	transfer, err := c.any().Content(ctx, c.reads, id, nil)
	if err != nil {
		return permitted(err)
	}
	n, err := transfer.Read(make([]byte, 1))
	return permitted(errors.Join(err, transfer.Finish(ctx, int64(n))))
}

// permitted tells a refusal by the rules, or the answer of an absent document, from an outage, which says nothing.
func permitted(err error) (bool, error) {
	var refusal *exchange.Refusal
	switch {
	case err == nil:
		return true, nil
	case isNotFound(err):
		return false, nil
	case errors.As(err, &refusal) && !strings.HasPrefix(string(refusal.Reasons[0].Code), "gateway/"):
		return false, nil
	}
	return false, err
}

// Reading 0006, Articles 4(4) and 4(8): once a withdrawal is acknowledged, no later disclosure starts and no later byte
// decisions, on whatever replica it is asked for; and what was given opens the door at once.
func TestReading0006NoDisclosureStartsAfterAnAcknowledgedWithdrawalOnAnyReplica(t *testing.T) {
	h := newFixture(t)
	replicas := []*exchange.Gateway{h.gateway(), h.gateway(), h.gateway()}
	g := replicas[0]
	focal, asker, analyst := h.signatory(g, "focal.wco"), h.signatory(g, "focal.unoct"), h.staff(g, "analyst.piu")
	agreement, err := g.Propose(t.Context(), focal,
		exchange.Proposal{Organisation: piu, Text: "We keep it to ourselves."})
	must(t, err)
	_, err = g.Sign(t.Context(), h.person(g, "focal.piu", article4.RoleStaff, article4.RoleFocalPoint), agreement.ID,
		exchange.Signing{SHA256: agreement.SHA256, Name: "R. Silva", Function: "Head", Authority: "Decree 12",
			Accepts: true})
	must(t, err)

	told := &chronicle{began: time.Now(), count: map[string]int{}}
	for _, c := range []course{
		{act: article4.ActAuthorize, to: unoct, reads: h.staff(g, "staff.unoct")},
		{act: article4.ActConsent, to: piu, reads: analyst},
	} {
		doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content(secret))
		must(t, err)
		c.chronicle, c.replicas, c.document, c.decider, c.asker = told, replicas, doc.ID, focal, asker
		c.until = time.Now().Add(4 * time.Second)
		c.run(t)
	}
	if told.count["unknown"] > len(told.ops)/20 {
		t.Errorf("too much is not known: %v", told.count)
	}
	for _, seen := range []string{"give true", "withdraw true", "disclose true", "disclose false", "fetch true",
		"fetch false"} {
		if told.count[seen] == 0 {
			t.Errorf("no %q: this run shows nothing", seen)
		}
	}
	t.Logf("%v", told.count)
	if result := porcupine.CheckOperationsTimeout(door, told.ops, 10*time.Second); result != porcupine.Ok {
		t.Errorf("history of %d calls: %s", len(told.ops), result)
	}
}

// run has two who decide and four who read, at once.
func (c course) run(t *testing.T) {
	t.Helper()
	var group sync.WaitGroup
	failed := make(chan error, 6)
	for client, act := range []func(context.Context, int) error{c.decide, c.decide, c.read, c.read, c.read, c.read} {
		group.Go(func() { failed <- act(t.Context(), client) })
	}
	group.Wait()
	close(failed)
	for err := range failed {
		must(t, err)
	}
}

// The judge itself: what must not be is found.
func TestADisclosureAfterAnAcknowledgedWithdrawalIsNoPossibleHistory(t *testing.T) {
	given, taken := call{"doc", give, "q"}, call{"doc", takeBack, "q"}
	wanted, fetched := call{document: "doc", verb: disclose}, call{document: "doc", verb: fetch}
	at := func(client int, in call, out bool, from, to int64) porcupine.Operation {
		return porcupine.Operation{ClientId: client, Input: in, Output: out, Call: from, Return: to}
	}
	for name, c := range map[string]struct {
		ops      []porcupine.Operation
		possible bool
	}{
		"beside a withdrawal": {[]porcupine.Operation{at(0, given, true, 0, 1), at(0, taken, true, 2, 5),
			at(1, wanted, true, 3, 6)}, true},
		"after a withdrawal": {[]porcupine.Operation{at(0, given, true, 0, 1), at(0, taken, true, 2, 3),
			at(1, wanted, true, 4, 5)}, false},
		"bytes after it": {[]porcupine.Operation{at(0, given, true, 0, 1), at(0, taken, true, 2, 3),
			at(1, fetched, true, 4, 5)}, false},
		"before anything is given": {[]porcupine.Operation{at(1, wanted, true, 0, 1), at(0, given, true, 2, 3)}, false},
		"refused though given": {[]porcupine.Operation{at(0, given, true, 0, 1), at(1, wanted, false, 2, 3)},
			false},
	} {
		if got := porcupine.CheckOperations(door, c.ops); got != c.possible {
			t.Errorf("%s: possible is %t, want %t", name, got, c.possible)
		}
	}
}

// A gateway's life leaves no goroutine: not its rounds, its listeners, its downloads (cut ones included), its markers.
func TestAGatewayLeavesNoGoroutineBehind(t *testing.T) {
	h := newFixture(t)
	before := goleak.IgnoreCurrent()
	t.Run("life", func(t *testing.T) {
		g := (&fixture{
			t:          t,
			db:         h.db,
			appURL:     h.appURL,
			seqURL:     h.seqURL,
			store:      h.store,
			bucket:     h.bucket,
			keysets:    h.keysets,
			signer:     h.signer,
			verifier:   h.verifier,
			instrument: h.instrument,
			evidence:   h.evidence,
			issuers:    h.issuers,
		}).gateway()
		focal, reader := h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
		doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(),
			content(strings.Repeat(secret, 100_000)))
		must(t, err)
		q, err := g.Request(t.Context(), reader, doc.ID, ask(g, unoct))
		must(t, err)
		_, err = g.Decide(t.Context(), focal, q.ID, verdict(article4.ActAuthorize, q))
		must(t, err)
		d, err := g.Disclose(t.Context(), reader, doc.ID, reading())
		must(t, err)
		readAll(t, g, reader, d)
		left, err := g.Content(t.Context(), reader, d.ID, nil)
		must(t, err)
		must(t, left.Finish(t.Context(), 0)) // the reader is gone before the first byte
		cut, err := g.Content(t.Context(), reader, d.ID, nil)
		must(t, err)
		must(t, second(g.Withdraw(t.Context(), focal, q.ID, exchange.Withdrawal{Statement: "Stop"})))
		<-cut.Cut()
		must(t, cut.Finish(t.Context(), 0))
	})
	http.DefaultClient.CloseIdleConnections()
	// What is left of the store's client are connections kept open for the next request; they end by themselves.
	err := goleak.Find(before)
	if err != nil {
		t.Error(err)
	}
}
