package main

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

	"chancery.example/gateway/pkg/ledger"
)

// filesOf are the files of a folder that an auditor keeps, without hidden ones.
func filesOf(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, e := range entries {
		if !e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			out = append(out, e.Name())
		}
	}
	return out, nil
}

// readReceipts refuses what is no receipt: whether it was once one, nobody can tell.
func readReceipts(dir string) (map[string][]byte, error) {
	names, err := filesOf(dir)
	if err != nil {
		return nil, err
	}
	receipts := map[string][]byte{}
	for _, name := range names {
		path := filepath.Join(dir, name)
		if receipts[name], err = readSmall(path); err != nil {
			return nil, err
		}
		if !bytes.HasPrefix(receipts[name], []byte(`{"chancery_receipt":`)) {
			return nil, fmt.Errorf("%s is no receipt of a log: put it somewhere else, this folder is for receipts",
				ledger.Plain(path))
		}
	}
	if len(receipts) == 0 {
		return nil, fmt.Errorf("%s holds no receipt", dir)
	}
	return receipts, nil
}

// hashLetters gives the SHA-256 of each file of a folder.
func hashLetters(dir string) ([]string, error) {
	names, err := filesOf(dir)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, name := range names {
		f, err := os.Open(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		digest, _, err := digestOf(f)
		if err := errors.Join(err, f.Close()); err != nil {
			return nil, fmt.Errorf("read the letter %s: %w", ledger.Plain(name), err)
		}
		out = append(out, digest)
	}
	return out, nil
}

// readIssuerKeys reads ISSUER=DIR, where DIR holds the sets that the provider published, one file each, or ISSUER=FILE.
func readIssuerKeys(sets []string) (map[string][]string, error) {
	out := map[string][]string{}
	for _, set := range sets {
		issuer, path, found := strings.Cut(set, "=")
		if !found || issuer == "" || path == "" {
			return nil, fmt.Errorf("--issuer-keys %s: want the identity provider's address, =, and a folder of its "+
				"key sets", ledger.Plain(set))
		}
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		paths := []string{path}
		if info.IsDir() {
			names, err := filesOf(path)
			if err != nil {
				return nil, err
			}
			paths = nil
			for _, name := range names {
				paths = append(paths, filepath.Join(path, name))
			}
		}
		for _, file := range paths {
			keys, err := readJWKS(file)
			if err != nil {
				return nil, err
			}
			out[issuer] = append(out[issuer], keys...)
		}
		if len(out[issuer]) == 0 {
			return nil, fmt.Errorf("%s holds no set of keys", path)
		}
	}
	return out, nil
}

// readJWKS gives the thumbprints of the keys of a set (RFC 7517 5) that can sign.
func readJWKS(path string) ([]string, error) {
	text, err := readSmall(path)
	if err != nil {
		return nil, err
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(text, &set); err != nil {
		return nil, fmt.Errorf("%s is no JWKS: %w", ledger.Plain(path), err)
	}
	var out []string
	for _, key := range set.Keys {
		if thumbprint, err := ledger.Thumbprint(key); err == nil {
			out = append(out, thumbprint)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s holds no key that can sign", ledger.Plain(path))
	}
	return out, nil
}

// readSmall reads a file that is small by its nature.
func readSmall(path string) ([]byte, error) {
	const most = 1 << 20
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	var broken *fs.PathError
	switch {
	case errors.As(err, &broken):
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", path, err)
	case len(data) > most:
		return nil, fmt.Errorf("%s is larger than %d bytes", path, most)
	}
	return data, nil
}
