package rest_test

import (
	"strings"

	"fmt"
	"time"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
)

// changeScenes are of the Discloser's acts on its own documents.
func changeScenes() []scenario {
	lower := func(person, document string) call {
		c := post(person, "/documents/"+document+"/marking",
			fields{"marking": "non-confidential", "statement": "Published in June"})
		c.match = "/documents/" + document
		return c
	}
	return []scenario{
		{
			code:   "art4.9/second-person-missing",
			met:    "The same person lowers a marking twice.",
			cured:  "Another person of the Discloser does the same.",
			from:   "org_wco",
			remedy: "GET /people",
			up: func(w *world) *scene {
				document := w.put(nil)
				w.waits(lower("focal.wco", document))
				return &scene{call: lower("focal.wco", document), document: document}
			},
			cure: func(s *scene) { s.call = lower("deputy.wco", s.document) },
		},
		{
			code:   "gateway/second-person-missing",
			met:    "The Party that proposed a third party confirms it itself.",
			cured:  "The other Party confirms it.",
			remedy: "GET /arrangement",
			up: func(w *world) *scene {
				at := w.waits(post("focal.wco", "/organisations",
					fields{"short": "lines", "name": "Exampleland Lines", "type": "carrier",
						"issuer": "https://lines.example"}))
				return &scene{call: confirm("deputy.wco", at)}
			},
			cure: func(s *scene) { s.person = "focal.unoct" },
		},
		{
			code:   "art4.9/no-authority",
			met:    "Staff who did not deposit a document change its marking.",
			cured:  "A focal point or a signatory of the Discloser does.",
			from:   "org_wco",
			remedy: "GET /people",
			up: func(w *world) *scene {
				document := w.put(nil)
				return &scene{call: post("other.wco", "/documents/"+document+"/marking",
					fields{"marking": "restricted", "statement": "It names ports"}), document: document}
			},
			cure: func(s *scene) { s.person = "focal.wco" },
		},
		{
			code:   "art4.4/second-person-missing",
			met:    "The same person takes an entity concerned off twice.",
			cured:  "Another person of the Discloser does the same.",
			from:   "org_wco",
			remedy: "GET /people",
			up: func(w *world) *scene {
				document := w.put(fields{"entities_concerned": []string{customs}})
				w.waits(takenOff("focal.wco", document))
				return &scene{call: takenOff("focal.wco", document), document: document}
			},
			cure: func(s *scene) { s.call = takenOff("deputy.wco", s.document) },
		},
		{code: "art4.4/entity-was-asked",
			met:    "A signatory takes an entity concerned off after a request was put to it.",
			cured:  "Nobody at the Discloser can: only the entity can say that it is not concerned.",
			remedy: "GET /arrangement",
			up: func(w *world) *scene {
				document := w.put(fields{"entities_concerned": []string{customs}})
				w.done(w.askOf("staff.unoct", document, "org_unoct", nil))
				return &scene{call: takenOff("focal.wco", document), document: document}
			}},
		{
			code:   "gateway/lowering-over",
			met:    "An entity that authorized a lowering refuses it after the Discloser deposited another version.",
			cured:  "A signatory of the Discloser begins the lowering again, and the entity decides on that one.",
			from:   "org_wco",
			remedy: "GET /arrangement",
			up: func(w *world) *scene {
				document := w.put(fields{"entities_concerned": []string{customs}})
				at := w.loweringOf(document)
				w.done(post("focal.customs", at+"/decisions", fields{"act": "authorize", "statement": "Known by now"}))
				w.done(versionOf("staff.wco", document, nil))
				return &scene{call: post("focal.customs", at+"/decisions",
					fields{"act": "refuse", "statement": "Not this"}), document: document}
			},
			cure: func(s *scene) { s.path = s.loweringOf(s.document) + "/decisions" },
		},
		{
			code:   "art4.2/no-authority",
			met:    "Staff release a document to a third party.",
			cured:  "A focal point or a signatory of a Party does.",
			remedy: "GET /people",
			up: func(w *world) *scene {
				document := w.put(fields{"marking": "non-confidential"})
				return &scene{call: releaseOf("staff.wco", document, nil), document: document}
			},
			cure: func(s *scene) { s.call = releaseOf("focal.wco", s.document, nil) },
		},
		{
			code:   "art4.7/no-authority",
			met:    "Staff take a purpose off their document after a request for it was authorized.",
			cured:  "A signatory of the Discloser does: what was authorized ends.",
			from:   "org_wco",
			remedy: "GET /people",
			up: func(w *world) *scene {
				document := w.put(nil)
				w.granted(document, nil, nil)
				return &scene{call: amendmentOf("staff.wco", document), document: document}
			},
			cure: func(s *scene) { s.call = amendmentOf("focal.wco", s.document) },
		},
		{
			code:   "gateway/no-authority",
			met:    "Staff recall a document.",
			cured:  "A signatory of the Discloser does.",
			from:   "org_wco",
			remedy: "GET /people",
			up: func(w *world) *scene {
				document := w.put(nil)
				return &scene{call: post("staff.wco", "/documents/"+document+"/recall",
					fields{"statement": "It was wrong"}), document: document}
			},
			cure: func(s *scene) { s.person = "focal.wco" },
		},
		{
			code:   "art4.4/entity-unknown",
			met:    "A focal point adds an entity concerned that is not known here.",
			cured:  "The focal point names one that the Parties recognised.",
			from:   "org_wco",
			remedy: "POST /documents/{document}/entities",
			up: func(w *world) *scene {
				document := w.put(nil)
				return &scene{call: entityOf(document, "org_elsewhere"), document: document}
			},
			cure: func(s *scene) { s.call = entityOf(s.document, customs) },
		},
		{
			code:   "art4.4/not-concerned",
			met:    "A signatory takes an entity off the list that is not concerned by the document.",
			cured:  "The signatory takes off one that is; a second person confirms it.",
			from:   "org_wco",
			remedy: "POST /documents/{document}/entities",
			up: func(w *world) *scene {
				document := w.put(fields{"entities_concerned": []string{unit}})
				return &scene{call: takenOff("focal.wco", document), document: document}
			},
			cure: func(s *scene) {
				s.call = takenOff("focal.wco", s.document)
				s.body = fields{"remove": unit, "statement": "It is not theirs"}.with(nil)
			},
		},
	}
}

