package objects_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/devstack/devtest"
	"github.com/minio/minio-go/v7"
)

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
