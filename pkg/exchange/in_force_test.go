package exchange_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// A replica with files of its own, or of yesterday, is told what differs; one whose build words a weakening otherwise
// is not.
func TestOnlyWhatAnOperatorWritesIsComparedWithWhatIsInForce(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	differs := func(weakening []string, claims article4.Digest, digest string) []string {
		in := h.instrument
		if digest != "" {
			in.Digest = digest
		}
		err := g.InForce(t.Context(), in, weakening, claims)
		var n *exchange.NotInForce
		if err != nil && !errors.As(err, &n) {
			t.Fatal(err)
		}
		if n == nil {
			return nil
		}
		return n.Differs
	}
	// Until its entry has a place in the log, whatever is not the very same is refused.
	waiting := func() bool { return slices.Contains(differs(nil, "", ""), "waiting") }
	for end := time.Now().Add(10 * time.Second); waiting() && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	same := []string{"admit.consent_evidence_none: in other words"}
	for about, c := range map[string]struct {
		weakening []string
		claims    article4.Digest
		digest    string
		want      []string
	}{
		"the same":            {same, "", "", nil},
		"no weakening":        {nil, "", "", []string{"weakenings"}},
		"another weakening":   {[]string{"store.secure: x"}, "", "", []string{"weakenings"}},
		"other issuers":       {same, "00", "", []string{"issuers"}},
		"another Arrangement": {same, "", "00", []string{"arrangement"}},
		"all of them":         {nil, "00", "00", []string{"arrangement", "issuers", "weakenings"}},
	} {
		if got := differs(c.weakening, c.claims, c.digest); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", about, got, c.want)
		}
	}
	// Adopt says the same, and takes the word that names the entry in force, once.
	other := h.instrument
	other.Digest = "00"
	var n *exchange.NotInForce
	if err := g.Adopt(t.Context(), other, same, "", ""); !errors.As(err, &n) {
		t.Fatalf("adopted unasked: %v", err)
	}
	must(t, g.Adopt(t.Context(), other, same, "", n.Entry))
	before := n.Entry
	if err := g.Adopt(t.Context(), h.instrument, same, "", before); !errors.As(err, &n) || n.Entry == before {
		t.Errorf("yesterday's file with yesterday's word: %v", err)
	}
}
