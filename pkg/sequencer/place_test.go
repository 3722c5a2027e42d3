package sequencer_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/sequencer"
)

const (
	missing = "art4.4/authorization-missing"
	rare    = "art4.4/consent-missing"
)

// permitted is a disclosure to an organisation that was permitted.
func permitted(to string, parties ...string) sequencer.Entry {
	e := entry(parties...)
	e.Body.Kind, e.Body.Document, e.Body.Organisation, e.Body.Terms = ledger.KindDisclosure, "doc_1", to, nil
	e.Body.Disclosure = &ledger.Disclosure{
		ID:         "dis_1",
		Version:    "ver_1",
		Commitment: "c1",
		From:       wco,
		To:         to,
		Marking:    "confidential",
		Phase:      "in-effect",
		Form:       "original",
		CopyNumber: "1",
		Expires:    e.Body.At.Add(time.Hour),
	}
	return e
}

// listed are the indexes of what fits, in the order in which it is listed, a page of two at a time.
func (h *fixture) listed(t *testing.T, s *sequencer.Sequencer, party string, f ledger.Filter) (out []int64) {
	t.Helper()
	for before := int64(0); ; before = out[len(out)-1] {
		var page []sequencer.Stored
		must(t, h.app.InTx(t.Context(), func(tx *postgres.Tx) (err error) {
			page, err = s.List(t.Context(), tx, sequencer.Query{Party: party, Before: before, Limit: 2, Filter: f})
			return err
		}))
		for _, e := range page {
			out = append(out, e.Index)
		}
		if len(page) < 2 {
			return out
		}
	}
}

// accounted are the indexes of an accounting, a page of two at a time.
func (h *fixture) accounted(t *testing.T, s *sequencer.Sequencer, f ledger.AccountFilter) (out []int64) {
	t.Helper()
	for after := int64(-1); ; after = out[len(out)-1] {
		var page []sequencer.Stored
		must(t, h.app.InTx(t.Context(), func(tx *postgres.Tx) (err error) {
			page, err = s.Accounted(t.Context(), tx, wco, f, after, 2)
			return err
		}))
		for _, e := range page {
			out = append(out, e.Index)
		}
		if len(page) < 2 {
			return out
		}
	}
}

// placed is a log of eleven entries, of which some say a reason or to whom they were disclosed.
func placed(t *testing.T) (*fixture, *sequencer.Sequencer) {
	h := newFixture(t)
	s, _ := h.running(t, 0)
	both := refusal(rare, wco, unoct)
	both.Body.Reasons = []string{rare, missing}
	for _, e := range []sequencer.Entry{entry(wco), refusal(missing, wco, unoct), permitted(unoct, wco, unoct),
		refusal(missing, wco), refusal(rare, unoct), permitted("org_piu", wco, unoct), both, entry(wco, unoct),
		permitted(unoct, wco, unoct), refusal(missing, unoct), permitted(unoct, wco, unoct)} {
		_, err := h.append(t.Context(), s, e)
		must(t, err)
		_, err = s.Receipt(t.Context(), e.Body.ID)
		must(t, err)
	}
	return h, s
}

func TestWhatIsListedByAWordStandsInTheOrderOfTheLog(t *testing.T) {
	h, s := placed(t)
	for _, c := range []struct {
		party, reason string
		want          []int64
	}{{wco, missing, []int64{6, 3, 1}}, {unoct, missing, []int64{9, 6, 1}}, {wco, rare, []int64{6}},
		{unoct, rare, []int64{6, 4}}, {wco, "art4.4/no-such", nil}} {
		if got := h.listed(t, s, c.party, ledger.Filter{Reason: c.reason}); !slices.Equal(got, c.want) {
			t.Errorf("%s for %s: %v, want %v", c.party, c.reason, got, c.want)
		}
	}
	now := time.Now()
	for _, f := range []ledger.Filter{{Reason: missing, Since: now}, {Reason: missing, Until: now.Add(-time.Hour)},
		{Reason: missing, Kind: "deposit"}, {Reason: missing, Beneficiary: unoct}} {
		if got := h.listed(t, s, wco, f); len(got) > 0 {
			t.Errorf("%+v: %v", f, got)
		}
	}
	for _, c := range []struct {
		f    ledger.AccountFilter
		want []int64
	}{{ledger.AccountFilter{To: unoct}, []int64{2, 8, 10}}, {ledger.AccountFilter{To: "org_piu"}, []int64{5}},
		{ledger.AccountFilter{To: unoct, Since: now}, nil},
		{ledger.AccountFilter{Since: now.Add(-time.Hour)}, []int64{2, 5, 8, 10}}} {
		if got := h.accounted(t, s, c.f); !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v, want %v", c.f, got, c.want)
		}
	}
}

