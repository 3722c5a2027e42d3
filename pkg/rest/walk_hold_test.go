package rest_test

import (
	"time"

	"chancery.example/gateway/api"
)

// holdScenes are of what is to go, and of what keeps it.
func holdScenes() []scenario {
	erasing := func(entry, field string) call {
		return post("focal.wco", "/erasures",
			fields{"entry": entry, "field": field, "legal_basis": "Regulation 12, right to erasure"})
	}
	var hold, entry string
	return []scenario{
		{
			code:   "gateway/under-hold",
			met:    "A signatory destroys a version that the other Party was given, and on which it placed a Hold.",
			cured:  "Two people of the Party that placed the Hold end it.",
			remedy: "GET /arrangement",
			up: func(w *world) *scene {
				given, _ := w.authorized(secret)
				document := given.Id
				want[api.Disclosure](w.t, w.as("staff.unoct", "POST", "/documents/"+document+"/disclosures", reading),
					201)
				hold = w.done(post("auditor.unoct", "/holds",
					fields{"document": document, "statement": "A dispute about the figures"}))
				path := "/documents/" + document + "/versions/" + w.version(document) + "/destruction"
				return &scene{call: post("focal.wco", path, fields{"statement": "A wrong file"}), document: document}
			},
			cure: func(s *scene) {
				for _, person := range []string{"auditor.unoct", "focal.unoct"} {
					s.done(post(person, "/holds/"+hold+"/ending", fields{"statement": "Settled"}))
				}
			},
		},
		{
			code: "gateway/not-erasable",
			met: "A signatory erases the entities concerned from the entry of a deposit: what a disclosure is " +
				"held against.",
			cured: "The signatory names a private field that may go, such as the title; a second signatory confirms " +
				"it.",
			remedy: "POST /erasures",
			up: func(w *world) *scene {
				document := w.put(nil)
				entry = w.depositEntry(document)
				return &scene{call: erasing(entry, "entities"), document: document}
			},
			cure: func(s *scene) { s.call = erasing(entry, "title") },
		},
	}
}

// depositEntry is the entry of a document's deposit, once it has its place in the log.
func (w *world) depositEntry(document string) string {
	w.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		page := want[api.LogEntryPage](w.t,
			w.as("auditor.wco", "GET", "/log/entries?kind=deposit&document="+document, ""), 200)
		if len(page.Items) > 0 {
			return page.Items[0].Id
		}
		if time.Now().After(deadline) {
			w.t.Fatalf("the deposit of %s has no place in the log", document)
		}
	}
}
