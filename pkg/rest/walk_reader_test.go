package rest_test

import (
	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
)

// anyone is what a non-confidential document says of itself.
var anyone = fields{"marking": "non-confidential"}

// readerScenes are of people of the Recipient, and of the Discloser's own, who want to read.
func readerScenes() []scenario {
	return append(readersOfNonConfidential(),
		scenario{
			code:   "art4.7/no-purpose",
			met:    "The Recipient's staff ask for a confidential document and state no purpose.",
			cured:  "They state one, in a code and a sentence.",
			from:   "org_unoct",
			remedy: "GET /purposes",
			up: func(w *world) *scene {
				document := w.put(nil)
				w.granted(document, nil, nil)
				return &scene{call: readingOf("staff.unoct", document, fields{"purpose": nil, "statement": nil}),
					document: document}
			},
			cure: func(s *scene) { s.call = readingOf("staff.unoct", s.document, nil) },
		},
		scenario{
			code:   "art4.7/purpose-not-permitted",
			met:    "The Recipient's staff ask for a document for another purpose than it was deposited for.",
			cured:  "They state a purpose of the document, for which there is a grant.",
			from:   "org_wco",
			remedy: "GET /documents/{document}",
			up: func(w *world) *scene {
				document := w.put(nil)
				w.granted(document, nil, nil)
				return &scene{call: readingOf("staff.unoct", document, fields{"purpose": "art2.f"}), document: document}
			},
			cure: func(s *scene) { s.call = readingOf("staff.unoct", s.document, nil) },
		},
		scenario{
			code:   "gateway/purpose-unknown",
			met:    "The depositor reads their own document and writes words where a purpose code belongs.",
			cured:  "The depositor states a code, or none.",
			from:   "org_wco",
			remedy: "GET /documents/{document}",
			up: func(w *world) *scene {
				document := w.put(nil)
				return &scene{call: readingOf("staff.wco", document, fields{"purpose": "visit.preparation"}),
					document: document}
			},
			cure: func(s *scene) { s.call = readingOf("staff.wco", s.document, nil) },
		},
		scenario{
			code:   "art4.5/not-granted",
			met:    "The Recipient's staff ask for a confidential document for which nobody asked access.",
			cured:  "They ask for access, and the Discloser authorizes.",
			from:   "org_wco",
			remedy: "POST /documents/{document}/requests",
			up: func(w *world) *scene {
				document := w.put(nil)
				return &scene{call: readingOf("staff.unoct", document, nil), document: document}
			},
			cure: func(s *scene) { s.granted(s.document, nil, nil) },
		},
		scenario{
			code:   "art4.4/authorization-missing",
			met:    "The Recipient's staff asked for access, and the Discloser has not decided.",
			cured:  "A signatory of the Discloser authorizes; the request says whose word is missing.",
			from:   "org_wco",
			remedy: "GET /requests/{request}",
			up: func(w *world) *scene {
				document := w.put(nil)
				request := w.done(w.askOf("staff.unoct", document, "org_unoct", nil))
				return &scene{call: readingOf("staff.unoct", document, nil), document: document, request: request}
			},
			cure: func(s *scene) { s.done(decisionOf("focal.wco", s.request, "authorize", nil)) },
		},
		scenario{
			code:   "art4.4/authorization-missing",
			met:    "The Discloser authorized, and an entity concerned has not.",
			cured:  "The entity's focal point authorizes.",
			from:   "org_wco",
			remedy: "GET /requests/{request}",
			up: func(w *world) *scene {
				document := w.put(fields{"entities_concerned": []string{"org_customs-exampleland"}})
				request := w.granted(document, nil, nil)
				return &scene{call: readingOf("staff.unoct", document, nil), document: document, request: request}
			},
			cure: func(s *scene) { s.done(decisionOf("focal.customs", s.request, "authorize", nil)) },
		},
		endedBy("art4.4/authorization-refused", "The Discloser refused the Recipient's request.",
			"The Recipient asks again and is authorized; nothing else undoes a refusal.",
			func(w *world, document string) {
				request := w.done(w.askOf("staff.unoct", document, "org_unoct", nil))
				w.done(decisionOf("focal.wco", request, "refuse", nil))
			}),
		endedBy("art4.4/authorization-withdrawn", "The Discloser withdrew its authorization.",
			"The Recipient asks again and is authorized.",
			func(w *world, document string) {
				w.done(post("focal.wco", "/requests/"+w.granted(document, nil, nil)+"/withdrawal",
					fields{"statement": "Cancelled"}))
			}),
		endedBy("art4.4/other-version",
			"The Discloser corrected the document after it had authorized the version before.",
			"The Recipient asks for the new version and is authorized.",
			func(w *world, document string) {
				w.granted(document, nil, nil)
				w.done(versionOf("staff.wco", document, nil))
			}),
		otherPurposeOfTheRecipient(),
		scenario{
			code:   "art4.6/not-admitted",
			met:    "A colleague of the person who asked wants to read.",
			cured:  "Their own focal point admits the colleague to the request.",
			from:   "org_unoct",
			remedy: "GET /requests/{request}",
			up: func(w *world) *scene {
				document := w.put(nil)
				request := w.granted(document, nil, nil)
				return &scene{call: readingOf("other.unoct", document, nil), document: document, request: request}
			},
			cure: func(s *scene) {
				s.done(post("focal.unoct", "/requests/"+s.request+"/admissions",
					fields{"people": []string{s.personOf("other.unoct")}}))
			},
		},
		scenario{
			code:   "art4.6/not-admitted",
			met:    "A colleague of the depositor wants to read a confidential document of their own Party.",
			cured:  "The colleague asks, and their own focal point admits.",
			from:   "org_wco",
			remedy: "POST /documents/{document}/requests",
			up: func(w *world) *scene {
				document := w.put(nil)
				return &scene{call: readingOf("other.wco", document, nil), document: document}
			},
			cure: func(s *scene) {
				request := s.done(s.askOf("other.wco", s.document, "org_wco", nil))
				s.done(post("focal.wco", "/requests/"+request+"/admissions",
					fields{"people": []string{s.personOf("other.wco")}}))
			},
		},
		scenario{code: "art4.6/not-admitted", met: "An auditor asks for a document.",
			cured: "Nobody can: auditors read the log, never content.", remedy: "GET /arrangement",
			up: func(w *world) *scene {
				document := w.put(anyone)
				return &scene{call: readingOf("auditor.unoct", document, nil), document: document}
			}},
		scenario{
			code:   "art4.6/suspended",
			met:    "The Discloser stopped the document, and the Recipient's staff want to read it.",
			cured:  "Two people of the Discloser lift the stop.",
			from:   "org_wco",
			remedy: "GET /arrangement",
			up: func(w *world) *scene {
				document := w.put(nil)
				w.granted(document, nil, nil)
				stop := w.done(post("focal.wco", "/suspensions",
					fields{"document": document, "statement": "A leak, perhaps"}))
				return &scene{call: readingOf("staff.unoct", document, nil), document: document, request: stop}
			},
			cure: func(s *scene) {
				for _, person := range []string{"focal.wco", "deputy.wco"} {
					s.done(post(person, "/suspensions/"+s.request+"/ending", fields{"statement": "There was none"}))
				}
			},
		},
		scenario{
			code: "art4.9/superseded-closed",
			met:  "The Recipient's staff ask for a version that a newer one replaced.",
			cured: "They ask for access to the newest version, are authorized, and read that; the old one stays " +
				"closed.",
			from:   "org_wco",
			remedy: "POST /documents/{document}/requests",
			up: func(w *world) *scene {
				document := w.put(nil)
				w.granted(document, nil, nil)
				old := w.version(document)
				w.done(versionOf("staff.wco", document, nil))
				return &scene{call: readingOf("staff.unoct", document, fields{"version": old}), document: document}
			},
			cure: func(s *scene) {
				s.granted(s.document, nil, nil)
				s.call = readingOf("staff.unoct", s.document, nil)
			},
		},
		scenario{
			code:   "art4.9/version-destroyed",
			met:    "The Recipient's staff read a version that two people of the Discloser destroyed.",
			cured:  "Nobody can: its key is gone. The Discloser can deposit the right file.",
			from:   "org_wco",
			remedy: "GET /arrangement",
			up: func(w *world) *scene {
				document := w.put(nil)
				w.granted(document, nil, nil)
				destroyed := "/documents/" + document + "/versions/" + w.version(document) + "/destruction"
				w.waits(post("focal.wco", destroyed, fields{"statement": "The wrong file"}))
				w.done(post("deputy.wco", destroyed, fields{"statement": "The wrong file"}))
				return &scene{call: readingOf("staff.unoct", document, nil), document: document}
			},
		},
		scenario{
			code:   "gateway/form-not-granted",
			met:    "The Recipient's staff ask for the original, and marked copies were granted.",
			cured:  "They take the marked copy.",
			from:   "org_wco",
			remedy: "POST /documents/{document}/disclosures",
			up: func(w *world) *scene {
				document := w.put(nil)
				w.granted(document, fields{"form": "stamped"}, nil)
				return &scene{call: readingOf("staff.unoct", document, nil), document: document}
			},
			cure: func(s *scene) { s.call = readingOf("staff.unoct", s.document, fields{"form": "stamped"}) },
		},
		scenario{
			code:   "gateway/form-unavailable",
			met:    "The Recipient's staff read page by page what is no PDF file and no picture.",
			cured:  "They take the marked copy.",
			from:   "org_unoct",
			remedy: "POST /documents/{document}/disclosures",
			up: func(w *world) *scene {
				document := w.put(nil)
				w.granted(document, nil, nil)
				return &scene{call: readingOf("staff.unoct", document, fields{"form": "view"}), document: document}
			},
			cure: func(s *scene) { s.call = readingOf("staff.unoct", s.document, fields{"form": "stamped"}) },
		},
		scenario{
			code:   "art4.5/no-end-ahead",
			met:    "Staff ask for access until a day that is over.",
			cured:  "They ask until a later day.",
			from:   "org_unoct",
			remedy: "POST /documents/{document}/requests",
			up: func(w *world) *scene {
				document := w.put(nil)
				return &scene{call: w.askOf("staff.unoct", document, "org_unoct",
					fields{"until": "2026-01-01T00:00:00Z"}), document: document}
			},
			cure: func(s *scene) { s.call = s.askOf("staff.unoct", s.document, "org_unoct", nil) },
		})
}

