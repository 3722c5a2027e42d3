package rest_test

import (
	"time"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/instrument"
)

// unsigned is a world in which UNOCT has yet to sign, and to designate its focal point; a specific arrangement ends in
// twenty days.
func unsigned(w *world) {
	w.instrument.Parties[1].SignedOn, w.instrument.Parties[1].FocalPoint = time.Time{}, nil
	last := w.today().AddDate(0, 0, 20)
	w.instrument.SpecificArrangements = []instrument.Specific{{Title: "Project on maritime targeting",
		SignedOn: w.instrument.Parties[0].SignedOn, EndsOn: &last,
		Purposes: []instrument.Purpose{{Code: "sa1.a", Label: "Joint targeting of containers", Paragraph: "2(d)"}}}}
}

func (w *world) today() time.Time { return w.now().UTC().Truncate(day) }

// pass lets time go by on the rules' clock.
func (w *world) pass(d time.Duration) { w.shift.Add(int64(d)) }

func beginningScenes() []scenario {
	return []scenario{
		{code: "gateway/not-in-effect", met: "Officials give notice of termination before both Parties have signed.",
			cured: "Nobody can: there is nothing to end yet.", remedy: "GET /arrangement",
			up: func(w *world) *scene { return &scene{call: noticeOf(w, "focal.wco", 0)} }},
		{
			code:   "art11.1/not-in-effect",
			met:    "Staff deposit a document before both Parties have signed the Arrangement.",
			cured:  "The other Party signs, and the operator has the gateway load the Arrangement file with the day.",
			remedy: "GET /arrangement",
			up:     func(*world) *scene { return &scene{call: depositOf("staff.wco", nil, file{content: secret})} },
			cure: func(s *scene) {
				s.instrument.Parties[1].SignedOn = s.today()
				s.instrument.Digest = sha
				must(s.t, s.running.ApplyInstrument(s.t.Context(), s.instrument,
					[]string{"admit.consent_evidence_none"}, ""))
			},
		},
		{
			code:   "art5.3/no-focal-point",
			met:    "The Recipient's staff ask for a confidential document before their Party has a focal point.",
			cured:  "Two officials of that Party designate one.",
			from:   "org_unoct",
			remedy: "GET /arrangement",
			up: func(w *world) *scene {
				document := w.put(nil)
				return &scene{call: w.askOf("staff.unoct", document, "org_unoct", nil), document: document}
			},
			cure: func(s *scene) {
				s.paper("focal.unoct", "")
				at := s.waits(post("focal.unoct", "/arrangement/focal-points",
					fields{"subject": "focal.unoct", "name": "Amina Haddad", "instrument_sha256": sha}))
				s.done(confirm("deputy.unoct", at))
			},
		},
	}
}

// timeScenes are of what time takes away.
func timeScenes() []scenario {
	return []scenario{
		{
			code: "art4.3/retention-over",
			met:  "The Recipient's staff read after the last day of retention of the personal data.",
			cured: "Nobody can: the day was declared at deposit, and stands. The Discloser's own people still have " +
				"the document, to dispose of it.",
			from:   "org_wco",
			remedy: "GET /arrangement",
			up: func(w *world) *scene {
				document := w.put(fields{"personal_data": personal(w.today().AddDate(0, 0, 1).Format(time.DateOnly))})
				w.granted(document, nil, nil)
				w.pass(3 * day)
				return &scene{call: readingOf("staff.unoct", document, nil), document: document}
			},
		},
		endedBy("art4.4/authorization-expired",
			"The Discloser authorized for one day, and the Recipient's staff read on the third.",
			"They ask again and are authorized.",
			func(w *world, document string) {
				w.granted(document, nil, fields{"until": w.in(day)})
				w.pass(2 * day)
			}),
		endedBy("art4.5/grant-expired", "The Recipient's staff asked for access for one day and read on the third.",
			"They ask again and are authorized.",
			func(w *world, document string) {
				w.granted(document, fields{"until": w.in(day)}, nil)
				w.pass(2 * day)
			}),
		askedAnew("art4.8/consent-expired",
			"The Discloser consented for one day, and the third party reads on the third.",
			func(w *world, document string) call {
				w.consented(document, nil, fields{"until": w.in(day)})
				w.pass(2 * day)
				return readingOf("staff.piu", document, nil)
			}),
		{
			code: "art4.8/consent-lapsed",
			met: "For fourteen days nobody consented to the request for a third party, which is an entity " +
				"concerned by the document.",
			cured:  "A Party asks for it again, and the Discloser consents in time.",
			from:   "org_wco",
			remedy: "GET /arrangement",
			up: func(w *world) *scene {
				document := w.put(fields{"entities_concerned": []string{unit}})
				w.done(w.forUnit(document, nil))
				w.pass(15 * day)
				w.done(w.askOf("staff.unoct", document, "org_unoct", nil))
				return &scene{call: readingOf("staff.piu", document, nil), document: document}
			},
			cure: func(s *scene) {
				request := s.done(s.forUnit(s.document, nil))
				s.done(decisionOf("focal.piu", request, "authorize", nil))
				s.done(decisionOf("focal.wco", request, "consent", nil))
			},
		},
		{
			code:   "art4.7/purpose-closed",
			met:    "The Recipient's staff read for a purpose of a specific arrangement whose term is over.",
			cured:  "They are authorized for another purpose of the document that is open, and state that.",
			from:   "org_wco",
			remedy: "GET /purposes",
			up: func(w *world) *scene {
				document := w.done(depositOf("staff.wco", fields{"purposes": []string{"art2.e"}},
					file{content: secret}))
				return &scene{call: readingOf("staff.unoct", document, fields{"purpose": "sa1.a"}), document: document}
			},
			cure: func(s *scene) {
				s.granted(s.document, nil, nil)
				s.call = readingOf("staff.unoct", s.document, nil)
			},
		},
	}
}

