package rest_test

import (
	"time"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/devstack"
)

// decisionScenes are of those who decide on a request.
func decisionScenes() []scenario {
	return append(signInScenes(),
		decided("art4.4/no-authority", "Staff of the Discloser without a Delegation authorize.",
			"A colleague who holds a Delegation authorizes.", "org_wco", "GET /people",
			func(s *scene) { s.call = decisionOf("other.wco", s.request, "authorize", nil) },
			func(s *scene) { s.person = "focal.wco" }),
		decided("art4.8/no-authority", "A signatory of the Recipient consents to what is the Discloser's to give.",
			"A signatory of the Discloser consents.", "org_wco", "GET /arrangement",
			func(s *scene) {
				s.request = s.done(s.forUnit(s.document, nil))
				s.call = decisionOf("focal.unoct", s.request, "consent", nil)
			},
			func(s *scene) { s.person = "focal.wco" }),
		decided("gateway/own-request", "A signatory of the Discloser decides a request that they made themselves.",
			"Another signatory decides.", "org_wco", "GET /people",
			func(s *scene) {
				s.request = s.done(s.askOf("focal.wco", s.document, unit, nil))
				s.call = decisionOf("focal.wco", s.request, "consent", nil)
			},
			func(s *scene) { s.person = "deputy.wco" }),
		decided("gateway/own-document",
			"A signatory consents to a third party on a document that they deposited themselves.",
			"Another signatory consents.", "org_wco", "GET /people",
			func(s *scene) {
				s.document = s.done(depositOf("focal.wco", nil, file{content: secret}))
				s.request = s.done(s.forUnit(s.document, nil))
				s.call = decisionOf("focal.wco", s.request, "consent", nil)
			},
			func(s *scene) { s.person = "deputy.wco" }),
		decided("art4.4/entity-has-account",
			"A signatory files the authorization of an entity concerned whose own people sign in.",
			"The entity's focal point authorizes.",
			"", "GET /requests/{request}",
			func(s *scene) {
				s.document = s.put(fields{"entities_concerned": []string{customs}})
				s.request = s.done(s.askOf("staff.unoct", s.document, "org_unoct", nil))
				want[api.Me](s.t, s.as("focal.customs", "GET", "/me", ""), 200)
				s.paper("focal.wco", s.request)
				s.call = post("focal.wco", "/requests/"+s.request+"/authorizations",
					fields{"entity": customs, "given_by": "The Director",
						"given_on": "2026-01-31", "instrument_sha256": sha, "statement": "By letter"})
			},
			func(s *scene) { s.call = decisionOf("focal.customs", s.request, "authorize", nil) }),
		again("gateway/no-statement", "A signatory authorizes and gives no reason.", "The signatory says why.",
			"authorize", fields{"statement": " "}, nil),
		again("gateway/until-not-granted", "A signatory authorizes for longer than was asked.",
			"The signatory keeps to the time asked for, or shortens it.", "authorize",
			fields{"until": "2099-01-01T00:00:00Z"}, nil),
		again("gateway/form-not-granted", "A signatory gives the original where a marked copy was asked for.",
			"The signatory gives the form asked for.", "authorize",
			fields{"form": "original"}, fields{"form": "stamped"}),
		decided("art4.8/evidence-invalid", "A signatory consents with an ID token that was issued for something else.",
			"The signatory signs in with the nonce of the canonical text, which …/decisions/draft shows, and "+
				"consents with that token.", "org_wco", "POST /requests/{request}/decisions",
			func(s *scene) {
				s.request = s.done(s.forUnit(s.document, nil))
				s.call = decisionOf("focal.wco", s.request, "consent",
					fields{"evidence": fields{"kind": "oidc", "id_token": s.idToken("of another text")}})
			},
			func(s *scene) {
				s.call = decisionOf("focal.wco", s.request, "consent", fields{"evidence": fields{"kind": "oidc"}})
				draft := s.call
				draft.path += "/draft"
				text := want[api.CanonicalText](s.t, s.do(draft), 200)
				s.call = decisionOf("focal.wco", s.request, "consent",
					fields{"evidence": fields{"kind": "oidc", "id_token": s.idToken(text.Nonce)}})
			}),
		decided("art4.4/evidence-invalid",
			"A signatory authorizes with an ID token that was issued for something else.",
			"The signatory signs in with the nonce of the canonical text, which …/decisions/draft shows, and "+
				"authorizes with that token.", "org_wco", "GET /requests/{request}",
			func(s *scene) {
				s.call = decisionOf("focal.wco", s.request, "authorize",
					fields{"evidence": fields{"kind": "oidc", "id_token": s.idToken("of another text")}})
			},
			func(s *scene) {
				s.call = decisionOf("focal.wco", s.request, "authorize", fields{"evidence": fields{"kind": "oidc"}})
				draft := s.call
				draft.path += "/draft"
				text := want[api.CanonicalText](s.t, s.do(draft), 200)
				s.call = decisionOf("focal.wco", s.request, "authorize",
					fields{"evidence": fields{"kind": "oidc", "id_token": s.idToken(text.Nonce)}})
			}),
		decided("art4.8/not-a-third-party",
			"A signatory consents to a request of the Recipient, which is not a third party.",
			"The signatory authorizes: between the Parties that is what is needed.",
			"org_unoct", "GET /requests/{request}",
			func(s *scene) { s.call = decisionOf("focal.wco", s.request, "consent", nil) },
			func(s *scene) { s.call = decisionOf("focal.wco", s.request, "authorize", nil) }),
		decided("art4.9/superseded-closed", "A signatory authorizes a request for a version that was corrected since.",
			"The Recipient asks for the new version, and the signatory authorizes that.",
			"org_wco", "GET /requests/{request}",
			func(s *scene) {
				s.done(versionOf("staff.wco", s.document, nil))
				s.call = decisionOf("focal.wco", s.request, "authorize", nil)
			},
			func(s *scene) {
				s.request = s.done(s.askOf("staff.unoct", s.document, "org_unoct", nil))
				s.call = decisionOf("focal.wco", s.request, "authorize", nil)
			}),
		decided("gateway/request-closed", "A signatory authorizes a request that the asker withdrew.",
			"The asker asks again, and the signatory authorizes that.",
			"org_unoct", "GET /requests/{request}",
			func(s *scene) {
				s.done(post("staff.unoct", "/requests/"+s.request+"/withdrawal", fields{"statement": "Not needed"}))
				s.call = decisionOf("focal.wco", s.request, "authorize", nil)
			},
			func(s *scene) {
				s.request = s.done(s.askOf("staff.unoct", s.document, "org_unoct", nil))
				s.call = decisionOf("focal.wco", s.request, "authorize", nil)
			}))
}

