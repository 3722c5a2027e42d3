//go:build !race

package article4_test

// every combination is tried; with the race detector on, a sample.
const every = 1
