package sequencer_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// BenchmarkReceiptedEntries is 32 callers, each committing an entry of about 1 KB and waiting for its receipt. It
// reports receipts per second and the wait from after the commit to the receipt.
func BenchmarkReceiptedEntries(b *testing.B) {
	h := newFixture(b)
	s, _ := h.running(b, 5*time.Second)
	const callers = 32
	var mu sync.Mutex
	var waits []time.Duration
	left := make(chan struct{}, b.N)
	for range b.N {
		left <- struct{}{}
	}
	close(left)
	var group sync.WaitGroup
	b.ResetTimer()
	for range callers {
		group.Go(func() {
			for range left {
				e := entry(wco, unoct)
				e.Body.Reasons = []string{strings.Repeat("r", 700)}
				if _, err := h.append(b.Context(), s, e); err != nil {
					b.Error(err)
					return
				}
				committed := time.Now()
				if _, err := s.Receipt(b.Context(), e.Body.ID); err != nil {
					b.Error(err)
					return
				}
				mu.Lock()
				waits = append(waits, time.Since(committed))
				mu.Unlock()
			}
		})
	}
	group.Wait()
	b.StopTimer()
	slices.Sort(waits)
	at := func(share float64) float64 {
		return float64(waits[int(share*float64(len(waits)-1))].Microseconds()) / 1000
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "receipts/s")
	b.ReportMetric(at(0.5), "p50-ms")
	b.ReportMetric(at(0.99), "p99-ms")
	b.ReportMetric(0, "ns/op")
}