func noticeOf(w *world, person string, days int) call {
	return post(person, "/arrangement/notice",
		fields{"given_on": w.today().AddDate(0, 0, days).Format(time.DateOnly), "statement": "The programme ends."})
}

// endScenes follow each other to the end of the Arrangement.
func endScenes() []scenario {
	notice := noticeOf
	return []scenario{
		{
			code:   "art11.4/no-authority",
			met:    "Staff give notice of termination.",
			cured:  "A signatory of the Party gives it.",
			remedy: "GET /people",
			up:     func(w *world) *scene { return &scene{call: notice(w, "staff.wco", 0)} },
			// as of another day than below, which then takes its place
			cure: func(s *scene) { s.call = notice(s.world, "focal.wco", 1) },
		},
		{
			code:   "art11.4/notice-backdated",
			met:    "A signatory gives notice of termination as of yesterday.",
			cured:  "The signatory gives it as of today or later.",
			from:   "org_wco",
			remedy: "POST /arrangement/notice",
			up:     func(w *world) *scene { return &scene{call: notice(w, "focal.wco", -1)} },
			cure:   func(s *scene) { s.call = notice(s.world, "focal.wco", 0) },
		},
		{
			code:   "art11.4/second-person-missing",
			met:    "The signatory who gives notice of termination confirms it as well.",
			cured:  "Another signatory of the Party does.",
			from:   "org_wco",
			remedy: "GET /people",
			up: func(w *world) *scene {
				waits := want[api.ConfirmationPage](w.t, w.as("deputy.wco", "GET", "/confirmations", ""), 200)
				return &scene{call: confirm("focal.wco", "/confirmations/"+waits.Items[0].Pending.Id)}
			},
			cure: func(s *scene) { s.person = "deputy.wco" },
		},
		{
			code:   "art11.4/notice-given",
			met:    "Notice was given, and the Recipient's staff ask for access beyond the last day.",
			cured:  "They ask until the last day at most.",
			from:   "org_unoct",
			remedy: "POST /documents/{document}/requests",
			up: func(w *world) *scene {
				for _, waits := range want[api.ConfirmationPage](w.t, w.as("deputy.wco", "GET", "/confirmations", ""),
					200).Items {
					w.done(confirm("deputy.wco", "/confirmations/"+waits.Pending.Id))
				}
				document := w.put(nil)
				return &scene{call: w.askOf("staff.unoct", document, "org_unoct", fields{"until": w.in(200 * day)}),
					document: document}
			},
			cure: func(s *scene) { s.call = s.askOf("staff.unoct", s.document, "org_unoct", nil) },
		},
		{code: "art11.4/notice-stands", met: "The other Party gives notice too.",
			cured: "Nobody needs to: one notice is enough, and its last day stands.", remedy: "GET /arrangement",
			up: func(w *world) *scene { return &scene{call: notice(w, "focal.unoct", 0)} }},
		{code: "art11.4/ended", met: "The Recipient's staff read after the Arrangement has ended.",
			cured: "Nobody can: only work under a specific arrangement in force goes on.", remedy: "GET /arrangement",
			up: func(w *world) *scene {
				document := w.put(nil)
				w.granted(document, nil, nil)
				w.pass(100 * day)
				return &scene{call: readingOf("staff.unoct", document, nil), document: document}
			}},
	}
}
