package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"

	"github.com/go-jose/go-jose/v4"
	"github.com/spf13/cobra"

	"chancery.example/gateway/pkg/identity"
	"chancery.example/gateway/pkg/vault"
)

// openClientKey reads a key of the pages' client, which nobody but its owner may read unless it is mounted.
func (c keysConfig) openClientKey(path string) (*identity.ClientKey, error) {
	read := vault.ReadPrivate
	if c.Mounted {
		read = vault.ReadMounted
	}
	text, err := read(path)
	if err != nil {
		return nil, plainPathError(err)
	}
	return identity.ReadClientKey(text)
}

func clientKeyCommand(env environment) *cobra.Command {
	return &cobra.Command{
		Use:   "client FILE",
		Short: "Make the key with which the pages' client authenticates at an identity provider",
		Long: "client writes a private key (P-256, mode 0600) into FILE unless one is there, and prints its public\n" +
			"half as a JWK set, which the identity provider is given. Name FILE as key_file under\n" +
			"issuers[].portal.\n\n" +
			"To change it: make another file, give the provider both public halves, name the new file and restart\n" +
			"the gateways, then take the old half away there.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return does(func(context.Context) error { return showClientKey(args[0], env) })(cmd, nil)
		},
	}
}

func showClientKey(path string, env environment) error {
	if !fileExists(path) {
		if err := createClientKey(path); err != nil {
			return err
		}
		fmt.Fprintf(env.stderr, "made %s\n", path)
	}
	key, err := keysConfig{}.openClientKey(path)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	set, err := json.MarshalIndent(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key.Public()}}, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(env.stdout, string(set))
	return err
}

func createClientKey(path string) error {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return writeNew(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}
