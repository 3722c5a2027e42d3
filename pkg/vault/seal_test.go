package vault_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"chancery.example/gateway/pkg/vault"
)

func TestWhatIsNotAcceptedNeverCompletes(t *testing.T) {
	h := newFixture(t)
	refusal := errors.New("passenger data")
	long := noise(3*pkg + 5)
	cases := []struct {
		name   string
		change func(*vault.Intake)
		want   error
	}{
		{"refused after the last byte", func(in *vault.Intake) { in.Accept = func(int64) error { return refusal } },
			refusal},
		{"cut midway", func(in *vault.Intake) { in.Content = broken(long[:2*pkg]) }, vault.ErrContent},
		{"cut before the last byte", func(in *vault.Intake) { in.Content = broken(long[:len(long)-1]) },
			vault.ErrContent},
		{"cut after the last byte", func(in *vault.Intake) { in.Content = broken(long) }, vault.ErrContent},
		{"cut as HTTP says it", func(in *vault.Intake) {
			in.Content = io.MultiReader(bytes.NewReader(long[:pkg]), iotest.ErrReader(io.ErrUnexpectedEOF))
		}, vault.ErrContent},
		{"an end that is somebody's failure", func(in *vault.Intake) {
			in.Content = io.MultiReader(bytes.NewReader(long), iotest.ErrReader(errors.Join(io.EOF)))
		}, vault.ErrContent},
		{"the watcher fails", func(in *vault.Intake) { in.Watch = deaf{} }, vault.ErrContent},
		{"a byte too few", func(in *vault.Intake) { in.Content = bytes.NewReader(long[1:]) }, vault.ErrSizeMismatch},
		{"a byte too many", func(in *vault.Intake) { in.Content = bytes.NewReader(append(bytes.Clone(long), 0)) },
			vault.ErrSizeMismatch},
		{"no byte though some were declared", func(in *vault.Intake) { in.Content = bytes.NewReader(nil) },
			vault.ErrEmpty},
		{"too large as declared", func(in *vault.Intake) { in.MaxSize = int64(len(long)) - 1 }, vault.ErrTooLarge},
	}
	for _, c := range cases {
		for _, declared := range []bool{true, false} {
			t.Run(c.name, func(t *testing.T) {
				in := h.intake(long)
				if c.change(&in); !declared && c.want != vault.ErrSizeMismatch {
					in.Size = -1
				}
				sealed, err := h.Put(t.Context(), in)
				if !errors.Is(err, c.want) || errors.Is(err, vault.ErrUnavailable) {
					t.Errorf("declared %t: %v, want %v", declared, err, c.want)
				}
				if sealed.WrappedKey != nil || h.exists(in.Object) {
					t.Errorf("declared %t: key %t, object %t", declared, sealed.WrappedKey != nil, h.exists(in.Object))
				}
			})
		}
	}
	h.nothingRemains()
}

// nothingRemains looks through the store's own files: objects, temporary files and parts. What a broken connection was
// bringing, the store lets go of when it notices.
func (h *fixture) nothingRemains() {
	h.t.Helper()
	var left []string
	for range 50 {
		if left = h.files(filepath.Join(h.rawDir, h.bucket)); len(left) == 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	h.t.Errorf("the store keeps %q", left)
}

func (h *fixture) files(dir string) (files []string) {
	h.t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist): // gone while we looked
			return nil
		case err == nil && !d.IsDir():
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return files
}

func broken(content []byte) io.Reader {
	return io.MultiReader(bytes.NewReader(content), iotest.ErrReader(errors.New("connection reset by client")))
}

type deaf struct{}

func (deaf) Write([]byte) (int, error) { return 0, errors.New("no more") }

func TestAcceptComesAfterTheLastByteAndBeforeTheObject(t *testing.T) {
	h := newFixture(t)
	for _, declared := range []bool{true, false} {
		content := noise(2 * pkg)
		in := h.intake(content)
		if !declared {
			in.Size = -1
		}
		var seen bytes.Buffer
		var calls int
		in.Watch = &seen
		in.Accept = func(size int64) error {
			calls++
			if size != int64(len(content)) || !bytes.Equal(seen.Bytes(), content) {
				t.Errorf("accept of %d bytes when %d were seen", size, seen.Len())
			}
			if h.exists(in.Object) {
				t.Error("the object was there already")
			}
			return nil
		}
		if _, err := h.Put(t.Context(), in); err != nil || calls != 1 || !h.exists(in.Object) {
			t.Errorf("declared %t: %v, %d calls, object %t", declared, err, calls, h.exists(in.Object))
		}
	}
}

func TestContentOfUnknownLengthIsReadAgain(t *testing.T) {
	h := newFixture(t)
	for _, size := range []int{1, pkg, pkg + 1, 8 << 20, 8<<20 - 32*128, 8<<20 - 32*128 + 1, 17 << 20} {
		content := noise(size)
		in := h.intake(content)
		in.Size, in.Content = -1, iotest.HalfReader(bytes.NewReader(content))
		sealed, err := h.Put(t.Context(), in)
		if err != nil || sealed.Size != int64(size) {
			t.Fatalf("%d bytes: %d, %v", size, sealed.Size, err)
		}
		if got, err := h.read(readingOf(in, sealed)); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%d bytes: read %d, %v", size, len(got), err)
		}
	}
}

func TestTooMuchOfUnknownLengthStops(t *testing.T) {
	h := newFixture(t)
	endless := &counting{}
	in := h.intake(nil)
	in.Size, in.MaxSize, in.Content = -1, 20<<20, endless
	if _, err := h.Put(t.Context(), in); !errors.Is(err, vault.ErrTooLarge) {
		t.Error(err)
	}
	if endless.n > in.MaxSize+1<<20 || h.exists(in.Object) {
		t.Errorf("%d bytes were read, object %t", endless.n, h.exists(in.Object))
	}
	h.nothingRemains()
}

