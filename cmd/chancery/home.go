package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"

	"chancery.example/gateway/pkg/disk"
)

// home is what this command keeps on a machine for one user: named servers, and who is signed in where. The tokens
// themselves stand in the keyring of the system, or, where none answers, in a file that only the user reads.
type home struct{ dir string }

// settings is config.json. It holds no secret.
type settings struct {
	// Current is the server of the last sign-in: it is meant where none is named.
	Current string            `json:"current,omitempty"`
	Aliases map[string]string `json:"aliases,omitempty"`
	SignIns map[string]signIn `json:"sign_ins,omitempty"` // by the server's address
}

// signIn is how somebody signed in at a server.
type signIn struct {
	Issuer string   `json:"issuer"`
	Client string   `json:"client"`
	ACR    string   `json:"acr,omitempty"`     // how strong a sign-in was asked for
	Scopes []string `json:"scopes,omitempty"`  // that were asked for beside the usual ones
	InFile bool     `json:"in_file,omitempty"` // no keyring took the token
	Before bool     `json:"before,omitempty"`  // a keyring took that of an earlier sign-in, and may hold it still
}

// tokens are what an identity provider gave.
type tokens struct {
	Access  string    `json:"access"`
	Refresh string    `json:"refresh,omitempty"`
	Expires time.Time `json:"expires"`
}

// newHome finds the folder: CHANCERY_CONFIG_DIR, else chancery below XDG_CONFIG_HOME or ~/.config.
func newHome(env environment) (home, error) {
	dir := env.lookup("CHANCERY_CONFIG_DIR")
	if base := env.lookup("XDG_CONFIG_HOME"); dir == "" && base != "" {
		dir = filepath.Join(base, "chancery")
	}
	if base := env.lookup("HOME"); dir == "" && base != "" {
		dir = filepath.Join(base, ".config", "chancery")
	}
	if dir == "" {
		return home{}, errors.New("there is no place to keep a sign-in: set CHANCERY_CONFIG_DIR, or HOME")
	}
	return home{dir}, nil
}

// settings reads config.json; where there is none, nothing is kept.
func (h home) settings() (settings, error) {
	s := settings{Aliases: map[string]string{}, SignIns: map[string]signIn{}}
	err := h.read("config.json", &s)
	return s, err
}

// change edits config.json, one command at a time.
func (h home) change(edit func(*settings) error) error {
	return h.locked(func() error {
		s, err := h.settings()
		if err != nil {
			return err
		}
		if err := edit(&s); err != nil {
			return err
		}
		return h.write("config.json", s)
	})
}

// locked keeps two commands from renewing the same token: a provider takes each refresh token once.
func (h home) locked(f func() error) error {
	if err := os.MkdirAll(h.dir, 0o700); err != nil {
		return err
	}
	unlock, err := lockedfile.MutexAt(filepath.Join(h.dir, "lock")).Lock()
	if err != nil {
		return err
	}
	defer unlock()
	return f()
}

func (h home) read(name string, into any) error {
	text, err := os.ReadFile(filepath.Join(h.dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s is not as this command wrote it: %w", filepath.Join(h.dir, name), err)
	}
	return nil
}

// write makes the file appear whole, for its owner alone.
func (h home) write(name string, what any) error {
	text, err := json.MarshalIndent(what, "", "  ")
	if err != nil {
		return err
	}
	return disk.Replace(filepath.Join(h.dir, name), append(text, '\n'))
}
