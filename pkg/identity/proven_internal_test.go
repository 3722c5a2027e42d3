package identity

import (
	"fmt"
	"testing"
)

func TestNoTwoQuestionsToCheckAreTakenForOne(t *testing.T) {
	seen := map[string]string{}
	for _, q := range [][5]string{
		{"ab", "", "c", "", ""}, {"a", "b", "c", "", ""}, {"a", "", "bc", "", ""}, {"", "ab", "c", "", ""},
		{"", "", "", "ab", "c"}, {"", "", "", "a", "bc"}, {"", "", "", "", "abc"}, {"abc", "", "", "", ""},
	} {
		made := checked(q[0], []byte(q[1]), q[2], q[3], q[4])
		if before, twice := seen[string(made[:])]; twice {
			t.Errorf("%q is taken for %s", q, before)
		}
		seen[string(made[:])] = fmt.Sprintf("%q", q)
	}
}

func TestWhatIsProvenIsForgottenByAge(t *testing.T) {
	var p proven
	often := checked("asked for often", nil, "", "", "")
	p.add(often)
	for i := range 3 * provenKept {
		if i%(provenKept/2) == 0 && !p.has(often) {
			t.Fatalf("forgotten after %d others", i)
		}
		p.add(checked(fmt.Sprint(i), nil, "", "", ""))
	}
	if len(p.young) > provenKept || len(p.old) > provenKept {
		t.Errorf("%d and %d are kept", len(p.young), len(p.old))
	}
	if p.has(checked("0", nil, "", "", "")) {
		t.Error("nothing is forgotten")
	}
}
