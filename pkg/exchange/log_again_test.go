package exchange_test

import (
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/review"
)

// A gateway that skips a rule writes a log that holds together; that its rules, asked again, refuse what it permitted
// convicts it, offline (decision 0231).
func TestAGatewayThatSkippedARuleIsConvictedByItsOwnBundle(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	told(t, h, g)
	doc, err := g.Deposit(t.Context(), h.staff(g, "staff.wco"), metadata(), content("another"))
	must(t, err)
	again, err := review.New()
	must(t, err)
	verify := func(who string, d ledger.Decider) ledger.Report {
		r, err := ledger.Verify(h.export(g, h.auditor(g, who), exchange.LogQuery{}),
			ledger.Options{Keys: []note.Verifier{h.verifier}, Decider: d})
		must(t, err)
		return r
	}
	for _, who := range []string{"auditor.wco", "auditor.unoct"} {
		good(t, verify(who, again), nil)
	}
	g.SkipRules()
	_, err = g.Recall(t.Context(), h.staff(g, "staff.wco"), doc.ID, "No signatory am I.")
	must(t, err)
	for _, who := range []string{"auditor.wco", "auditor.unoct"} {
		if r := verify(who, nil); !r.Good {
			t.Errorf("%s: found without the rules: %v", who, r.Findings)
		}
		r := verify(who, again)
		found := false
		for _, f := range r.Findings {
			found = found || f.Check == ledger.CheckDecided && strings.Contains(f.Why, "asked again, refuse it: ")
		}
		if r.Good || !found {
			t.Errorf("%s: not convicted: %v", who, r.Findings)
		}
	}
}

// An entry grows by at most a KiB for the facts on which it was decided: the commitment in its body, and the row that
// opens it.
func TestAnEntryGrowsByAtMostAKiBForItsFacts(t *testing.T) {
	h := newFixture(t)
	g := h.gateway()
	told(t, h, g)
	const commitment = len(`"facts":"",`) + 64
	widest := h.count(`SELECT max(pg_column_size(d.*)) FROM log_detail d WHERE field = 'facts'`)
	of := h.count(`SELECT max(pg_column_size(d.*)) FROM log_detail d JOIN log_entry e ON e.id = d.entry
		WHERE field = 'facts' AND e.kind = 'disclosure'`)
	t.Logf("the widest row %d bytes, of a disclosure %d, and %d in the body", widest, of, commitment)
	if widest+commitment > 1024 {
		t.Errorf("an entry grows by %d bytes", widest+commitment)
	}
}
