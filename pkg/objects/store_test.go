package objects_test

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"chancery.example/gateway/pkg/devstack"
	"chancery.example/gateway/pkg/devstack/devtest"
	"chancery.example/gateway/pkg/objects"
	"chancery.example/gateway/pkg/vault"
	"github.com/minio/minio-go/v7"
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
		Endpoint: server.Endpoint(), AccessKey: server.AccessKey, SecretKey: server.SecretKey, Bucket: bucket,
		Region: devstack.StoreRegion, Prefix: "chancery/", Idle: 2 * time.Second,
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
		{0, 1001}: vault.ErrTampered, {999, 2}: vault.ErrTampered, {1000, 1}: vault.ErrTampered, {5000, 10}: vault.ErrTampered,
		{0, 0}: vault.ErrInvalid, {-1, 5}: vault.ErrInvalid, {0, -1}: vault.ErrInvalid,
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

func TestOddKeysDoNotGoThrough(t *testing.T) {
	s, _ := newStore(t)
	for _, key := range []string{"", ".", "..", "../x", "a/../b", "a//b", "/a", "a/", "a b", "a\x00", "a\n", "ä", strings.Repeat("a", 513)} {
		_, get := s.Get(t.Context(), key, 0, 1)
		for _, err := range []error{s.Put(t.Context(), key, 1, strings.NewReader("x")), s.Remove(t.Context(), key), get} {
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
		if err := s.Put(t.Context(), "wrong", size, bytes.NewReader(noise(100))); !errors.Is(err, vault.ErrSizeMismatch) {
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

// uploadUntilKilled is what the killed process of the next test does.
func uploadUntilKilled(endpoint string) {
	s, err := objects.New(objects.Config{
		Endpoint: endpoint, AccessKey: os.Getenv("ACCESS"), SecretKey: os.Getenv("SECRET"), Bucket: os.Getenv("BUCKET"),
	})
	if err != nil {
		panic(err)
	}
	stuck := readerFunc(func([]byte) (int, error) {
		os.Stdout.WriteString("sent\n")
		select {}
	})
	panic(s.Put(context.Background(), "killed", 8<<20, io.MultiReader(bytes.NewReader(noise(4<<20)), stuck)))
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(b []byte) (int, error) { return f(b) }

func TestAnUploadOfAKilledGatewayIsNotPublished(t *testing.T) {
	_, config := newStore(t)
	upload := exec.Command(os.Args[0])
	upload.Env = append(os.Environ(), "CHANCERY_TEST_UPLOAD_TO="+config.Endpoint,
		"ACCESS="+config.AccessKey, "SECRET="+config.SecretKey, "BUCKET="+config.Bucket)
	out, err := upload.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := upload.Start(); err != nil {
		t.Fatal(err)
	}
	_, sent := io.ReadFull(out, make([]byte, 5))
	time.Sleep(100 * time.Millisecond) // what was sent reaches the store
	if err := upload.Process.Kill(); err != nil || sent != nil {
		t.Fatal(err, sent)
	}
	_ = upload.Wait()
	nothingRemains(t, filepath.Join(devtest.Store(t).RawDir(), config.Bucket))
}

func TestAStoreThatHangsIsUnavailableInBoundedTime(t *testing.T) {
	server, err := devstack.StartStore(t.Context(), devstack.StoreConfig{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	config := configOf(server, "sealed")
	config.Idle = 500 * time.Millisecond
	s := open(t, config)
	if err := s.EnsureBucket(t.Context()); err != nil {
		t.Fatal(err)
	}
	content := noise(32 << 20)
	if err := s.Put(t.Context(), "x", int64(len(content)), bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	running, err := s.Get(t.Context(), "x", 0, int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	defer running.Close()
	if err := server.Pause(); err != nil {
		t.Fatal(err)
	}
	for name, try := range map[string]func() error{
		"ping":           func() error { return s.Ping(t.Context()) },
		"get":            func() error { _, err := get(t, s, "x", 0, 10); return err },
		"remove":         func() error { return s.Remove(t.Context(), "x") },
		"put":            func() error { return s.Put(t.Context(), "y", 10, strings.NewReader("0123456789")) },
		"put much":       func() error { return s.Put(t.Context(), "y", int64(len(content)), bytes.NewReader(content)) },
		"put a stream":   func() error { return s.Put(t.Context(), "y", -1, bytes.NewReader(content)) },
		"list":           func() error { return s.Older(t.Context(), "", time.Now(), func(string) error { return nil }) },
		"running answer": func() error { _, err := io.Copy(io.Discard, running); return err },
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			if err := try(); !errors.Is(err, vault.ErrUnavailable) {
				t.Error(err)
			}
			if took := time.Since(began); took > 4*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
	server.Resume()
	if got, err := get(t, s, "x", 5, 10); err == nil && !bytes.Equal(got, content[5:15]) {
		t.Error("wrong bytes")
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAStoreThatIsGoneIsUnavailableAndComesBack(t *testing.T) {
	server, err := devstack.StartStore(t.Context(), devstack.StoreConfig{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Stop() })
	s := open(t, configOf(server, "sealed"))
	if err := s.EnsureBucket(t.Context()); err != nil {
		t.Fatal(err)
	}
	killing := readerFunc(func(b []byte) (int, error) { server.Kill(); return len(b), nil })
	endless := io.MultiReader(bytes.NewReader(noise(1<<20)), killing)
	if err := s.Put(t.Context(), "x", 1<<30, endless); !errors.Is(err, vault.ErrUnavailable) {
		t.Error(err)
	}
	if err := s.Ping(t.Context()); !errors.Is(err, vault.ErrUnavailable) {
		t.Error(err)
	}
	if err := server.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Put(t.Context(), "x", 3, strings.NewReader("abc")); err != nil {
		t.Error(err)
	}
	if got, err := get(t, s, "x", 0, 3); err != nil || string(got) != "abc" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestASlowDepositorIsNotTheStoresFault pauses longer than the store may.
func TestASlowDepositorIsNotTheStoresFault(t *testing.T) {
	_, config := newStore(t)
	config.Idle = 300 * time.Millisecond
	s := open(t, config)
	pause := readerFunc(func([]byte) (int, error) { time.Sleep(3 * config.Idle); return 0, io.EOF })
	for _, size := range []int64{200_000, -1} {
		r := io.MultiReader(bytes.NewReader(noise(100_000)), pause, bytes.NewReader(noise(100_000)), pause)
		if err := s.Put(t.Context(), "slow", size, r); err != nil {
			t.Errorf("size %d: %v", size, err)
		}
	}
	r, err := s.Get(t.Context(), "slow", 0, 200_000)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	time.Sleep(3 * config.Idle)
	if n, err := io.Copy(io.Discard, r); n != 200_000 || err != nil {
		t.Errorf("a slow reader got %d bytes, %v", n, err)
	}
}

func TestAStoreThatDoesNotAdmitUsIsUnavailable(t *testing.T) {
	_, config := newStore(t)
	for name, change := range map[string]func(*objects.Config){
		"wrong secret":      func(c *objects.Config) { c.SecretKey += "x" },
		"unknown key":       func(c *objects.Config) { c.AccessKey = "nobody" },
		"no such bucket":    func(c *objects.Config) { c.Bucket = "absent-bucket" },
		"nobody listens":    func(c *objects.Config) { c.Endpoint = "127.0.0.1:1" },
		"TLS where none is": func(c *objects.Config) { c.Secure = true },
	} {
		c := config
		change(&c)
		s := open(t, c)
		_, got := get(t, s, "x", 0, 1)
		for _, err := range []error{s.Ping(t.Context()), s.Put(t.Context(), "x", 1, strings.NewReader("x")), got} {
			if !errors.Is(err, vault.ErrUnavailable) || strings.Contains(err.Error(), config.SecretKey) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

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

func TestTLSIsTrustedThroughTheGivenAuthorityOnly(t *testing.T) {
	_, config := newStore(t)
	plain := config.Endpoint
	front := httptest.NewTLSServer(&httputil.ReverseProxy{Director: func(r *http.Request) {
		r.URL.Scheme, r.URL.Host = "http", plain // the Host header, which is signed, stays
	}})
	defer front.Close()
	config.Endpoint, config.Secure = front.Listener.Addr().String(), true
	if err := open(t, config).Ping(t.Context()); !errors.Is(err, vault.ErrUnavailable) {
		t.Errorf("an unknown authority: %v", err)
	}
	config.CACert = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: front.Certificate().Raw})
	s := open(t, config)
	content := noise(3 << 20)
	if err := s.Put(t.Context(), "x", int64(len(content)), bytes.NewReader(content)); err != nil {
		t.Fatal(err)
	}
	if got, err := get(t, s, "x", 0, int64(len(content))); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if err := s.Remove(t.Context(), "x"); err != nil {
		t.Error(err)
	}
	cut := io.MultiReader(bytes.NewReader(content), iotest.ErrReader(errors.New("cut")))
	if err := s.Put(t.Context(), "cut", 8<<20, cut); err == nil {
		t.Error("a cut upload went up")
	}
	nothingRemains(t, filepath.Join(devtest.Store(t).RawDir(), config.Bucket))
}

func TestOldObjectsAreFound(t *testing.T) {
	s, config := newStore(t)
	for _, key := range []string{"documents/a", "documents/b", "log/c"} {
		if err := s.Put(t.Context(), key, 1, strings.NewReader("x")); err != nil {
			t.Fatal(err)
		}
	}
	config.Prefix = "elsewhere/"
	if err := open(t, config).Put(t.Context(), "documents/d", 1, strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	find := func(before time.Time) (keys []string) {
		err := s.Older(t.Context(), "documents/", before, func(key string) error {
			keys = append(keys, key)
			return s.Remove(t.Context(), key)
		})
		if err != nil {
			t.Error(err)
		}
		return keys
	}
	if keys := find(time.Now().Add(-time.Hour)); len(keys) != 0 {
		t.Errorf("of an hour ago: %q", keys)
	}
	if keys := find(time.Now().Add(time.Hour)); !slices.Equal(keys, []string{"documents/a", "documents/b"}) {
		t.Errorf("of today: %q", keys)
	}
	if keys := find(time.Now().Add(time.Hour)); len(keys) != 0 {
		t.Errorf("left: %q", keys)
	}
	own := errors.New("enough")
	if err := s.Older(t.Context(), "", time.Now().Add(time.Hour), func(string) error { return own }); err != own {
		t.Error(err)
	}
}

func TestUploadsThatWereNeverCompletedAreAborted(t *testing.T) {
	s, config := newStore(t)
	server := devtest.Store(t)
	raw, err := server.Client()
	if err != nil {
		t.Fatal(err)
	}
	core := minio.Core{Client: raw}
	if _, err := core.NewMultipartUpload(t.Context(), config.Bucket, "chancery/documents/a", minio.PutObjectOptions{}); err != nil {
		t.Fatal(err)
	}
	uploads := func() (n int) {
		for u := range raw.ListIncompleteUploads(t.Context(), config.Bucket, "", true) {
			if n++; u.Err != nil {
				t.Fatal(u.Err)
			}
		}
		return n
	}
	if err := s.AbortOlder(t.Context(), "documents/", time.Now().Add(-time.Hour)); err != nil {
		t.Error(err)
	}
	if n := uploads(); n != 1 {
		t.Errorf("%d uploads, want 1", n)
	}
	if err := s.AbortOlder(t.Context(), "documents/", time.Now().Add(time.Hour)); err != nil {
		t.Error(err)
	}
	if n := uploads(); n != 0 {
		t.Errorf("%d uploads, want none", n)
	}
}
