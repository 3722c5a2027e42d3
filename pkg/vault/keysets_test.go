package vault_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"chancery.example/gateway/pkg/vault"
)

func TestASealedColumnOpensWhereItStandsOnly(t *testing.T) {
	k := newKeysets(t, wco, unoct)
	title := []byte("Programme of the joint mission")
	sealed, err := k.Seal(wco, title, "document.title|doc_1")
	if err != nil || bytes.Contains(sealed, title[:8]) {
		t.Fatalf("%q, %v", sealed, err)
	}
	if got, err := k.Open(wco, sealed, "document.title|doc_1"); err != nil || !bytes.Equal(got, title) {
		t.Errorf("%q, %v", got, err)
	}
	flipped := bytes.Clone(sealed)
	flipped[len(flipped)-1] ^= 1
	for name, try := range map[string]struct {
		organisation, context string
		sealed                []byte
	}{
		"another organisation": {unoct, "document.title|doc_1", sealed},
		"another document":     {wco, "document.title|doc_2", sealed},
		"a flipped bit":        {wco, "document.title|doc_1", flipped},
		"cut":                  {wco, "document.title|doc_1", sealed[:len(sealed)-1]},
		"nothing":              {wco, "document.title|doc_1", nil},
	} {
		if got, err := k.Open(try.organisation, try.sealed, try.context); !errors.Is(err, vault.ErrTampered) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	again, err := k.Seal(wco, title, "document.title|doc_1")
	if err != nil || bytes.Equal(again, sealed) {
		t.Error("equal titles are sealed alike")
	}
}

// TestAWrappedKeyIsNoColumn takes a document's wrapped key for a sealed title, with the associated data that would fit.
func TestAWrappedKeyIsNoColumn(t *testing.T) {
	h := newFixture(t)
	want := h.deposit([]byte("x"))
	for _, context := range []string{want.Version + "|1", wco + "|" + want.Version + "|1", "|" + want.Version + "|1"} {
		if _, err := h.keysets.Open(wco, want.WrappedKey, context); !errors.Is(err, vault.ErrTampered) {
			t.Errorf("context %q: %v", context, err)
		}
	}
}

func TestTokensAreEqualWithinOneOrganisationOnly(t *testing.T) {
	k := newKeysets(t, wco, unoct)
	token := func(organisation, word string) string {
		b, err := k.Token(organisation, word)
		if err != nil || len(b) != vault.TokenSize {
			t.Fatalf("%x, %v", b, err)
		}
		return string(b)
	}
	first := token(wco, "mission")
	if again := token(wco, "mission"); again != first {
		t.Error("one word has two tokens")
	}
	if first == token(wco, "missions") || first == token(unoct, "mission") {
		t.Error("tokens are equal that must not be")
	}
}

func TestAnUnknownOrganisationHasNoKeys(t *testing.T) {
	k := newKeysets(t, wco)
	_, seal := k.Seal(unoct, nil, "c")
	_, open := k.Open(unoct, nil, "c")
	_, token := k.Token(unoct, "w")
	for _, err := range []error{seal, open, token} {
		if !errors.Is(err, vault.ErrKeys) {
			t.Error(err)
		}
	}
	if k.Custody() != "operator-held" {
		t.Errorf("custody %s", k.Custody())
	}
}

func TestAKeysetIsNeverOverwritten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	if err := vault.CreateKeysets(dir, []string{wco}); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(dir, wco+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := vault.CreateKeysets(dir, []string{wco, unoct}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	after, err := os.ReadFile(filepath.Join(dir, wco+".json"))
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("the keyset changed: %v", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("%d files, %v", len(entries), err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("directory: %v, %v", info.Mode(), err)
	}
	if _, err := vault.OpenKeysets(dir); err != nil {
		t.Error(err)
	}
}

// TestADamagedKeysetIsNotReplaced leaves an empty file to the person who knows where the copy is.
func TestADamagedKeysetIsNotReplaced(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, wco+".json")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := vault.CreateKeysets(dir, []string{wco}); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(path); err != nil || len(b) != 0 {
		t.Errorf("%d bytes, %v", len(b), err)
	}
	if _, err := vault.OpenKeysets(dir); !errors.Is(err, vault.ErrKeys) {
		t.Error(err)
	}
}

func TestKeysetsThatOthersMayUseAreRefused(t *testing.T) {
	dir := t.TempDir()
	if err := vault.CreateKeysets(dir, []string{wco}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, wco+".json")
	for mode, refused := range map[os.FileMode]bool{
		0o600: false, 0o400: false, 0o640: true, 0o604: true, 0o620: true, 0o602: true, 0o644: true, 0o610: true,
		0o777: true,
	} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := vault.OpenKeysets(dir)
		if refused != errors.Is(err, vault.ErrKeys) || (err == nil) == refused {
			t.Errorf("mode %04o: %v", mode, err)
		}
	}
}

func TestOddKeysetFilesAreRefusedAndNeverQuoted(t *testing.T) {
	good := t.TempDir()
	if err := vault.CreateKeysets(good, []string{wco}); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(good, wco+".json"))
	if err != nil {
		t.Fatal(err)
	}
	for name, odd := range map[string]string{
		"of another organisation": strings.Replace(string(content), wco, unoct, 1),
		"empty":                   "",
		"cut":                     string(content[:len(content)/2]),
		"no JSON":                 "SECRET" + string(content),
		"no keysets":              `{"organisation": "org_wco"}`,
		"odd keysets":             `{"organisation": "org_wco", "documents": {"primaryKeyId": "SECRET"}, "tokens": {}}`,
		"without tokens":          strings.Replace(string(content), `"tokens"`, `"others"`, 1),
		"exchanged": strings.NewReplacer(`"tokens"`, `"documents"`, `"documents"`,
			`"tokens"`).Replace(string(content)),
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, wco+".json"), []byte(odd), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := vault.OpenKeysets(dir); !errors.Is(err, vault.ErrKeys) || strings.Contains(err.Error(), "SECRET") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, dir := range []string{t.TempDir(), filepath.Join(t.TempDir(), "absent")} {
		if _, err := vault.OpenKeysets(dir); !errors.Is(err, vault.ErrKeys) {
			t.Error(err)
		}
	}
	for _, organisation := range []string{"", "../x", "a/b", "a b", ".", strings.Repeat("x", 200)} {
		if err := vault.CreateKeysets(t.TempDir(), []string{organisation}); !errors.Is(err, vault.ErrKeys) {
			t.Errorf("%q: %v", organisation, err)
		}
	}
}
