package vault

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"chancery.example/gateway/pkg/disk"
)

// ErrRotation says that a keyset is not in the state that a step of its rotation begins with.
var ErrRotation = errors.New("not at this step of a rotation")

// BeginRotation adds a key to the organisation's keyset in dir which opens, and does not seal yet: so that every
// gateway has it before one of them seals under it. It fails with ErrRotation where a key waits already. The keys for
// search stay: under other ones no word would be found again.
func BeginRotation(dir, organisation string) error {
	return changeKeyset(dir, organisation, func(m *keyset.Manager, h *keyset.Handle) error {
		if waiting(h) != 0 {
			return fmt.Errorf("%w: a key waits already", ErrRotation)
		}
		_, err := m.Add(aead.XAES256GCM192BitNonceKeyTemplate())
		return err
	})
}

// FinishRotation has the key that BeginRotation added seal from now on. The keys before it open what was sealed under
// them. It fails with ErrRotation where no key waits.
func FinishRotation(dir, organisation string) error {
	return changeKeyset(dir, organisation, func(m *keyset.Manager, h *keyset.Handle) error {
		id := waiting(h)
		if id == 0 {
			return fmt.Errorf("%w: no key waits", ErrRotation)
		}
		return m.SetPrimary(id)
	})
}

// waiting is the key that was added after the one that seals; 0: there is none.
func waiting(h *keyset.Handle) uint32 {
	infos := h.KeysetInfo()
	last := infos.KeyInfo[len(infos.KeyInfo)-1].GetKeyId()
	if last == infos.GetPrimaryKeyId() {
		return 0
	}
	return last
}

// changeKeyset puts a changed file in the place of the one that is there, whole and durable, or leaves that as it is.
func changeKeyset(dir, organisation string, change func(*keyset.Manager, *keyset.Handle) error) error {
	path := filepath.Join(dir, organisation+keyFileSuffix)
	err := func() error {
		content, err := ReadPrivate(path)
		if err != nil {
			return err
		}
		if _, err := openKeyFile(path, organisation, ReadPrivate); err != nil {
			return err
		}
		var file keyFile
		if err := json.Unmarshal(content, &file); err != nil {
			return errors.New("not a keyset file")
		}
		handle, err := readKeyset(file.Documents)
		if err != nil {
			return err
		}
		manager := keyset.NewManagerFromHandle(handle)
		if err := change(manager, handle); err != nil {
			return err
		}
		if handle, err = manager.Handle(); err != nil {
			return err
		}
		var documents bytes.Buffer
		if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&documents)); err != nil {
			return err
		}
		file.Documents = documents.Bytes()
		changed, err := json.MarshalIndent(file, "", "  ")
		if err != nil {
			return err
		}
		return disk.Replace(path, changed)
	}()
	if err != nil {
		return fmt.Errorf("%w: keyset of %q: %w", ErrKeys, organisation, err)
	}
	return syncDirectory(dir)
}
