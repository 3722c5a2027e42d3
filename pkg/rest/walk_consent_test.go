package rest_test

import (
	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
)

const unit, customs = "org_piu-exampleland", "org_customs-exampleland"

// thirdPartyScenes are of people of third parties who want to read, and of those who ask on their behalf.
func thirdPartyScenes() []scenario {
	return append(consentScenes(),
		scenario{
			code: "art4.5/held-in-confidence",
			met:  "A third party asks for a document that it has not been told of.",
			cured: "A focal point of a Party releases it, or asks for it and the Discloser consents. Until then the " +
				"answer is that of a document that does not exist.",
			hidden: true,
			up: func(w *world) *scene {
				document := w.put(anyone)
				return &scene{call: readingOf("staff.customs", document, nil), document: document}
			},
			cure: func(s *scene) { s.done(releaseOf("focal.unoct", s.document, nil)) },
		},
		scenario{
			code:   "gateway/not-the-other-party",
			met:    "The Recipient gives its own people a document that it did not deposit.",
			cured:  "It asks for access instead.",
			from:   "org_unoct",
			remedy: "POST /documents/{document}/requests",
			up: func(w *world) *scene {
				document := w.put(nil)
				return &scene{call: post("focal.unoct", "/documents/"+document+"/deliveries", fields{
					"addressed_to": fields{"people": []string{w.personOf("staff.unoct")}}, "purpose": "art2.e",
					"statement": "For the training", "until": w.in(30 * day)}), document: document}
			},
			cure: func(s *scene) { s.call = s.askOf("focal.unoct", s.document, "org_unoct", nil) },
		},
		scenario{
			code:   "art4.8/onward-sharing",
			met:    "A third party's focal point asks for a protected document.",
			cured:  "A Party's focal point asks on its behalf; the third party never can.",
			from:   "org_wco",
			remedy: "GET /arrangement",
			up: func(w *world) *scene {
				document := w.put(nil)
				w.consented(document, nil, nil)
				return &scene{call: w.askOf("focal.piu", document, unit, nil), document: document}
			},
			cure: func(s *scene) { s.call = s.forUnit(s.document, nil) },
		},
		scenario{
			code:   "art4.6/not-admitted",
			met:    "Somebody of the third party reads who is not named in the request.",
			cured:  "Their own focal point admits them to the request.",
			from:   unit,
			remedy: "GET /requests/{request}",
			up: func(w *world) *scene {
				document := w.put(nil)
				request := w.consented(document, nil, nil)
				return &scene{call: readingOf("other.piu", document, nil), document: document, request: request}
			},
			cure: func(s *scene) {
				s.done(post("focal.piu", "/requests/"+s.request+"/admissions",
					fields{"people": []string{s.personOf("other.piu")}}))
			},
		},
		scenario{
			code:   "art4.8/conditions-not-accepted",
			met:    "A third party reads and does not accept the conditions of the consent.",
			cured:  "The reader finds them in the request, and hands in their SHA-256.",
			from:   unit,
			remedy: "GET /requests/{request}",
			up: func(w *world) *scene {
				document := w.put(nil)
				request := w.consented(document, nil, fields{"conditions": "To be read in the unit's own rooms."})
				return &scene{call: readingOf("staff.piu", document, nil), document: document, request: request}
			},
			cure: func(s *scene) {
				q := want[api.AccessRequest](s.t, s.as("staff.piu", "GET", "/requests/"+s.request, ""), 200)
				s.call = readingOf("staff.piu", s.document, fields{"conditions_sha256": *q.ConditionsSha256})
			},
		},
		scenario{
			code:   "art4.8/agreement-unsigned",
			met:    "A third party reads before it signed the Confidentiality Agreement.",
			cured:  "Its focal point signs.",
			from:   customs,
			remedy: "GET /agreements",
			up: func(w *world) *scene {
				w.done(post("focal.wco", "/agreements",
					fields{"organisation": customs, "text": "We keep it to ourselves."}))
				document := w.put(nil)
				w.forCustoms(document)
				return &scene{call: readingOf("staff.customs", document, nil), document: document}
			},
			cure: func(s *scene) { s.sign() },
		},
		scenario{
			code:   "art4.8/agreement-declined",
			met:    "A third party reads after it declined the text that was put to it.",
			cured:  "The Party puts another text, and the third party's focal point signs that.",
			from:   "org_wco",
			remedy: "GET /agreements",
			up: func(w *world) *scene {
				document := w.put(nil)
				w.forCustoms(document)
				put := w.done(post("focal.wco", "/agreements",
					fields{"organisation": customs, "text": "We keep it to ourselves, and burn it."}))
				want[api.Agreement](w.t, w.do(post("focal.customs", "/agreements/"+put+"/declining",
					fields{"statement": "Our law on archives forbids that."})), 200)
				return &scene{call: readingOf("staff.customs", document, nil), document: document}
			},
			cure: func(s *scene) {
				s.done(post("focal.wco", "/agreements",
					fields{"organisation": customs, "text": "We keep it to ourselves, in our archives."}))
				s.sign()
			},
		},
		scenario{
			code:   "art4.8/agreement-superseded",
			met:    "The Party whose text the third party had signed put a newer one.",
			cured:  "Its focal point signs the newer text.",
			from:   customs,
			remedy: "GET /agreements",
			up: func(w *world) *scene {
				document := w.put(nil)
				w.forCustoms(document)
				w.done(post("focal.wco", "/agreements",
					fields{"organisation": customs, "text": "We keep it to ourselves, and say when we cannot."}))
				return &scene{call: readingOf("staff.customs", document, nil), document: document}
			},
			cure: func(s *scene) { s.sign() },
		},
	)
}

