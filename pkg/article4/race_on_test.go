//go:build race

package article4_test

// every: with the race detector on only one combination in so many is tried.
const every = 101
