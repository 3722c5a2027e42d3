package objects_test

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"io"
	"net/http/httptest"
	"net/http/httputil"
	"os"
	"os/exec"
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
	raw := filepath.Join(devtest.Store(t).RawDir(), config.Bucket)
	_, sent := io.ReadFull(out, make([]byte, 5))
	devtest.Eventually(t, "what was sent reaches the store", func() bool { return len(files(t, raw)) > 0 })
	if err := upload.Process.Kill(); err != nil || sent != nil {
		t.Fatal(err, sent)
	}
	_ = upload.Wait()
	nothingRemains(t, raw)
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
		"ping":   func() error { return s.Ping(t.Context()) },
		"get":    func() error { _, err := get(t, s, "x", 0, 10); return err },
		"remove": func() error { return s.Remove(t.Context(), "x") },
		"put":    func() error { return s.Put(t.Context(), "y", 10, strings.NewReader("0123456789")) },
		"put much": func() error {
			return s.Put(t.Context(), "y", int64(len(content)),
				bytes.NewReader(content))
		},
		"put a stream": func() error { return s.Put(t.Context(), "y", -1, bytes.NewReader(content)) },
		"list": func() error {
			return s.Older(t.Context(), "", time.Now(),
				func(string) error { return nil })
		},
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

func TestTLSIsTrustedThroughTheGivenAuthorityOnly(t *testing.T) {
	_, config := newStore(t)
	plain := config.Endpoint
	front := httptest.NewTLSServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		// the Host header, which is signed, stays
		r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = "http", plain, r.In.Host
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
