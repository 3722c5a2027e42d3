// Command tested runs go test and prints what it prints, but for the output of tests that pass. What was skipped, and
// why, is kept in a file beside, which make test shows at its end: a skip is seen. So are the ten tests that took
// longest.
//
//	go run ./.ci/tested SKIPPED go test …    appends to the file SKIPPED
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
)

// event is a line of go test -json (cmd/test2json).
type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64 // seconds
}

func main() {
	if len(os.Args) < 4 || !slices.Equal(os.Args[2:4], []string{"go", "test"}) {
		fmt.Fprintln(os.Stderr, "usage: tested SKIPPED go test …")
		os.Exit(2)
	}
	command := exec.Command("go", append([]string{"test", "-json"}, os.Args[4:]...)...)
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	r := report{said: map[string][]string{}}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var e event
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			fmt.Println(lines.Text()) // of the compiler
			continue
		}
		r.take(e)
	}
	status := 0
	if err := command.Wait(); err != nil {
		status = max(command.ProcessState.ExitCode(), 1)
	}
	r.tellSlowest()
	if err := r.keep(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	os.Exit(status)
}

// report is what is said of each test until it ends, and what was skipped.
type report struct {
	said    map[string][]string // by package and test
	skipped []string
	took    []event // whole tests, without their parts
}

func (r *report) take(e event) {
	name := e.Package + " " + e.Test
	if e.Elapsed > 0 && e.Test != "" && !strings.Contains(e.Test, "/") {
		r.took = append(r.took, e)
	}
	switch {
	case e.Action == "output" && e.Test == "", e.Action == "build-output":
		if !strings.HasPrefix(e.Output, "PASS\n") {
			fmt.Print(e.Output)
		}
	case e.Action == "output":
		r.said[name] = append(r.said[name], e.Output)
	case e.Action == "pass":
		delete(r.said, name)
	case e.Action == "skip":
		if e.Test != "" {
			r.skipped = append(r.skipped, name+": "+reason(r.said[name]))
		}
		delete(r.said, name)
	case e.Action == "fail":
		fmt.Print(strings.Join(r.said[name], ""))
		delete(r.said, name)
		if e.Test == "" { // what ran when the package ended
			r.unfinished(e.Package)
		}
	}
}

func (r *report) tellSlowest() {
	slices.SortFunc(r.took, func(a, b event) int { return cmp.Compare(b.Elapsed, a.Elapsed) })
	for _, e := range r.took[:min(10, len(r.took))] {
		fmt.Printf("took %6.1f s  %s %s\n", e.Elapsed, path.Base(e.Package), e.Test)
	}
}

func (r *report) unfinished(of string) {
	for name, said := range r.said {
		if strings.HasPrefix(name, of+" ") {
			fmt.Print(strings.Join(said, ""))
			delete(r.said, name)
		}
	}
}

// reason is what a test said before it was skipped.
func reason(said []string) string {
	var out []string
	for _, line := range said {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "=== ") &&
			!strings.HasPrefix(line, "--- ") {
			out = append(out, line)
		}
	}
	return strings.Join(out, " ")
}

func (r *report) keep(file string) error {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	for _, line := range r.skipped {
		fmt.Fprintln(f, line)
	}
	return f.Close()
}
