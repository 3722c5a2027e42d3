package exchange_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/identity"
)

var update = flag.Bool("update", false,
	"write testdata/decisions.json anew, out of the histories of this run; HISTORY_STEPS=1500 shows enough")

const decisionsFile = "testdata/decisions.json"

// kept is how many decisions of the histories are kept in testdata.
const kept = 36

// tape keeps decisions of the histories, one for each act, answer and list of reasons.
type tape struct {
	mu    sync.Mutex
	all   map[string]exchange.DecisionTaken
	taken int
}

func newTape() *tape { return &tape{all: map[string]exchange.DecisionTaken{}} }

// listen has every decision of a gateway taken again out of what was written down of it, and keeps some.
func (p *tape) listen(t testing.TB, g *exchange.Gateway) {
	rules, err := article4.Load()
	must(t, err)
	g.OnDecision(func(d exchange.DecisionTaken) {
		var file bytes.Buffer
		if err := exchange.WriteDecisions(&file, []exchange.DecisionTaken{d}); err != nil {
			t.Error(err)
			return
		}
		read, err := exchange.ReadDecisions(&file)
		if err != nil {
			t.Error(err)
			return
		}
		takenAgain(t, rules, read[0])
		p.mu.Lock()
		defer p.mu.Unlock()
		p.taken++
		if key := keyOf(d); p.all[key].Facts.Act == "" {
			p.all[key] = read[0]
		}
	})
}

func keyOf(d exchange.DecisionTaken) string {
	key := string(d.Facts.Act)
	for _, r := range d.Ruling.Reasons {
		key += " " + string(r.Code)
	}
	if by := d.Ruling.Relies; by != nil {
		key += fmt.Sprintf("|%s|%d decisions", by.ForKind, len(by.Decisions))
	}
	return key
}

// takenAgain asserts that the same situation gives the same facts, and the same facts the same answer.
func takenAgain(t testing.TB, rules *article4.Rules, d exchange.DecisionTaken) {
	t.Helper()
	facts, ruling, err := d.Again(rules, new(identity.Evidence))
	if err != nil {
		t.Errorf("%s: %v", keyOf(d), err)
	}
	for name, pair := range map[string][2]any{"facts": {facts, d.Facts}, "ruling": {ruling, d.Ruling}} {
		if got, want := inJSON(t, pair[0]), inJSON(t, pair[1]); got != want {
			t.Errorf("%s: the %s are not those of the first time\ngot  %s\nwant %s", keyOf(d), name, got, want)
		}
	}
}

func inJSON(t testing.TB, v any) string {
	t.Helper()
	out, err := json.Marshal(v)
	must(t, err)
	return string(out)
}

// keep writes first those that rest on decisions, then the shortest of each act, so that most acts are there.
func (p *tape) keep(t *testing.T) {
	t.Helper()
	keys := slices.SortedFunc(maps.Keys(p.all), func(a, b string) int {
		if n := strings.Count(b, "|") - strings.Count(a, "|"); n != 0 {
			return n
		}
		if n := strings.Count(a, " ") - strings.Count(b, " "); n != 0 {
			return n
		}
		return strings.Compare(a, b)
	})
	var all []exchange.DecisionTaken
	for _, key := range keys[:min(kept, len(keys))] {
		all = append(all, p.all[key])
	}
	var file bytes.Buffer
	must(t, exchange.WriteDecisions(&file, all))
	must(t, os.MkdirAll("testdata", 0o755))
	must(t, os.WriteFile(decisionsFile, file.Bytes(), 0o644))
}

// Decisions that were taken in random histories, out of their dossiers, without a database: whoever holds the dossier
// can take the decision again.
func TestADecisionIsTakenAgainOutOfItsDossier(t *testing.T) {
	if *update {
		t.Skip("the histories of this run write the file")
	}
	file, err := os.Open(decisionsFile)
	must(t, err)
	defer file.Close()
	all, err := exchange.ReadDecisions(file)
	must(t, err)
	rules, err := article4.Load()
	must(t, err)
	acts, narrowed := map[article4.Act]bool{}, 0
	for _, d := range all {
		acts[d.Facts.Act] = true
		takenAgain(t, rules, d)
		if !d.Ruling.Permit || d.Ruling.Relies == nil || len(d.Ruling.Relies.Decisions) == 0 {
			continue
		}
		narrowed++
		for i := range d.Situation.Dossier.Requests {
			d.Situation.Dossier.Requests[i].Decisions = nil
		}
		if _, again, _ := d.Again(rules, new(identity.Evidence)); again.Permit {
			t.Errorf("%s: permitted without the decisions that it rests on", keyOf(d))
		}
	}
	if len(all) < 30 || len(acts) < 15 || narrowed == 0 {
		t.Errorf("%d decisions of %d acts, %d of them resting on decisions: too few to show anything; run the "+
			"histories with HISTORY_STEPS=1500 and -update",
			len(all), len(acts), narrowed)
	}
}