// forCustoms asks for the staff of the customs of Exampleland, and the WCO consents.
func (w *world) forCustoms(document string) {
	w.t.Helper()
	request := w.done(w.forUnit(document,
		fields{"for": fields{"organisation": customs, "people": []string{w.personOf("staff.customs")}}}))
	w.done(decisionOf("focal.wco", request, "consent", nil))
}

// sign signs the newest agreement put to the customs of Exampleland.
func (w *world) sign() {
	w.t.Helper()
	newest := want[api.AgreementPage](w.t, w.as("focal.customs", "GET", "/agreements", ""), 200).Items[0]
	w.done(post("focal.customs", "/agreements/"+newest.Id+"/signatures",
		fields{"text_sha256": newest.TextSha256, "name": "C. Rossi",
			"function": "Director", "authority": "Decree 12", "accepts": true}))
}

func consentScenes() []scenario {
	return []scenario{
		{
			code: "art4.8/no-written-consent",
			met:  "The Recipient's focal point releases a confidential document to a third party.",
			cured: "The focal point asks for access for it, and the Discloser consents in writing; then the third " +
				"party reads.",
			from:   "org_wco",
			remedy: "POST /documents/{document}/requests",
			up: func(w *world) *scene {
				document := w.put(nil)
				return &scene{call: post("focal.unoct", "/documents/"+document+"/releases",
					fields{"organisation": unit, "purpose": "art2.e", "statement": "For the port"}), document: document}
			},
			cure: func(s *scene) {
				s.consented(s.document, nil, nil)
				s.call = readingOf("staff.piu", s.document, nil)
			},
		},
		{
			code:   "art4.8/no-written-consent",
			met:    "An entity concerned, asked for its authorization, wants to read the document itself.",
			cured:  "A Party asks for it, and the Discloser consents in writing.",
			from:   "org_wco",
			remedy: "GET /arrangement",
			up: func(w *world) *scene {
				document := w.put(fields{"entities_concerned": []string{unit}})
				w.done(w.askOf("staff.unoct", document, "org_unoct", nil))
				return &scene{call: readingOf("staff.piu", document, nil), document: document}
			},
			cure: func(s *scene) {
				request := s.done(s.forUnit(s.document, nil))
				s.done(decisionOf("focal.piu", request, "authorize", nil))
				s.done(decisionOf("focal.wco", request, "consent", nil))
			},
		},
		askedAnew("art4.8/consent-withdrawn", "The Discloser withdrew its consent.",
			func(w *world, document string) call {
				request := w.consented(document, nil, nil)
				w.done(post("focal.wco", "/requests/"+request+"/withdrawal", fields{"statement": "No longer"}))
				return readingOf("staff.piu", document, nil)
			}),
		{
			code: "art4.8/consent-refused",
			met: "The Discloser refused the request for a third party, which is an entity concerned by the " +
				"document.",
			cured:  "A Party asks for it again and the Discloser consents; nothing else undoes a refusal.",
			from:   "org_wco",
			remedy: "GET /arrangement",
			up: func(w *world) *scene {
				document := w.put(fields{"entities_concerned": []string{unit}})
				w.done(w.askOf("staff.unoct", document, "org_unoct", nil))
				w.done(decisionOf("focal.wco", w.done(w.forUnit(document, nil)), "refuse", nil))
				return &scene{call: readingOf("staff.piu", document, nil), document: document}
			},
			cure: func(s *scene) {
				request := s.done(s.forUnit(s.document, nil))
				s.done(decisionOf("focal.piu", request, "authorize", nil))
				s.done(decisionOf("focal.wco", request, "consent", nil))
			},
		},
		askedAnew("art4.8/other-version",
			"The Discloser corrected the document after it had consented to the version before.",
			func(w *world, document string) call {
				w.consented(document, nil, nil)
				w.done(versionOf("staff.wco", document, nil))
				return readingOf("staff.piu", document, nil)
			}),
		{
			code:   "art4.8/other-purpose",
			met:    "The Discloser consented to one purpose of the document, and the third party reads for another.",
			cured:  "A Party asks for that purpose too, and the Discloser consents.",
			from:   "org_wco",
			remedy: "GET /arrangement",
			up: func(w *world) *scene {
				document := w.put(fields{"purposes": []string{"art2.e", "art2.f"}})
				w.consented(document, nil, nil)
				return &scene{call: readingOf("staff.piu", document, fields{"purpose": "art2.f"}), document: document}
			},
			cure: func(s *scene) { s.consented(s.document, fields{"purpose": "art2.f"}, nil) },
		},
	}
}

// askedAnew is a consent that does not serve any more: a Party asks anew, and the Discloser consents.
func askedAnew(code article4.Code, met string, end func(w *world, document string) call) scenario {
	return scenario{
		code:   code,
		met:    met,
		cured:  "A Party asks for the third party again, and the Discloser consents.",
		from:   "org_wco",
		remedy: "GET /arrangement",
		up: func(w *world) *scene {
			document := w.put(nil)
			return &scene{call: end(w, document), document: document}
		},
		cure: func(s *scene) { s.consented(s.document, nil, nil) },
	}
}
