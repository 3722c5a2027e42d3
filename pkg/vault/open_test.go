package vault_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"testing/iotest"
	"time"

	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/vault"
)

const (
	pkg       = 64 << 10 // plaintext bytes in a package
	sealedPkg = pkg + 32
)

func TestWhatIsSealedIsReadAgain(t *testing.T) {
	h := newFixture(t)
	for _, size := range []int{1, 2, pkg - 1, pkg, pkg + 1, 2 * pkg, 2*pkg + 1, 5<<20 + 12345} {
		content := noise(size)
		want := h.deposit(content)
		got, err := h.read(want)
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("%d bytes: read %d bytes, %v", size, len(got), err)
		}
	}
}

func TestEveryRangeIsReadExactly(t *testing.T) {
	h := newFixture(t)
	content := noise(3*pkg + 100)
	want := h.deposit(content)
	edges := []int64{0, 1, pkg - 1, pkg, pkg + 1, 2 * pkg, 3*pkg - 1, 3 * pkg, 3*pkg + 99}
	for _, from := range edges {
		for _, to := range append(edges, int64(len(content))) {
			if to <= from {
				continue
			}
			want.Offset, want.Length = from, to-from
			got, err := h.read(want)
			if err != nil || !bytes.Equal(got, content[from:to]) {
				t.Errorf("bytes %d to %d: read %d, %v", from, to, len(got), err)
			}
		}
	}
}

func TestARangeIsOneRequest(t *testing.T) {
	h := newFixture(t)
	want := h.deposit(noise(20 * pkg))
	before := h.blobs.gets.Load()
	if _, err := h.read(want); err != nil {
		t.Fatal(err)
	}
	if n := h.blobs.gets.Load() - before; n != 1 {
		t.Errorf("%d requests", n)
	}
}

func TestReadingsOutsideTheDocumentAreInvalid(t *testing.T) {
	h := newFixture(t)
	want := h.deposit(noise(100))
	before := h.blobs.gets.Load()
	for _, r := range [][2]int64{{-1, 1}, {0, 0}, {0, -1}, {0, 101}, {100, 1}, {99, 2}, {1, 1<<63 - 1},
		{1<<63 - 1, 1}} {
		want.Offset, want.Length = r[0], r[1]
		if _, err := h.read(want); !errors.Is(err, vault.ErrInvalid) {
			t.Errorf("%d bytes from %d: %v", r[1], r[0], err)
		}
	}
	if h.blobs.gets.Load() != before {
		t.Error("the store was asked")
	}
}

func TestNoByteWithoutTheReceiptThatPermitsIt(t *testing.T) {
	h := newFixture(t)
	content := noise(100)
	want := h.deposit(content)
	other := func(change func(*ledger.Body)) ledger.Receipt {
		b := permit(want)
		change(&b)
		return receipt(t, b, h.now)
	}
	cases := []struct {
		name    string
		receipt ledger.Receipt
	}{
		{"the zero value", ledger.Receipt{}},
		{"an entry of another kind", other(func(b *ledger.Body) { b.Kind = ledger.KindConsent })},
		{"an entry without a disclosure", other(func(b *ledger.Body) { b.Disclosure = nil })},
		{"a refusal", other(func(b *ledger.Body) { b.Outcome = ledger.Refused })},
		{"another version", other(func(b *ledger.Body) { b.Disclosure.Version = "ver_other" })},
		{"no version", other(func(b *ledger.Body) { b.Disclosure.Version = "" })},
		{"another person", other(func(b *ledger.Body) { b.Actor = "per_other" })},
		{"nobody", other(func(b *ledger.Body) { b.Actor = "" })},
		{"another form", other(func(b *ledger.Body) { b.Disclosure.Form = "stamped" })},
		{"no form", other(func(b *ledger.Body) { b.Disclosure.Form = "" })},
		{"a disclosure that is over", other(func(b *ledger.Body) { b.Disclosure.Expires = h.now })},
		{"a disclosure without an end", other(func(b *ledger.Body) { b.Disclosure.Expires = time.Time{} })},
		{"a receipt of a minute ago", receipt(t, permit(want), h.now.Add(-ledger.Freshness-time.Second))},
		{"a receipt from the future", receipt(t, permit(want), h.now.Add(time.Second))},
	}
	before := h.blobs.gets.Load()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if _, err := h.Open(t.Context(), c.receipt, want); !errors.Is(err, vault.ErrRefused) {
				t.Errorf("opened: %v", err)
			}
		})
	}
	if h.blobs.gets.Load() != before {
		t.Error("the store was asked")
	}
	if got, err := h.read(want); err != nil || !bytes.Equal(got, content) {
		t.Errorf("the right receipt: %v", err)
	}
}

