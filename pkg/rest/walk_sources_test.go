package rest_test

import "strings"

// report is a text that is known again after it was changed.
const report = "Three ports on the eastern coast saw two carriers whose passenger lists were sent late in nine of " +
	"ten weeks. The analysts compared the lists with the crew changes that the harbour masters had reported."

// gotten is a document of the WCO that staff of UNOCT read.
func (w *world) gotten(text string) string {
	w.t.Helper()
	document := w.done(depositOf("staff.wco", nil, file{content: text}))
	w.granted(document, nil, nil)
	w.done(readingOf("staff.unoct", document, nil))
	return document
}

// derivedFrom are the metadata of a document of UNOCT for the WCO that derives from another.
func derivedFrom(document string) fields {
	return fields{"recipient": "org_wco", "derived_from": []string{document}}
}

// sourceScenes are of what derives from documents received (reading 0110).
func sourceScenes() []scenario {
	summary, again := file{content: "A summary in our own words."}, file{content: "Annex 1. " + report}
	ours := func(why string) fields { return fields{"recipient": "org_wco", "not_derived": why} }
	return []scenario{
		said("art4.8/sources-undeclared", "Staff do not say what the document derives from.",
			"They name the documents received that it contains or derives from, or say “none”.",
			fields{"derived_from": nil}, nil),
		said("art4.8/sources-undeclared", "Staff name a document that does not exist, or that is not theirs to see.",
			"They name one that they can find.", fields{"derived_from": []string{"doc_elsewhere"}}, nil),
		{
			code:   "art4.8/source-stricter",
			met:    "Staff of UNOCT summarise what the WCO provided in confidence, as non-confidential.",
			cured:  "They mark it as its source is.",
			from:   "org_unoct",
			remedy: "POST /documents",
			up: func(w *world) *scene {
				source := w.gotten("Ports of call, and how often.")
				metadata := derivedFrom(source)
				metadata["marking"] = "non-confidential"
				return &scene{call: depositOf("staff.unoct", metadata, summary), document: source}
			},
			cure: func(s *scene) { s.call = depositOf("staff.unoct", derivedFrom(s.document), summary) },
		},
		{
			code:   "art4.9/resembles-received",
			met:    "Staff of UNOCT deposit, with a blank at its end, what the WCO disclosed to UNOCT.",
			cured:  "They name the document that it resembles as its source.",
			from:   "org_unoct",
			remedy: "POST /documents",
			up: func(w *world) *scene {
				source := w.gotten(report)
				return &scene{call: depositOf("staff.unoct", fields{"recipient": "org_wco"},
					file{content: report + " "}), document: source}
			},
			cure: func(s *scene) {
				s.call = depositOf("staff.unoct", derivedFrom(s.document), file{content: report + " "})
			},
		},
		{
			code: "art4.9/resembles-received",
			met: "A file resembles a document of the WCO and does not derive from it. Staff of UNOCT said " +
				"why when they deposited it and were refused; a second person deposits the same " +
				"file and gives no reason.",
			cured: "The second person looks at it, and deposits the same file with a reason of their own. Both " +
				"reasons stand in the log.",
			from:   "org_unoct",
			remedy: "POST /documents",
			up: func(w *world) *scene {
				w.gotten(strings.ToUpper(report) + " Annex 1.")
				w.do(depositOf("staff.unoct", ours("We wrote it in 2019"), again))
				return &scene{call: depositOf("focal.unoct", ours(""), again)}
			},
			cure: func(s *scene) { s.call = depositOf("focal.unoct", ours("It is in our archive"), again) },
		},
		{
			code:   "art4.8/source-not-consented",
			met:    "A third party reads what UNOCT derived from a document of the WCO, and the WCO has not consented.",
			cured:  "A signatory of the WCO consents as well.",
			from:   "org_wco",
			remedy: "GET /requests/{request}",
			up: func(w *world) *scene {
				document := w.done(depositOf("staff.unoct", derivedFrom(w.gotten("Carriers, and their agents.")),
					summary))
				request := w.done(w.askOf("staff.wco", document, "", fields{"for": fields{"organisation": unit,
					"people": []string{w.personOf("staff.piu")}}}))
				w.done(decisionOf("focal.unoct", request, "consent", nil))
				w.done(decisionOf("focal.wco", request, "authorize", nil))
				return &scene{call: readingOf("staff.piu", document, nil), document: document, request: request}
			},
			cure: func(s *scene) { s.done(decisionOf("focal.wco", s.request, "consent", nil)) },
		},
	}
}