// loweringOf begins a lowering that is put to the entities concerned, and gives its address.
func (w *world) loweringOf(document string) string {
	waits := w.waits(post("focal.wco", "/documents/"+document+"/marking",
		fields{"marking": "non-confidential", "statement": "Published in June"}))
	return strings.Replace(waits, "/confirmations/", "/lowerings/", 1)
}

func entityOf(document, entity string) call {
	return post("focal.wco", "/documents/"+document+"/entities",
		fields{"add": []string{entity}, "statement": "It is theirs"})
}

// amendmentOf states one purpose of a document, and takes the others off.
func amendmentOf(person, document string) call {
	c := post(person, "/documents/"+document, fields{"purposes": []string{"art2.b"}, "statement": "No other"})
	c.method, c.match = "PATCH", "/documents/"+document
	return c
}

func takenOff(person, document string) call {
	c := post(person, "/documents/"+document+"/entities", fields{"remove": customs, "statement": "It is not theirs"})
	c.match = "/documents/" + document
	return c
}

// officialScenes are of the Arrangement's own records. What is put to the unit of Exampleland comes last: it binds.
func officialScenes() []scenario {
	delegation := fields{"subject": "other.wco", "name": "O. Other", "acts": []string{"consent"},
		"since": thisDay + "T00:00:00Z",
		"until": "2035-01-01T00:00:00Z", "instrument_sha256": sha}
	filed := func(change fields) call {
		return call{person: "focal.wco", method: "POST", path: "/arrangement/delegations",
			body: delegation.with(change)}
	}
	newcomer := fields{"short": "newcomer", "name": "Newcomer Lines", "type": "carrier",
		"issuer": "https://newcomer.example"}
	proposed := func(change fields) call {
		return call{person: "focal.wco", method: "POST", path: "/organisations", body: newcomer.with(change)}
	}
	return []scenario{
		official("gateway/no-instrument", "An official files a Delegation without its written instrument.",
			"The official names the instrument by its SHA-256.",
			"POST /arrangement/delegations", filed(fields{"instrument_sha256": nil}), filed(nil)),
		official("gateway/delegation-own", "An official files a Delegation for themselves.",
			"The official files it for somebody else.",
			"GET /people", filed(fields{"subject": "focal.wco"}), filed(fields{"name": "Olga Other"})),
		official("gateway/delegation-unclear", "An official files a Delegation for an act that cannot be delegated.",
			"The official names acts that can be, and a term that is to come.",
			"POST /arrangement/delegations", filed(fields{"acts": []string{}}), filed(fields{"name": "Oliver Other"})),
		official("gateway/record-incomplete",
			"An official proposes a third party under a short name that another already has.",
			"The official takes another short name.",
			"POST /organisations", proposed(fields{"short": "unoct"}), proposed(nil)),
		renamed("art4.8/other-recipient", "The third party's record was changed after the Discloser had consented."),
		renamed("art4.4/other-recipient",
			"The third party's record was changed after an entity concerned had authorized."),
		{
			code:   "art5.3/no-authority",
			met:    "Staff designate their Party's focal point.",
			cured:  "A focal point or a signatory of the Party does.",
			remedy: "GET /people",
			up:     func(*world) *scene { return &scene{call: designation("staff.wco")} },
			cure:   func(s *scene) { s.person = "focal.wco" },
		},
		{
			code:   "art5.3/second-person-missing",
			met:    "The same official designates a focal point twice.",
			cured:  "Another official of the Party does.",
			from:   "org_wco",
			remedy: "GET /people",
			// who designated it in the scene before
			up:   func(*world) *scene { return &scene{call: designation("focal.wco")} },
			cure: func(s *scene) { s.person = "deputy.wco" },
		},
		{
			code:   "art4.8/not-a-third-party",
			met:    "An official puts a Confidentiality Agreement to the other Party, which is not a third party.",
			cured:  "The official puts it to a third party.",
			from:   "org_wco",
			remedy: "POST /agreements",
			up: func(*world) *scene {
				return &scene{call: post("focal.wco", "/agreements",
					fields{"organisation": "org_unoct", "text": "We keep it."})}
			},
			cure: func(s *scene) {
				s.call = post("focal.wco", "/agreements", fields{"organisation": unit, "text": "We keep it."})
			},
		},
		{
			code: "art4.8/signature-unproven",
			met:  "The third party's focal point signs with an ID token that was issued for something else.",
			cured: "The focal point signs in with the nonce of the canonical text, which …/signatures/draft shows, " +
				"and signs with that token.",
			from:   unit,
			remedy: "GET /agreements",
			up: func(w *world) *scene {
				other := w.signIn("piu-exampleland", "focal.piu", "another text")
				return &scene{call: signatureOf(w.agreement("We keep it under seal."),
					fields{"text_sha256": digestOf("We keep it under seal."), "evidence": other})}
			},
			cure: func(s *scene) {
				draft := s.call
				draft.path += "/draft"
				nonce := want[api.CanonicalText](s.t, s.do(draft), 200).Nonce
				s.body = signatureOf("", fields{"text_sha256": digestOf("We keep it under seal."),
					"evidence": s.signIn("piu-exampleland", "focal.piu", nonce)}).body
			},
		},
		{
			code:   "gateway/signature-incomplete",
			met:    "The third party's focal point signs a Confidentiality Agreement without accepting it.",
			cured:  "The focal point accepts the text.",
			from:   unit,
			remedy: "GET /agreements",
			up: func(w *world) *scene {
				return &scene{call: signatureOf(w.agreement("We keep it, and tell nobody."), fields{"accepts": false})}
			},
			cure: func(s *scene) { s.body = signatureOf("", nil).body },
		},
	}
}

