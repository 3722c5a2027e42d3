package objects

import (
	"context"
	"fmt"
	"strings"
	"time"

	"chancery.example/gateway/pkg/vault"
	"github.com/minio/minio-go/v7"
)

// Older calls visit with the key of each object under prefix that was last written before the given instant, by the
// store's clock, until visit returns an error, which is returned. visit may remove the object.
func (s *Store) Older(ctx context.Context, prefix string, before time.Time, visit func(key string) error) error {
	ctx, cancel := context.WithCancel(ctx) // ends the listing when visit does
	defer cancel()
	opts := minio.ListObjectsOptions{Prefix: s.prefix + prefix, Recursive: true}
	for o := range s.core.Client.ListObjectsIter(ctx, s.bucket, opts) {
		if o.Err != nil {
			return s.failure("list objects", "", o.Err)
		}
		if !o.LastModified.Before(before) {
			continue
		}
		if err := visit(strings.TrimPrefix(o.Key, s.prefix)); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// AbortOlder lets go of the parts of uploads under prefix that were begun before the given instant and never completed.
func (s *Store) AbortOlder(ctx context.Context, prefix string, before time.Time) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for u := range s.core.ListIncompleteUploads(ctx, s.bucket, s.prefix+prefix, true) {
		if u.Err != nil {
			return s.failure("list uploads", "", u.Err)
		}
		if !u.Initiated.Before(before) {
			continue
		}
		if err := s.core.AbortMultipartUpload(ctx, s.bucket, u.Key, u.UploadID); err != nil && code(err) != minio.NoSuchUpload {
			return fmt.Errorf("%w: abort the upload of %s: %w", vault.ErrUnavailable, u.Key, err)
		}
	}
	return ctx.Err()
}
