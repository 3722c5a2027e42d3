package objects

import (
	"context"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
)

// Older calls visit with the key of each object under prefix that was last written before the given instant, by the
// store's clock, until visit returns an error, which is returned. visit may remove the object.
func (s *Store) Older(ctx context.Context, prefix string, before time.Time, visit func(key string) error) error {
	ctx, p := newPatience(ctx, s.idle)
	defer p.end()
	opts := minio.ListObjectsOptions{Prefix: s.prefix + prefix, Recursive: true}
	for o := range s.core.Client.ListObjectsIter(ctx, s.bucket, opts) {
		p.rest()
		if o.Err != nil {
			return s.failure("list objects", "", because(ctx, o.Err))
		}
		if o.LastModified.Before(before) {
			if err := visit(strings.TrimPrefix(o.Key, s.prefix)); err != nil {
				return err
			}
		}
		p.wait(0)
	}
	return s.listed(ctx)
}

// listed tells a listing that ended from one that was cancelled: the iteration ends in either case.
func (s *Store) listed(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return s.failure("list", "", because(ctx, err))
	}
	return nil
}
