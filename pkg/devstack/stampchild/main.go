// Command stampchild marks one copy and ends, as the gateway's own program does when it starts itself for that. Tests
// under the race detector use it: it is built without, and marks a copy in a fifth of the time.
package main

import (
	"fmt"
	"os"

	"chancery.example/gateway/pkg/stamp"
)

func main() {
	if err := stamp.Child(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
