package vault

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/tink-crypto/tink-go/v2/prf"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// TokenSize is the length of a search token in bytes.
const TokenSize = 16

// Associated data begins with what the sealed bytes are for, so that a sealed column is never taken for a wrapped key.
const (
	keyContext    = "chancery.version-key"
	pieceContext  = "chancery.piece-key"
	columnContext = "chancery.column"
)

// Keysets holds, for every organisation, the keys that its documents and words are sealed under. It may be used
// concurrently. Whoever can read the directory that it was opened from can open everything.
type Keysets struct {
	byOrganisation map[string]organisationKeys
}

type organisationKeys struct {
	aead   tink.AEAD
	tokens *prf.Set
}

// Custody says who holds the keys, in the words of the Arrangement's page.
func (k *Keysets) Custody() string { return "operator-held" }

// Seal seals a value of a column under the organisation's keyset. context says which value it is
// ("document.title|doc_…") and must be given again to Open. It fails with ErrKeys.
func (k *Keysets) Seal(organisation string, plaintext []byte, context string) ([]byte, error) {
	keys, err := k.of(organisation)
	if err != nil {
		return nil, err
	}
	sealed, err := keys.aead.Encrypt(plaintext, columnData(organisation, context))
	if err != nil {
		return nil, fmt.Errorf("%w: seal %q for %s: %w", ErrKeys, context, organisation, err)
	}
	return sealed, nil
}

// Open undoes Seal. It fails with ErrKeys, or with ErrTampered when the bytes were not sealed by this organisation's
// keyset in this context.
func (k *Keysets) Open(organisation string, sealed []byte, context string) ([]byte, error) {
	keys, err := k.of(organisation)
	if err != nil {
		return nil, err
	}
	plaintext, err := keys.aead.Decrypt(sealed, columnData(organisation, context))
	if err != nil {
		return nil, fmt.Errorf("%w: open %q of %s: %w", ErrTampered, context, organisation, err)
	}
	return plaintext, nil
}

// Token is the keyed token of a word, TokenSize bytes: equal for equal words of one organisation, and telling nothing
// to whoever lacks the keyset. The caller brings the word to its normal form. It fails with ErrKeys.
func (k *Keysets) Token(organisation, word string) ([]byte, error) {
	keys, err := k.of(organisation)
	if err != nil {
		return nil, err
	}
	token, err := keys.tokens.ComputePrimaryPRF([]byte(word), TokenSize)
	if err != nil {
		return nil, fmt.Errorf("%w: token for %s: %w", ErrKeys, organisation, err)
	}
	return token, nil
}

func (k *Keysets) of(organisation string) (organisationKeys, error) {
	keys, ok := k.byOrganisation[organisation]
	if !ok {
		return organisationKeys{}, fmt.Errorf("%w: no keyset for organisation %q", ErrKeys, organisation)
	}
	return keys, nil
}

// wrap seals a key for its organisation, bound to what it is the key of.
func (k *Keysets) wrap(b bound, key []byte) ([]byte, error) {
	keys, err := k.of(b.owner())
	if err != nil {
		return nil, err
	}
	wrapped, err := keys.aead.Encrypt(key, b.data())
	if err != nil {
		return nil, fmt.Errorf("%w: wrap the key of %s: %w", ErrKeys, b.what(), err)
	}
	return wrapped, nil
}

// unwrap undoes wrap.
func (k *Keysets) unwrap(b bound, wrapped []byte) ([]byte, error) {
	keys, err := k.of(b.owner())
	if err != nil {
		return nil, err
	}
	key, err := keys.aead.Decrypt(wrapped, b.data())
	if err != nil {
		return nil, fmt.Errorf("%w: the wrapped key of %s was not made for it: %w", ErrTampered, b.what(), err)
	}
	return key, nil
}

// bound is what a wrapped key was made for: whose keyset wraps it, what its content is, and all of it as associated
// data.
type bound interface {
	owner() string
	what() string
	data() []byte
}

// binding is what a wrapped key was made for, and the one thing that it opens: whose content it is, the document or
// disclosure that it belongs to, the version, its size in bytes. A version moved to another document, or an original
// put in the place of a marked copy, does not open.
type binding struct {
	organisation, subject, version string
	size                           int64
}

func (b binding) owner() string { return b.organisation }
func (b binding) what() string  { return b.version }
func (b binding) data() []byte {
	return fmt.Appendf(nil, "%s|%s|%s|%s|%d", keyContext, b.organisation, b.subject, b.version, b.size)
}

func columnData(organisation, context string) []byte {
	return []byte(columnContext + "|" + organisation + "|" + context)
}

// plainIdentifier keeps the parts of associated data, and the names of keyset files, unambiguous.
func plainIdentifier(id string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
	return id != "" && len(id) <= 128 && strings.Trim(id, letters) == ""
}

// Organisations are those that have a keyset here, in alphabetical order.
func (k *Keysets) Organisations() []string { return slices.Sorted(maps.Keys(k.byOrganisation)) }
