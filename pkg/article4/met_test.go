package article4_test

import (
	"slices"
	"testing"

	"chancery.example/gateway/pkg/article4"
)

// What a request needs is either met or missing, each once, and in words of both languages where it is met.
func TestWhatARequestNeedsIsMetOrMissingAndNeverBoth(t *testing.T) {
	for _, c := range []struct {
		situation []string
		met       []article4.Code
	}{
		{[]string{"grant for: unoct"},
			[]article4.Code{"art4.4/authorization-missing", "art4.4/authorization-missing"}},
		{[]string{"grant for: unoct", "entities: none", "entities confirmed: yes"},
			[]article4.Code{"art4.4/authorization-missing", "art4.4/entities-unconfirmed"}},
		{[]string{"grant for: unoct", "entities: none", "authorization of wco: refused"}, nil},
		{[]string{"entities: none", "entities confirmed: yes", "derives from a document of: unoct",
			"consent of unoct: given"},
			[]article4.Code{"art4.8/no-written-consent", "art4.4/entities-unconfirmed", "art4.8/source-not-consented",
				"art4.8/agreement-unsigned"}},
	} {
		f := say(t, c.situation...)
		grant := f.Access.Grants[0]
		var got []article4.Code
		_, missing := article4.StateOf(*f.Document, grant, f.Arrangement, f.Now)
		for _, m := range article4.MetOf(*f.Document, grant, f.Now) {
			got = append(got, m.What)
			if english, french := m.Words(); english == "" || french == "" {
				t.Errorf("%s has no words", m.What)
			}
			if slices.Contains(missing, article4.Missing(m)) {
				t.Errorf("%v is met and missing", m)
			}
		}
		if !slices.Equal(got, c.met) {
			t.Errorf("%q: met %q, want %q", c.situation, got, c.met)
		}
	}
}
