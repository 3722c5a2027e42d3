package vault_test

import (
	"io"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"chancery.example/gateway/pkg/inspect"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/vault"
	"github.com/minio/minio-go/v7"
)

const gibibyte = 1 << 30

// endless yields a fixed MiB of noise again and again, as fast as it can be copied.
type endless struct {
	block []byte
	at    int
}

func newEndless() *endless {
	block := make([]byte, 1<<20)
	rand.NewChaCha8([32]byte{1}).Read(block)
	return &endless{block: block}
}

func (e *endless) Read(b []byte) (int, error) {
	n := copy(b, e.block[e.at:])
	e.at = (e.at + n) % len(e.block)
	return n, nil
}

// peak is the most heap in use above what was in use before, while f runs.
func peak(f func()) uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before, most := m.HeapInuse, m.HeapInuse
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapInuse)
			}
		}
	}()
	f()
	close(stop)
	<-done
	return most - before
}

func TestAGibibyteGoesInAndOutInBoundedMemory(t *testing.T) {
	h := newFixture(t)
	in := h.intake(nil)
	in.Size, in.Content, in.Watch = gibibyte, io.LimitReader(newEndless(), gibibyte), inspect.New(inspect.Config{})
	var want vault.Reading
	up := peak(func() {
		sealed, err := h.Put(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		want = readingOf(in, sealed)
	})
	down := peak(func() {
		r, err := h.Open(t.Context(), receipt(t, permit(want), noon), want)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		if n, err := io.Copy(io.Discard, r); n != gibibyte || err != nil {
			t.Errorf("%d bytes, %v", n, err)
		}
	})
	if err := h.Remove(t.Context(), want.Object); err != nil {
		t.Error(err)
	}
	t.Logf("heap in use above idle: %d KiB up, %d KiB down", up>>10, down>>10)
	if up > 24<<20 || down > 24<<20 {
		t.Errorf("more than 24 MiB: %d up, %d down", up, down)
	}
}

func TestContentOfUnknownLengthTakesABoundedBuffer(t *testing.T) {
	h := newFixture(t)
	in := h.intake(nil)
	in.Size, in.Content = -1, io.LimitReader(newEndless(), 256<<20)
	used := peak(func() {
		if _, err := h.Put(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	})
	t.Logf("heap in use above idle: %d KiB", used>>10)
	if used > 24<<20 {
		t.Errorf("more than 24 MiB: %d", used)
	}
}

func TestThirtyTwoTransfersShareTheMemory(t *testing.T) {
	h := newFixture(t)
	const each = 16 << 20
	intakes := make([]vault.Intake, 32)
	wanted := make([]vault.Reading, len(intakes))
	for i := range intakes {
		intakes[i] = h.intake(nil)
		intakes[i].Size, intakes[i].Content, intakes[i].Watch = each, io.LimitReader(newEndless(), each),
			inspect.New(inspect.Config{})
	}
	together := func(f func(i int) error) uint64 {
		return peak(func() {
			var all sync.WaitGroup
			for i := range intakes {
				all.Go(func() {
					if err := f(i); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
		})
	}
	up := together(func(i int) error {
		sealed, err := h.Put(t.Context(), intakes[i])
		wanted[i] = readingOf(intakes[i], sealed)
		return err
	})
	if t.Failed() {
		return
	}
	passes := make([]ledger.Receipt, len(wanted))
	for i := range passes {
		passes[i] = receipt(t, permit(wanted[i]), noon)
	}
	down := together(func(i int) error {
		r, err := h.Open(t.Context(), passes[i], wanted[i])
		if err != nil {
			return err
		}
		defer r.Close()
		_, err = io.Copy(io.Discard, r)
		return err
	})
	t.Logf("heap in use above idle: %d KiB up, %d KiB down", up>>10, down>>10)
	if up > 64<<20 || down > 64<<20 {
		t.Errorf("more than 64 MiB: %d up, %d down", up, down)
	}
}

// BenchmarkAgainstDirect moves the same bytes through the vault and directly, in turns, and reports the vault's speed
// as a fraction of the direct one (median of the rounds; go test -bench Direct -benchtime 5x).
func BenchmarkAgainstDirect(b *testing.B) {
	const size = 256 << 20
	h := newFixture(b)
	var up, down []float64
	for b.Loop() {
		direct := timed(b, func() error {
			_, err := h.raw.PutObject(b.Context(), h.bucket, "direct", io.LimitReader(newEndless(), size), size,
				minio.PutObjectOptions{DisableContentSha256: true, DisableMultipart: true})
			return err
		})
		in := h.intake(nil)
		in.Object, in.Version, in.Size = "sealed", "ver_bench", size
		in.Content, in.Watch = io.LimitReader(newEndless(), size), inspect.New(inspect.Config{})
		var want vault.Reading
		sealed := timed(b, func() error {
			s, err := h.Put(b.Context(), in)
			want = readingOf(in, s)
			return err
		})
		up = append(up, direct/sealed)

		direct = timed(b, func() error {
			o, err := h.raw.GetObject(b.Context(), h.bucket, "direct", minio.GetObjectOptions{})
			if err != nil {
				return err
			}
			defer o.Close()
			_, err = io.Copy(io.Discard, o)
			return err
		})
		opened := timed(b, func() error {
			r, err := h.Open(b.Context(), receipt(b, permit(want), noon), want)
			if err != nil {
				return err
			}
			defer r.Close()
			_, err = io.Copy(io.Discard, r)
			return err
		})
		down = append(down, direct/opened)
		b.Logf("up %.2f, down %.2f (%.0f MiB/s)", up[len(up)-1], down[len(down)-1], size/(1<<20)/opened)
	}
	b.ReportMetric(median(up), "up/direct")
	b.ReportMetric(median(down), "down/direct")
}

func timed(b *testing.B, f func() error) float64 {
	b.Helper()
	began := time.Now()
	if err := f(); err != nil {
		b.Fatal(err)
	}
	return time.Since(began).Seconds()
}

func median(x []float64) float64 {
	slices.Sort(x)
	return x[len(x)/2]
}
