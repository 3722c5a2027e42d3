//go:build !unix

package main

import (
	"os"
	"path/filepath"
)

// oursAlone cannot be told here: whose a folder is does not stand in what the system says of it.
func oursAlone(os.FileInfo) bool { return true }

// move renames between two places. Both names are of the places themselves.
func move(from place, name string, to place, as string) error {
	return os.Rename(filepath.Join(from.Name(), name), filepath.Join(to.Name(), as))
}
