package devstack

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// StoreConfig says where the S3 server keeps its objects.
type StoreConfig struct {
	Dir      string    // holds objects and credentials; made when absent, used again at the next start
	Port     int       // on 127.0.0.1; 0 takes a free one
	Progress io.Writer // gets what takes long, in lines for people; nil is silent
}

// Store is an S3 server owned by this process. Its methods may be called concurrently.
type Store struct {
	AccessKey string
	SecretKey string

	dir     string
	program string
	port    int

	mu    sync.Mutex // guards starting and ending
	lock  *fileLock
	child *process
}

// storeStopLimit is longer than the ten seconds for which the server itself waits: for requests under way, and for
// connections that were opened and never asked for anything, which an HTTP client keeps in its pool.
const storeStopLimit = 15 * time.Second

// StoreRegion is the region the store answers for.
const StoreRegion = "us-east-1"

// StartStore starts an S3 server on 127.0.0.1 and returns when it answers. Where none has been built
// for this user yet it builds one, which needs a Go toolchain and its module cache or proxy.
//
// Objects are plain files under RawDir; their metadata stands in extended attributes or, on a file
// system without them, in files beside; Progress is told so.
func StartStore(ctx context.Context, cfg StoreConfig) (*Store, error) {
	if cfg.Dir == "" {
		return nil, errors.New("start the S3 server: no directory given")
	}
	if cfg.Progress == nil {
		cfg.Progress = io.Discard
	}
	dir, err := realDirectory(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("start the S3 server: %w", err)
	}
	program, err := findStoreProgram(ctx, cfg.Progress)
	if err != nil {
		return nil, fmt.Errorf("start the S3 server: %w", err)
	}
	s := &Store{dir: dir, program: program}
	if err := s.prepareAndStart(ctx, cfg); err != nil {
		return nil, fmt.Errorf("start the S3 server in %s: %w", dir, err)
	}
	return s, nil
}

// ForeignStore is an S3 server on 127.0.0.1 that somebody else runs, by its address:
// http://ACCESS:SECRET@127.0.0.1:PORT. It cannot be stopped, killed or paused, and its files are not ours to read.
func ForeignStore(address string) (*Store, error) {
	u, err := url.Parse(address)
	if err != nil || u.User == nil || u.Hostname() != "127.0.0.1" {
		return nil, errors.New("foreign S3 server: write http://ACCESS:SECRET@127.0.0.1:PORT")
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		return nil, fmt.Errorf("foreign S3 server: port %q", u.Port())
	}
	secret, _ := u.User.Password()
	return &Store{AccessKey: u.User.Username(), SecretKey: secret, port: port}, nil
}

func (s *Store) prepareAndStart(ctx context.Context, cfg StoreConfig) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.takeDirectory(); err != nil {
		return err
	}
	err := s.prepare(cfg.Progress)
	if err == nil {
		s.port, err = startOnPort(cfg.Port, func(port int) error {
			s.port = port
			return s.start(ctx)
		})
	}
	if err != nil {
		s.lock.release()
	}
	return err
}

// takeDirectory locks the store's directory and ends what a killed owner left running in it.
func (s *Store) takeDirectory() error {
	lock, err := tryLock(filepath.Join(s.dir, "lock"))
	if err != nil {
		return err
	}
	s.lock = lock
	endOrphans(s.RawDir())
	return nil
}

func (s *Store) prepare(progress io.Writer) error {
	if err := os.MkdirAll(s.RawDir(), 0o700); err != nil {
		return err
	}
	if err := s.loadCredentials(); err != nil {
		return err
	}
	if s.sidecar() != "" {
		return nil
	}
	err := attributesWork(s.RawDir())
	if err == nil {
		return nil
	}
	fmt.Fprintf(progress, "%s has no extended attributes (%v): object metadata is kept in files beside\n", s.dir, err)
	return os.MkdirAll(s.sidecarDir(), 0o700)
}

func (s *Store) sidecarDir() string { return filepath.Join(s.dir, "metadata") }

// sidecar is the metadata directory where this store uses one; a store never changes its way.
func (s *Store) sidecar() string {
	if _, err := os.Stat(s.sidecarDir()); err != nil {
		return ""
	}
	return s.sidecarDir()
}

type storeCredentials struct {
	AccessKey string `json:"access_key"`
	SecretKey string `json:"secret_key"`
}

// loadCredentials reads the store's keys, or draws them at its first start.
func (s *Store) loadCredentials() error {
	path := filepath.Join(s.dir, "credentials.json")
	kept := storeCredentials{AccessKey: "dev" + rand.Text()[:13], SecretKey: rand.Text() + rand.Text()}
	content, err := os.ReadFile(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		if content, err = json.Marshal(kept); err != nil {
			return err
		}
		if err := writeWhole(path, content); err != nil {
			return err
		}
	case err != nil:
		return err
	default:
		if err := json.Unmarshal(content, &kept); err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
	}
	s.AccessKey, s.SecretKey = kept.AccessKey, kept.SecretKey
	return nil
}

