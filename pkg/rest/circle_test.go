package rest_test

import (
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/api"
)

// circle is a gateway with something of every kind in it, some for each caller and some not.
type circle struct {
	*world
	a, versionA          string // of the WCO for UNOCT; the unit of Exampleland has a grant
	b, versionB          string // of UNOCT for the WCO; the customs of Exampleland are an entity concerned
	c                    string // of the WCO for UNOCT, non-confidential, released to nobody
	e, relP, relC        string // of the WCO for UNOCT, non-confidential, released to the unit and to the customs
	d, askedD            string // of the WCO for UNOCT, restricted, and a request for it
	askedU, askedP       string // requests on a, for UNOCT and for the unit
	askedC               string // on a, by the WCO for the customs: open, and no affair of UNOCT's
	askedB, filing       string // the request on b, and what a first signatory filed on it
	readW, readU, readP  string // disclosures of a
	toldU, toldP         string // notices about a
	stopW, stopU         string // suspensions
	holdW, holdU         string // Holds on c
	lowering             string // of b, put to the customs
	agreeP, agreeC       string
	delegation, focal    string // what waits for a second official of the WCO
	entryW, entryU       string // entries that one Party alone may open
	standing             string // a Delegation in force
	personW, personU     string
	newcomer, proposal   string // an organisation that waits for UNOCT's word, and what waits
	deskW, deskU         string
	seriesW, standsW     string // a series of the WCO's, and an authorization that stands for it
	stagedW, stagedU     string // of one person each
	hookW                string // of the WCO
	comingW, comingU     string // likewise, not whole yet
	inW, inU             string // sessions of one person each
	instrument           string // of the WCO, for what waits for a second official of its own
	newVersion, formKind string // a multipart body and its media type
}

// signedPaper is the paper of every instrument, and sha its digest.
const (
	signedPaper = "%PDF-1.7\nthe signed paper"
	sha         = "5047b719a50a5a0d4981d82857a8518a26b44e670ba02c4ee81b7450fdbd76bd"
)

// paper deposits it, for one request where that is not empty.
func (w *world) paper(person, request string) api.Instrument {
	w.t.Helper()
	return want[api.Instrument](w.t, w.depositing(person, request), 201)
}

func (w *world) depositing(person, request string) answer {
	metadata := `{}`
	if request != "" {
		metadata = `{"request":"` + request + `"}`
	}
	body, kind := deposit(part{"metadata", "", metadata}, part{"content", "signed.pdf", signedPaper})
	return w.as(person, "POST", "/instruments", body, "Content-Type", kind)
}

func newCircle(t *testing.T) *circle {
	c := &circle{world: newWorld(t)}
	c.newVersion, c.formKind = deposit(
		part{"metadata", "", `{"kind":"corrects","statement":"x","derived_from":"none"}`},
		part{"content", "a.txt", secret})
	c.fillA()
	c.fillB()
	c.fillRest()
	return c
}

func (w *world) depositAs(person, metadata string) api.Document {
	body, kind := deposit(part{"metadata", "", metadata}, part{"content", "a.txt", secret + person + metadata})
	w.t.Helper()
	return want[api.Document](w.t, w.as(person, "POST", "/documents", body, "Content-Type", kind), 201)
}

// released releases a document of the WCO.
func (c *circle) released(document, to string) string {
	return want[api.Release](c.t, c.as("focal.wco", "POST", "/documents/"+document+"/releases",
		`{"organisation":"`+to+`","purpose":"art2.e","statement":"x"}`), 201).Id
}

func (c *circle) fillA() {
	t := c.t
	doc, q := c.authorized(secret)
	c.a, c.versionA, c.askedU = doc.Id, *doc.Version, q.Id
	c.askedP = c.ask("focal.unoct", c.a, "org_piu-exampleland").Id
	want[api.AccessRequest](t, c.as("focal.wco", "POST", "/requests/"+c.askedP+"/decisions",
		`{"act":"consent","statement":"For the training","evidence":{"kind":"none"},"agreement_required":false}`,
		"If-Match", c.etag(c.askedP)), 201)
	c.askedC = c.ask("staff.wco", c.a, "org_customs-exampleland").Id
	me := want[api.Me](t, c.as("staff.piu", "GET", "/me", ""), 200)
	want[api.AccessRequest](t, c.as("focal.piu", "POST", "/requests/"+c.askedP+"/admissions",
		`{"people":["`+me.Person+`"]}`), 201)
	read := func(person string) string {
		return want[api.Disclosure](t, c.as(person, "POST", "/documents/"+c.a+"/disclosures", reading), 201).Id
	}
	c.readW, c.readU, c.readP = read("staff.wco"), read("staff.unoct"), read("staff.piu")
	want[api.Document](t, c.as("focal.wco", "POST", "/documents/"+c.a+"/marking",
		`{"marking":"restricted","statement":"Policy"}`), 200)
	told := func(person string) string {
		return want[api.NoticePage](t, c.as(person, "GET", "/notices", ""), 200).Items[0].Id
	}
	c.toldU, c.toldP = told("staff.unoct"), told("staff.piu")
}

