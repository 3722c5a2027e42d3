package objects

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/minio/minio-go/v7"

	"chancery.example/gateway/pkg/vault"
)

const (
	// logPrefix keeps the published log apart from sealed documents.
	logPrefix = "log/"
	// maxLogObject bounds what is read of the published log: an entry bundle holds 256 decisions of at most 4 KiB.
	maxLogObject = 2 << 20
)

// Log is the part of a store that holds the published log. Every write is conditional, so that replicas do not undo one
// another's; a store that ignores conditions is found out by the first Create.
type Log struct{ store *Store }

// Log gives the published log's part of the store.
func (s *Store) Log() *Log { return &Log{store: s} }

// Create stores an object unless there is one: If-None-Match, RFC 9110 13.1.2.
func (l *Log) Create(ctx context.Context, path string, data []byte) (created bool, err error) {
	opts := plainly()
	opts.SetMatchETagExcept("*")
	return l.put(ctx, path, data, opts)
}

// Replace stores an object in the place of the one that has the tag; "" means that there is none.
func (l *Log) Replace(ctx context.Context, path string, data []byte, tag string) (done bool, err error) {
	opts := plainly()
	if tag == "" {
		opts.SetMatchETagExcept("*")
	} else {
		opts.SetMatchETag(tag)
	}
	return l.put(ctx, path, data, opts)
}

// Prune removes every object whose path begins with dir and a slash.
func (l *Log) Prune(ctx context.Context, dir string) error {
	if !plainKey(dir) {
		return fmt.Errorf("%w: path %q", vault.ErrInvalid, dir)
	}
	everything := time.Unix(1<<40, 0) // whenever it was written
	return l.store.Older(ctx, logPrefix+dir+"/", everything, func(key string) error { return l.store.remove(ctx, key) })
}

func (l *Log) put(ctx context.Context, path string, data []byte, opts minio.PutObjectOptions) (bool, error) {
	s := l.store
	name, err := s.name(logPrefix + path)
	if err != nil {
		return false, err
	}
	_, err = within(ctx, s.idle, func(ctx context.Context) (minio.UploadInfo, error) {
		return s.core.Client.PutObject(ctx, s.bucket, name, bytes.NewReader(data), int64(len(data)), opts)
	})
	switch {
	case err == nil:
		return true, nil
	// 409: another conditional write is under way. NoSuchKey: what was to be replaced is gone.
	case status(err) == http.StatusPreconditionFailed || status(err) == http.StatusConflict ||
		code(err) == minio.NoSuchKey:
		return false, nil
	}
	return false, s.failure("publish", path, err)
}

// Read gives an object with its tag; nil and "" when there is none.
func (l *Log) Read(ctx context.Context, path string) (data []byte, tag string, err error) {
	s := l.store
	name, err := s.name(logPrefix + path)
	if err != nil {
		return nil, "", err
	}
	ctx, p := newPatience(ctx, s.idle)
	defer p.end()
	body, info, _, err := s.core.GetObject(ctx, s.bucket, name, minio.GetObjectOptions{})
	if err != nil {
		err = because(ctx, err)
		if code(err) == minio.NoSuchKey {
			return nil, "", nil
		}
		return nil, "", s.failure("read", path, err)
	}
	defer body.Close()
	data, err = io.ReadAll(io.LimitReader(body, maxLogObject+1))
	switch {
	case err != nil:
		return nil, "", s.failure("read", path, because(ctx, err))
	case len(data) > maxLogObject:
		return nil, "", fmt.Errorf("read %s: more than %d bytes", path, maxLogObject)
	case info.ETag == "":
		return nil, "", errors.New("read " + path + ": the store gives no tag")
	}
	return data, info.ETag, nil
}
