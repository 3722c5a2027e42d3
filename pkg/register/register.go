// Package register keeps the records of the Arrangement and their SQL: organisations, people, Delegations,
// documents and their versions, requests, decisions, agreements, disclosures and transfers.
//
// It decides nothing. Every method runs inside a transaction of the caller, so that a change and its log entry
// stand or fall together. Columns that hold titles, names, sentences and instruments are sealed under an
// organisation's keyset before they reach the database: a dump shows none of them.
package register

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"gorm.io/gorm"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// ErrNotFound says that no such record is there.
var ErrNotFound = errors.New("not found")

// ErrKeys says that a sealed column could not be sealed or opened.
var ErrKeys = errors.New("keys unavailable")

// ErrAltered says that a record is not what the gateway wrote: somebody changed the database behind its back.
var ErrAltered = errors.New("record altered")

// Sealer seals columns under an organisation's keyset. Context is authenticated with the text, so that a sealed
// value copied into another row or column does not open.
type Sealer interface {
	Seal(organisation string, plaintext []byte, context string) ([]byte, error)
	Open(organisation string, sealed []byte, context string) ([]byte, error)
	Token(organisation, word string) ([]byte, error)
}

// Register reads and writes the records.
type Register struct {
	sealer  Sealer
	records atomic.Pointer[Records] // as last read, with their revision
	silence atomic.Int64            // see Silence
}

// New refuses a missing sealer: nothing is ever kept in clear instead.
func New(sealer Sealer) (*Register, error) {
	if sealer == nil {
		return nil, errors.New("register: sealer is required")
	}
	return &Register{sealer: sealer}, nil
}

// sql is the one way to the database from here.
func sql(ctx context.Context, tx *postgres.Tx) *gorm.DB {
	return postgres.Gorm(tx).WithContext(ctx)
}

// cell names one sealed value: whose keyset, which column, which row.
type cell struct {
	owner  article4.OrganisationID
	column string
	row    string
}

func (c cell) context() string { return c.column + "|" + c.row }

// seal keeps absent text absent.
func (r *Register) seal(c cell, text string) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	return r.sealed(c, text)
}

// sealed seals text, the empty one included.
func (r *Register) sealed(c cell, text string) ([]byte, error) {
	out, err := r.sealer.Seal(string(c.owner), []byte(text), c.context())
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w: %w", c.column, ErrKeys, err)
	}
	return out, nil
}

func (r *Register) open(c cell, sealed []byte) (string, error) {
	if sealed == nil {
		return "", nil
	}
	out, err := r.sealer.Open(string(c.owner), sealed, c.context())
	if err != nil {
		return "", fmt.Errorf("open %s of %s: %w: %w", c.column, c.row, ErrKeys, err)
	}
	return string(out), nil
}

// one scans a single row into out, or says ErrNotFound naming what was looked for.
func one(q *gorm.DB, out any, what, id string) error {
	q = q.Scan(out)
	if q.Error != nil {
		return fmt.Errorf("%s %s: %w", what, id, q.Error)
	}
	if q.RowsAffected == 0 {
		return fmt.Errorf("%s %s: %w", what, id, ErrNotFound)
	}
	return nil
}

// failed names the thing that a write was about.
func failed(what, id string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s %s: %w", what, id, err)
}