// endedBy is a document whose access for the Recipient ended; asking anew cures it.
func endedBy(code article4.Code, met, cured string, end func(w *world, document string)) scenario {
	return scenario{
		code:   code,
		met:    met,
		cured:  cured,
		from:   "org_wco",
		remedy: "POST /documents/{document}/requests",
		up: func(w *world) *scene {
			document := w.put(nil)
			end(w, document)
			return &scene{call: readingOf("staff.unoct", document, nil), document: document}
		},
		cure: func(s *scene) { s.granted(s.document, nil, nil) },
	}
}

func otherPurposeOfTheRecipient() scenario {
	return scenario{
		code:   "art4.4/other-purpose",
		met:    "The Recipient's staff were authorized for one purpose of the document and want to read for another.",
		cured:  "They ask for that purpose too, and are authorized.",
		from:   "org_wco",
		remedy: "POST /documents/{document}/requests",
		up: func(w *world) *scene {
			document := w.put(fields{"purposes": []string{"art2.e", "art2.f"}})
			w.granted(document, nil, nil)
			return &scene{call: readingOf("staff.unoct", document, fields{"purpose": "art2.f"}), document: document}
		},
		cure: func(s *scene) { s.granted(s.document, fields{"purpose": "art2.f"}, nil) },
	}
}