// idToken is one of the signatory's, for a nonce.
func (w *world) idToken(nonce string) string {
	return w.signIn("wco", "focal.wco", nonce)["id_token"].(string)
}

// signIn is a fresh sign-in for a text, as evidence.
func (w *world) signIn(issuer, person, nonce string) fields {
	_, token, err := w.issuers.Token(issuer, person, devstack.TokenOptions{Nonce: nonce})
	must(w.t, err)
	return fields{"kind": "oidc", "id_token": token}
}

// signInScenes are of a signatory whose sign-in does not do.
func signInScenes() []scenario {
	signed := func(o devstack.TokenOptions) func(s *scene) {
		return func(s *scene) {
			s.call = decisionOf("focal.wco", s.request, "authorize", nil)
			s.header = []string{"Authorization", "Bearer " + s.token("focal.wco", o)}
		}
	}
	return []scenario{
		decided("gateway/step-up", "A signatory authorizes twenty minutes after signing in.",
			"The signatory signs in again.", "", "",
			signed(devstack.TokenOptions{AuthTime: time.Now().Add(-20 * time.Minute)}),
			func(s *scene) { s.header = nil }),
		decided("gateway/sign-in-too-weak", "A signatory authorizes, signed in with a password alone.",
			"The signatory signs in again, with the second factor.", "", "",
			signed(devstack.TokenOptions{ACR: devstack.ACRPassword}), func(s *scene) { s.header = nil }),
	}
}

// decided is a scenario about one request of the Recipient's staff.
func decided(code article4.Code, met, cured, from, remedy string, meet, cure func(s *scene)) scenario {
	return scenario{
		code:   code,
		met:    met,
		cured:  cured,
		from:   from,
		remedy: remedy,
		cure:   cure,
		up: func(w *world) *scene {
			s := &scene{world: w, document: w.put(nil)}
			s.request = w.done(w.askOf("staff.unoct", s.document, "org_unoct", fields{"form": "stamped"}))
			meet(s)
			return s
		},
	}
}

// again is a decision that is refused for what it says; said otherwise it is taken.
func again(code article4.Code, met, cured, act string, wrong, right fields) scenario {
	return decided(code, met, cured, "org_wco", "POST /requests/{request}/decisions",
		func(s *scene) { s.call = decisionOf("focal.wco", s.request, act, wrong) },
		func(s *scene) { s.call = decisionOf("focal.wco", s.request, act, right) })
}
