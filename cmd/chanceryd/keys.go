package main

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/instrument"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/vault"
)

// logKey signs the checkpoints of the log.
type logKey struct {
	signer   note.Signer
	verifier note.Verifier
	public   string
}

// publicSuffix is that of the file beside the private key which auditors get.
const (
	publicSuffix = ".pub"
	publicMode   = 0o644
)

// open reads the keysets, which nobody but their owner may read, unless they are mounted.
func (c keysConfig) open() (*vault.Keysets, error) {
	if c.Mounted {
		return vault.OpenMountedKeysets(c.Keysets)
	}
	return vault.OpenKeysets(c.Keysets)
}

// openLogKey reads the log's private key, which nobody but its owner may read unless it is mounted, and the public one
// beside it.
func openLogKey(c keysConfig) (logKey, error) {
	path, read := c.LogKey, vault.ReadPrivate
	if c.Mounted {
		read = vault.ReadMounted
	}
	private, err := read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return logKey{}, plainPathError(err)
	}
	if err != nil {
		return logKey{}, fmt.Errorf("%s: %w", path, err)
	}
	public, err := readBounded(path + publicSuffix)
	if err != nil {
		return logKey{}, err
	}
	k := logKey{public: strings.TrimSpace(string(public))}
	if k.signer, err = note.NewSigner(strings.TrimSpace(string(private))); err != nil {
		return logKey{}, fmt.Errorf("%s holds no signing key", path) // the parser's words could quote it
	}
	if k.verifier, err = note.NewVerifier(k.public); err != nil {
		return logKey{}, fmt.Errorf("%s holds no public key: %w", path+publicSuffix, err)
	}
	if k.signer.Name() != k.verifier.Name() || k.signer.KeyHash() != k.verifier.KeyHash() {
		return logKey{}, fmt.Errorf("%s is not the public half of %s", path+publicSuffix, path)
	}
	return k, nil
}

// createLogKey writes a new pair unless one stands there; to overwrite one would be to fork the log. A public half that
// is missing beside the private one is written again.
func createLogKey(path, origin string) (created bool, err error) {
	if fileExists(path) {
		if fileExists(path + publicSuffix) {
			return false, nil
		}
		return false, restorePublic(path)
	}
	private, public, err := ledger.GenerateKey(origin)
	if err != nil {
		return false, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return false, fmt.Errorf("log key: %w", err)
	}
	// The public half first: whoever finds the private one finds both.
	if err := os.WriteFile(path+publicSuffix, []byte(public+"\n"), publicMode); err != nil {
		return false, fmt.Errorf("log key: %w", err)
	}
	return true, writeNew(path, []byte(private+"\n"))
}

// restorePublic writes the public half of the private key at path: the seed that its last part holds makes it.
func restorePublic(path string) error {
	private, err := readBounded(path)
	if err != nil {
		return err
	}
	unusable := fmt.Errorf("%s holds no signing key", path) // the parser's words could quote it
	text := strings.TrimSpace(string(private))
	signer, err := note.NewSigner(text)
	if err != nil {
		return unusable
	}
	parts := strings.SplitN(text, "+", 5) // PRIVATE+KEY+name+hash+key, where the key is base64 and may hold a "+"
	seed, err := base64.StdEncoding.DecodeString(parts[len(parts)-1])
	if err != nil || len(seed) != 1+ed25519.SeedSize {
		return unusable
	}
	public, err := note.NewEd25519VerifierKey(signer.Name(),
		ed25519.NewKeyFromSeed(seed[1:]).Public().(ed25519.PublicKey))
	if err != nil {
		return unusable
	}
	if err := os.WriteFile(path+publicSuffix, []byte(public+"\n"), publicMode); err != nil {
		return fmt.Errorf("log key: %w", err)
	}
	return nil
}

// writeNew makes a file of mode 0600 that did not exist, whole and durable.
func writeNew(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s stands there already", path)
	}
	if err != nil {
		return fmt.Errorf("create %s: %w", path, err)
	}
	_, err = f.Write(content)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// checkLogName wants a name that outlives every address: it stands in each checkpoint, receipt and bundle, and is never
