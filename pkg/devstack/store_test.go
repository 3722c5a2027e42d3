package devstack_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"chancery.example/gateway/pkg/devstack"
)

// lines passes what takes long on to the test's log.
type lines struct{ t *testing.T }

func (l lines) Write(p []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

func startStore(t *testing.T, dir string) *devstack.Store {
	t.Helper()
	s, err := devstack.StartStore(t.Context(), devstack.StoreConfig{Dir: dir, Progress: lines{t}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// What takes long once on a machine has a test of its own, so that it can be run, and watched, before the others.
func TestTheStoreProgramIsBuilt(t *testing.T) {
	startStore(t, t.TempDir())
}

func client(t *testing.T, s *devstack.Store) *minio.Client {
	t.Helper()
	c, err := s.Client()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func put(t *testing.T, s *devstack.Store, key, content string) {
	t.Helper()
	if err := s.CreateBucket(t.Context(), "sealed"); err != nil {
		t.Fatal(err)
	}
	_, err := client(t, s).PutObject(t.Context(), "sealed", key, strings.NewReader(content), int64(len(content)),
		minio.PutObjectOptions{DisableContentSha256: true, UserMetadata: map[string]string{"Kept": "yes"}})
	if err != nil {
		t.Fatal(err)
	}
}

func requireObject(t *testing.T, s *devstack.Store, key, want string) {
	t.Helper()
	object, err := client(t, s).GetObject(t.Context(), "sealed", key, minio.GetObjectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer object.Close()
	got, err := io.ReadAll(object)
	if err != nil || string(got) != want {
		t.Fatalf("%s holds %q, %v; want %q", key, got, err, want)
	}
	info, err := object.Stat()
	if err != nil || info.UserMetadata["Kept"] != "yes" {
		t.Errorf("metadata %v, %v", info.UserMetadata, err)
	}
}

func TestObjectsSurviveAKillAndARestart(t *testing.T) {
	dir := t.TempDir()
	s := startStore(t, dir)
	put(t, s, "a/b", "hello")
	requireObject(t, s, "a/b", "hello")
	if raw, err := os.ReadFile(filepath.Join(s.RawDir(), "sealed", "a", "b")); err != nil || string(raw) != "hello" {
		t.Errorf("on disk: %q, %v", raw, err)
	}
	s.Kill()
	if _, err := client(t, s).ListBuckets(t.Context()); err == nil {
		t.Error("a killed server answers")
	}
	endpoint := s.Endpoint()
	if err := s.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.Endpoint() != endpoint {
		t.Errorf("moved from %s to %s", endpoint, s.Endpoint())
	}
	requireObject(t, s, "a/b", "hello")
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	again := startStore(t, dir)
	if again.SecretKey != s.SecretKey {
		t.Error("a restarted store has other credentials")
	}
	requireObject(t, again, "a/b", "hello")
}

func TestAWrongSecretIsRefused(t *testing.T) {
	s := startStore(t, t.TempDir())
	put(t, s, "secret", "protected")
	for _, try := range []struct{ key, secret, code string }{
		{s.AccessKey, s.SecretKey[:len(s.SecretKey)-1] + "x", "SignatureDoesNotMatch"},
		{"somebody", s.SecretKey, "XAdminUserNotFound"},
		{"", "", "AccessDenied"},
	} {
		c, err := minio.New(s.Endpoint(),
			&minio.Options{Creds: credentials.NewStaticV4(try.key, try.secret, ""), Region: devstack.StoreRegion,
				MaxRetries: 1})
		if err != nil {
			t.Fatal(err)
		}
		object, err := c.GetObject(t.Context(), "sealed", "secret", minio.GetObjectOptions{})
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(object)
		var response minio.ErrorResponse
		if !errors.As(err, &response) || response.Code != try.code || len(got) > 0 {
			t.Errorf("key %q: read %q, %v (%s); want %s", try.key, got, err, response.Code, try.code)
		}
	}
}

func TestAMultipartUploadComesBackWhole(t *testing.T) {
	s := startStore(t, t.TempDir())
	if err := s.CreateBucket(t.Context(), "sealed"); err != nil {
		t.Fatal(err)
	}
	content := bytes.Repeat([]byte("0123456789abcdef"), 12<<20/16)
	_, err := client(t, s).PutObject(t.Context(), "sealed", "parts", bytes.NewReader(content), -1,
		minio.PutObjectOptions{PartSize: 5 << 20})
	if err != nil {
		t.Fatal(err)
	}
	object, err := client(t, s).GetObject(t.Context(), "sealed", "parts", minio.GetObjectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer object.Close()
	if got, err := io.ReadAll(object); err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes came back of %d, %v", len(got), len(content), err)
	}
}

func TestTheStoreListensOnLoopbackOnly(t *testing.T) {
	s := startStore(t, t.TempDir())
	_, port, err := net.SplitHostPort(s.Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	want, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		t.Fatal(err)
	}
	addresses := listeners(t, uint16(want))
	if len(addresses) != 1 || addresses[0] != "0100007F" {
		t.Errorf("listens on %v, want 127.0.0.1 alone", addresses)
	}
}

// listeners reads the addresses, in hexadecimal, that the kernel has listening on the port.
func listeners(t *testing.T, port uint16) []string {
	t.Helper()
	var found []string
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		content, err := os.ReadFile(table)
		if err != nil {
			continue
		}
		for _, line := range strings.Split(string(content), "\n") {
			fields := strings.Fields(line)
			if len(fields) < 4 || fields[3] != "0A" {
				continue
			}
			address, hexPort, _ := strings.Cut(fields[1], ":")
			if n, err := strconv.ParseUint(hexPort, 16, 16); err == nil && uint16(n) == port {
				found = append(found, address)
			}
		}
	}
	return found
}

func TestAPausedStoreHangsAndGoesOn(t *testing.T) {
	s := startStore(t, t.TempDir())
	put(t, s, "k", "v")
	if err := s.Pause(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := client(t, s).ListBuckets(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a paused store answered: %v", err)
	}
	s.Resume()
	requireObject(t, s, "k", "v")
}

func TestNoStoreOutlivesAKilledOwner(t *testing.T) {
	startStore(t, t.TempDir()) // built, where it was not
	dir := t.TempDir()
	requireGone(t, killedOwner(t, "own-store", dir))
	startStore(t, dir)
}

func TestAStoreWithoutExtendedAttributesKeepsMetadataBeside(t *testing.T) {
	dir := t.TempDir()
	// What prepare leaves on such a file system.
	if err := os.Mkdir(filepath.Join(dir, "metadata"), 0o700); err != nil {
		t.Fatal(err)
	}
	s := startStore(t, dir)
	put(t, s, "k", "v")
	requireObject(t, s, "k", "v")
	if entries, err := os.ReadDir(filepath.Join(dir, "metadata")); err != nil || len(entries) == 0 {
		t.Errorf("no metadata beside: %v", err)
	}
}

func TestAStoreProgramThatIsNoneIsRefused(t *testing.T) {
	t.Setenv(devstack.StoreProgramVariable, filepath.Join(t.TempDir(), "absent"))
	_, err := devstack.StartStore(t.Context(), devstack.StoreConfig{Dir: t.TempDir()})
	if err == nil || !strings.Contains(err.Error(), devstack.StoreProgramVariable) {
		t.Errorf("got %v", err)
	}
}

// An HTTP client may open a connection and never ask on it; the server waits for it at its end, ten seconds.
func TestAConnectionThatNeverAskedDoesNotHaveTheStoreKilled(t *testing.T) {
	t.Parallel()
	s := startStore(t, t.TempDir())
	silent, err := net.Dial("tcp", s.Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	if err := s.Stop(); err != nil {
		t.Error(err)
	}
}
