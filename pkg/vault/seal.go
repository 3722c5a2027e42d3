package vault

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"time"

	"github.com/minio/sio"
)

const (
	packageSize       = 64 << 10         // plaintext bytes in a DARE package
	sealedPackageSize = packageSize + 32 // with its header and tag
	keySize           = 32
	maxSize           = packageSize << 32 // DARE counts packages in 32 bits

	removeTimeout = 10 * time.Second
)

// Intake is one document on its way in.
type Intake struct {
	Organisation string // the Discloser, whose keyset wraps the key
	Version      string // the version that this content becomes, or of which it is a marked copy
	// what the key is bound to: the document of a version ("doc_…"), the disclosure of a copy ("dis_…")
	Subject string
	Object  string // key of the new object in the store; one for every attempt
	Size    int64  // declared, in bytes; -1 when not known
	MaxSize int64  // in bytes, > 0

	// Pieces are what came of the content before, in order and without a gap, as PutPiece sealed it for Arrival;
	// Content is the rest. They are opened here, and handed to nobody but Watch.
	Pieces  []Piece
	Arrival string
	// Content is read until io.EOF. Its reads must end by themselves (deadlines): Put returns after the last one.
	Content io.Reader
	// Watch sees every byte of Content in order, before it is sealed; an error from it is ErrContent. nil: nobody
	// watches.
	Watch io.Writer
	// Accept is called once, after the last byte of Content went to Watch and before the last sealed package is let go;
	// size is the number of bytes. An error refuses: the object never completes. nil accepts.
	Accept func(size int64) error
}

// Sealed is what must be recorded for a document to be opened again.
type Sealed struct {
	Object     string
	WrappedKey []byte
	Size       int64 // plaintext bytes, >= 1
}

// Put seals the content into a new object under a random key of its own. When it returns nil the object is durable; on
// error nothing readable remains, and the key is gone with the attempt. Errors: ErrInvalid, ErrKeys, ErrEmpty,
// ErrTooLarge, ErrSizeMismatch, ErrContent, ErrUnavailable, and what Accept returned.
func (v *Vault) Put(ctx context.Context, in Intake) (Sealed, error) {
	if err := in.check(); err != nil {
		return Sealed{}, fmt.Errorf("seal version %s: %w", in.Version, err)
	}
	if _, err := v.keysets.of(in.Organisation); err != nil {
		return Sealed{}, fmt.Errorf("seal version %s: %w", in.Version, err)
	}
	if len(in.Pieces) > 0 {
		before := &joined{left: in.Pieces, open: func(p Piece) (*Content, error) {
			return v.openPiece(ctx, in.Organisation, in.Arrival, p)
		}}
		defer before.close()
		in.Content = io.MultiReader(before, in.Content)
	}
	sealed, err := v.put(ctx, in)
	if err != nil {
		return Sealed{}, fmt.Errorf("seal version %s: %w", in.Version, err)
	}
	return sealed, nil
}

func (v *Vault) put(ctx context.Context, in Intake) (Sealed, error) {
	key := make([]byte, keySize)
	if _, err := rand.Read(key); err != nil {
		return Sealed{}, fmt.Errorf("%w: %w", ErrKeys, err)
	}
	// The key is wrapped when the content has been accepted whole, and its size is bound with it: without that there is
	// no key to what the store may hold.
	var wrapped []byte
	plain := newPlaintext(in, func(size int64) (err error) {
		wrapped, err = v.keysets.wrap(binding{in.Organisation, in.Subject, in.Version, size}, key)
		return err
	})
	sealing, err := sio.EncryptReader(plain, dare(key, 0))
	if err != nil {
		return Sealed{}, fmt.Errorf("%w: %w", ErrKeys, err)
	}
	stored := v.blobs.Put(ctx, in.Object, SealedSize(in.Size), sealing)
	if err := plain.close(stored); err != nil {
		if stored == nil { // the store has it whole, and the content was refused at its last byte
			v.discard(ctx, in.Object)
		}
		return Sealed{}, err
	}
	return Sealed{Object: in.Object, WrappedKey: wrapped, Size: plain.size}, nil
}

// discard removes what the store completed and nobody accepted. The key is gone, so what remains if this fails is
// noise.
func (v *Vault) discard(ctx context.Context, object string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), removeTimeout)
	defer cancel()
	_ = v.blobs.Remove(ctx, object)
}

func (in Intake) check() error {
	switch {
	case !plainIdentifier(in.Organisation):
		return fmt.Errorf("%w: organisation %q", ErrInvalid, in.Organisation)
	case !plainIdentifier(in.Version):
		return fmt.Errorf("%w: version %q", ErrInvalid, in.Version)
	case !plainIdentifier(in.Subject):
		return fmt.Errorf("%w: subject %q", ErrInvalid, in.Subject)
	case in.Object == "":
		return fmt.Errorf("%w: no object", ErrInvalid)
	case in.Content == nil:
		return fmt.Errorf("%w: no content", ErrInvalid)
	case in.MaxSize <= 0 || in.MaxSize > maxSize:
		return fmt.Errorf("%w: maximum size %d", ErrInvalid, in.MaxSize)
	case in.Size < -1:
		return fmt.Errorf("%w: size %d", ErrInvalid, in.Size)
	case in.Size == 0:
		return ErrEmpty
	case in.Size > in.MaxSize:
		return fmt.Errorf("%w: %d bytes declared, %d allowed", ErrTooLarge, in.Size, in.MaxSize)
	}
	return nil
}

// dare is DARE 2.0 from the given package on, and nothing older: only 2.0 marks the last package, so that a cut is
// noticed.
func dare(key []byte, sequence uint32) sio.Config {
	return sio.Config{MinVersion: sio.Version20, MaxVersion: sio.Version20, Key: key, SequenceNumber: sequence}
}

// SealedSize is the length of the sealed form of size bytes; -1 stays -1.
func SealedSize(size int64) int64 {
	if size < 0 {
		return -1
	}
	packages := (size + packageSize - 1) / packageSize
	return size + packages*(sealedPackageSize-packageSize)
}