// writeWhole writes a private file so that a reader finds all of it or nothing.
func writeWhole(path string, content []byte) error {
	staging := path + ".new"
	if err := os.WriteFile(staging, content, 0o600); err != nil {
		return err
	}
	return os.Rename(staging, path)
}

// start runs the server and waits until it answers; the caller holds mu and the directory.
func (s *Store) start(ctx context.Context) error {
	log, err := os.OpenFile(s.log(), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	args := []string{"-dir", s.RawDir(), "-listen", loopback(s.port)}
	if sidecar := s.sidecar(); sidecar != "" {
		args = append(args, "-sidecar", sidecar)
	}
	cmd := exec.Command(s.program, args...)
	cmd.Dir = s.RawDir()
	cmd.Env = append(plainEnvironment(), "S3_ACCESS_KEY="+s.AccessKey, "S3_SECRET_KEY="+s.SecretKey)
	cmd.Stdout, cmd.Stderr = log, log
	child, err := startProcess("the S3 server", cmd, syscall.SIGKILL)
	if err != nil {
		return err
	}
	if err := s.awaitAnswer(ctx, child); err != nil {
		child.kill()
		return err
	}
	s.child = child
	return nil
}

func (s *Store) log() string { return filepath.Join(s.dir, "store.log") }

// awaitAnswer returns when a server on the port takes our credentials, which are this directory's.
func (s *Store) awaitAnswer(ctx context.Context, child *process) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	client, err := s.Client()
	if err != nil {
		return err
	}
	for {
		if _, err := client.ListBuckets(ctx); err == nil {
			return nil
		}
		select {
		case <-child.exited:
			log, _ := os.ReadFile(s.log())
			return fmt.Errorf("it ended at once; its log ends: %s", lastLines(string(log), 6))
		case <-ctx.Done():
			return fmt.Errorf("it does not answer: %w", ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// Endpoint is host and port, as S3 clients want it; there is no TLS.
func (s *Store) Endpoint() string { return loopback(s.port) }

// RawDir is where the objects lie as plain files, a directory for each bucket.
func (s *Store) RawDir() string { return filepath.Join(s.dir, "data") }

// Client is an S3 client with the store's own credentials. It tries each request once.
func (s *Store) Client() (*minio.Client, error) {
	return minio.New(s.Endpoint(), &minio.Options{
		Creds:        credentials.NewStaticV4(s.AccessKey, s.SecretKey, ""),
		Region:       StoreRegion,
		BucketLookup: minio.BucketLookupPath,
		MaxRetries:   1,
	})
}

// CreateBucket makes the bucket; one that exists is left as it is.
func (s *Store) CreateBucket(ctx context.Context, name string) error {
	client, err := s.Client()
	if err != nil {
		return err
	}
	exists, err := client.BucketExists(ctx, name)
	if err == nil && !exists {
		err = client.MakeBucket(ctx, name, minio.MakeBucketOptions{Region: StoreRegion})
	}
	if err != nil {
		return fmt.Errorf("create bucket %s: %w", name, err)
	}
	return nil
}

// Stop ends the server in an orderly way; an error means that it had to be killed. The objects stay. It takes ten
// seconds while a client keeps a connection on which it never asked: clients close their idle connections first.
func (s *Store) Stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.lock.release()
	return s.child.stop(syscall.SIGTERM, storeStopLimit)
}

// Kill ends the server at once, transfers included.
func (s *Store) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.child.kill()
	s.lock.release()
}

// Pause makes the server hang: connections stay open and nothing answers, until Resume.
func (s *Store) Pause() error { return s.running().pause() }

// Resume lets a paused server go on.
func (s *Store) Resume() { s.running().resume() }

func (s *Store) running() *process {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.child
}

// Restart stops the server, where it still runs, and starts it on the same port and data.
func (s *Store) Restart(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	stopErr := s.child.stop(syscall.SIGTERM, storeStopLimit)
	s.lock.release()
	if err := s.takeDirectory(); err != nil {
		return fmt.Errorf("restart the S3 server in %s: %w", s.dir, errors.Join(err, stopErr))
	}
	if err := s.start(ctx); err != nil {
		s.lock.release()
		return fmt.Errorf("restart the S3 server in %s: %w", s.dir, err)
	}
	return nil
}

// Pids lists the processes of the server; none when it does not run.
func (s *Store) Pids() []int { return s.running().family() }
