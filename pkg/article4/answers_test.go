package article4_test

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/cedar-policy/cedar-go/types"
	"github.com/google/go-cmp/cmp"

	"chancery.example/gateway/pkg/article4"
)

// otherwise are values that a word could have instead; types.Value(nil) takes the word away.
func otherwise(value types.Value) []types.Value {
	others := []types.Value{nil, types.NewSet(), types.NewSet(types.String("none"), types.String("staff"))}
	switch value := value.(type) {
	case types.Boolean:
		return append(others, !value)
	case types.String:
		return append(others, value+"x", types.String(""), types.String("discloser"), types.String("ended"))
	}
	return append(others, types.NewSet(types.String("signatory")), types.NewSet(types.String("refused")))
}

// inOneWord are the records that differ from this one in one word.
func inOneWord(record types.RecordMap) []types.RecordMap {
	var all []types.RecordMap
	for name, value := range record {
		for _, other := range otherwise(value) {
			changed := maps.Clone(record)
			changed[name] = other
			if other == nil {
				delete(changed, name)
			} else if other.Equal(value) {
				continue
			}
			all = append(all, changed)
		}
	}
	return all
}

// For every situation of the cases, and each of its words said otherwise: the two are told apart, and the rules that
// keep answers say of both what cedar says of them afresh.
func TestSituationsThatDifferInOneWordNeverShareAnAnswer(t *testing.T) {
	rules := load(t)
	differ, told := 0, map[string]bool{}
	check := func(act article4.Act, record types.RecordMap) string {
		said := article4.Said(record)
		want := fmt.Sprint(article4.AsCedar(rules, act, record))
		for range 2 { // asked, and repeated
			if got := fmt.Sprint(article4.Answer(rules, act, said)); got != want {
				t.Fatalf("%s %v:\n got %s\nwant %s", act, record, got, want)
			}
		}
		return want
	}
	for i, c := range cases(t) {
		f, err := c.facts()
		if err != nil {
			t.Fatal(err)
		}
		record, sound := article4.FlattenedFacts(f)
		said := article4.Said(record)
		if !sound || told[string(f.Act)+said] || i%every != 0 {
			continue
		}
		told[string(f.Act)+said] = true
		first := check(f.Act, record)
		for _, changed := range inOneWord(record) {
			if article4.Said(changed) == said {
				t.Fatalf("%s: %v and %v are said alike", f.Act, record, changed)
			}
			if check(f.Act, changed) != first {
				differ++
			}
		}
	}
	if differ == 0 {
		t.Error("no word changed an answer: this shows nothing")
	}
}

// What is read back is what was said, whatever bytes stand in it: so no two lists of words are written alike.
func TestWordsAreReadBackAsTheyWereSaid(t *testing.T) {
	long := strings.Repeat("long", 5_000)
	for _, record := range []types.RecordMap{
		{},
		{"a": types.False, "b": types.True},
		{"a": types.String(""), "": types.String("a")},
		{"a": types.String("\x01b\x01"), "\x01b": types.True},
		{"form": types.String("stamped\x04side\x02"), types.String(long): types.String(long)},
		{"a": types.NewSet()},
		{"a": types.NewSet(types.String(""))},
		{"a": types.NewSet(types.String("x"), types.String("y"))},
		{"a": types.NewSet(types.String("xy")), "b": types.NewSet(types.String("x\x01y"))},
	} {
		if back := article4.ReadBack(article4.Said(record)); !types.NewRecord(back).Equal(types.NewRecord(record)) {
			t.Errorf("%v was read back as %v", record, back)
		}
	}
}

// The same words about other people: who can supply what is missing, and the grant that is relied on, are theirs.
func TestTheSameWordsNameEachSituationsOwnPeople(t *testing.T) {
	rules := load(t)
	for _, from := range []article4.OrganisationID{customs, "org_other", customs} {
		f := disclosure()
		f.Document.EntitiesConcerned = []article4.OrganisationID{from}
		f.Access.Grants = nil
		if got := rules.Decide(f).Reasons[0]; got.From != from || got.Code != "art4.4/authorization-missing" {
			t.Errorf("%v; want it of %s", got, from)
		}
	}
	for _, request := range []article4.RequestID{"req_1", "req_2", "req_1"} {
		f := disclosure()
		f.Access.Grants[0].Request = request
		if d := rules.Decide(f); !d.Permit || d.Relies.Request != request {
			t.Errorf("relies on %+v; want %s", d.Relies, request)
		}
		f.Access.Grants[0].Withdrawn = true
		if d := rules.Decide(f); d.Permit || d.Nearest != request {
			t.Errorf("nearest is %s; want %s", d.Nearest, request)
		}
	}
	if kept := article4.Kept(rules, article4.ActDisclose); kept != 3 {
		t.Errorf("%d answers are kept; want one for each of three lists of words", kept)
	}
}

// However many situations come, and from however many at once, the answers kept stay few, and each is right.
func TestAnswersKeptAreBoundedAndRightForManyAtOnce(t *testing.T) {
	rules := load(t)
	record, _ := article4.FlattenedFacts(disclosure())
	permitted := fmt.Sprint(article4.AsCedar(rules, article4.ActDisclose, record))
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i := range article4.AnswersKept + 50 {
				other := maps.Clone(record)
				other["own_reference"] = types.String(fmt.Sprint(i))
				want := permitted
				if i%2 == 0 {
					other["suspended"] = types.True
					want = "false false [person-not-suspended]"
				}
				if got := fmt.Sprint(article4.Answer(rules, article4.ActDisclose, article4.Said(other))); got != want {
					t.Errorf("%d: %s; want %s", i, got, want)
				}
			}
		})
	}
	all.Wait()
	if kept := article4.Kept(rules, article4.ActDisclose); kept == 0 || kept > article4.AnswersKept {
		t.Errorf("%d answers are kept, not 1 to %d", kept, article4.AnswersKept)
	}
}

func TestLongListsOfWordsAreNotKept(t *testing.T) {
	rules, f := load(t), disclosure()
	for len(f.Actor.Roles) < article4.WordsKept {
		f.Actor.Roles = append(f.Actor.Roles, article4.RoleStaff)
	}
	if d, want := rules.Decide(f), load(t).Decide(disclosure()); !cmp.Equal(d, want) {
		t.Errorf("%s", cmp.Diff(want, d))
	}
	if kept := article4.Kept(rules, article4.ActDisclose); kept != 0 {
		t.Errorf("%d kept", kept)
	}
}
