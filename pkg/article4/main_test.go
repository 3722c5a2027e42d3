package article4_test

import (
	"os"
	"runtime/debug"
	"testing"
)

// TestMain lets the enumerations, which make short-lived things by the million, collect them seldom.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}
