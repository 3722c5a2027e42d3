package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/zalando/go-keyring"
)

const (
	keyringService = "chancery"
	tokenFile      = "tokens.json" // where no keyring answers
	// keyringPatience is how long a keyring may take: one that is locked may wait for somebody who is not there.
	keyringPatience = 5 * time.Second
)

var errNoKeyring = errors.New("CHANCERY_KEYRING is off")

// vault keeps tokens by server.
type vault struct {
	home
	keyring bool
}

func newVault(env environment, h home) vault {
	return vault{h, env.lookup("CHANCERY_KEYRING") != "off"}
}

// keep stores the tokens of a server. It answers the fault of the keyring where the file had to serve.
func (v vault) keep(server string, t tokens) (noKeyring, err error) {
	text, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	noKeyring = v.asking(func() error { return keyring.Set(keyringService, server, string(text)) })
	if noKeyring == nil {
		return nil, v.dropFromFile(server)
	}
	all := map[string]tokens{}
	if err := v.read(tokenFile, &all); err != nil {
		return noKeyring, err
	}
	all[server] = t
	if err := v.write(tokenFile, all); err != nil {
		return noKeyring, err
	}
	_ = v.dropFromKeyring(server) // one that does not take the new one may still let go of the old one
	return noKeyring, nil
}

// tokens of a server, from where they were kept; none where there are none.
func (v vault) tokens(server string, inFile bool) (t tokens, found bool, err error) {
	if inFile {
		all := map[string]tokens{}
		err := v.read(tokenFile, &all)
		t, found = all[server]
		return t, found, err
	}
	var text string
	err = v.asking(func() (err error) {
		text, err = keyring.Get(keyringService, server)
		return err
	})
	if errors.Is(err, keyring.ErrNotFound) {
		return t, false, nil
	}
	if err != nil {
		return t, false, fmt.Errorf("the keyring of this system does not answer: %w", err)
	}
	return t, true, json.Unmarshal([]byte(text), &t)
}

// drop forgets the tokens of a server, wherever they are, and answers them. What the place where they were kept last
// does not let go of is a fault; the other one may have some of an earlier sign-in, and left answers why it could not
// be asked.
func (v vault) drop(server string, inFile bool) (dropped []tokens, left, err error) {
	for _, file := range []bool{true, false} {
		t, found, err := v.tokens(server, file)
		if found {
			dropped = append(dropped, t)
		}
		if file {
			err = errors.Join(err, v.dropFromFile(server))
		} else if err == nil {
			err = v.dropFromKeyring(server)
		}
		if err != nil && file == inFile {
			return dropped, nil, err
		}
		left = errors.Join(left, err)
	}
	return dropped, left, nil
}

func (v vault) dropFromKeyring(server string) error {
	err := v.asking(func() error { return keyring.Delete(keyringService, server) })
	if errors.Is(err, keyring.ErrNotFound) {
		return nil
	}
	return err
}

func (v vault) dropFromFile(server string) error {
	all := map[string]tokens{}
	if err := v.read(tokenFile, &all); err != nil {
		return err
	}
	delete(all, server)
	if len(all) > 0 {
		return v.write(tokenFile, all)
	}
	if err := os.Remove(filepath.Join(v.dir, tokenFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// asking bounds a call of the keyring.
func (v vault) asking(f func() error) error {
	if !v.keyring {
		return errNoKeyring
	}
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-time.After(keyringPatience):
		return fmt.Errorf("no answer in %s", keyringPatience)
	}
}
