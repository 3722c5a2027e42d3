package objects

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"chancery.example/gateway/pkg/traces"
	"chancery.example/gateway/pkg/vault"
	"github.com/minio/minio-go/v7"
)

const (
	// partSize is the buffer that a stream of unknown length takes; S3 allows 10,000 parts, so 80 GiB.
	partSize = 8 << 20
	maxParts = 10_000
	// maxSinglePut is S3's bound on one PUT; what is known to be longer goes up in parts.
	maxSinglePut = 5 << 30

	// cleanupTimeout bounds the removal of what a failed Put left, on top of the wait that made it fail.
	cleanupTimeout = 2 * time.Second
)

// Put stores everything that r yields under key: with one request when size is known or small, else in parts. On nil
// the object is durable and whole. On error nothing readable remains, as far as the store can be reached; the error is
// r's own when r failed, otherwise vault.ErrUnavailable. An object that was under key is replaced on success and may be
// gone after an error.
func (s *Store) Put(ctx context.Context, key string, size int64, r io.Reader) (err error) {
	ctx, span := traces.Begin(ctx, traces.StoreWrite)
	span.Note(traces.Bytes(size)) // -1: it is not known before
	defer func() { span.End(err) }()
	name, err := s.name(key)
	if err != nil {
		return err
	}
	if size >= 0 && size <= maxSinglePut {
		err = s.putWhole(ctx, name, size, r)
	} else {
		err = s.putStream(ctx, name, r)
	}
	if err == nil {
		return nil
	}
	s.forget(ctx, name)
	var own *contentError
	if errors.As(err, &own) {
		return own.err
	}
	return s.failure("put", key, err)
}

// contentError marks a failure of what was to be stored, not of the store.
type contentError struct{ err error }

func (e *contentError) Error() string { return e.err.Error() }

// plainly sends bytes as they are: they are authenticated packages already, and checksums or payload signatures would
// cost a pass over them (trailing ones do not work with every S3 server).
func plainly() minio.PutObjectOptions {
	return minio.PutObjectOptions{
		ContentType:          "application/octet-stream",
		DisableContentSha256: true,
		DisableMultipart:     true,
	}
}

func (s *Store) putWhole(ctx context.Context, name string, size int64, r io.Reader) error {
	ctx, p := newPatience(ctx, s.idle)
	defer p.end()
	body := newSending(r, size, p)
	if size == 0 { // no body will be read
		if _, err := body.Read(nil); err != io.EOF {
			return &contentError{err}
		}
	}
	_, err := s.core.Client.PutObject(ctx, s.bucket, name, body, size, plainly())
	whole, failed := body.close()
	switch {
	case failed != nil:
		return &contentError{failed}
	case err != nil:
		return because(ctx, err)
	case !whole:
		return errors.New("the store did not wait for the end")
	}
	return nil
}

// putStream fills one buffer after another. What fits into the first goes up whole.
func (s *Store) putStream(ctx context.Context, name string, r io.Reader) error {
	part := make([]byte, partSize)
	n, end, err := fill(r, part)
	if err != nil {
		return err
	}
	if end {
		return s.putWhole(ctx, name, int64(n), bytes.NewReader(part[:n]))
	}
	upload, err := within(ctx, s.idle, func(ctx context.Context) (string, error) {
		return s.core.NewMultipartUpload(ctx, s.bucket, name, plainly())
	})
	if err != nil {
		return err
	}
	if err := s.putParts(ctx, name, upload, r, part); err != nil {
		s.abort(ctx, name, upload)
		return err
	}
	return nil
}

// putParts sends part, which is full, and everything that follows it in r.
func (s *Store) putParts(ctx context.Context, name, upload string, r io.Reader, part []byte) error {
	var parts []minio.CompletePart
	size, n, end := int64(0), len(part), false
	for n > 0 {
		if len(parts) == maxParts {
			return &contentError{fmt.Errorf("%w: more than %d bytes", vault.ErrTooLarge, size)}
		}
		sent, err := s.putPart(ctx, name, upload, len(parts)+1, part[:n])
		if err != nil {
			return err
		}
		parts = append(parts, minio.CompletePart{PartNumber: sent.PartNumber, ETag: sent.ETag})
		size += int64(n)
		if end {
			break
		}
		if n, end, err = fill(r, part); err != nil {
			return err
		}
	}
	_, err := within(ctx, s.idle+settle(size), func(ctx context.Context) (minio.UploadInfo, error) {
		return s.core.CompleteMultipartUpload(ctx, s.bucket, name, upload, parts, plainly())
	})
	return err
}

func (s *Store) putPart(ctx context.Context, name, upload string, number int, part []byte) (minio.ObjectPart, error) {
	ctx, p := newPatience(ctx, s.idle)
	defer p.end()
	body := newSending(bytes.NewReader(part), int64(len(part)), p)
	sent, err := s.core.PutObjectPart(ctx, s.bucket, name, upload, number, body, int64(len(part)),
		minio.PutObjectPartOptions{DisableContentSha256: true})
	return sent, because(ctx, err)
}

// fill reads until b is full or r ends.
func fill(r io.Reader, b []byte) (n int, end bool, err error) {
	n, err = io.ReadFull(r, b)
	switch err {
	case nil:
		return n, false, nil
	case io.EOF, io.ErrUnexpectedEOF:
		return n, true, nil
	}
	return n, false, &contentError{err}
}

// forget removes what a failed Put may have left: the store may have completed it although we got no answer. If this
// fails too, Older finds it.
func (s *Store) forget(ctx context.Context, name string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	_ = s.core.RemoveObject(ctx, s.bucket, name, minio.RemoveObjectOptions{})
}

// abort lets go of an upload's parts; what remains if this fails, Remove takes along.
func (s *Store) abort(ctx context.Context, name, upload string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTimeout)
	defer cancel()
	_ = s.core.AbortMultipartUpload(ctx, s.bucket, name, upload)
}

// Get yields exactly length bytes from offset with one request. The reader fails rather than end early. It must be
// closed. An object that is absent or shorter gives vault.ErrTampered; everything else that fails,
// vault.ErrUnavailable.
func (s *Store) Get(ctx context.Context, key string, offset, length int64) (_ io.ReadCloser, err error) {
	ctx, span := traces.Begin(ctx, traces.StoreRead)
	span.Note(traces.Bytes(length))
	defer func() { span.End(err) }()
	name, err := s.name(key)
	if err != nil {
		return nil, err
	}
	var opts minio.GetObjectOptions
	if offset < 0 || length < 1 || opts.SetRange(offset, offset+length-1) != nil {
		return nil, fmt.Errorf("%w: %d bytes from %d of %s", vault.ErrInvalid, length, offset, key)
	}
	ctx, p := newPatience(ctx, s.idle)
	body, info, _, err := s.core.GetObject(ctx, s.bucket, name, opts)
	if err != nil {
		err = because(ctx, err)
		p.end()
		return nil, s.failure("get", key, err)
	}
	p.rest()
	if info.Size != length {
		p.end()
		_ = body.Close()
		return nil, fmt.Errorf("%w: %s yields %d bytes, not %d", vault.ErrTampered, key, info.Size, length)
	}
	why := func(err error) error { return s.failure("get", key, because(ctx, err)) }
	return &receiving{body: body, p: p, why: why}, nil
}