type counting struct{ n int64 }

func (c *counting) Read(b []byte) (int, error) { c.n += int64(len(b)); return len(b), nil }

func TestNothingIsReadFromWhatCannotBeSealed(t *testing.T) {
	h := newFixture(t)
	for name, c := range map[string]struct {
		change func(*vault.Intake)
		want   error
	}{
		"no organisation":            {func(in *vault.Intake) { in.Organisation = "" }, vault.ErrInvalid},
		"an ambiguous organisation":  {func(in *vault.Intake) { in.Organisation = "org|x" }, vault.ErrInvalid},
		"organisation without keys":  {func(in *vault.Intake) { in.Organisation = "org_other" }, vault.ErrKeys},
		"no version":                 {func(in *vault.Intake) { in.Version = "" }, vault.ErrInvalid},
		"an ambiguous version":       {func(in *vault.Intake) { in.Version = "ver|1" }, vault.ErrInvalid},
		"no object":                  {func(in *vault.Intake) { in.Object = "" }, vault.ErrInvalid},
		"an object outside":          {func(in *vault.Intake) { in.Object = "../x" }, vault.ErrInvalid},
		"no bound":                   {func(in *vault.Intake) { in.MaxSize = 0 }, vault.ErrInvalid},
		"a negative size":            {func(in *vault.Intake) { in.Size = -2 }, vault.ErrInvalid},
		"declared empty":             {func(in *vault.Intake) { in.Size = 0 }, vault.ErrEmpty},
		"declared larger than bound": {func(in *vault.Intake) { in.Size = 101; in.MaxSize = 100 }, vault.ErrTooLarge},
	} {
		content := &counting{}
		in := h.intake(noise(10))
		in.Content = content
		c.change(&in)
		if _, err := h.Put(t.Context(), in); !errors.Is(err, c.want) || content.n != 0 {
			t.Errorf("%s: %v after %d bytes", name, err, content.n)
		}
	}
	in := h.intake(noise(10))
	in.Content = nil
	if _, err := h.Put(t.Context(), in); !errors.Is(err, vault.ErrInvalid) {
		t.Error(err)
	}
}

func TestACancelledDepositLeavesNothing(t *testing.T) {
	h := newFixture(t)
	ctx, cancel := context.WithCancel(t.Context())
	in := h.intake(noise(4 * pkg))
	in.Content = io.MultiReader(bytes.NewReader(noise(2*pkg)), readerFunc(func([]byte) (int, error) {
		cancel()
		return 0, ctx.Err()
	}))
	if _, err := h.Put(ctx, in); err == nil {
		t.Error("it was stored")
	}
	h.nothingRemains()
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

// forgetful is a store that says done without having read everything.
type forgetful struct{ vault.Blobs }

func (forgetful) Put(_ context.Context, _ string, _ int64, r io.Reader) error {
	_, err := io.ReadFull(r, make([]byte, 100))
	return err
}

func TestAStoreThatDidNotReadEverythingIsNotBelieved(t *testing.T) {
	h := newFixture(t)
	v, err := vault.New(vault.Config{Blobs: forgetful{h.blobs}, Keysets: h.keysets, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if sealed, err := v.Put(t.Context(), h.intake(noise(4*pkg))); !errors.Is(err, vault.ErrUnavailable) ||
		sealed.WrappedKey != nil {
		t.Errorf("%v", err)
	}
}

// TestEveryAttemptHasAKeyOfItsOwn seals the same bytes twice.
func TestEveryAttemptHasAKeyOfItsOwn(t *testing.T) {
	h := newFixture(t)
	content := noise(1000)
	a, b := h.deposit(content), h.deposit(content)
	if bytes.Equal(h.sealed(a.Object)[16:], h.sealed(b.Object)[16:]) {
		t.Error("the same bytes were sealed alike")
	}
	b.Object = a.Object
	if _, err := h.read(b); !errors.Is(err, vault.ErrTampered) {
		t.Errorf("one attempt's key opens the other's object: %v", err)
	}
}

func TestTheStoreHoldsNoPlaintext(t *testing.T) {
	h := newFixture(t)
	const canary = "CANARY-9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d"
	content := []byte(strings.Repeat("<"+canary+">", 8000))
	want := h.deposit(content)
	streamed := h.intake(content)
	streamed.Size = -1
	if _, err := h.Put(t.Context(), streamed); err != nil {
		t.Fatal(err)
	}
	secrets := [][]byte{[]byte(canary[:20]), []byte(hex.EncodeToString(want.WrappedKey)), want.WrappedKey}
	files := h.files(filepath.Join(h.rawDir, h.bucket))
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range secrets {
			if bytes.Contains(b, s) {
				t.Errorf("found in %s", path)
			}
		}
	}
	if len(files) != 2 {
		t.Errorf("looked at %q", files)
	}
}

func TestAVaultWantsAllItsParts(t *testing.T) {
	h := newFixture(t)
	whole := vault.Config{Blobs: h.blobs, Keysets: h.keysets, Now: time.Now}
	for _, drop := range []func(*vault.Config){
		func(c *vault.Config) { c.Blobs = nil }, func(c *vault.Config) { c.Keysets = nil },
		func(c *vault.Config) { c.Now = nil },
	} {
		c := whole
		drop(&c)
		if _, err := vault.New(c); !errors.Is(err, vault.ErrInvalid) {
			t.Error(err)
		}
	}
}
