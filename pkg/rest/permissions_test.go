package rest_test

import (
	"testing"

	"chancery.example/gateway/api"
)

// What a document says that somebody could do with it, they can; and where it says no, the act is refused for those
// reasons.
func TestPermissionsSayWhatEachActWouldBeAnswered(t *testing.T) {
	w := newWorld(t)
	acts := func(person, at string, whole api.Document) map[string]call {
		because := fields{"statement": "It is time"}
		return map[string]call{
			"mark": post(person, at+"/marking", fields{"marking": "restricted", "statement": "It is time"}),
			"add-entity": post(person, at+"/entities",
				fields{"add": []string{"org_piu-exampleland"}, "statement": "It is time"}),
			"amend": amendmentOf(person, whole.Id),
			"remove-entity": post(person, at+"/entities",
				fields{"remove": "org_customs-exampleland", "statement": "It is time"}),
			"release":     releaseOf(person, whole.Id, nil),
			"recall":      post(person, at+"/recall", because),
			"destroy":     post(person, at+"/versions/"+*whole.Version+"/destruction", because),
			"correct":     versionOf(person, whole.Id, nil),
			"suspend":     post(person, "/suspensions", fields{"document": whole.Id, "statement": "It is time"}),
			"hold":        post(person, "/holds", fields{"document": whole.Id, "statement": "It is time"}),
			"report-leak": post(person, at+"/leak-reports", fields{"statement": "It was in a newspaper"}),
			"account":     {person: person, method: "GET", path: at + "/history"},
		}
	}
	allowed := 0
	for _, person := range []string{"staff.wco", "other.wco", "focal.wco", "auditor.wco", "staff.unoct", "focal.unoct",
		"auditor.unoct"} {
		for _, act := range []string{"mark", "amend", "add-entity", "remove-entity", "release", "recall", "destroy",
			"correct", "suspend", "hold", "report-leak", "account"} {
			id := w.put(fields{"marking": "non-confidential",
				"entities_concerned": []string{"org_customs-exampleland"}})
			whole := want[api.Document](t, w.as("staff.wco", "GET", "/documents/"+id, ""), 200)
			shown := want[api.Document](t, w.as(person, "GET", "/documents/"+id, ""), 200)
			said, told := (*shown.Permissions)[act]
			if !told {
				t.Errorf("%s is not told of %s", person, act)
				continue
			}
			a := w.do(acts(person, "/documents/"+id, whole)[act])
			if done := a.StatusCode/100 == 2; done != said.Allowed {
				t.Errorf("%s of %s: allowed %t, and answered %d: %s", act, person, said.Allowed, a.StatusCode, a.body)
				continue
			}
			if said.Allowed {
				allowed++
				continue
			}
			var codes []string
			for _, r := range said.Reasons {
				codes = append(codes, r.Code)
			}
			refused(t, a, a.StatusCode, codes...)
		}
	}
	if allowed < 20 {
		t.Errorf("only %d acts were allowed to anybody", allowed)
	}
}