func TestAnEmptyWishMatchesNoReceipt(t *testing.T) {
	h := newFixture(t)
	want := h.deposit(noise(100))
	for name, change := range map[string]func(*vault.Reading){
		"version": func(r *vault.Reading) { r.Version = "" },
		"actor":   func(r *vault.Reading) { r.Actor = "" },
		"form":    func(r *vault.Reading) { r.Form = "" },
	} {
		w := want
		change(&w)
		if _, err := h.Open(t.Context(), receipt(t, permit(w), h.now), w); !errors.Is(err, vault.ErrRefused) {
			t.Errorf("without %s: %v", name, err)
		}
	}
}

// readDamaged reads everything and fails the test if a wrong byte came out.
func (h *fixture) readDamaged(want vault.Reading, content []byte) error {
	h.t.Helper()
	got, err := h.read(want)
	if !bytes.HasPrefix(content[want.Offset:], got) {
		h.t.Error("wrong bytes came out")
	}
	return err
}

func TestADamagedObjectGivesAnErrorAndNeverWrongBytes(t *testing.T) {
	h := newFixture(t)
	content := noise(4*pkg + 1000)
	want := h.deposit(content)
	good := h.sealed(want.Object)
	flipped := func(at int) []byte {
		b := bytes.Clone(good)
		b[at] ^= 1
		return b
	}
	p := func(i int) []byte { return good[i*sealedPkg : min((i+1)*sealedPkg, len(good))] }
	longer := h.deposit(append(bytes.Clone(content), noise(2*pkg)...))
	cases := map[string][]byte{
		"a bit of the first header":       flipped(0),
		"a bit of the nonce":              flipped(5),
		"a bit of the first package":      flipped(100),
		"a bit of a package in the midst": flipped(2*sealedPkg + 40000),
		"a bit of a later header":         flipped(3*sealedPkg + 3),
		"a bit of the last package":       flipped(len(good) - 500),
		"the last bit":                    flipped(len(good) - 1),
		"cut within the last package":     good[:len(good)-1],
		"cut at a package":                good[:3*sealedPkg],
		"cut to one byte":                 good[:1],
		"empty":                           nil,
		"two packages exchanged":          bytes.Join([][]byte{p(0), p(2), p(1), p(3), p(4)}, nil),
		"first package twice":             bytes.Join([][]byte{p(0), p(0), p(2), p(3), p(4)}, nil),
		"last package in front":           bytes.Join([][]byte{p(4), p(0), p(1), p(2), p(3)}, nil),
		"one package left out":            bytes.Join([][]byte{p(0), p(2), p(3), p(4), p(4)}, nil),
		"another document":                h.sealed(longer.Object),
		"noise":                           noise(len(good)),
	}
	for name, damaged := range cases {
		t.Run(name, func(t *testing.T) {
			h.overwrite(want.Object, damaged)
			if err := h.readDamaged(want, content); !errors.Is(err, vault.ErrTampered) {
				t.Errorf("read to the end: %v", err)
			}
		})
	}
	t.Run("gone", func(t *testing.T) {
		if err := h.Remove(t.Context(), want.Object); err != nil {
			t.Fatal(err)
		}
		if err := h.readDamaged(want, content); !errors.Is(err, vault.ErrTampered) {
			t.Errorf("%v", err)
		}
	})
}

// TestRangesOfADamagedObject reads what the damage does not touch, and nothing of what it does.
func TestRangesOfADamagedObject(t *testing.T) {
	h := newFixture(t)
	content := noise(4 * pkg)
	want := h.deposit(content)
	damaged := h.sealed(want.Object)
	damaged[2*sealedPkg+100] ^= 1
	h.overwrite(want.Object, damaged)
	for i := range int64(4) {
		want.Offset, want.Length = i*pkg, pkg
		if err := h.readDamaged(want, content); (err != nil) != (i == 2) {
			t.Errorf("package %d: %v", i, err)
		}
	}
}