func readersOfNonConfidential() []scenario {
	return []scenario{
		{
			code:   "art4.2/no-purpose",
			met:    "The Recipient's staff ask for a non-confidential document and state no purpose.",
			cured:  "They state one, in a code and a sentence.",
			from:   "org_unoct",
			remedy: "GET /purposes",
			up: func(w *world) *scene {
				document := w.put(anyone)
				return &scene{call: readingOf("staff.unoct", document, fields{"purpose": nil, "statement": nil}),
					document: document}
			},
			cure: func(s *scene) { s.call = readingOf("staff.unoct", s.document, nil) },
		},
		{
			code: "art4.2/purpose-not-permitted",
			met: "The Recipient's staff ask for a non-confidential document for another purpose than it was " +
				"deposited for.",
			cured:  "They state a purpose of the document; its page names them.",
			from:   "org_wco",
			remedy: "GET /documents/{document}",
			up: func(w *world) *scene {
				document := w.put(anyone)
				return &scene{call: readingOf("staff.unoct", document, fields{"purpose": "art2.f"}), document: document}
			},
			cure: func(s *scene) {
				shown := want[api.Document](s.t, s.as("staff.unoct", "GET", "/documents/"+s.document, ""), 200)
				s.call = readingOf("staff.unoct", s.document, fields{"purpose": shown.Purposes[0]})
			},
		},
		{
			code: "art4.2/not-released",
			met: "The Recipient's focal point asks for access to a non-confidential document on behalf of a third " +
				"party.",
			cured: "Such a document is released, not asked for: the focal point releases it, and the third party " +
				"reads.",
			from:   "org_wco",
			remedy: "POST /documents/{document}/releases",
			up: func(w *world) *scene {
				document := w.put(anyone)
				return &scene{call: w.askOf("focal.unoct", document, "org_customs-exampleland", nil),
					document: document}
			},
			cure: func(s *scene) {
				s.done(releaseOf("focal.unoct", s.document, nil))
				s.call = readingOf("staff.customs", s.document, nil)
			},
		},
		{
			code:   "art4.2/not-released",
			met:    "A third party reads a document that was released to it for another purpose.",
			cured:  "A focal point of a Party releases it for that purpose too.",
			from:   "org_wco",
			remedy: "GET /arrangement",
			up: func(w *world) *scene {
				document := w.put(fields{"marking": "non-confidential", "purposes": []string{"art2.e", "art2.f"}})
				w.done(releaseOf("focal.unoct", document, nil))
				return &scene{call: readingOf("staff.customs", document, fields{"purpose": "art2.f"}),
					document: document}
			},
			cure: func(s *scene) { s.done(releaseOf("focal.unoct", s.document, fields{"purpose": "art2.f"})) },
		},
		{
			code:   "art4.3/no-transfer-basis",
			met:    "A focal point releases personal data to a third party and names no legal basis for the transfer.",
			cured:  "The focal point names it.",
			from:   "org_unoct",
			remedy: "POST /documents/{document}/releases",
			up: func(w *world) *scene {
				document := w.put(fields{"marking": "non-confidential", "personal_data": personal("2099-12-31")})
				return &scene{call: releaseOf("focal.unoct", document, nil), document: document}
			},
			cure: func(s *scene) {
				s.call = releaseOf("focal.unoct", s.document,
					fields{"transfer_basis": "Agreement of 2024 on the transfer"})
			},
		},
		{
			code:   "art4.5/proprietary",
			met:    "The Recipient's focal point releases a proprietary document of the Discloser.",
			cured:  "The Discloser's focal point releases it, which is its decision.",
			from:   "org_wco",
			remedy: "GET /arrangement",
			up: func(w *world) *scene {
				document := w.put(fields{"marking": "non-confidential", "proprietary": true})
				return &scene{call: releaseOf("focal.unoct", document, nil), document: document}
			},
			cure: func(s *scene) { s.person = "focal.wco" },
		},
		{
			code:   "art4.5/proprietary",
			met:    "A third party reads what the Recipient released before the Discloser called it proprietary.",
			cured:  "The Discloser's focal point releases it too.",
			from:   "org_wco",
			remedy: "GET /arrangement",
			up: func(w *world) *scene {
				document := w.put(anyone)
				w.done(releaseOf("focal.unoct", document, nil))
				w.done(post("focal.wco", "/documents/"+document+"/marking",
					fields{"marking": "non-confidential", "proprietary": true, "statement": "It is our method"}))
				return &scene{call: readingOf("staff.customs", document, nil), document: document}
			},
			cure: func(s *scene) { s.done(releaseOf("focal.wco", s.document, nil)) },
		},
	}
}

// releaseOf releases to the customs of Exampleland.
func releaseOf(person, document string, change fields) call {
	stated := fields{"organisation": "org_customs-exampleland", "purpose": "art2.e", "statement": "For the port"}
	return call{person: person, method: "POST", path: "/documents/" + document + "/releases", body: stated.with(change)}
}