func (c *circle) fillB() {
	t := c.t
	doc := c.depositAs("staff.unoct", ofUnoct)
	c.b, c.versionB = doc.Id, *doc.Version
	c.askedB = c.ask("staff.wco", c.b, "org_wco").Id
	c.paper("focal.unoct", c.askedB)
	filed := want[api.Waiting](t, c.as("focal.unoct", "POST", "/requests/"+c.askedB+"/authorizations",
		`{"entity":"org_customs-exampleland","given_by":"The Director","given_on":"2026-01-31","instrument_sha256":"`+
			sha+`","statement":"By letter"}`), 202)
	c.filing = filed.Pending.Id
	c.lowering = want[api.Waiting](t, c.as("focal.unoct", "POST", "/documents/"+c.b+"/marking",
		`{"marking":"non-confidential","statement":"x"}`), 202).Pending.Id
}

func (c *circle) fillRest() {
	t := c.t
	c.c = c.depositAs("staff.wco", strings.Replace(declared, "confidential", "non-confidential", 1)).Id
	c.e = c.depositAs("staff.wco", strings.Replace(declared, `"confidential"`, `"non-confidential"`, 1)).Id
	c.relP, c.relC = c.released(c.e, "org_piu-exampleland"), c.released(c.e, "org_customs-exampleland")
	stop := func(person, document string) string {
		return want[api.Suspension](t,
			c.as(person, "POST", "/suspensions", `{"document":"`+document+`","statement":"x"}`), 201).Id
	}
	c.stopW, c.stopU = stop("focal.wco", c.c), stop("focal.unoct", c.b)
	hold := func(person string) string {
		return want[api.Hold](t, c.as(person, "POST", "/holds", `{"document":"`+c.c+`","statement":"x"}`), 201).Id
	}
	c.holdW, c.holdU = hold("auditor.wco"), hold("focal.unoct")
	agree := func(organisation string) string {
		return want[api.Agreement](t, c.as("focal.wco", "POST", "/agreements",
			`{"organisation":"`+organisation+`","text":"We keep it."}`), 201).Id
	}
	c.agreeP, c.agreeC = agree("org_piu-exampleland"), agree("org_customs-exampleland")
	until := time.Now().AddDate(1, 0, 0).UTC().Format(time.RFC3339)
	c.instrument = c.paper("focal.wco", "").Id
	c.hookW = c.webhook("https://receiver.example/circle")
	c.delegation = want[api.Waiting](t,
		c.as("focal.wco", "POST", "/arrangement/delegations", `{"subject":"other.wco","name":"Other",
		"acts":["consent"],"since":"`+time.Now().UTC().Format(time.DateOnly)+`T00:00:00Z","until":"`+until+
			`","instrument_sha256":"`+sha+`"}`),
		202).Pending.Id
	c.focal = want[api.Waiting](t, c.as("focal.wco", "POST", "/arrangement/focal-points",
		`{"subject":"other.wco","name":"Other","instrument_sha256":"`+sha+`"}`), 202).Pending.Id
	c.newcomer, c.proposal = "org_newcomer", want[api.Waiting](t, c.as("focal.wco", "POST", "/organisations",
		`{"short":"newcomer","name":"Newcomer","type":"carrier","issuer":"https://newcomer.example"}`), 202).Pending.Id
	c.d = c.depositAs("staff.wco", strings.Replace(declared, `"confidential"`, `"restricted"`, 1)).Id
	c.askedD = c.ask("staff.unoct", c.d, "org_unoct").Id
	for _, d := range want[api.DelegationPage](t, c.as("focal.wco", "GET", "/arrangement/delegations", ""), 200).Items {
		if d.Id != nil && d.Organisation == "org_wco" {
			c.standing = *d.Id
		}
	}
	person := func(person string) string { return want[api.Me](t, c.as(person, "GET", "/me", ""), 200).Person }
	c.personW, c.personU = person("other.wco"), person("other.unoct")
	entry := func(person string) string {
		return refused(t, c.as(person, "GET", "/documents/doc_absent", ""), 404).LogEntry
	}
	c.entryW, c.entryU = entry("staff.wco"), entry("staff.unoct")
	desk := func(person string) string {
		return want[api.Office](t, c.as(person, "POST", "/offices", `{"name":"A desk"}`), 201).Id
	}
	c.deskW, c.deskU = desk("focal.wco"), desk("focal.unoct")
	c.seriesW = c.opened("Monthly indicators")
	c.standsW = c.stands(c.seriesW, c.personU)
	c.stagedW, c.stagedU = c.stage("staff.wco", sheet).Id, c.stage("staff.unoct", sheet).Id
	c.inW, c.inU = c.signedIn("staff.wco"), c.signedIn("staff.unoct")
	c.comingW, c.comingU = c.coming("staff.wco", sheet), c.coming("staff.unoct", sheet)
}

// ofUnoct declares a document of UNOCT for the WCO, with an entity concerned.
var ofUnoct = strings.NewReplacer(`concerned":"none"`, `concerned":["org_customs-exampleland"]`, "org_unoct",
	"org_wco").Replace(declared)

// webhook has word sent to an address of the WCO.
func (w *world) webhook(address string) string {
	w.t.Helper()
	body := `{"address":"` + address + `"}`
	want[api.Waiting](w.t, w.as("deputy.wco", "POST", "/webhooks", body), 202)
	return *want[api.Webhook](w.t, w.as("focal.wco", "POST", "/webhooks", body), 201).Id
}
