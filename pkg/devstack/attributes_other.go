//go:build !linux

package devstack

// attributesWork leaves the finding out to the server itself.
func attributesWork(string) error { return nil }
