package rest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"

	"chancery.example/gateway/api"
)

// call is one request of one person.
type call struct {
	person, method, path, body string
	header                     []string
	match                      string // the path whose ETag goes along as If-Match, as it is then
}

// do makes a call; what was done of it is remembered.
func (w *world) do(c call, header ...string) answer {
	w.t.Helper()
	header = append(append([]string{}, c.header...), header...)
	if c.match != "" {
		header = append(header, "If-Match", w.as(c.person, "GET", c.match, "").Header.Get("ETag"))
	}
	a := w.as(c.person, c.method, c.path, c.body, header...)
	if a.StatusCode/100 == 2 {
		w.made = append(w.made, c.person+" "+c.method+" "+c.path)
	}
	return a
}

// done makes a call that has to succeed, and answers the identifier of what it made.
func (w *world) done(c call) string {
	w.t.Helper()
	a := w.do(c)
	if a.StatusCode/100 != 2 {
		w.t.Fatalf("%s %s by %s: %d: %s", c.method, c.path, c.person, a.StatusCode, a.body)
	}
	var made struct{ ID string }
	_ = json.Unmarshal(a.body, &made)
	return made.ID
}

// fields are members of a JSON body; nil takes one out.
type fields map[string]any

// with is JSON of the members and of what differs from them.
func (f fields) with(change fields) string {
	f = maps.Clone(f)
	for name, value := range change {
		if value == nil {
			delete(f, name)
			continue
		}
		f[name] = value
	}
	text, err := json.Marshal(f)
	if err != nil {
		panic(err) // strings, numbers and lists always encode
	}
	return string(text)
}

// file is the content of a deposit.
type file struct{ content, declaredType string }

// depositOf is a confidential document of the WCO for UNOCT, with what differs from that.
func depositOf(person string, change fields, f file) call {
	metadata := fields{"title": "Sea-passenger risk indicators, Q3", "marking": "confidential",
		"purpose_statement": "Joint training",
		"purposes":          []string{"art2.e"}, "recipient": "org_unoct", "personal_data": fields{"present": false},
		"entities_concerned": "none", "derived_from": "none"}
	return multipartOf(call{person: person, method: "POST", path: "/documents"}, metadata.with(change), f)
}

func multipartOf(c call, metadata string, f file) call {
	if f.declaredType == "" {
		f.declaredType = "application/octet-stream"
	}
	c.body = fmt.Sprintf("--%[1]s\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n%[2]s\r\n"+
		"--%[1]s\r\nContent-Disposition: form-data; name=\"content\"; filename=\"a.txt\"\r\nContent-Type: "+
		"%[3]s\r\n\r\n%[4]s\r\n--%[1]s--\r\n",
		boundary, metadata, f.declaredType, f.content)
	c.header = []string{"Content-Type", "multipart/form-data; boundary=" + boundary}
	return c
}

// put deposits as staff of the WCO.
func (w *world) put(change fields) string {
	w.t.Helper()
	return w.done(depositOf("staff.wco", change, file{content: secret}))
}

// versionOf is a new version, which closes the one before.
func versionOf(person, document string, change fields) call {
	metadata := fields{"kind": "corrects", "statement": "Two ports, not three", "derived_from": "none"}
	return multipartOf(call{person: person, method: "POST", path: "/documents/" + document + "/versions"},
		metadata.with(change), file{content: secret + " Corrected."})
}

func (w *world) version(document string) string {
	w.t.Helper()
	return want[api.VersionPage](w.t, w.as("staff.wco", "GET", "/documents/"+document+"/versions", ""), 200).Items[0].Id
}

// readingOf asks for the bytes.
func readingOf(person, document string, change fields) call {
	stated := fields{"purpose": "art2.e", "statement": "Preparing the joint training", "form": "original"}
	return call{person: person, method: "POST", path: "/documents/" + document + "/disclosures",
		body: stated.with(change)}
}

// askOf asks for access, for an organisation.
func (w *world) askOf(person, document, organisation string, change fields) call {
	stated := fields{"for": fields{"organisation": organisation}, "purpose": "art2.e",
		"statement": "Joint training in May",
		"until":     w.in(30 * day), "form": "original"}
	return call{person: person, method: "POST", path: "/documents/" + document + "/requests", body: stated.with(change)}
}

const day = 24 * time.Hour

// in is an instant of the rules' clock, as JSON has it.
func (w *world) in(d time.Duration) string { return w.now().Add(d).UTC().Format(time.RFC3339) }

// decisionOf decides on a request as it is then.
func decisionOf(person, request, act string, change fields) call {
	said := fields{"act": act, "statement": "As far as it is ours to say"}
	if act == "consent" {
		said["evidence"] = fields{"kind": "none"}
	}
	return call{person: person, method: "POST", path: "/requests/" + request + "/decisions", body: said.with(change),
		match: "/requests/" + request}
}

// granted asks for UNOCT and has the WCO authorize; it answers the request.
func (w *world) granted(document string, asked, decided fields) string {
	w.t.Helper()
	request := w.done(w.askOf("staff.unoct", document, "org_unoct", asked))
	w.done(decisionOf("focal.wco", request, "authorize", decided))
	return request
}

// consented asks for the unit of Exampleland, whose staff is named, and has the WCO consent.
func (w *world) consented(document string, asked, decided fields) string {
	w.t.Helper()
	request := w.done(w.forUnit(document, asked))
	w.done(decisionOf("focal.wco", request, "consent", decided))
	return request
}

// forUnit asks, as the Recipient's focal point, for the staff of the unit of Exampleland.
func (w *world) forUnit(document string, change fields) call {
	all := fields{"for": fields{"organisation": "org_piu-exampleland", "people": []string{w.personOf("staff.piu")}}}
	maps.Copy(all, change)
	return w.askOf("focal.unoct", document, "", all)
}

// personOf is somebody's identifier.
func (w *world) personOf(person string) string {
	w.t.Helper()
	return want[api.Me](w.t, w.as(person, "GET", "/me", ""), 200).Person
}

// post is an act in JSON.
func post(person, path string, body fields) call {
	return call{person: person, method: "POST", path: path, body: body.with(nil)}
}

// confirm is a second person's word on what waits.
// confirm is the second person's, of what was read.
func confirm(person, path string) call {
	return call{person: person, method: "POST", path: path, match: path,
		body: fields{"statement": "Looked at, and agreed"}.with(nil)}
}

// confirmed has the second person confirm what waits, as it was read.
func (w *world) confirmed(person, at string) answer { return w.do(confirm(person, at)) }

// location is where the last act of a person is to be confirmed, or what it made stands.
func (w *world) waits(c call) string {
	w.t.Helper()
	a := w.do(c)
	if a.StatusCode != 202 {
		w.t.Fatalf("%s %s by %s: %d: %s", c.method, c.path, c.person, a.StatusCode, a.body)
	}
	return strings.TrimPrefix(a.Header.Get("Location"), "/api/v1")
}
