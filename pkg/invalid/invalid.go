// Package invalid holds what is wrong with somebody's input: one collector of faults for every way in, and the words of
// each fault in English and French.
//
// Whoever finds a fault names its key, its field and what the words tell of; nobody puts a sentence together. The
// package imports nothing of the gateway.
package invalid

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Fault is one thing wrong with an input.
type Fault struct {
	Key       Key
	Field     string // like a path in JSON, "personal_data.retain_until"; empty: the input as a whole
	Paragraph string // of the Arrangement, that asks for the field: "4(3)"; may be empty
	Args      []any  // what the words tell of: as many as they take, each an int, a rune, a string or a []string
}

// Code is the code of the fault, "request/" and a name.
func (f Fault) Code() string { return "request/" + wordsOf(f.Key).name }

// Name is the last part of the code: "missing-field".
func (f Fault) Name() string { return wordsOf(f.Key).name }

// English says what is wrong and what is expected, without a full stop. The field is its subject, and is not repeated.
func (f Fault) English() string { return sentence(wordsOf(f.Key).english, f.Args, inEnglish) }

// French says the same in French.
func (f Fault) French() string { return sentence(wordsOf(f.Key).french, f.Args, inFrench) }

// sentence fills a format of the table; say words one argument in its language.
func sentence(format string, args []any, say func(any) string) string {
	said := make([]any, len(args))
	for i, arg := range args {
		said[i] = say(arg)
	}
	return fmt.Sprintf(format, said...)
}

// inEnglish quotes what the caller sent, and gives the values of the API as they are.
func inEnglish(arg any) string {
	switch arg := arg.(type) {
	case string:
		return fmt.Sprintf("%q", arg)
	case []string:
		return strings.Join(arg, ", ")
	}
	return plain(arg)
}

// inFrench puts both in guillemets, which French sets with a space that no line breaks at.
func inFrench(arg any) string {
	switch arg := arg.(type) {
	case string:
		return guillemets(arg)
	case []string:
		quoted := make([]string, len(arg))
		for i, value := range arg {
			quoted[i] = guillemets(value)
		}
		return strings.Join(quoted, ", ")
	}
	return plain(arg)
}

func guillemets(s string) string { return "«\u00a0" + s + "\u00a0»" }

// plain words numbers as numbers and runes as U+202E.
func plain(arg any) string {
	if r, ok := arg.(rune); ok {
		return fmt.Sprintf("%U", r)
	}
	return fmt.Sprint(arg)
}

// Error is an input with faults.
type Error struct {
	Faults []Fault // never empty
}

// Error lists the faults in English, for logs and tests.
func (e *Error) Error() string {
	parts := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		parts[i] = f.Field + ": " + f.English()
	}
	return "invalid: " + strings.Join(parts, "; ")
}

// One is an error with a single fault.
func One(key Key, field, paragraph string, args ...any) error {
	var f Faults
	f.Add(key, field, paragraph, args...)
	return f.Err()
}

// Faults collects what is wrong with an input, so that all of it is answered at once. The zero value is ready.
type Faults []Fault

// Add notes a fault. The words of key take as many args as there are.
func (f *Faults) Add(key Key, field, paragraph string, args ...any) {
	*f = append(*f, Fault{Key: key, Field: field, Paragraph: paragraph, Args: args})
}

// Err is nil where nothing is wrong, and an *Error with every fault otherwise.
func (f Faults) Err() error {
	if len(f) == 0 {
		return nil
	}
	return &Error{Faults: f}
}

// Within names the faults of an input by the member of a larger one that it is; other errors pass as they are.
func Within(member string, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	out := &Error{Faults: slices.Clone(e.Faults)}
	for i, fault := range out.Faults {
		out.Faults[i].Field = strings.TrimSuffix(member+"."+fault.Field, ".")
	}
	return out
}
