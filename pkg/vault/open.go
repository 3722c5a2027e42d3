package vault

import (
	"context"
	"fmt"

	"chancery.example/gateway/pkg/ledger"
	"github.com/minio/sio"
)

// Reading says which bytes of which version somebody wants, and what is recorded of it.
type Reading struct {
	Organisation string // the Discloser, as in Intake
	Version      string
	Subject      string // as in Intake
	Object       string
	WrappedKey   []byte
	Size         int64 // of the version, in bytes

	Actor  string // the person who gets the bytes, "per_…"
	Form   string // of the disclosure
	Offset int64  // first byte wanted, >= 0
	Length int64  // bytes wanted, >= 1; Offset+Length <= Size
}

// Open yields the wanted bytes, exactly Length of them, to the one whom the receipt names. Every byte is authenticated
// before it is handed out; the reader fails with ErrTampered or ErrUnavailable, and never ends early with io.EOF.
// It must be closed. Errors: ErrRefused (nothing was asked of the store), ErrInvalid, ErrKeys, ErrTampered,
// ErrUnavailable.
func (v *Vault) Open(ctx context.Context, r ledger.Receipt, want Reading) (*Content, error) {
	if err := v.admit(r, want); err != nil {
		return nil, fmt.Errorf("open version %s: %w", want.Version, err)
	}
	content, err := v.open(ctx, want)
	if err != nil {
		return nil, fmt.Errorf("open version %s: %w", want.Version, err)
	}
	return content, nil
}

// admit lets in only the reading that the receipt's entry permits, while it does.
func (v *Vault) admit(r ledger.Receipt, want Reading) error {
	if !r.Valid() {
		return fmt.Errorf("%w: no receipt", ErrRefused)
	}
	body, now := r.Body(), v.now()
	switch d := body.Disclosure; {
	case body.Kind != ledger.KindDisclosure || d == nil:
		return fmt.Errorf("%w: entry %s is of kind %q", ErrRefused, body.ID, body.Kind)
	case body.Outcome != ledger.Permitted:
		return fmt.Errorf("%w: entry %s does not permit", ErrRefused, body.ID)
	case want.Version == "" || d.Version != want.Version:
		return fmt.Errorf("%w: entry %s is about another version", ErrRefused, body.ID)
	case want.Actor == "" || body.Actor != want.Actor:
		return fmt.Errorf("%w: entry %s is about another person", ErrRefused, body.ID)
	case want.Form == "" || d.Form != want.Form:
		return fmt.Errorf("%w: entry %s is about another form", ErrRefused, body.ID)
	case !r.Fresh(now):
		return fmt.Errorf("%w: the receipt for entry %s is not fresh", ErrRefused, body.ID)
	case !now.Before(d.Expires):
		return fmt.Errorf("%w: disclosure %s is over", ErrRefused, d.ID)
	}
	return nil
}

func (v *Vault) open(ctx context.Context, want Reading) (*Content, error) {
	if err := want.check(); err != nil {
		return nil, err
	}
	key, err := v.keysets.unwrap(binding{want.Organisation, want.Subject, want.Version, want.Size}, want.WrappedKey)
	if err != nil {
		return nil, err
	}
	return v.decrypting(ctx, key, want)
}

// decrypting reads what is wanted with its key.
func (v *Vault) decrypting(ctx context.Context, key []byte, want Reading) (*Content, error) {
	s := spanOf(want)
	ctx, cancel := context.WithCancel(ctx)
	sealed, err := v.blobs.Get(ctx, want.Object, s.sealedOffset, s.sealedLength)
	if err != nil {
		cancel()
		return nil, err
	}
	src := &sealedSource{r: sealed, left: s.sealedLength}
	plain, err := sio.DecryptReader(src, dare(key, s.first))
	if err != nil {
		cancel()
		return nil, fmt.Errorf("%w: %w", ErrTampered, closing(sealed, err))
	}
	return startReading(&opened{plain: plain, src: src, skip: s.skip, left: want.Length, toEnd: s.toEnd}, sealed,
		cancel), nil
}

func (w Reading) check() error {
	switch {
	case !plainIdentifier(w.Organisation), !plainIdentifier(w.Version), !plainIdentifier(w.Subject), w.Object == "",
		len(w.WrappedKey) == 0:
		return fmt.Errorf("%w: organisation, version, subject, object or key is missing", ErrInvalid)
	case w.Size < 1 || w.Size > maxSize:
		return fmt.Errorf("%w: size %d", ErrInvalid, w.Size)
	case w.Offset < 0 || w.Length < 1 || w.Offset >= w.Size || w.Length > w.Size-w.Offset:
		return fmt.Errorf("%w: %d bytes from %d of %d", ErrInvalid, w.Length, w.Offset, w.Size)
	}
	return nil
}

// span is where a reading's packages lie in the sealed object.
type span struct {
	first        uint32 // sequence number of the first package
	sealedOffset int64
	sealedLength int64
	skip         int64 // plaintext bytes of the first package before the wanted ones
	toEnd        bool  // the wanted bytes go to the end of the document
}

func spanOf(w Reading) span {
	first := w.Offset / packageSize
	after := (w.Offset + w.Length + packageSize - 1) / packageSize * sealedPackageSize
	end := min(after, SealedSize(w.Size))
	return span{
		first:        uint32(first),
		sealedOffset: first * sealedPackageSize,
		sealedLength: end - first*sealedPackageSize,
		skip:         w.Offset % packageSize,
		toEnd:        w.Offset+w.Length == w.Size,
	}
}