// Whoever gets a row into log_place past its triggers shows nobody an entry that does not say the word, nor one of the
// other Party; the check finds the row.
func TestAPlaceThatTheBytesDoNotBearShowsNothing(t *testing.T) {
	h, s := placed(t)
	super := h.open(t, h.superuser(h.name), 1)
	for _, statement := range []string{
		"INSERT INTO log_place (word, index, at) SELECT 'reason:" + missing + "', g, now() FROM " +
			"generate_series(0, 10) g ON CONFLICT DO NOTHING",
		"INSERT INTO log_place (word, index, at) SELECT 'to:org_piu', g, now() FROM generate_series(0, 10) g ON " +
			"CONFLICT DO NOTHING"} {
		must(t, super.Gorm().Exec(statement).Error)
	}
	if got := h.listed(t, s, wco, ledger.Filter{Reason: missing}); !slices.Equal(got, []int64{6, 3, 1}) {
		t.Errorf("listed: %v", got)
	}
	if got := h.accounted(t, s, ledger.AccountFilter{To: "org_piu"}); !slices.Equal(got, []int64{5}) {
		t.Errorf("accounted: %v", got)
	}
	if checked := h.check(t, s); len(checked.Problems) == 0 {
		t.Error("not found by the check")
	}
}

// The entries of a log that is older than log_place get the places that those of today get by the trigger.
func TestPlacesOfBeforeAreThoseOfToday(t *testing.T) {
	h, s := placed(t)
	text, err := os.ReadFile("../postgres/migrations/0102_places_of_before.sql")
	must(t, err)
	up, _, _ := strings.Cut(string(text), "-- +goose Down")
	super := h.open(t, h.superuser(h.name), 1)
	for _, statement := range []string{"ALTER TABLE log_place DISABLE TRIGGER ALL", "DELETE FROM log_place",
		"ALTER TABLE log_place ENABLE ALWAYS TRIGGER log_is_append_only"} {
		must(t, super.Gorm().Exec(statement).Error)
	}
	if checked := h.check(t, s); len(checked.Problems) == 0 {
		t.Error("the check does not see that the places are gone")
	}
	for statement := range strings.SplitSeq(up, ";\n") {
		if strings.TrimSpace(statement) != "" {
			must(t, super.Gorm().Exec(statement).Error)
		}
	}
	if checked := h.check(t, s); len(checked.Problems) > 0 {
		t.Errorf("%v", checked.Problems)
	}
	if got := h.listed(t, s, wco, ledger.Filter{Reason: missing}); !slices.Equal(got, []int64{6, 3, 1}) {
		t.Errorf("listed: %v", got)
	}
}

// The database reads off the bytes of an entry exactly the words that the check expects of it, of odd entries too: else
// the check would accuse a log that is in order.
func TestTheDatabaseAndTheCheckReadTheSameWords(t *testing.T) {
	h := newFixture(t)
	super := h.open(t, h.superuser(h.name), 1)
	long := strings.Repeat("é", 96) // with "reason:" 199 bytes
	for what, body := range map[string]ledger.Body{
		"to nobody":                    permitted("", wco).Body,
		"to an organisation":           permitted("org_piu", wco).Body,
		"reasons twice":                withReasons(missing, missing, rare),
		"a word as long as may be":     withReasons(long + "e"),
		"a word too long by one":       withReasons(long + "ee"),
		"no reason, named in a string": {Kind: ledger.KindDeposit, Outcome: ledger.Permitted, Document: `"reasons"`},
	} {
		text, err := json.Marshal(body)
		must(t, err)
		var got []string
		must(t, super.Gorm().Raw(`SELECT unnest(log_words(?, ?, ?))`, string(body.Kind), string(body.Outcome), text).
			Scan(&got).Error)
		slices.Sort(got)
		want := sequencer.WordsOf(body)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: the database reads %q, the check %q", what, got, want)
		}
	}
}

func withReasons(reasons ...string) ledger.Body {
	body := refusal(missing, wco).Body
	body.Reasons = reasons
	return body
}
