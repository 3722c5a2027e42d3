package rest_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/devstack/devtest"
)

// airline is the beginning of a passenger list as airlines send it.
const airline = "UNB+UNOA:4+A+B'UNG+PAXLST+A'UNH+1+PAXLST:D:02B:UN:IATA'"

// personal is a complete declaration of personal data.
func personal(until string) fields {
	return fields{"present": true, "regime": "Data protection rules of the WCO", "legal_basis": "Consent",
		"retain_until": until}
}

func digestOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// headed is a small PDF whose page begins with a line.
func headed(line string) string {
	stream := "BT /F1 12 Tf 72 780 Td (" + line + ") Tj ET"
	return "%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n" +
		"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 " +
		"R>>>>>>endobj\n" +
		fmt.Sprintf("4 0 obj<</Length %d>>stream\n%s\nendstream endobj\n", len(stream), stream) +
		"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\ntrailer<</Root 1 0 R/Size 6>>\n%%EOF\n"
}

// mended is a deposit of the WCO's staff that lacks something, and the same put right.
func mended(code article4.Code, met, cured string, wrong, right call) scenario {
	return scenario{
		code:   code,
		met:    met,
		cured:  cured,
		from:   "org_wco",
		remedy: "POST /documents",
		up:     func(*world) *scene { return &scene{call: wrong} },
		cure:   func(s *scene) { s.call = right },
	}
}

// said is a mended declaration; found a mended file.
func said(code article4.Code, met, cured string, wrong, right fields) scenario {
	return mended(code, met, cured, depositOf("staff.wco", wrong, file{content: secret}),
		depositOf("staff.wco", right, file{content: secret}))
}

func found(code article4.Code, met, cured string, declared fields, wrong, right file) scenario {
	return mended(code, met, cured, depositOf("staff.wco", declared, wrong), depositOf("staff.wco", declared, right))
}

func depositScenes() []scenario {
	good := file{content: secret}
	return append(declarations(), found("gateway/type-mismatch", "Staff deposit a text that they declare to be a PDF.",
		"They declare what the file is, or send the PDF.",
		nil, file{secret, "application/pdf"}, file{secret, "text/plain"}),
		found("gateway/digest-mismatch", "Staff deposit another file than the one whose SHA-256 they declare.",
			"They send the file that they mean.",
			fields{"sha256": digestOf(secret)}, file{content: "Another file."}, good),
		found("gateway/size-mismatch", "A file arrives shorter than declared.", "They send it whole.",
			fields{"size": len(secret)}, file{content: secret[1:]}, good),
		found("gateway/empty", "Staff deposit an empty file.", "They send the file that they mean.", nil, file{}, good),
		found("gateway/too-large", "Staff deposit a file beyond the limit of this gateway.",
			"They send a smaller one; the operator sets the limit.",
			nil, file{content: strings.Repeat("x", small+1)}, good),
		scenario{
			code:   "gateway/malware-found",
			met:    "Staff deposit a file in which the scanner finds malware.",
			cured:  "They tell their own security service, and send a clean file.",
			remedy: "POST /documents",
			up: func(*world) *scene {
				return &scene{call: depositOf("staff.wco", nil, file{content: "MZ " + devtest.Malware})}
			},
			cure: func(s *scene) { s.call = depositOf("staff.wco", nil, good) },
		},
		mended("art4.3/passenger-data-undeclared", "Staff declare no personal data, and the file is a passenger list.",
			"They declare the personal data, and how it is protected.",
			depositOf("staff.wco", nil, file{content: airline}),
			depositOf("staff.wco", fields{"personal_data": personal("2099-12-31")}, file{content: airline})),
		mended("gateway/passenger-data-protected", "Staff mark a passenger list non-confidential.",
			"They mark it confidential or restricted.",
			depositOf("staff.wco", fields{"marking": "non-confidential", "personal_data": personal("2099-12-31")},
				file{content: airline}),
			depositOf("staff.wco", fields{"marking": "restricted", "personal_data": personal("2099-12-31")},
				file{content: airline})),
		mended("art4.9/marking-conflict", "Staff mark a PDF non-confidential whose own header says CONFIDENTIAL.",
			"They confirm the marking with a reason, or change it.",
			depositOf("staff.wco", fields{"marking": "non-confidential"}, file{content: headed("CONFIDENTIAL")}),
			depositOf("staff.wco", fields{"marking": "non-confidential", "marking_confirmation": "Published in 2024"},
				file{content: headed("CONFIDENTIAL")})),
		scenario{
			code: "gateway/service-limited",
			met:  "A machine client deposits for a purpose that is not on its list.",
			cured: "It deposits for a purpose on its list; its organisation can have the list changed by the " +
				"operator.",
			from:   "org_wco",
			remedy: "GET /me",
			up: func(*world) *scene {
				return &scene{call: depositOf("machine.wco", fields{"purposes": []string{"art2.f"}}, good)}
			},
			cure: func(s *scene) { s.call = depositOf("machine.wco", nil, good) },
		},
		scenario{
			code:   "art4.9/not-discloser",
			met:    "Staff of a third party deposit a document.",
			cured:  "Staff of a Party deposit it.",
			remedy: "GET /arrangement",
			up:     func(*world) *scene { return &scene{call: depositOf("staff.piu", nil, good)} },
			cure:   func(s *scene) { s.person = "staff.wco" },
		},
		scenario{code: "art4.9/received-from-the-other",
			met:    "The Recipient's staff deposit, as their own, what the Discloser disclosed to them.",
			cured:  "Nobody can: what was received stays in confidence, and the Discloser alone provides it.",
			remedy: "GET /arrangement",
			up: func(w *world) *scene {
				const received = "Only the WCO provides this."
				document := w.done(depositOf("staff.wco", nil, file{content: received}))
				w.granted(document, nil, nil)
				w.done(readingOf("staff.unoct", document, nil))
				return &scene{call: depositOf("staff.unoct", fields{"recipient": "org_wco"}, file{content: received})}
			}})
}

