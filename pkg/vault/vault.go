// Package vault keeps documents sealed and lets them out against a receipt only.
//
// A document is sealed under a random key of its own with DARE 2.0 (minio/sio, packages of 64 KiB), and that key is
// wrapped by the keyset of the Discloser's organisation with organisation, version and size as associated data. The
// wrapped key is handed back once the object is complete and is kept nowhere here: an object whose key was never
// recorded can be opened by nobody.
//
// Nothing is read out without a [ledger.Receipt]: the entry that permits the disclosure stands in a signed checkpoint
// before the first byte (Article 4(5), (8)). What is stored is trusted for nothing: it may be lost, cut, exchanged or
// altered, and a reader then gets an error, never wrong bytes. The keysets are trusted for everything.
package vault

import (
	"context"
	"fmt"
	"io"
	"time"
)

// Blobs holds sealed objects under keys made of letters, digits, '-', '_', '.' and '/'. It sees sealed bytes only.
// Its methods may be called concurrently. A store that cannot be reached, or that stalls, gives ErrUnavailable within
// a bounded time.
type Blobs interface {
	// Put stores everything that r yields. size is its length in bytes, or -1 when it is not known.
	// On nil the object is durable and whole. On error, an error of r included, nothing readable remains under key.
	Put(ctx context.Context, key string, size int64, r io.Reader) error
	// Get yields exactly length bytes from offset, in one request; the reader fails rather than end early.
	// An object that is absent or shorter than asked gives ErrTampered.
	Get(ctx context.Context, key string, offset, length int64) (io.ReadCloser, error)
	// Remove ends with no object under key; an absent one is no error.
	Remove(ctx context.Context, key string) error
	// Ping tells whether the store answers and admits us.
	Ping(ctx context.Context) error
}

// Config is what a Vault is made of; every field is required.
type Config struct {
	Blobs   Blobs
	Keysets *Keysets
	Now     func() time.Time
}

// Vault seals documents into Blobs and opens them against receipts. It may be used concurrently.
type Vault struct {
	blobs   Blobs
	keysets *Keysets
	now     func() time.Time
}

// New refuses a Config that lacks a field.
func New(c Config) (*Vault, error) {
	switch {
	case c.Blobs == nil:
		return nil, fmt.Errorf("%w: vault: no Blobs", ErrInvalid)
	case c.Keysets == nil:
		return nil, fmt.Errorf("%w: vault: no Keysets", ErrInvalid)
	case c.Now == nil:
		return nil, fmt.Errorf("%w: vault: no Now", ErrInvalid)
	}
	return &Vault{blobs: c.Blobs, keysets: c.Keysets, now: c.Now}, nil
}

// Remove destroys a sealed object; an absent one is no error. Only what no version refers to may be removed.
func (v *Vault) Remove(ctx context.Context, object string) error {
	if object == "" {
		return fmt.Errorf("%w: remove without an object", ErrInvalid)
	}
	if err := v.blobs.Remove(ctx, object); err != nil {
		return fmt.Errorf("remove %s: %w", object, err)
	}
	return nil
}

// Ping tells whether the store answers: nil or ErrUnavailable.
func (v *Vault) Ping(ctx context.Context) error { return v.blobs.Ping(ctx) }
