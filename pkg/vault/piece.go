package vault

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"

	"github.com/minio/sio"
)

// Piece is a part of content that came before the rest. It is sealed under a key of its own, which is bound to the file
// that it is a piece of, to its place in it and to its size: a piece put in another's place, or taken for a document,
// does not open.
type Piece struct {
	Object     string
	WrappedKey []byte
	At         int64 // bytes of the content before it
	Size       int64 // plaintext bytes, >= 1
}

// Arriving says where a piece belongs.
type Arriving struct {
	Organisation string // whose keyset wraps the key
	Arrival      string // what it is a piece of, "stg_…"
	Object       string // key of the new object in the store; one for every attempt
	At           int64  // bytes of the content before it, >= 0
}

// PutPiece seals a piece into a new object. When it returns nil the object is durable; on error nothing readable
// remains. No piece is ever handed out: Put takes them in again, and nothing else does. Errors: ErrInvalid, ErrKeys,
// ErrEmpty, ErrUnavailable.
func (v *Vault) PutPiece(ctx context.Context, in Arriving, content []byte) (Piece, error) {
	piece, err := v.putPiece(ctx, in, content)
	if err != nil {
		return Piece{}, fmt.Errorf("seal the piece of %s at %d: %w", in.Arrival, in.At, err)
	}
	return piece, nil
}

func (v *Vault) putPiece(ctx context.Context, in Arriving, content []byte) (Piece, error) {
	switch {
	case !plainIdentifier(in.Organisation), !plainIdentifier(in.Arrival), in.Object == "", in.At < 0:
		return Piece{}, fmt.Errorf("%w: organisation, arrival, object or place", ErrInvalid)
	case len(content) == 0:
		return Piece{}, ErrEmpty
	}
	size := int64(len(content))
	key := make([]byte, keySize)
	if _, err := rand.Read(key); err != nil {
		return Piece{}, fmt.Errorf("%w: %w", ErrKeys, err)
	}
	wrapped, err := v.keysets.wrap(place{in.Organisation, in.Arrival, in.At, size}, key)
	if err != nil {
		return Piece{}, err
	}
	sealing, err := sio.EncryptReader(bytes.NewReader(content), dare(key, 0))
	if err != nil {
		return Piece{}, fmt.Errorf("%w: %w", ErrKeys, err)
	}
	if err := v.blobs.Put(ctx, in.Object, SealedSize(size), sealing); err != nil {
		return Piece{}, err
	}
	return Piece{Object: in.Object, WrappedKey: wrapped, At: in.At, Size: size}, nil
}

// place is what the key of a piece was made for.
type place struct {
	organisation, arrival string
	at, size              int64
}

func (p place) owner() string { return p.organisation }
func (p place) what() string  { return p.arrival }
func (p place) data() []byte {
	return fmt.Appendf(nil, "%s|%s|%s|%d|%d", pieceContext, p.organisation, p.arrival, p.at, p.size)
}

// openPiece opens a piece of an arrival for Put.
func (v *Vault) openPiece(ctx context.Context, organisation, arrival string, p Piece) (*Content, error) {
	key, err := v.keysets.unwrap(place{organisation, arrival, p.At, p.Size}, p.WrappedKey)
	if err != nil {
		return nil, err
	}
	return v.decrypting(ctx, key, Reading{Object: p.Object, Size: p.Size, Length: p.Size})
}

// joined reads pieces in their order, each opened when the one before has ended.
type joined struct {
	open func(Piece) (*Content, error)
	left []Piece
	now  *Content
	at   int64 // bytes that were read
}

func (j *joined) Read(b []byte) (int, error) {
	for {
		if j.now == nil {
			if len(j.left) == 0 {
				return 0, io.EOF
			}
			if err := j.next(); err != nil {
				return 0, fmt.Errorf("the piece at %d: %w", j.at, err)
			}
		}
		n, err := j.now.Read(b)
		j.at += int64(n)
		if errors.Is(err, io.EOF) {
			j.close()
			err = nil
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

// next opens the piece that has to stand where the one before ended.
func (j *joined) next() (err error) {
	piece := j.left[0]
	if j.left = j.left[1:]; piece.At != j.at || piece.Size < 1 || piece.Size > maxSize {
		return fmt.Errorf("%w: a piece of %d bytes stands at %d", ErrTampered, piece.Size, piece.At)
	}
	j.now, err = j.open(piece)
	return err
}

func (j *joined) close() {
	if j.now != nil {
		_ = j.now.Close()
		j.now = nil
	}
}
