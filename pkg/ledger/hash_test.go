package ledger_test

import (
	"strings"
	"testing"

	"chancery.example/gateway/pkg/ledger"
)

func TestAHashHasOneSpelling(t *testing.T) {
	const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	h, err := ledger.ParseHash(abc)
	must(t, err)
	if h != ledger.BodyHash([]byte("abc")) || h.String() != abc {
		t.Errorf("got %s", h)
	}
	for about, bad := range map[string]string{
		"64 characters":       "",
		"not 64 characters":   abc + "0",
		"…":                   strings.Repeat("a", 100),
		"lower-case":          strings.ToUpper(abc),
		"not lower-case hexa": strings.Repeat("g", 64),
	} {
		_, err := ledger.ParseHash(bad)
		refused(t, err, about)
	}
}

func TestACommitmentOpensWithItsValueAndSaltOnly(t *testing.T) {
	commitment, salt, err := ledger.Commit("Minutes of the meeting")
	must(t, err)
	other, _, err := ledger.Commit("Minutes of the meeting")
	must(t, err)
	if commitment == other {
		t.Error("two commitments to one value are equal")
	}
	for _, c := range []struct {
		commitment, value string
		salt              []byte
		want              bool
	}{
		{commitment, "Minutes of the meeting", salt, true},
		{other, "Minutes of the meeting", salt, false},
		{commitment, "minutes of the meeting", salt, false},
		{commitment, "Minutes of the meeting", make([]byte, ledger.SaltSize), false},
		// the border between salt and value is fixed
		{commitment, "inutes of the meeting", append(salt[:16:16], 'M'), false},
		{commitment, "Minutes of the meeting", nil, false},
		{"", "Minutes of the meeting", salt, false},
	} {
		if got := ledger.CheckCommitment(c.commitment, c.value, c.salt); got != c.want {
			t.Errorf("%q with %d bytes of salt: %t", c.value, len(c.salt), got)
		}
	}
}

func TestWithoutChanceNothingIsClosed(t *testing.T) {
	brokenChance(t)
	_, err := ledger.NewNonce()
	refused(t, err, "random bytes")
	_, _, err = ledger.Commit("x")
	refused(t, err, "random bytes")
	_, _, err = ledger.GenerateKey(origin)
	refused(t, err, "log key")
}

func TestANonceHas32Bytes(t *testing.T) {
	for _, n := range []int{0, 31, 33} {
		_, err := ledger.Close(make([]byte, n), []byte("body"))
		refused(t, err, "nonce of")
	}
}
