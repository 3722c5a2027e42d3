package objects_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"

	"chancery.example/gateway/pkg/devstack/devtest"
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

// A gateway that was killed in the midst of a stream leaves parts, which take room.
func TestRemoveTakesUploadsThatNeverCompletedAlong(t *testing.T) {
	s, config := newStore(t)
	raw, err := devtest.Store(t).Client()
	if err != nil {
		t.Fatal(err)
	}
	core := minio.Core{Client: raw}
	for _, name := range []string{"chancery/documents/a", "chancery/documents/ab"} {
		upload, err := core.NewMultipartUpload(t.Context(), config.Bucket, name, minio.PutObjectOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := core.PutObjectPart(t.Context(), config.Bucket, name, upload, 1, bytes.NewReader(noise(5<<20)),
			5<<20, minio.PutObjectPartOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Remove(t.Context(), "documents/a"); err != nil {
		t.Error(err)
	}
	for name, want := range map[string]int{"chancery/documents/a": 0, "chancery/documents/ab": 1} {
		found := 0
		for u := range raw.ListIncompleteUploads(t.Context(), config.Bucket, name, true) {
			if u.Err != nil {
				t.Fatal(u.Err)
			}
			if u.Key == name {
				found++
			}
		}
		if found != want {
			t.Errorf("%s: %d uploads, want %d", name, found, want)
		}
	}
}
