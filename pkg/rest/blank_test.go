package rest_test

import (
	"testing"

	"chancery.example/gateway/api"
)

// Blanks are no words: what wants a reason, a statement or a text is not done for one of blanks. A stop is not lifted,
// an answer does not set the days anew in which silence is refusal, and no holder is told that a document was recalled
// because of nothing.
func TestBlanksAreNoWords(t *testing.T) {
	c := newCircle(t)
	for _, one := range []struct {
		person, path string
		body         fields
	}{
		{"focal.wco", "/suspensions/" + c.stopW + "/ending", fields{"statement": " "}},
		{"auditor.wco", "/holds/" + c.holdW + "/ending", fields{"statement": "\t\n"}},
		{"focal.wco", "/documents/" + c.a + "/recall", fields{"statement": "  "}},
		{"focal.wco", "/documents/" + c.a + "/versions/" + c.versionA + "/destruction", fields{"statement": " "}},
		{"staff.unoct", "/documents/" + c.a + "/leak-reports", fields{"statement": " "}},
		{"focal.wco", "/suspensions", fields{"document": c.a, "statement": "\u00a0"}},
		{"focal.wco", "/holds", fields{"document": c.a, "statement": " "}},
		{"focal.wco", "/requests/" + c.askedD + "/messages", fields{"text": " "}},
		{"staff.unoct", "/requests/" + c.askedD + "/messages", fields{"text": " \n "}},
		{"focal.wco", "/requests/" + c.askedU + "/withdrawal", fields{"statement": " "}},
		{"focal.wco", "/arrangement/notice", fields{"given_on": "2199-12-31", "statement": " "}},
		{"focal.wco", "/erasures", fields{"person": c.personW, "legal_basis": " "}},
	} {
		before := c.entries()
		p := refused(t, c.do(post(one.person, one.path, one.body)), 400, "request/missing-field")
		if len(p.Errors) != 1 || p.Errors[0].Field == "" {
			t.Errorf("%s: %+v", one.path, p.Errors)
		}
		if after := c.entries(); after != before {
			t.Errorf("%s: %d entries came of it", one.path, after-before)
		}
	}
	if q := want[api.AccessRequest](t, c.as("staff.unoct", "GET", "/requests/"+c.askedU, ""),
		200); q.State != "in-force" {
		t.Errorf("the request is %s", q.State)
	}
}
