package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/term"
)

// isTerminal reports whether somebody sits before a stream.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// table prints lines of a list: in columns under a heading on a terminal, and otherwise whole, with tabs between, for
// programs. What the gateway sent cannot play with the terminal in either.
func (e environment) table(heading []string, rows [][]string) error {
	for _, row := range rows {
		for i, cell := range row {
			row[i] = printable(cell)
		}
	}
	if !isTerminal(e.stdout) {
		for _, row := range rows {
			if _, err := fmt.Fprintln(e.stdout, strings.Join(row, "\t")); err != nil {
				return err
			}
		}
		return nil
	}
	width, _, err := term.GetSize(int(e.stdout.(*os.File).Fd()))
	if err != nil {
		width = 0
	}
	return columns(e.stdout, heading, rows, width, e.lookup("NO_COLOR") == "" && e.lookup("TERM") != "dumb")
}

// columns sets rows under a heading; the last cell gives way where a line would be wider than the terminal.
func columns(w io.Writer, heading []string, rows [][]string, width int, bold bool) error {
	var text strings.Builder
	lines := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, row := range append([][]string{heading}, rows...) {
		fmt.Fprintln(lines, strings.Join(row, "\t"))
	}
	if err := lines.Flush(); err != nil {
		return err
	}
	for i, line := range strings.Split(strings.TrimSuffix(text.String(), "\n"), "\n") {
		line = strings.TrimRight(line, " ")
		if width > 1 && utf8.RuneCountInString(line) > width {
			line = string([]rune(line)[:width-1]) + "…"
		}
		if i == 0 && bold {
			line = "\x1b[1m" + line + "\x1b[0m"
		}
		if _, err := fmt.Fprintln(w, line); err != nil {
			return err
		}
	}
	return nil
}

// printRows prints what one thing is, a name and a value on each line; empty values are left out.
func printRows(w io.Writer, rows [][2]string) error {
	lines := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		if row[1] != "" {
			fmt.Fprintf(lines, "%s\t%s\n", row[0], printable(row[1]))
		}
	}
	return lines.Flush()
}

// fieldsOf are the members of an answer, by the names that the API has for them.
func fieldsOf[T any]() []string {
	var names []string
	for field := range reflect.TypeFor[T]().Fields() {
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" && name != "-" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// picked are the fields that --json names, of an answer as it came; "all" takes everything.
type picked []string

func pick[T any](asked string) (picked, error) {
	if asked == "" || asked == "all" {
		return nil, nil
	}
	known := fieldsOf[T]()
	fields := strings.Split(asked, ",")
	for _, name := range fields {
		if !slices.Contains(known, name) {
			return nil, &failure{exitUsage, fmt.Errorf("--json knows no field %q; there are: all, %s", name,
				strings.Join(known, ", "))}
		}
	}
	return fields, nil
}

// of takes the fields out of one answer.
func (p picked) of(raw json.RawMessage) (json.RawMessage, error) {
	if p == nil {
		return raw, nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		return nil, err
	}
	chosen := map[string]json.RawMessage{}
	for _, name := range p {
		if chosen[name] = members[name]; chosen[name] == nil {
			chosen[name] = json.RawMessage("null")
		}
	}
	return json.Marshal(chosen)
}

// printJSON prints a value, indented.
func printJSON(w io.Writer, v any) error {
	var text bytes.Buffer
	out := json.NewEncoder(&text)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	if err := out.Encode(v); err != nil {
		return err
	}
	_, err := io.WriteString(w, escaped(text.String()))
	return err
}

// escaped is JSON in which what is no printable letter stands as an escape: it says the same, and plays with no
// terminal.
func escaped(text string) string {
	var safe strings.Builder
	for _, r := range text {
		switch {
		case r == '\n' || unicode.IsPrint(r):
			safe.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&safe, `\u%04x\u%04x`, high, low)
		default: // letters outside of ASCII stand in strings only
			fmt.Fprintf(&safe, `\u%04x`, r)
		}
	}
	return safe.String()
}
