package exchange_test

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"chancery.example/gateway/pkg/exchange"
)

// Whoever takes something back stands in one queue with those who read: they cannot pass, however many they are.
func TestANarrowingActIsNotKeptWaitingByThoseWhoReadWithoutAPause(t *testing.T) {
	h := newFixture(t)
	replicas := []*exchange.Gateway{h.gateway(), h.gateway()}
	g := replicas[0]
	focal, reader := h.signatory(g, "focal.wco"), h.staff(g, "staff.unoct")
	doc := granted(t, h, g, reader, secret)
	stop, read := make(chan struct{}), atomic.Int64{}
	var readers sync.WaitGroup
	for i := range 24 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := replicas[i%2].History(t.Context(), reader, doc.ID, exchange.Paging{}); err != nil {
					t.Error(err)
					return
				}
				read.Add(1)
			}
		})
	}
	defer readers.Wait()
	defer close(stop)
	for end := time.Now().Add(time.Minute); read.Load() < 24; runtime.Gosched() { // each reads, one after another
		if time.Now().After(end) {
			t.Fatalf("%d readings in a minute", read.Load())
		}
	}
	other := h.staff(g, "other.wco").Person()
	for _, s := range []exchange.Suspension{{Person: other, Reason: "Left"},
		{Person: other, Reason: "Left, once more"}} {
		began := time.Now()
		_, err := g.Suspend(t.Context(), focal, s)
		must(t, err)
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("waited %s behind %d readings", took, read.Load())
		} else {
			t.Logf("waited %s behind %d readings", took, read.Load())
		}
	}
}
