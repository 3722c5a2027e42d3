package vault_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"testing"
	"time"

	"chancery.example/gateway/pkg/vault"
)

// damaged is a store that fails by giving out something else than it was given.
type damaged map[string][]byte

func (d damaged) Put(_ context.Context, key string, _ int64, r io.Reader) (err error) {
	d[key], err = io.ReadAll(r)
	return err
}

func (d damaged) Get(_ context.Context, key string, offset, length int64) (io.ReadCloser, error) {
	b := d[key]
	if offset > int64(len(b)) {
		return nil, fmt.Errorf("%w: short", vault.ErrTampered)
	}
	return io.NopCloser(bytes.NewReader(b[offset:min(offset+length, int64(len(b)))])), nil
}

func (d damaged) Remove(_ context.Context, key string) error { delete(d, key); return nil }

func (d damaged) Ping(context.Context) error { return nil }

// FuzzDamage puts bytes over a sealed document, or cuts it, and reads a range: right bytes or an error.
func FuzzDamage(f *testing.F) {
	store := damaged{}
	keysets := newKeysets(f, wco)
	v, err := vault.New(vault.Config{Blobs: store, Keysets: keysets, Now: func() time.Time { return noon }})
	if err != nil {
		f.Fatal(err)
	}
	content := noise(3*pkg + 77)
	in := vault.Intake{
		Organisation: wco,
		Version:      "ver_1",
		Subject:      "doc_1",
		Object:       "o",
		Size:         -1,
		MaxSize:      1 << 30,
		Content:      bytes.NewReader(content),
	}
	sealed, err := v.Put(f.Context(), in)
	if err != nil {
		f.Fatal(err)
	}
	whole := readingOf(in, sealed)
	good, pass := store["o"], receipt(f, permit(whole), noon)
	f.Add([]byte{0x20}, uint32(0), uint32(len(good)), uint32(0), uint32(len(content)))
	f.Add(good[:16], uint32(sealedPkg), uint32(len(good)), uint32(pkg), uint32(10))
	f.Add(good[sealedPkg:2*sealedPkg], uint32(0), uint32(len(good)), uint32(0), uint32(5))
	f.Add([]byte{}, uint32(0), uint32(2*sealedPkg), uint32(pkg-1), uint32(2*pkg))
	f.Fuzz(func(t *testing.T, over []byte, at, cut, from, length uint32) {
		want := whole
		want.Offset = int64(from) % want.Size
		want.Length = 1 + int64(length)%(want.Size-want.Offset)
		bad := bytes.Clone(good)
		copy(bad[int(at)%len(bad):], over)
		bad = bad[:min(int(cut), len(bad))]
		store["o"] = bad
		r, err := v.Open(t.Context(), pass, want)
		if err != nil {
			return
		}
		defer r.Close()
		got, err := io.ReadAll(r)
		right := content[want.Offset : want.Offset+want.Length]
		if !bytes.HasPrefix(right, got) || err == nil && len(got) != len(right) {
			t.Fatalf("%d bytes of %d, %v", len(got), len(right), err)
		}
		if bytes.Equal(bad, good) && err != nil {
			t.Fatalf("undamaged: %v", err)
		}
	})
}