// agreement puts a text to the unit of Exampleland.
func (w *world) agreement(text string) string {
	w.t.Helper()
	return w.done(post("focal.wco", "/agreements", fields{"organisation": unit, "text": text}))
}

// signatureOf is under the text that agreement puts.
func signatureOf(agreement string, change fields) call {
	said := fields{"text_sha256": digestOf("We keep it, and tell nobody."), "name": "P. Varga", "function": "Head",
		"authority": "Decree 4", "accepts": true}
	return call{person: "focal.piu", method: "POST", path: "/agreements/" + agreement + "/signatures",
		body: said.with(change)}
}

func designation(person string) call {
	return post(person, "/arrangement/focal-points",
		fields{"subject": "focal.wco", "name": "Fiona Laurent", "instrument_sha256": sha})
}

func official(code article4.Code, met, cured, remedy string, wrong, right call) scenario {
	return scenario{
		code:   code,
		met:    met,
		cured:  cured,
		from:   "org_wco",
		remedy: remedy,
		up:     func(w *world) *scene { return &scene{call: wrong.on(w.today())} },
		cure: func(s *scene) {
			s.paper("focal.wco", "")
			s.call = right.on(s.today())
		},
	}
}

// thisDay stands in a body for the day on which the call is made.
const thisDay = "{this day}"

// on is the call as it is made on a day.
func (c call) on(day time.Time) call {
	c.body = strings.ReplaceAll(c.body, thisDay, day.Format(time.DateOnly))
	return c
}

// renamed is a third party under another name than its consent and its authorization name.
func renamed(code article4.Code, met string) scenario {
	give := func(w *world, document string) {
		request := w.done(w.forUnit(document, nil))
		w.done(decisionOf("focal.customs", request, "authorize", nil))
		w.done(decisionOf("focal.wco", request, "consent", nil))
	}
	return scenario{
		code:   code,
		met:    met,
		cured:  "A Party asks for the third party again; entity and Discloser give their decision to it as it is now.",
		from:   "org_wco",
		remedy: "GET /arrangement",
		up: func(w *world) *scene {
			document := w.put(fields{"entities_concerned": []string{customs}})
			give(w, document)
			w.rename()
			return &scene{call: readingOf("staff.piu", document, nil), document: document}
		},
		cure: func(s *scene) { give(s.world, s.document) },
	}
}

// rename changes the record of the unit of Exampleland: one Party proposes, the other confirms.
func (w *world) rename() {
	w.t.Helper()
	record := want[api.Organisation](w.t, w.as("focal.wco", "GET", "/organisations/"+unit, ""), 200)
	at := w.waits(post("focal.wco", "/organisations",
		fields{"changes": unit, "name": fmt.Sprint(record.Name, " II"), "type": *record.Type,
			"country": *record.Country, "issuer": *record.Issuer}))
	w.done(confirm("focal.unoct", at))
}
