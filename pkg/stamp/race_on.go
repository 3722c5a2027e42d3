//go:build race

package stamp

// shadowMemory: the race detector's memory would count against the limit.
const shadowMemory = true
