package ledger_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"chancery.example/gateway/pkg/ledger"
)

func TestTheCanonicalBytesOfALeaf(t *testing.T) {
	l := ledger.Leaf{Parties: []ledger.PartyNumber{{Party: "org_unoct", N: 7}, {Party: "org_wco", N: 1}},
		Closed: ledger.BodyHash([]byte("abc"))}
	const want = `{"v":1,"parties":[{"party":"org_unoct","n":7},{"party":"org_wco","n":1}],` +
		`"closed":"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}`
	data, err := ledger.EncodeLeaf(l)
	must(t, err)
	if string(data) != want {
		t.Errorf("got %s", data)
	}
	got, err := ledger.DecodeLeaf(data)
	must(t, err)
	if diff := cmp.Diff(l, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestALeafNamesPartiesInOrderOnceAndCountsFromOne(t *testing.T) {
	many := make([]ledger.PartyNumber, ledger.MaxParties+1)
	for i := range many {
		many[i] = ledger.PartyNumber{Party: fmt.Sprintf("org_%02d", i), N: 1}
	}
	for about, parties := range map[string][]ledger.PartyNumber{
		"0 parties":            nil,
		"17 parties":           many,
		"without a name":       {{N: 1}},
		"number 0 of":          {{Party: "a"}},
		"number -1 of":         {{Party: "a", N: -1}},
		"party a is not after": {{Party: "b", N: 1}, {Party: "a", N: 1}},
		"party c is not after": {{Party: "c", N: 1}, {Party: "c", N: 2}},
		"not UTF-8":            {{Party: "\xff", N: 1}},
		"more than 4096":       {{Party: strings.Repeat("x", 4096), N: 1}},
	} {
		_, err := ledger.EncodeLeaf(ledger.Leaf{Parties: parties})
		refused(t, err, about)
	}
}

func TestOnlyTheCanonicalBytesOfALeafAreDecoded(t *testing.T) {
	data, err := ledger.EncodeLeaf(ledger.Leaf{Parties: []ledger.PartyNumber{{Party: "a", N: 1}}})
	must(t, err)
	good := string(data)
	for about, bad := range map[string]string{
		"unknown field":         strings.Replace(good, `"v"`, `"w"`, 1),
		"not in canonical form": strings.Replace(good, `"v":1`, `"v":2`, 1),
		"not in canonical":      good + " ",
		"bytes after":           good + "1",
		"64 characters":         strings.Replace(good, "00", "", 1),
		"hexadecimal":           strings.Replace(good, "00", "AA", 1),
		"0 parties":             strings.Replace(good, `{"party":"a","n":1}`, "", 1),
		"more than 4096":        strings.Repeat("x", 4097),
	} {
		_, err := ledger.DecodeLeaf([]byte(bad))
		refused(t, err, about)
	}
}

func FuzzDecodeLeaf(f *testing.F) {
	data, err := ledger.EncodeLeaf(ledger.Leaf{Parties: []ledger.PartyNumber{{Party: "a", N: 1}, {Party: "b", N: 2}}})
	must(f, err)
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := ledger.DecodeLeaf(data)
		if err != nil {
			return
		}
		again, err := ledger.EncodeLeaf(l)
		must(t, err)
		if string(again) != string(data) {
			t.Errorf("%q encodes to %q", data, again)
		}
	})
}

// The fast way leaves what it does not know to the slower one, which says what is wrong.
func TestALeafWithAnImpossibleNumberIsRefused(t *testing.T) {
	good, err := ledger.EncodeLeaf(ledger.Leaf{Parties: []ledger.PartyNumber{{Party: "org_wco", N: 7}}})
	must(t, err)
	for _, number := range []string{"", "07", "0", "-7", "7x", "7.0", "1234567890123456789012"} {
		if _, err := ledger.DecodeLeaf([]byte(strings.Replace(string(good), `"n":7`, `"n":`+number, 1))); err == nil {
			t.Errorf("%q was taken for a running number", number)
		}
	}
}
