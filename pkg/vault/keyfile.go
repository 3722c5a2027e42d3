package vault

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/prf"
	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"
	"golang.org/x/sys/unix"

	"chancery.example/gateway/pkg/disk"
)

const (
	keyFileSuffix  = ".json"
	maxKeyFileSize = 1 << 20
)

// keyFile is one organisation's file: two Tink keysets in their JSON form, written and lost together.
type keyFile struct {
	Organisation string          `json:"organisation"`
	Documents    json.RawMessage `json:"documents"` // AEAD: document keys and sealed columns
	Tokens       json.RawMessage `json:"tokens"`    // PRF: search over sealed titles
}

// CreateKeysets writes a keyset file of mode 0600 for each organisation that has none in dir, and makes dir (0700) when
// it is absent. A file that exists is left as it is: to overwrite one would be to lose every document sealed under it.
func CreateKeysets(dir string, organisations []string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("%w: keyset directory: %w", ErrKeys, err)
	}
	for _, organisation := range organisations {
		if err := createKeyset(dir, organisation); err != nil {
			return fmt.Errorf("%w: create the keyset of %q: %w", ErrKeys, organisation, err)
		}
	}
	return syncDirectory(dir)
}

func createKeyset(dir, organisation string) error {
	if !plainIdentifier(organisation) {
		return errors.New("not an organisation's identifier")
	}
	path := filepath.Join(dir, organisation+keyFileSuffix)
	if _, err := os.Lstat(path); err == nil {
		return nil
	}
	content, err := newKeyFile(organisation)
	if err != nil {
		return err
	}
	return writeOnce(path, content)
}

func newKeyFile(organisation string) ([]byte, error) {
	// One key seals any number of columns, so its nonces must be long enough to be random (C2SP XAES-256-GCM).
	documents, err := newKeyset(aead.XAES256GCM192BitNonceKeyTemplate())
	if err != nil {
		return nil, err
	}
	tokens, err := newKeyset(prf.HMACSHA256PRFKeyTemplate())
	if err != nil {
		return nil, err
	}
	return json.MarshalIndent(keyFile{organisation, documents, tokens}, "", "  ")
}

func newKeyset(template *tinkpb.KeyTemplate) (json.RawMessage, error) {
	handle, err := keyset.NewHandle(template)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&b)); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// writeOnce makes path appear whole and durable, or not at all; a path that exists already keeps its content.
func writeOnce(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	// Link and not Rename, which would replace a file that another process made meanwhile.
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

func syncDirectory(dir string) error {
	if err := disk.SyncFolder(dir); err != nil {
		return fmt.Errorf("%w: keyset directory: %w", ErrKeys, err)
	}
	return nil
}

// OpenKeysets reads every *.json file in dir. It fails with ErrKeys when there is none, when one is damaged or is not
// the file of the organisation that its name says, or when anybody but its owner may read or write it.
func OpenKeysets(dir string) (*Keysets, error) { return openKeysets(dir, ReadPrivate) }

// OpenMountedKeysets is OpenKeysets for files that Kubernetes, compose or systemd mounts: see ReadMounted.
func OpenMountedKeysets(dir string) (*Keysets, error) { return openKeysets(dir, ReadMounted) }

func openKeysets(dir string, read func(path string) ([]byte, error)) (*Keysets, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("%w: keyset directory: %w", ErrKeys, err)
	}
	k := &Keysets{byOrganisation: make(map[string]organisationKeys)}
	for _, e := range entries {
		organisation, ok := strings.CutSuffix(e.Name(), keyFileSuffix)
		if !ok || strings.HasPrefix(organisation, ".") {
			continue
		}
		keys, err := openKeyFile(filepath.Join(dir, e.Name()), organisation, read)
		if err != nil {
			return nil, fmt.Errorf("%w: keyset file %s: %w", ErrKeys, e.Name(), err)
		}
		k.byOrganisation[organisation] = keys
	}
	if len(k.byOrganisation) == 0 {
		return nil, fmt.Errorf("%w: no keyset file in %s", ErrKeys, dir)
	}
	return k, nil
}

func openKeyFile(path, organisation string, read func(path string) ([]byte, error)) (organisationKeys, error) {
	content, err := read(path)
	if err != nil {
		return organisationKeys{}, err
	}
	var file keyFile
	if err := json.Unmarshal(content, &file); err != nil {
		return organisationKeys{}, errors.New("not a keyset file") // the parser's words could quote key material
	}
	if file.Organisation != organisation {
		return organisationKeys{}, fmt.Errorf("it says that it belongs to %q", file.Organisation)
	}
	return file.keys()
}

// ErrOthersMayUse says that a key's file is not its owner's alone.
var ErrOthersMayUse = errors.New("others may use it")

// ReadPrivate reads a key that nobody but the owner of its file may read or write. It looks at the permissions of the
// very file that it reads.
func ReadPrivate(path string) ([]byte, error) { return readKey(path, false) }

// ReadMounted reads a key that group or others may read too, where it lies on a mount that nobody can write to: so
// Kubernetes (0440 with fsGroup), compose (0444) and systemd (0400, or 0440 by an access list) hand in what is for one
// process alone. On any other file system it is ReadPrivate: there, a mode is all that keeps others out.
func ReadMounted(path string) ([]byte, error) { return readKey(path, true) }

func readKey(path string, mounted bool) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	wide := info.Mode().Perm() & 0o077
	if mounted && wide&^0o044 == 0 && onReadOnlyMount(f) {
		wide = 0
	}
	if wide != 0 {
		return nil, fmt.Errorf("its mode is %04o: %w, 0600 is wanted", info.Mode().Perm(), ErrOthersMayUse)
	}
	return io.ReadAll(io.LimitReader(f, maxKeyFileSize))
}

func onReadOnlyMount(f *os.File) bool {
	var of unix.Statfs_t
	return unix.Fstatfs(int(f.Fd()), &of) == nil && of.Flags&unix.ST_RDONLY != 0
}

// OnReadOnlyMount reports whether nothing can be written where a file lies.
func OnReadOnlyMount(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	return onReadOnlyMount(f)
}

func (f keyFile) keys() (organisationKeys, error) {
	documents, err := readKeyset(f.Documents)
	if err != nil {
		return organisationKeys{}, fmt.Errorf("documents: %w", err)
	}
	sealer, err := aead.New(documents)
	if err != nil {
		return organisationKeys{}, fmt.Errorf("documents: %w", err)
	}
	tokens, err := readKeyset(f.Tokens)
	if err != nil {
		return organisationKeys{}, fmt.Errorf("tokens: %w", err)
	}
	set, err := prf.NewPRFSet(tokens)
	if err != nil {
		return organisationKeys{}, fmt.Errorf("tokens: %w", err)
	}
	return organisationKeys{aead: sealer, tokens: set}, nil
}

func readKeyset(raw json.RawMessage) (*keyset.Handle, error) {
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(raw)))
	if err != nil {
		return nil, errors.New("not a keyset") // the parser's words could quote key material
	}
	return handle, nil
}
