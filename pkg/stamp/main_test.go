package stamp_test

import (
	"fmt"
	"os"
	"testing"

	"chancery.example/gateway/pkg/stamp"
)

// The test's own program is the child, as the gateway's own program is in service.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "stamp-child" {
		if err := stamp.Child(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}
