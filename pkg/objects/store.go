// Package objects is the S3 store, as [vault.Blobs] wants it. It sees sealed bytes only and is trusted with nothing but
// keeping them.
//
// A store that hangs becomes an error: no wait for it (connecting, sending, the first byte of an answer, the next byte)
// is longer than Config.Idle, and nothing is retried but what is idempotent, once. Time that the other side of the
// gateway takes does not count.
package objects

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path"
	"strings"
	"time"

	"chancery.example/gateway/pkg/vault"
	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/minio/minio-go/v7/pkg/s3utils"
)

// DefaultIdle is how long the store may keep us waiting.
const DefaultIdle = 10 * time.Second

// attempts bounds minio-go's own retries, ten unless told; a stream is never sent twice in any case.
const attempts = 2

// Config says where the store is. Endpoint (host:port), AccessKey, SecretKey and Bucket are required.
type Config struct {
	Endpoint  string
	AccessKey string
	SecretKey string
	Bucket    string
	Region    string // "us-east-1" when empty
	Secure    bool   // HTTPS
	CACert    []byte // PEM; empty: the system's authorities
	Prefix    string // goes before every key, "chancery/"
	Idle      time.Duration
}

// Store is one bucket, or what lies under one prefix of it. It may be used concurrently.
type Store struct {
	core   *minio.Core
	links  *http.Transport
	bucket string
	region string
	prefix string
	idle   time.Duration
}

var _ vault.Blobs = (*Store)(nil)

// New refuses a Config that lacks a field. It does not reach out to the store.
func New(c Config) (*Store, error) {
	if c.Region == "" {
		c.Region = "us-east-1"
	}
	if c.Idle == 0 {
		c.Idle = DefaultIdle
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("object store: %w", err)
	}
	transport, err := newTransport(c)
	if err != nil {
		return nil, fmt.Errorf("object store %s: %w", c.Endpoint, err)
	}
	core, err := minio.NewCore(c.Endpoint, &minio.Options{
		Creds:        credentials.NewStaticV4(c.AccessKey, c.SecretKey, ""),
		Secure:       c.Secure,
		Transport:    transport,
		Region:       c.Region, // so that no request asks for it
		BucketLookup: minio.BucketLookupPath,
		MaxRetries:   attempts,
	})
	if err != nil {
		return nil, fmt.Errorf("object store %s: %w", c.Endpoint, err)
	}
	return &Store{
		core:   core,
		links:  transport,
		bucket: c.Bucket,
		region: c.Region,
		prefix: c.Prefix,
		idle:   c.Idle,
	}, nil
}

func (c Config) check() error {
	switch {
	case c.Endpoint == "":
		return errors.New("no endpoint")
	case c.AccessKey == "" || c.SecretKey == "":
		return errors.New("no access key or secret key")
	case c.Bucket == "":
		return errors.New("no bucket")
	case s3utils.CheckValidBucketNameStrict(c.Bucket) != nil:
		return fmt.Errorf("bucket %q: %w", c.Bucket, s3utils.CheckValidBucketNameStrict(c.Bucket))
	case c.Prefix != "" && !plainKey(strings.TrimSuffix(c.Prefix, "/")):
		return fmt.Errorf("prefix %q", c.Prefix)
	case c.Idle < 0:
		return fmt.Errorf("idle time %s", c.Idle)
	}
	return nil
}

// Ping tells whether the bucket is there and admits us: nil or vault.ErrUnavailable.
func (s *Store) Ping(ctx context.Context) error {
	exists, err := within(ctx, s.idle, func(ctx context.Context) (bool, error) {
		return s.core.BucketExists(ctx, s.bucket)
	})
	switch {
	case err != nil:
		return s.failure("ping", "", err)
	case !exists:
		return fmt.Errorf("%w: bucket %s does not exist", vault.ErrUnavailable, s.bucket)
	}
	return nil
}

// Close closes the connections that are kept for a next request; requests under way go on. A store that ends in order
// waits for them.
func (s *Store) Close() { s.links.CloseIdleConnections() }

// EnsureBucket makes the bucket unless it is there.
func (s *Store) EnsureBucket(ctx context.Context) error {
	_, err := within(ctx, s.idle, func(ctx context.Context) (struct{}, error) {
		exists, err := s.core.BucketExists(ctx, s.bucket)
		if err != nil || exists {
			return struct{}{}, err
		}
		return struct{}{}, s.core.MakeBucket(ctx, s.bucket, minio.MakeBucketOptions{Region: s.region})
	})
	if err != nil && code(err) != minio.BucketAlreadyOwnedByYou {
		return s.failure("make the bucket", "", err)
	}
	return nil
}

// Remove ends with no object under key, and with no upload to it that never completed; an absent one is no error.
// (Asked for uploads under a prefix, MinIO lists none: so they are ended by name.) What lies under the published log is
// vault.ErrInvalid, whoever names it.
func (s *Store) Remove(ctx context.Context, key string) error {
	if strings.HasPrefix(key, logPrefix) {
		return fmt.Errorf("%w: %q is of the published log", vault.ErrInvalid, key)
	}
	return s.remove(ctx, key)
}

func (s *Store) remove(ctx context.Context, key string) error {
	name, err := s.name(key)
	if err != nil {
		return err
	}
	_, err = within(ctx, s.idle, func(ctx context.Context) (struct{}, error) {
		err := s.core.RemoveObject(ctx, s.bucket, name, minio.RemoveObjectOptions{})
		if err != nil && code(err) != minio.NoSuchKey {
			return struct{}{}, err
		}
		return struct{}{}, s.core.RemoveIncompleteUpload(ctx, s.bucket, name)
	})
	if err != nil && code(err) != minio.NoSuchUpload {
		return s.failure("remove", key, err)
	}
	return nil
}

// name is the object's name in the bucket. Stores on a file system take names for paths: nothing odd goes through.
func (s *Store) name(key string) (string, error) {
	if !plainKey(key) {
		return "", fmt.Errorf("%w: object key %q", vault.ErrInvalid, key)
	}
	return s.prefix + key, nil
}

func plainKey(key string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./"
	return key != "" && len(key) <= 512 && strings.Trim(key, letters) == "" &&
		path.Clean("/"+key) == "/"+key
}
