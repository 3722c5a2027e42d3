package portal

import (
	"fmt"
	"slices"
	"testing"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// Of a Party with more people than one page of them, whoever sits at a desk stays there when others come and go: their
// box is on the page, wherever they stand in the list.
func TestSavingADeskOfALargePartyPutsNobodyOut(t *testing.T) {
	var people []exchange.Person
	for i := range most + 40 {
		people = append(people, exchange.Person{ID: article4.PersonID(fmt.Sprintf("per_%03d", i)),
			Name: fmt.Sprintf("Person %d", i)})
	}
	people[7].Machine = true
	page, beyond := people[:most], people[most+20]
	sit := []article4.PersonID{people[3].ID, people[7].ID, beyond.ID}
	options := seats(page, sit, func(id article4.PersonID) string { return "named " + string(id) })
	offered := map[string]string{}
	for _, one := range options {
		offered[one.Value] = one.Says
	}
	for _, id := range sit {
		if offered[string(id)] == "" {
			t.Errorf("%s sits there, and has no box", id)
		}
	}
	if len(options) != most+1 || offered[string(beyond.ID)] != "named "+string(beyond.ID) {
		t.Errorf("%d boxes, %q", len(options), offered[string(beyond.ID)])
	}
	if left := seats(page, nil, nil); len(left) != most-1 {
		t.Errorf("%d people are offered for a new desk; want %d, and no machine", len(left), most-1)
	}

	ticked := append(slices.Clone(sit[1:]), people[9].ID) // per_003 leaves, per_009 comes
	change := seated(sit, sit, ticked)
	if !slices.Equal(change.Add, []article4.PersonID{people[9].ID}) || !slices.Equal(change.Remove, sit[:1]) {
		t.Errorf("the change is %+v", change)
	}
}

// What others changed meanwhile stands: a form changes what it showed.
func TestADeskIsChangedByWhatTheFormShowed(t *testing.T) {
	sat := []article4.PersonID{"per_a", "per_b"}
	now := []article4.PersonID{"per_b", "per_c"} // meanwhile per_a left, and per_c came
	if change := seated(now, sat, sat); len(change.Add)+len(change.Remove) != 0 {
		t.Errorf("nothing was clicked, and the change is %+v", change)
	}
	if change := seated(now, nil, nil); len(change.Remove) != 0 {
		t.Errorf("a form that shows nobody puts out %v", change.Remove)
	}
}