func TestAKeyOpensOnlyWhatItWasMadeFor(t *testing.T) {
	h := newFixture(t)
	content := noise(1000)
	want, other := h.deposit(content), h.deposit(noise(1000))
	cases := map[string]func(*vault.Reading){
		"key of another version": func(r *vault.Reading) { r.WrappedKey = other.WrappedKey },
		"version of another key": func(r *vault.Reading) { r.Version = other.Version },
		"object and key exchanged": func(r *vault.Reading) {
			r.Object, r.WrappedKey = other.Object,
				other.WrappedKey
		},
		"object of another version":    func(r *vault.Reading) { r.Object = other.Object },
		"keyset of the other Party":    func(r *vault.Reading) { r.Organisation = unoct },
		"shorter than what was sealed": func(r *vault.Reading) { r.Size, r.Length = 999, 999 },
		"longer than what was sealed":  func(r *vault.Reading) { r.Size, r.Length = 1001, 1001 },
		"a bit of the wrapped key": func(r *vault.Reading) {
			r.WrappedKey = bytes.Clone(r.WrappedKey)
			r.WrappedKey[len(r.WrappedKey)-1] ^= 1
		},
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			w := want
			change(&w)
			if got, err := h.read(w); !errors.Is(err, vault.ErrTampered) || len(got) > 0 {
				t.Errorf("read %d bytes, %v", len(got), err)
			}
		})
	}
	want.Organisation = "org_unknown"
	if _, err := h.read(want); !errors.Is(err, vault.ErrKeys) {
		t.Errorf("organisation without a keyset: %v", err)
	}
}

// failing is a store whose answer breaks after some bytes.
type failing struct {
	vault.Blobs
	after int64
	err   error
}

func (f failing) Get(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	r, err := f.Blobs.Get(ctx, key, offset, length)
	if err != nil {
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{io.MultiReader(io.LimitReader(r, f.after), iotest.ErrReader(f.err)), r}, nil
}

func TestAnAnswerThatBreaksIsToldFromDamage(t *testing.T) {
	h := newFixture(t)
	content := noise(4 * pkg)
	want := h.deposit(content)
	for _, after := range []int64{0, 1, sealedPkg, 3*sealedPkg + 7, 4*sealedPkg - 1} {
		for _, c := range []struct{ err, kind error }{
			{errors.New("connection reset"), vault.ErrUnavailable},
			{io.ErrUnexpectedEOF, vault.ErrUnavailable},
			{io.EOF, vault.ErrTampered},
		} {
			v, err := vault.New(vault.Config{
				Blobs: failing{h.blobs, after, c.err}, Keysets: h.keysets, Now: func() time.Time { return noon },
			})
			if err != nil {
				t.Fatal(err)
			}
			broken := *h
			broken.Vault = v
			if err := broken.readDamaged(want, content); !errors.Is(err, c.kind) {
				t.Errorf("%v after %d bytes: %v", c.err, after, err)
			}
		}
	}
}

func TestAClosedReadingYieldsNothingMore(t *testing.T) {
	h := newFixture(t)
	want := h.deposit(noise(5 << 20))
	r, err := h.Open(t.Context(), receipt(t, permit(want), noon), want)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(r, make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
	if n, err := r.Read(make([]byte, 10)); n != 0 || err == nil || err == io.EOF {
		t.Errorf("read %d bytes, %v", n, err)
	}
}

func TestACancelledReadingFails(t *testing.T) {
	h := newFixture(t)
	want := h.deposit(noise(20 << 20))
	ctx, cancel := context.WithCancel(t.Context())
	r, err := h.Open(ctx, receipt(t, permit(want), noon), want)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cancel()
	if n, err := io.Copy(io.Discard, r); err == nil || n >= want.Size {
		t.Errorf("read %d bytes, %v", n, err)
	}
}

// TestTheReaderIsAReader puts it through the standard library's own check, at sizes around the blocks read ahead.
func TestTheReaderIsAReader(t *testing.T) {
	h := newFixture(t)
	for _, size := range []int{1, 2*pkg - 1, 2 * pkg, 2*pkg + 1, 8*pkg + 1, 9 * pkg} {
		content := noise(size)
		want := h.deposit(content)
		r, err := h.Open(t.Context(), receipt(t, permit(want), noon), want)
		if err != nil {
			t.Fatal(err)
		}
		if err := iotest.TestReader(r, content); err != nil {
			t.Errorf("%d bytes: %v", size, err)
		}
		r.Close()
	}
}
