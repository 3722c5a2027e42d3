package objects_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"chancery.example/gateway/pkg/devstack"
	"chancery.example/gateway/pkg/devstack/devtest"
	"chancery.example/gateway/pkg/objects"
	"chancery.example/gateway/pkg/vault"
)

func TestMain(m *testing.M) {
	if endpoint := os.Getenv("CHANCERY_TEST_UPLOAD_TO"); endpoint != "" {
		uploadUntilKilled(endpoint)
		return
	}
	devtest.Main(m)
}

func configOf(server *devstack.Store, bucket string) objects.Config {
	return objects.Config{
		Endpoint:  server.Endpoint(),
		AccessKey: server.AccessKey,
		SecretKey: server.SecretKey,
		Bucket:    bucket,
		Region:    devstack.StoreRegion,
		Prefix:    "chancery/",
		Idle:      2 * time.Second,
	}
}

func newStore(t testing.TB) (*objects.Store, objects.Config) {
	t.Helper()
	config := configOf(devtest.NewBucket(t))
	return open(t, config), config
}

func open(t testing.TB, config objects.Config) *objects.Store {
	t.Helper()
	s, err := objects.New(config)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func noise(n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{byte(n)}).Read(b)
	return b
}

func get(t testing.TB, s *objects.Store, key string, offset, length int64) ([]byte, error) {
	t.Helper()
	r, err := s.Get(t.Context(), key, offset, length)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

func TestWhatIsPutIsGot(t *testing.T) {
	s, _ := newStore(t)
	for _, known := range []bool{true, false} {
		for _, n := range []int{0, 1, 100, 8<<20 - 1, 8 << 20, 8<<20 + 1, 20 << 20} {
			content, size := noise(n), int64(-1)
			if known {
				size = int64(n)
			}
			if err := s.Put(t.Context(), "a/b-c_d.e", size, bytes.NewReader(content)); err != nil {
				t.Fatalf("%d bytes, known %t: %v", n, known, err)
			}
			if n == 0 {
				continue
			}
			if got, err := get(t, s, "a/b-c_d.e", 0, int64(n)); err != nil || !bytes.Equal(got, content) {
				t.Errorf("%d bytes, known %t: %d, %v", n, known, len(got), err)
			}
		}
	}
}

func TestARangeIsGotOrAnError(t *testing.T) {
	s, _ := newStore(t)
	content := noise(1000)
	if err := s.Put(t.Context(), "x", 1000, bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	for _, r := range [][2]int64{{0, 1}, {0, 1000}, {999, 1}, {1, 998}} {
		if got, err := get(t, s, "x", r[0], r[1]); err != nil || !bytes.Equal(got, content[r[0]:r[0]+r[1]]) {
			t.Errorf("%v: %v", r, err)
		}
	}
	for r, kind := range map[[2]int64]error{
		{0, 1001}: vault.ErrTampered, {999, 2}: vault.ErrTampered, {1000, 1}: vault.ErrTampered,
		{5000, 10}: vault.ErrTampered,
		{0, 0}:     vault.ErrInvalid, {-1, 5}: vault.ErrInvalid, {0, -1}: vault.ErrInvalid,
	} {
		if _, err := get(t, s, "x", r[0], r[1]); !errors.Is(err, kind) {
			t.Errorf("%v: %v", r, err)
		}
	}
	if _, err := get(t, s, "absent", 0, 1); !errors.Is(err, vault.ErrTampered) {
		t.Error(err)
	}
}

func TestRemoveEndsWithNoObject(t *testing.T) {
	s, _ := newStore(t)
	if err := s.Put(t.Context(), "x/y", 1, strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Remove(t.Context(), "x/y"); err != nil {
			t.Error(err)
		}
	}
	if _, err := get(t, s, "x/y", 0, 1); !errors.Is(err, vault.ErrTampered) {
		t.Error(err)
	}
}

// Whoever names the object of another part of the bucket removes nothing of the published log.
func TestWhatIsOfThePublishedLogIsRemovedByTheLogAlone(t *testing.T) {
	s, _ := newStore(t)
	if made, err := s.Log().Create(t.Context(), "checkpoint", []byte("x")); err != nil || !made {
		t.Fatal(made, err)
	}
	if err := s.Remove(t.Context(), "log/checkpoint"); !errors.Is(err, vault.ErrInvalid) {
		t.Error(err)
	}
	if _, err := get(t, s, "log/checkpoint", 0, 1); err != nil {
		t.Error(err)
	}
}

func TestOddKeysDoNotGoThrough(t *testing.T) {
	s, _ := newStore(t)
	for _, key := range []string{"", ".", "..", "../x", "a/../b", "a//b", "/a", "a/", "a b", "a\x00", "a\n", "ä",
		strings.Repeat("a", 513)} {
		_, get := s.Get(t.Context(), key, 0, 1)
		for _, err := range []error{s.Put(t.Context(), key, 1, strings.NewReader("x")), s.Remove(t.Context(), key),
			get} {
			if !errors.Is(err, vault.ErrInvalid) {
				t.Errorf("%q: %v", key, err)
			}
		}
	}
}

func TestAFailureOfTheContentIsItsOwn(t *testing.T) {
	s, config := newStore(t)
	own := errors.New("cut")
	for _, n := range []int{0, 1, 100_000, 9 << 20} {
		for _, size := range []int64{-1, 30 << 20} {
			r := io.MultiReader(bytes.NewReader(noise(n)), iotest.ErrReader(own))
			if err := s.Put(t.Context(), "cut", size, r); !errors.Is(err, own) || errors.Is(err, vault.ErrUnavailable) {
				t.Errorf("%d bytes of %d: %v", n, size, err)
			}
		}
	}
	nothingRemains(t, filepath.Join(devtest.Store(t).RawDir(), config.Bucket))
}

func TestAWrongLengthIsAnError(t *testing.T) {
	s, config := newStore(t)
	for _, size := range []int64{0, 1, 99, 101, 1 << 20} {
		if err := s.Put(t.Context(), "wrong", size, bytes.NewReader(noise(100))); !errors.Is(err,
			vault.ErrSizeMismatch) {
			t.Errorf("100 bytes as %d: %v", size, err)
		}
	}
	own := errors.New("cut at the very end")
	for _, n := range []int{0, 1, 100_000} {
		r := io.MultiReader(bytes.NewReader(noise(n)), iotest.ErrReader(own))
		if err := s.Put(t.Context(), "wrong", int64(n), r); !errors.Is(err, own) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	nothingRemains(t, filepath.Join(devtest.Store(t).RawDir(), config.Bucket))
}

// nothingRemains looks through the store's own files. What a broken connection was bringing, the store lets go of when
// it notices.
func nothingRemains(t *testing.T, dir string) {
	t.Helper()
	var left []string
	for range 50 {
		if left = files(t, dir); len(left) == 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("the store keeps %q", left)
}

func files(t *testing.T, dir string) (files []string) {
	t.Helper()
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
		t.Fatal(err)
	}
	return files
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

func TestAConfigurationThatLacksSomethingIsRefused(t *testing.T) {
	_, config := newStore(t)
	for name, change := range map[string]func(*objects.Config){
		"endpoint":   func(c *objects.Config) { c.Endpoint = "" },
		"access key": func(c *objects.Config) { c.AccessKey = "" },
		"secret key": func(c *objects.Config) { c.SecretKey = "" },
		"bucket":     func(c *objects.Config) { c.Bucket = "" },
		"prefix":     func(c *objects.Config) { c.Prefix = "../" },
		"idle":       func(c *objects.Config) { c.Idle = -1 },
		"authority":  func(c *objects.Config) { c.Secure = true; c.CACert = []byte("none") },
	} {
		c := config
		change(&c)
		if _, err := objects.New(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
