package main

import (
	"strings"
	"testing"
)

// A machine client is nobody who sits at a desk, or whose sessions end; over the API it is listed among the people,
// whom a series may name.
func TestNoMachineIsOfferedAmongPeople(t *testing.T) {
	t.Parallel()
	p := look(t)
	focal := in(t, p.BaseURL, "focal.wco", "en")
	for _, path := range []string{"/sessions", "/offices"} {
		page := focal.send(path, nil).body
		if strings.Contains(page, "gtas") || !strings.Contains(page, "Sofia Brandt") {
			t.Errorf("%s offers %v", path, textOf(page))
		}
	}
	var people items
	if p.get(t, "focal.wco", "/people", &people); !strings.Contains(strings.Join(people.field("name"), " "), "gtas") {
		t.Errorf("over the API people are %v", people.field("name"))
	}
}
