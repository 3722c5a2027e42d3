package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// onTerminal carries out a command whose standard output is a terminal, and answers what came there.
func onTerminal(t *testing.T, variables []string, args ...string) string {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("SKIPPED, NOT TESTED: no terminal can be made: %v", err)
	}
	defer screen.Close()
	must(t, unix.IoctlSetPointerInt(int(screen.Fd()), unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetInt(int(screen.Fd()), unix.TIOCGPTN)
	must(t, err)
	terminal, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	must(t, err)
	came := make(chan string)
	go func() {
		var all bytes.Buffer
		_, _ = io.Copy(&all, screen) // ends with an error once nobody has the terminal open
		came <- all.String()
	}()
	run(t.Context(), args, environment{variables: variables, stdout: terminal, stderr: terminal})
	must(t, terminal.Close())
	return <-came
}

// What is printed byte for byte into a file is not so on a terminal.
func TestACheckpointAndAReceiptPlayWithNoTerminal(t *testing.T) {
	l := newLying(t)
	l.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write([]byte("a\x1b[31mb\u202ec\u009bd\x07\n"))
	})
	for _, args := range [][]string{{"log", "checkpoint"}, {"log", "receipt", "dis_1"}} {
		env := append(l.signedIn(t), "NO_COLOR=1")
		if got := onTerminal(t, env, args...); strings.ContainsAny(got, "\x1b\u202e\u009b\x07") ||
			!strings.Contains(got, "[31mb") {
			t.Errorf("%v: %q", args, got)
		}
		if _, got, _ := ran(t, env, args...); got != "a\x1b[31mb\u202ec\u009bd\x07\n" {
			t.Errorf("%v into a pipe: %q", args, got)
		}
	}
}