// changed. Nothing is to be found there, so it needs no host that answers; C2SP wants it to look like an address
// without a scheme, under a domain of whoever names it.
func checkLogName(name, publicURL string) []finding {
	host, path, _ := strings.Cut(name, "/")
	u, err := url.Parse("//" + name)
	plain := err == nil && u.Host == host && u.User == nil && strings.Contains(host, ".") && path != "" &&
		!strings.ContainsAny(name, " \t+?#%:") && !strings.HasSuffix(name, "/") && len(name) <= 100
	const cure = "choose what stays when the gateway moves, under a domain of a Party, such as " +
		"wco.example.org/wco-unoct-2022"
	switch public, _ := url.Parse(publicURL); {
	case name == "":
		return []finding{{Key: "keys.log_name", Problem: isMissing, Cure: cure}}
	case !plain:
		return []finding{{Key: "keys.log_name", Problem: fmt.Sprintf("%q is no name of a log", name), Cure: cure}}
	case public != nil && strings.EqualFold(host, public.Hostname()):
		return []finding{{Key: "keys.log_name",
			Problem: fmt.Sprintf("%q names the log after the gateway's address, which may change", name), Cure: cure}}
	}
	return nil
}

func keysCommand(env environment) *cobra.Command {
	group := &cobra.Command{Use: "keys", Short: "Make and rotate the keys of a gateway"}
	var path, name string
	create := &cobra.Command{
		Use:   "create",
		Short: "Create the organisations' keysets and the log's signing key where they are missing",
		Long: "create writes a keyset for each organisation of the Arrangement file and the key that signs the log, " +
			"mode 0600.\n" +
			"What stands is left as it is. Back both up: without the keysets no document can be opened again.\n\n" +
			"A new log gets its name here, for good: it stands in every checkpoint, receipt and bundle. Choose one " +
			"that outlives\n" +
			"the gateway's address. A log that stands keeps the name of its key.",
		Args: cobra.NoArgs,
		RunE: does(func(context.Context) error { return createKeys(path, name, env) }),
	}
	configFlag(create, &path)
	create.Flags().StringVar(&name, "log-name", "",
		"the `NAME` of a new log, such as wco.example.org/wco-unoct-2022; else keys.log_name of the configuration")
	group.AddCommand(create, clientKeyCommand(env), rotateKeysetsCommand(env))
	return group
}

func createKeys(path, name string, env environment) error {
	cfg, found := load(path, env.variables)
	in, wrong := readArrangement(cfg.Arrangement)
	found = append(found, wrong...)
	found = append(found, missing(map[string]string{"keys.keysets": cfg.Keys.Keysets, "keys.log_key": cfg.Keys.LogKey},
		map[string]string{"keys.keysets": "name a directory", "keys.log_key": "name a file"})...)
	if name == "" {
		name = cfg.Keys.LogName
	}
	if cfg.Keys.LogKey != "" && !fileExists(cfg.Keys.LogKey) {
		found = append(found, checkLogName(name, cfg.PublicURL)...)
	}
	for _, f := range found {
		if f.stops() {
			report(env.stderr, found)
			return &failure{exitFailure, errors.New("no key was created")}
		}
	}
	if err := makeKeys(cfg.Keys, in, name); err != nil {
		return err
	}
	key, err := openLogKey(cfg.Keys)
	if err != nil {
		return err
	}
	fmt.Fprintf(env.stdout, "keysets   %s\nlog       %s\nlog key   %s\npublic    %s\n\n"+
		"Give the public key to the auditors of both Parties, by another way than this gateway.\n"+
		"Back up keysets and log key, apart from the database.\n",
		cfg.Keys.Keysets, key.signer.Name(), cfg.Keys.LogKey, key.public)
	return nil
}

// makeKeys creates whatever of the keys is missing.
func makeKeys(k keysConfig, in instrument.Instrument, origin string) error {
	if err := vault.CreateKeysets(k.Keysets, keysetNames(in)); err != nil {
		return err
	}
	_, err := createLogKey(k.LogKey, origin)
	return err
}
