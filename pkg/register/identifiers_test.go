package register_test

import (
	"slices"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/register"
)

func TestCopyNumbersAreReadHoweverTheyWereTyped(t *testing.T) {
	number := register.NewCopyNumber()
	for !strings.ContainsAny(number, "0123456789") { // without one, and without its hyphens, it could be a word
		number = register.NewCopyNumber()
	}
	body, check := number[2:7], number[8:]
	letters := strings.NewReplacer("0", "o", "1", "l", "V", "u")
	for _, text := range []string{
		number, strings.ToLower(number), "Copy " + number + ", of 23 November", "c" + body + check,
		"C " + body + "\n" + check, "C–" + body + "—" + check,
		"C-" + letters.Replace(body) + "-" + letters.Replace(check),
	} {
		if numbers, meant := register.ReadNumbers(text); !slices.Equal(numbers, []string{number}) || len(meant) != 0 {
			t.Errorf("%q: %v, %v; want %s", text, numbers, meant, number)
		}
	}
	for _, text := range []string{"", "C-", "Confidential", number[1:], "XC-" + body + "-" + check, number + "0"} {
		if numbers, meant := register.ReadNumbers(text); len(numbers)+len(meant) != 0 {
			t.Errorf("%q: %v, %v; want nothing", text, numbers, meant)
		}
	}
	if numbers, _ := register.ReadNumbers(strings.Repeat(number+" ", 1000)); len(numbers) != 20 {
		t.Errorf("%d numbers were read off a long text; want 20", len(numbers))
	}
}

func TestReferencesAreReadOffWhatElseWasTyped(t *testing.T) {
	one, other := register.NewReference(), "D-0A1B2-C3D4E5"
	for register.ValidNumber(other) {
		other += "X"
	}
	body := one[2:7]
	text := "doc_0a1b2c3d4e5f, " + strings.ToLower(one) + "; D " + body + " " + one[8:] + " " + other +
		" and Documentation"
	references, _, rest := register.ReadReferences(text)
	if !slices.Equal(references, []string{one, one}) {
		t.Errorf("%v are read; want %s twice", references, one)
	}
	if got, want := strings.Fields(rest), []string{"doc_0a1b2c3d4e5f,", ";", other, "and",
		"Documentation"}; !slices.Equal(got, want) {
		t.Errorf("%q is left; want %q", got, want)
	}
	if _, meant, _ := register.ReadReferences(one[:3] + one[4:5] + one[3:4] + one[5:]); one[3] != one[4] &&
		!slices.Contains(meant, one) {
		t.Errorf("%s with two characters exchanged: %v", one, meant)
	}
}

// The check character tells that a number was misread, and so what it may be.
func TestAMisreadNumberIsReadAsWhatItMayBe(t *testing.T) {
	swaps := map[string]string{"0": "D", "8": "B", "B": "8", "S": "5", "5": "S", "6": "G", "Z": "2", "2": "Z", "M": "N",
		"7": "1"}
	tried := 0
	for tried < 200 {
		number := register.NewCopyNumber()
		for i := 2; i < len(number); i++ {
			to := swaps[number[i:i+1]]
			if to == "" {
				continue
			}
			misread := number[:i] + to + number[i+1:]
			if register.ValidNumber(misread) {
				t.Fatalf("%s and %s differ in one character, and both are valid", number, misread)
			}
			tried++
			if numbers, meant := register.ReadNumbers(misread); len(numbers) != 0 || !slices.Contains(meant, number) {
				t.Errorf("%s misread as %s: %v, %v", number, misread, numbers, meant)
			}
		}
		swapped := number[:3] + number[4:5] + number[3:4] + number[5:]
		if _, meant := register.ReadNumbers(swapped); !register.ValidNumber(swapped) &&
			!slices.Contains(meant, number) {
			t.Errorf("%s with two characters exchanged, %s: %v", number, swapped, meant)
		}
	}
}
