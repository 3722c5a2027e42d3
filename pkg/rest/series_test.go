package rest_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/api"
)

// seriesOpened is a series of which no entity is concerned.
func seriesOpened(name string) fields {
	return fields{"name": name, "markings": []string{"confidential"}, "purposes": []string{"art2.e", "art2.f"},
		"entities_concerned": "none"}
}

// standing is an authorization that stands for people of the Recipient.
func standing(people ...string) fields {
	return fields{"purpose": "art2.e", "people": people, "statement": "They need it each week", "form": "original",
		"until": time.Now().AddDate(0, 0, 60).UTC().Format(time.RFC3339)}
}

// opened is a series of the WCO's.
func (w *world) opened(name string) string {
	w.t.Helper()
	return want[api.Series](w.t, w.do(post("focal.wco", "/series", seriesOpened(name))), 201).Id
}

// stands lets an authorization of the WCO's stand for a series.
func (w *world) stands(series string, people ...string) string {
	w.t.Helper()
	given := post("focal.wco", "/series/"+series+"/authorizations", standing(people...))
	return want[api.StandingAuthorization](w.t, w.do(given), 201).Id
}

// Reading 0111, over the API: deposited into the series, read by whom the authorization names, and refused once it was
// taken back. What lies outside the series is refused with its paragraph, and what one can do.
func TestReading0111ASeriesOverTheAPI(t *testing.T) {
	w := newWorld(t)
	series, reader := w.opened("Weekly indicators"), w.personOf("staff.unoct")
	path := "/series/" + series + "/authorizations"
	text := want[api.CanonicalText](t, w.do(post("focal.wco", path+"/draft", standing(reader))), 200)
	if text.Nonce == "" {
		t.Errorf("the text has no nonce: %+v", text)
	}
	given := w.stands(series, reader)
	in := w.depositAs("staff.wco", withSeries(series, "confidential"))
	if in.Deliveries == nil || len(*in.Deliveries) != 1 || in.Series == nil || *in.Series != series {
		t.Fatalf("the deposit begins %v, of series %v", in.Deliveries, in.Series)
	}
	reading := fields{"purpose": "art2.e", "statement": "To load it", "form": "original"}
	want[api.Disclosure](t, w.do(post("staff.unoct", "/documents/"+in.Id+"/disclosures", reading)), 201)
	q := want[api.AccessRequest](t, w.as("staff.unoct", "GET", "/requests/"+(*in.Deliveries)[0], ""), 200)
	if q.State != api.RequestStateInForce || *q.Decisions[0].Standing != given || *q.Decisions[0].Series != series {
		t.Errorf("the Delivery is %s, by %+v", q.State, q.Decisions)
	}
	w.saysWhatStands(in.Id, series, given)
	want[api.StandingAuthorization](t, w.do(post("focal.wco", path+"/"+given+"/withdrawal",
		fields{"statement": "No longer"})), 201)
	refused(t, w.do(post("staff.unoct", "/documents/"+in.Id+"/disclosures", reading)), 403,
		"art4.4/authorization-withdrawn")
	body, kind := deposit(part{"metadata", "", withSeries(series, "restricted")}, part{"content", "a.txt", secret})
	refused(t, w.as("staff.wco", "POST", "/documents", body, "Content-Type", kind), 422, "art4.4/not-of-the-series")
}

// saysWhatStands asserts that the reader is told of an authorization of a series in /me, Circle and Timeline.
func (w *world) saysWhatStands(document, series, given string) {
	w.t.Helper()
	word := api.StandingWord{Series: series, Authorization: given}
	me := want[api.Me](w.t, w.as("staff.unoct", "GET", "/me", ""), 200)
	if me.Standing == nil || len(*me.Standing) != 1 || (*me.Standing)[0].Authorization != given ||
		!(*me.Standing)[0].Named {
		w.t.Errorf("/me says %+v of what stands", me.Standing)
	}
	if me := want[api.Me](w.t, w.as("other.unoct", "GET", "/me", ""), 200); me.Standing != nil {
		w.t.Errorf("/me of somebody else says %+v", me.Standing)
	}
	circle := want[api.Circle](w.t, w.as("staff.unoct", "GET", "/documents/"+document+"/circle", ""), 200)
	if len(circle.Edges) != 1 || circle.Edges[0].Standing == nil || *circle.Edges[0].Standing != word {
		w.t.Errorf("the circle says %+v", circle.Edges)
	}
	timeline := want[api.TimelinePage](w.t, w.as("staff.unoct", "GET", "/documents/"+document+"/timeline", ""), 200)
	for _, e := range timeline.Items {
		rests := e.Kind == "request" || e.Kind == "disclosure"
		if rests != (e.Standing != nil) || rests && *e.Standing != word {
			w.t.Errorf("the timeline says %+v of %s", e.Standing, e.Kind)
		}
	}
}

// withSeries declares a document of a series, under a marking.
func withSeries(series, marking string) string {
	return strings.NewReplacer(`"marking":"confidential"`, `"series":"`+series+`","marking":"`+marking+`"`).
		Replace(declared)
}

// seriesScenes are of series, and of the authorizations that stand for them (reading 0111).
func seriesScenes() []scenario {
	restricted := fields{"marking": "restricted", "purposes": []string{"art2.e"}}
	opened := func(w *world, name string) string {
		return w.opened(name + " of " + time.Now().UTC().Format(time.RFC3339Nano))
	}
	return []scenario{
		{
			code:   "art4.4/not-of-the-series",
			met:    "Staff of the WCO deposit a restricted document into a series whose documents are confidential.",
			cured:  "They deposit it without the series, and a person decides on it.",
			from:   "org_wco",
			remedy: "POST /documents",
			up: func(w *world) *scene {
				in := maps.Clone(restricted)
				in["series"] = opened(w, "Confidential reports")
				return &scene{call: depositOf("staff.wco", in, file{content: secret})}
			},
			cure: func(s *scene) { s.call = depositOf("staff.wco", restricted, file{content: secret}) },
		},
		{
			code: "art4.4/authorization-outside-series",
			met: "The WCO restricts a confidential document of a series, and staff of UNOCT, whom the authorization " +
				"of the series names, read it.",
			cured:  "They ask for this document, and a signatory of the WCO authorizes it.",
			from:   "org_wco",
			remedy: "POST /documents/{document}/requests",
			up: func(w *world) *scene {
				series := opened(w, "Reports whose marking changes")
				w.stands(series, w.personOf("staff.unoct"))
				document := w.done(depositOf("staff.wco", fields{"series": series, "purposes": []string{"art2.e"}},
					file{content: secret}))
				w.do(post("focal.wco", "/documents/"+document+"/marking",
					fields{"marking": "restricted", "statement": "It names no source"}))
				return &scene{call: readingOf("staff.unoct", document, nil), document: document}
			},
			cure: func(s *scene) { s.granted(s.document, nil, nil) },
		},
		{
			code:  "art4.4/not-the-recipient",
			met:   "A signatory of the WCO authorizes a series for an official of the unit, which is a third party.",
			cured: "The authorization names people of UNOCT. For the unit, UNOCT asks for each document.",
			from:  "org_wco",
			up: func(w *world) *scene {
				path := "/series/" + opened(w, "Reports for the unit") + "/authorizations"
				return &scene{call: post("focal.wco", path, standing(w.personOf("staff.piu")))}
			},
			cure: func(s *scene) { s.call = post("focal.wco", s.path, standing(s.personOf("staff.unoct"))) },
		},
	}
}
