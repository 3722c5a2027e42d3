package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// asked sends a body to the API as somebody, and answers what came.
func (p *platform) asked(person, path string, body map[string]any) map[string]any {
	p.t.Helper()
	text, err := json.Marshal(body)
	must(p.t, err)
	file := filepath.Join(p.t.TempDir(), "body.json")
	must(p.t, os.WriteFile(file, text, 0o600))
	token, err := stack.token(person)
	must(p.t, err)
	code, out, errs := p.run([]string{"CHANCERY_TOKEN=" + token}, "chancery", "api", path, "--input", file)
	if code != exitDone {
		p.t.Fatalf("%s, %s: %d %s", person, path, code, errs)
	}
	var answer map[string]any
	must(p.t, json.Unmarshal([]byte(out), &answer))
	return answer
}

// me is the machine client's own identifier.
func (p *platform) me() string {
	p.t.Helper()
	code, out, errs := p.run(nil, "chancery", "api", "/me")
	if code != exitDone {
		p.t.Fatalf("me: %d %s", code, errs)
	}
	var me struct {
		Person string `json:"person"`
	}
	must(p.t, json.Unmarshal([]byte(out), &me))
	return me.Person
}

// of says in the manifest of what stands in the out folder of which series it is.
func (p *platform) of(name, series string, also map[string]any) {
	p.t.Helper()
	path := filepath.Join(p.out, name+manifestEnd)
	text, err := os.ReadFile(path)
	must(p.t, err)
	var manifest map[string]any
	must(p.t, json.Unmarshal(text, &manifest))
	manifest["series"] = series
	for member, value := range also {
		manifest[member] = value
	}
	text, err = json.Marshal(manifest)
	must(p.t, err)
	must(p.t, os.WriteFile(path, text, 0o600))
}

// lets has a signatory let an authorization stand for a series of weekly messages, for another platform, and answers
// the series and where the authorization is.
func (p *platform) lets(other *platform, signatory string) (series, authorization string) {
	p.t.Helper()
	series = p.asked(signatory, "/series", map[string]any{"name": "Weekly messages of " + p.client,
		"markings": []string{"restricted"}, "purposes": []string{"art2.f"}, "entities_concerned": "none",
		"personal_data": true})["id"].(string)
	given := map[string]any{"purpose": "art2.f", "people": []string{other.me()},
		"until": time.Now().AddDate(0, 2, 0).UTC().Format(time.RFC3339), "form": "original",
		"statement": "The weekly exchange", "evidence": map[string]any{"kind": "oidc"}}
	draft := p.asked(signatory, "/series/"+series+"/authorizations/draft", given)
	token, err := stack.token(signatory, "--nonce", draft["nonce"].(string))
	must(p.t, err)
	given["evidence"] = map[string]any{"kind": "oidc", "id_token": token}
	made := p.asked(signatory, "/series/"+series+"/authorizations", given)
	return series, "/series/" + series + "/authorizations/" + made["id"].(string)
}

// In both directions, week after week, with either side killed at a step of its own each time: nobody does anything,
// and every message is loaded once. When one side's authorization is withdrawn its messages come no more, and the other
// side's do.
func TestTwoSeriesAreExchangedWithNobodyInBetween(t *testing.T) {
	stack.start(t)
	gtas, gotravel := newPlatform(t, "gtas", "wco"), newPlatform(t, "gotravel", "unoct")
	gtas.everything()
	gotravel.everything()
	there, given := gtas.lets(gotravel, "focal.wco")
	back, _ := gotravel.lets(gtas, "focal.unoct")
	message := func(week int) string {
		text := arrivals(t, fmt.Sprintf("THERE%d", week))
		gtas.puts("week.edi", text, "org_unoct")
		gtas.of("week.edi", there, nil)
		return text
	}
	answer := func(week int) string {
		text := "UNB+IATA:1+ANSWER'\n" + strings.Repeat(fmt.Sprintf("FTX+%d'\n", week), week+1)
		gotravel.puts("answer.edi", text, "org_wco")
		gotravel.of("answer.edi", back, nil)
		return text
	}
	for week, steps := range [][2]string{{"out-sending", "in-disclosed"}, {"out-deposited", "in-fetched"},
		{"out-told", "in-naming"}, {"out-claimed", "in-named"}} {
		for _, way := range []struct {
			from, to *platform
			puts     func(week int) string
		}{{gtas, gotravel, message}, {gotravel, gtas, answer}} {
			text := way.puts(week)
			way.from.isKilledAt(steps[0])
			way.from.syncs(exitDone)
			way.to.isKilledAt(steps[1])
			taken := way.to.loads()
			way.to.syncs(exitDone)
			if taken += way.to.loads(); taken != 1 || !holds(way.to.loaded, text) {
				t.Errorf("week %d: %s loaded %d messages", week, way.to.client, taken)
			}
		}
	}
	gtas.asked("focal.wco", given+"/withdrawal", map[string]any{"statement": "The trial is over"})
	message(9)
	answered := answer(9)
	gtas.syncs(exitDone)
	gotravel.syncs(exitDone)
	if taken := gotravel.loads(); taken != 0 {
		t.Errorf("%d messages came after the authorization was withdrawn", taken)
	}
	gtas.syncs(exitDone)
	if taken := gtas.loads(); taken != 1 || !holds(gtas.loaded, answered) {
		t.Errorf("of the other side's messages, whose authorization stands, %d came", taken)
	}
}

// Reading 0111: an authorization that stands for the series makes the weekly exchange need no person. What lies outside
// is left in error, with its paragraph.
func TestASeriesIsExchangedWithNobodyInBetween(t *testing.T) {
	stack.start(t)
	gtas, gotravel := newPlatform(t, "gtas", "wco"), newPlatform(t, "gotravel", "unoct")
	gotravel.everything()
	series, _ := gtas.lets(gotravel, "focal.wco")
	text := arrivals(t, "SERIES")
	gtas.puts("week.edi", text, "org_unoct")
	gtas.of("week.edi", series, nil)
	gtas.puts("other.edi", arrivals(t, "OUTSIDE"), "org_unoct")
	gtas.of("other.edi", series, map[string]any{"proprietary": true})
	said := gtas.syncs(exitRefused)
	if !strings.Contains(said, "art4.4/not-of-the-series") {
		t.Errorf("it is not said why one lies outside: %s", said)
	}
	if left, err := filepath.Glob(filepath.Join(gtas.out, "error", "*other.edi")); err != nil || len(left) != 1 {
		t.Errorf("what lies outside is not in error: %v %v", left, err)
	}
	gotravel.syncs(exitDone)
	if taken := gotravel.loads(); taken != 1 || !holds(gotravel.loaded, text) {
		t.Errorf("loaded %d, of the series or not", taken)
	}
}
