package article4_test

import (
	"slices"
	"strings"
	"testing"

	"chancery.example/gateway/pkg/article4"
)

// Protected documents go out marked unless the grant says original; of non-confidential ones the reader chooses, and so
// do the Discloser's own people. The decision says which.
func TestTheDecisionTellsTheFormAndWhy(t *testing.T) {
	rules := load(t)
	both, stamped := []article4.Form{article4.Stamped, article4.Original}, []article4.Form{article4.Stamped}
	for _, tt := range []struct {
		said   string
		ground article4.FormGround
		may    []article4.Form
	}{
		{"who: focal-point of wco", article4.FormOwnPeople, both},
		{"who: staff of unoct\nmarking: non-confidential", article4.FormOpen, both},
		{"who: staff of piu\ngrant form: original", article4.FormGrantOriginal, both},
		{"who: staff of piu\ngrant form: stamped\nform: stamped", article4.FormGrantStamped, stamped},
		{"who: staff of piu\ngrant form: stamped\nform: stamped\ncan be shown: yes", article4.FormGrantStamped,
			[]article4.Form{article4.View, article4.Stamped}},
		{"who: staff of piu\ngrant form: view\nform: view\ncan be shown: yes", article4.FormGrantView,
			[]article4.Form{article4.View}},
	} {
		d := rules.Decide(say(t, append([]string{"act: disclose"}, strings.Split(tt.said, "\n")...)...))
		if !d.Permit || d.Forms == nil || d.Forms.Ground != tt.ground || !slices.Equal(d.Forms.May, tt.may) {
			t.Errorf("%q: %+v, forms %+v; want %s of %v", tt.said, d, d.Forms, tt.ground, tt.may)
			continue
		}
		if english, french := d.Forms.Ground.Words(); english == "" || french == "" || english == french ||
			d.Forms.Ground.Basis() != "safeguard" {
			t.Errorf("%s: %q, %q", tt.ground, english, french)
		}
	}
	if d := rules.Decide(say(t, "act: describe", "who: staff of unoct")); !d.Permit || d.Forms != nil {
		t.Errorf("a description hands out %+v", d.Forms)
	}
	if english, french := article4.FormGround("other").Words(); english+french != "" {
		t.Errorf("an unknown ground says %q", english)
	}
}