// declarations are what the metadata of a deposit lack.
func declarations() []scenario {
	return []scenario{
		said("gateway/untitled", "Staff deposit a document without a title.", "They give it one.", fields{"title": " "},
			nil),
		said("art4.9/unmarked", "Staff deposit a document without a marking.",
			"They mark it confidential, restricted or non-confidential.", fields{"marking": nil}, nil),
		said("art4.9/no-purpose", "Staff deposit a document and do not say what it is for.",
			"They state the purpose in words and name a purpose code.",
			fields{"purposes": nil, "purpose_statement": ""}, nil),
		said("art4.3/undeclared", "Staff do not say whether the document holds personal data.", "They say yes or no.",
			fields{"personal_data": nil}, nil),
		said("art4.3/no-safeguard", "Staff declare personal data and do not say how it is protected.",
			"They name the regime, the legal basis and the last day of retention.",
			fields{"personal_data": fields{"present": true}}, fields{"personal_data": personal("2099-12-31")}),
		said("art4.4/entities-undeclared", "Staff name no entity concerned, and do not say that there is none.",
			"They name them, or say “none”.", fields{"entities_concerned": nil}, nil),
		said("art4.4/entities-undeclared", "Staff name an entity concerned that is not known here.",
			"They name one that the Parties recognised; a Party's focal point can propose it.",
			fields{"entities_concerned": []string{"org_elsewhere"}},
			fields{"entities_concerned": []string{"org_customs-exampleland"}}),
		said("art4.5/not-the-recipient", "Staff of the WCO name the WCO as Recipient.", "They name the other Party.",
			fields{"recipient": "org_wco"}, nil),
		{
			code:   "art4.7/purpose-closed",
			met:    "Staff deposit for a purpose that is not one of the Arrangement.",
			cured:  "They name an open purpose; the list says which are.",
			from:   "org_wco",
			remedy: "GET /purposes",
			up: func(*world) *scene {
				return &scene{call: depositOf("staff.wco", fields{"purposes": []string{"art9.z"}},
					file{content: secret})}
			},
			cure: func(s *scene) { s.call = depositOf("staff.wco", nil, file{content: secret}) },
		},
		{
			code:   "art4.2/purpose-closed",
			met:    "Staff deposit a non-confidential document for a purpose that is not one of the Arrangement.",
			cured:  "They name an open purpose; the list says which are.",
			from:   "org_wco",
			remedy: "GET /purposes",
			up: func(*world) *scene {
				return &scene{call: depositOf("staff.wco",
					fields{"purposes": []string{"art9.z"}, "marking": "non-confidential"}, file{content: secret})}
			},
			cure: func(s *scene) {
				s.call = depositOf("staff.wco", fields{"marking": "non-confidential"}, file{content: secret})
			},
		},
	}
}
