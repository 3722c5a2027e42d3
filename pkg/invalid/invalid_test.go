package invalid_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/invalid"
)

func TestEveryKeyHasItsCodeAndItsWordsInBothLanguages(t *testing.T) {
	if len(invalid.Keys()) < 100 {
		t.Errorf("only %d keys", len(invalid.Keys()))
	}
	form := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	for _, k := range invalid.Keys() {
		found := 0
		for _, table := range invalid.Tables() {
			if _, ok := table[k]; ok {
				found++
			}
		}
		name, english, french := invalid.Said(k)
		if found != 1 || !form.MatchString(name) || english == "" || french == "" || english == french {
			t.Errorf("key %d stands in %d tables: %q, %q, %q", k, found, name, english, french)
		}
	}
}

// Two keys that say the same under one code are one key.
func TestNoTwoKeysSayTheSame(t *testing.T) {
	seen := map[string]invalid.Key{}
	for _, k := range invalid.Keys() {
		name, english, _ := invalid.Said(k)
		if other, twice := seen[name+" "+english]; twice {
			t.Errorf("keys %d and %d: %s, %q", other, k, name, english)
		}
		seen[name+" "+english] = k
	}
}

// taken counts the arguments of a format, and is -1 where a verb other than %s stands in it.
func taken(format string) int {
	n := strings.Count(format, "%s")
	if strings.Count(format, "%") != n {
		return -1
	}
	return n
}

func TestBothLanguagesTellOfTheSameArguments(t *testing.T) {
	for _, k := range invalid.Keys() {
		_, english, french := invalid.Said(k)
		if n := taken(english); n < 0 || n != taken(french) {
			t.Errorf("%q takes %d arguments, %q takes %d", english, n, french, taken(french))
		}
	}
}

func TestAFaultIsWordedWithItsArguments(t *testing.T) {
	for name, c := range map[string]struct {
		fault           invalid.Fault
		english, french string
	}{
		"numbers": {invalid.Fault{Key: invalid.TooLong, Args: []any{7331, 4000}},
			"has 7331 characters; at most 4000 are kept", "compte 7331 caractères\u202f; au plus 4000 sont conservés"},
		"what was sent, and values": {invalid.Fault{Key: invalid.NoneOf,
			Args: []any{"faxé", []string{"stamped", "original"}}},
			`"faxé" is none of stamped, original`,
			"«\u00a0faxé\u00a0» n’est aucune des valeurs admises\u00a0: «\u00a0stamped\u00a0», «\u00a0original\u00a0»"},
		"a character": {invalid.Fault{Key: invalid.ControlCharacter, Args: []any{'\u202e'}},
			"holds the control character U+202E; remove it",
			"contient le caractère de commande U+202E\u202f; veuillez l’enlever"},
		"a per cent that was sent": {invalid.Fault{Key: invalid.NotAValue, Args: []any{"100%d"}},
			`"100%d" is not one of the values of this field`, "«\u00a0100%d\u00a0» n’est pas une valeur de ce champ"},
	} {
		if got := c.fault.English(); got != c.english {
			t.Errorf("%s: %q, want %q", name, got, c.english)
		}
		if got := c.fault.French(); got != c.french {
			t.Errorf("%s: %q, want %q", name, got, c.french)
		}
	}
}

func TestFaultsAreAnErrorOnlyWhereThereIsOne(t *testing.T) {
	var f invalid.Faults
	if f.Err() != nil {
		t.Errorf("no fault answered %v", f.Err())
	}
	f.Add(invalid.Missing, "statement", "4(8)")
	f.Add(invalid.TooManyItems, "people", "", 101, 100)
	var wrong *invalid.Error
	if !errors.As(f.Err(), &wrong) || len(wrong.Faults) != 2 {
		t.Fatalf("answered %v", f.Err())
	}
	if got := wrong.Faults[0]; got.Code() != "request/missing-field" || got.Field != "statement" ||
		got.Paragraph != "4(8)" {
		t.Errorf("%+v", got)
	}
	if got := f.Err().Error(); got != "invalid: statement: is missing; people: has 101 items; at most 100 are kept" {
		t.Errorf("%q", got)
	}
}
