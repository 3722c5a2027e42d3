package exchange_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"chancery.example/gateway/pkg/exchange"
)

// One person has a bounded number of uploads under way, on all replicas together; nobody else is kept from theirs, and
// one that ends makes room (ASVS V2.4.1, V15.2.2).
func TestTheUploadsOfOnePersonAtOnceAreBounded(t *testing.T) {
	h := newFixture(t)
	// nothing is given up, however slow the machine is
	bounded := func(s *exchange.Settings) { s.Uploads, s.SilenceAfter = 2, time.Hour }
	one, two := h.gateway(bounded), h.gateway(bounded)
	staff, colleague := h.staff(one, "staff.wco"), h.staff(one, "other.wco")

	began, leave := make(chan struct{}), make(chan struct{})
	var running sync.WaitGroup
	slow := func(g *exchange.Gateway) {
		running.Go(func() {
			_, err := g.Deposit(context.WithoutCancel(t.Context()), staff, metadata(),
				func() (io.Reader, exchange.ContentPart, error) {
					began <- struct{}{}
					<-leave
					return strings.NewReader(secret), exchange.ContentPart{FileName: "a.txt"}, nil
				})
			if err != nil {
				t.Errorf("an upload within the bound: %v", err)
			}
		})
		<-began
	}
	slow(one)
	slow(two)
	for _, g := range []*exchange.Gateway{one, two} {
		var crowded *exchange.TooManyUploads
		_, err := g.Deposit(t.Context(), staff, metadata(), func() (io.Reader, exchange.ContentPart, error) {
			t.Error("a byte of the third upload would be read")
			return strings.NewReader(secret), exchange.ContentPart{FileName: "a.txt"}, nil
		})
		if !errors.As(err, &crowded) || crowded.Most != 2 {
			t.Errorf("the third upload at once: %v; want that it is one too many", err)
		}
	}
	must(t, second(one.Deposit(t.Context(), colleague, metadata(), content(secret+"of a colleague"))))
	// Those of a replica that died give no sign of life any more, and hold nobody up until the sweeper comes.
	h.superuser(`UPDATE upload SET heartbeat_at = heartbeat_at - interval '40 minutes' WHERE state = 'open'`)
	must(t, second(one.Deposit(t.Context(), staff, metadata(), content(secret+"after a crash"))))
	close(leave)
	running.Wait()
	must(t, second(two.Deposit(t.Context(), staff, metadata(), content(secret+"again"))))
}

// Uploads that begin at the same moment are counted one after the other.
func TestTheUploadsOfOnePersonAreCountedThoughTheyBeginTogether(t *testing.T) {
	h := newFixture(t)
	g := h.gateway(func(s *exchange.Settings) { s.Uploads, s.SilenceAfter = 3, time.Hour })
	staff := h.staff(g, "staff.wco")
	const tries = 12
	leave, turnedAway := make(chan struct{}), make(chan struct{}, tries)
	var mu sync.Mutex
	var all sync.WaitGroup
	taken := 0
	for range tries {
		all.Go(func() {
			_, err := g.Deposit(context.WithoutCancel(t.Context()), staff, metadata(),
				func() (io.Reader, exchange.ContentPart, error) {
					mu.Lock()
					taken++
					mu.Unlock()
					<-leave
					return strings.NewReader(secret), exchange.ContentPart{FileName: "a.txt"}, nil
				})
			var crowded *exchange.TooManyUploads
			if errors.As(err, &crowded) {
				turnedAway <- struct{}{}
			} else if err != nil {
				t.Error(err)
			}
		})
	}
	for range tries - 3 {
		<-turnedAway
	}
	close(leave)
	all.Wait()
	if taken != 3 {
		t.Errorf("%d uploads were taken at once; want 3", taken)
	}
}
