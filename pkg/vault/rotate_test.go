package vault_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"chancery.example/gateway/pkg/vault"
)

// A rotation has two steps, so that no gateway seals what another cannot open; what was sealed before opens for ever,
// and words are found again.
func TestAKeysetIsRotatedSoThatEveryGatewayOpensWhatAnySeals(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keysets")
	if err := vault.CreateKeysets(dir, []string{wco, unoct}); err != nil {
		t.Fatal(err)
	}
	other, err := os.ReadFile(filepath.Join(dir, unoct+".json"))
	if err != nil {
		t.Fatal(err)
	}
	open := func() *vault.Keysets {
		t.Helper()
		k, err := vault.OpenKeysets(dir)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	seal := func(k *vault.Keysets) []byte {
		t.Helper()
		sealed, err := k.Seal(wco, []byte("Programme"), "document.title|doc_1")
		if err != nil {
			t.Fatal(err)
		}
		return sealed
	}
	opens := func(k *vault.Keysets, sealed []byte) bool {
		got, err := k.Open(wco, sealed, "document.title|doc_1")
		return err == nil && bytes.Equal(got, []byte("Programme"))
	}
	word := func(k *vault.Keysets) string {
		token, err := k.Token(wco, "programme")
		if err != nil {
			t.Fatal(err)
		}
		return string(token)
	}
	if err := vault.FinishRotation(dir, wco); !errors.Is(err, vault.ErrRotation) {
		t.Errorf("the second step first: %v", err)
	}
	before := open()
	if err := vault.BeginRotation(dir, wco); err != nil {
		t.Fatal(err)
	}
	if err := vault.BeginRotation(dir, wco); !errors.Is(err, vault.ErrRotation) {
		t.Errorf("the first step twice: %v", err)
	}
	begun := open()
	if !opens(before, seal(begun)) {
		t.Error("a gateway that has not been started again cannot open what one seals that has")
	}
	if err := vault.FinishRotation(dir, wco); err != nil {
		t.Fatal(err)
	}
	after := open()
	if !opens(begun, seal(after)) || !opens(after, seal(begun)) || !opens(after, seal(before)) {
		t.Error("one of the gateways cannot open what another seals")
	}
	if opens(before, seal(after)) {
		t.Error("the key of before seals on: whoever copied it opens what is new")
	}
	if word(before) != word(after) {
		t.Error("a word is not found again")
	}
	if left, err := os.ReadFile(filepath.Join(dir, unoct+".json")); err != nil || !bytes.Equal(left, other) {
		t.Errorf("another organisation's keyset was changed: %v", err)
	}
	info, err := os.Stat(filepath.Join(dir, wco+".json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 2 {
		t.Errorf("%d files are left, %v", len(entries), err)
	}
}

// Whose keyset cannot be read, or is another's, is left as it is.
func TestAKeysetThatIsNotTheOrganisationsIsNotRotated(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keysets")
	if err := vault.CreateKeysets(dir, []string{wco}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, wco+".json")
	right, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, spoilt := range map[string][]byte{
		"another's": bytes.Replace(right, []byte(wco), []byte(unoct), 1),
		"damaged":   right[:len(right)/2],
	} {
		if err := os.WriteFile(path, spoilt, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := vault.BeginRotation(dir, wco); !errors.Is(err, vault.ErrKeys) {
			t.Errorf("%s: %v", name, err)
		}
		if left, err := os.ReadFile(path); err != nil || !bytes.Equal(left, spoilt) {
			t.Errorf("%s: it was changed, %v", name, err)
		}
	}
	if err := vault.BeginRotation(dir, unoct); !errors.Is(err, vault.ErrKeys) {
		t.Errorf("one that is not there: %v", err)
	}
}
