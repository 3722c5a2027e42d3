package objects

import (
	"errors"
	"fmt"
	"net/http"

	"chancery.example/gateway/pkg/vault"
	"github.com/minio/minio-go/v7"
)

// failure gives an error of the store its kind. What is missing or shorter than asked is vault.ErrTampered; everything
// else, wrong credentials and a missing bucket included, is vault.ErrUnavailable.
func (s *Store) failure(what, key string, err error) error {
	if key != "" {
		what += " " + key
	}
	kind := vault.ErrUnavailable
	if missing(err) {
		kind = vault.ErrTampered
	}
	return fmt.Errorf("%w: %s in bucket %s: %w", kind, what, s.bucket, err)
}

func missing(err error) bool {
	switch code(err) {
	case minio.NoSuchKey, minio.InvalidRange:
		return true
	}
	return status(err) == http.StatusRequestedRangeNotSatisfiable
}

// code is S3's error code, empty when the store did not answer with one.
func code(err error) string {
	var e minio.ErrorResponse
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func status(err error) int {
	var e minio.ErrorResponse
	if errors.As(err, &e) {
		return e.StatusCode
	}
	return 0
}
