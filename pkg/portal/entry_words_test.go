package portal

import (
	"os"
	"reflect"
	"regexp"
	"testing"

	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// An entry for somebody says for whom; one by which people of an organisation were stopped or signed out says whose.
func TestAnEntryNamesAnOrganisationForWhatItIsToIt(t *testing.T) {
	for kind, want := range map[string][2]string{
		"request":                 {"For", "Au bénéfice de"},
		"consent":                 {"For", "Au bénéfice de"},
		"suspension":              {"Whose people", "Les personnes de"},
		"operator-ended-sessions": {"Whose people", "Les personnes de"},
	} {
		for i, in := range []web.Language{web.English, web.French} {
			c := &call{in: in, known: &directory{}}
			said := c.behind(exchange.LogEntry{Kind: kind, Said: exchange.LogSaid{To: "org_piu"}})
			if len(said) != 1 || said[0].Name != want[i] || said[0].Says != "org_piu" {
				t.Errorf("%s: %+v; want %q", kind, said, want[i])
			}
		}
	}
}

// The exchange opens nothing of an entry that no page shows.
func TestWhateverAnEntrySaysIsShown(t *testing.T) {
	page, err := os.ReadFile("entry_words.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[exchange.LogSaid]()) {
		if !regexp.MustCompile(`\bs\.` + field.Name + `\b`).Match(page) {
			t.Errorf("%s is read from the entry, and shown nowhere", field.Name)
		}
	}
}
