package rest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"chancery.example/gateway/pkg/devstack"
)

// kind is what an identifier names.
type kind string

const (
	aDocument    kind = "document"
	aVersion     kind = "version"
	aRequest     kind = "request"
	aFiling      kind = "filed authorization that waits"
	aDisclosure  kind = "disclosure"
	aReceipt     kind = "disclosure, for its receipt"
	anAgreement  kind = "agreement"
	aNotice      kind = "notice"
	aSuspension  kind = "suspension"
	aHold        kind = "hold"
	aLowering    kind = "lowering put to an entity concerned"
	anOther      kind = "organisation"
	aPerson      kind = "person"
	aStanding    kind = "delegation in force"
	aNewcomer    kind = "organisation that waits"
	aDelegation  kind = "delegation that waits"
	aDesignation kind = "focal point that waits"
	anEntry      kind = "entry"
	anAct        kind = "entry of somebody else's act"
	anOffice     kind = "office"
	aRelease     kind = "release"
	aStaged      kind = "staged file"
	anArrival    kind = "file on its way"
	anInstrument kind = "instrument"
	aWebhook     kind = "webhook"
	aSeries      kind = "series"
	aSession     kind = "session of a browser"
)

// row is a route that takes an identifier, in its path or, as %s, in its query or body.
type row struct {
	kind               kind
	method, path, body string
	more               more
}

// more is what else there is to say of a row.
type more int

const (
	inParts more = 1 + iota
	bound        // its other identifier belongs to one thing only; another row asks about that
	inTus        // speaks tus 1.0
)

// key is the row's operation as the router has it.
func (r row) key() string {
	path, _, _ := strings.Cut(r.path, "?")
	return r.method + " " + strings.NewReplacer("{", ":", "}", "").Replace(path)
}

// filled puts the identifier in its place, and others of the circle in theirs.
func (c *circle) filled(r row, id string) (path, body string) {
	at := map[string]string{"{n}": "1", "{release}": c.relP, "{authorization}": c.standsW, "{id}": id,
		"{version}": c.versionA, "%s": id}
	switch r.kind {
	case aVersion:
		at["{id}"], at["{version}"] = c.a, id
	}
	path, body = r.path, r.body
	for from, to := range at {
		path, body = strings.ReplaceAll(path, from, to), strings.ReplaceAll(body, from, to)
	}
	return path, body
}

// rows are in such an order that what ends somebody's standing comes last.
func (c *circle) rows() []row {
	until := time.Now().AddDate(0, 0, 30).UTC().Format(time.RFC3339)
	ask := `{"for":{"organisation":"org_customs-exampleland"},"purpose":"art2.e","statement":"x","until":"` + until +
		`"}`
	filing := `{"entity":"org_piu-exampleland","given_by":"a","given_on":"2026-01-31","instrument_sha256":"` + sha +
		`","statement":"x"}`
	signing := `{"text_sha256":"` + sha + `","name":"a","function":"b","authority":"c","accepts":true}`
	stands := `{"purpose":"art2.e","until":"` + until + `","statement":"x","people":["` + c.personU + `"]}`
	const because = `{"statement":"x"}`
	return []row{
		{aDocument, "GET", "/documents/{id}", "", 0},
		{aDocument, "GET", "/documents/{id}/versions", "", 0},
		{aDocument, "GET", "/documents/{id}/history", "", 0},
		{aDocument, "GET", "/documents/{id}/timeline", "", 0},
		{aDocument, "GET", "/documents/{id}/circle", "", 0},
		{aDocument, "GET", "/documents/{id}/deliveries", "", 0},
		{aDocument, "GET", "/documents/{id}/releases", "", 0},
		{aStaged, "GET", "/staged/{id}", "", 0},
		{aStaged, "HEAD", "/staged/{id}", "", 0},
		{aStaged, "HEAD", "/staged/{id}", "", inTus},
		{anArrival, "HEAD", "/staged/{id}", "", inTus},
		{anArrival, "PATCH", "/staged/{id}", "", inTus},
		{aStaged, "GET", "/staged/{id}/preview", "", 0},
		{aStaged, "POST", "/documents", `{"staged":"%s"}`, 0},
		{aDisclosure, "GET", "/disclosures/{id}", "", 0},
		{aDisclosure, "GET", "/disclosures/{id}/label", "", 0},
		{aDisclosure, "GET", "/disclosures/{id}/pages", "", 0},
		{aDisclosure, "GET", "/disclosures/{id}/pages/{n}", "", 0},
		{aDisclosure, "GET", "/disclosures/{id}/content", "", 0},
		{aDisclosure, "HEAD", "/disclosures/{id}/content", "", 0},
		{aReceipt, "GET", "/disclosures/{id}/receipt", "", 0},
		{aRequest, "GET", "/requests/{id}", "", 0},
		{aRequest, "GET", "/requests/{id}/messages", "", 0},
		{anAgreement, "GET", "/agreements/{id}", "", 0},
		{aLowering, "GET", "/lowerings/{id}", "", 0},
		{aSeries, "GET", "/series/{id}", "", 0},
		{aSeries, "GET", "/series/{id}/authorizations", "", 0},
		{aSeries, "POST", "/series/{id}/authorizations", stands, 0},
		{aSeries, "POST", "/series/{id}/authorizations/draft", stands, 0},
		{aSeries, "POST", "/series/{id}/authorizations/{authorization}/withdrawal", because, 0},
		{anOther, "GET", "/organisations/{id}", "", 0},
		{anOther, "GET", "/organisations/{id}/mandates", "", 0},
		{anOther, "POST", "/organisations/{id}/mandates", c.mandate("staff.piu").with(nil), 0},
		{aStanding, "POST", "/organisations/org_piu-exampleland/mandates", `{"ends":"%s"}`, bound},
		{anOther, "GET", "/people?organisation=%s", "", 0},
		{anAct, "GET", "/receipts/{id}", "", 0},
		{anAct, "GET", "/me/entries/{id}", "", 0},
		{anEntry, "GET", "/log/entries/{id}", "", 0},
		{anEntry, "GET", "/log/entries/{id}/proof", "", 0},
		{aDocument, "GET", "/log/accounting?document=%s", "", 0},
		{aFiling, "GET", "/confirmations/{id}", "", 0},
		{aFiling, "POST", "/confirmations/{id}", "", 0},
		{aDocument, "POST", "/explain", `{"document":"%s","action":"disclose"}`, 0},
		{aDocument, "POST", "/documents/{id}/requests", ask, 0},
		{aDocument, "POST", "/documents/{id}/deliveries", strings.Replace(ask,
			`"for":{"organisation":"org_customs-exampleland"}`, `"addressed_to":{"people":["per_x"]}`, 1), 0},
		{anOffice, "POST", "/documents/" + c.a + "/deliveries", strings.Replace(ask,
			`"for":{"organisation":"org_customs-exampleland"}`, `"addressed_to":{"offices":["%s"]}`, 1), bound},
		{anOffice, "POST", "/offices/{id}/members", `{"add":["per_x"]}`, 0},
		{aDocument, "POST", "/documents/{id}/disclosures", reading, 0},
		{aVersion, "POST", "/documents/{id}/disclosures", strings.Replace(reading, "{", `{"version":"%s",`, 1), 0},
		{aDocument, "POST", "/documents/{id}/versions", c.newVersion, inParts},
		{aDocument, "POST", "/documents/{id}/versions/{version}/destruction", because, bound},
		{aVersion, "POST", "/documents/{id}/versions/{version}/destruction", because, 0},
		{aDocument, "POST", "/documents/{id}/marking", `{"marking":"restricted","statement":"x"}`, 0},
		{aDocument, "PATCH", "/documents/{id}", `{"title":"T","statement":"x"}`, 0},
		{aDocument, "POST", "/documents/{id}/entities", `{"add":["org_piu-exampleland"],"statement":"x"}`, 0},
		{aDocument, "POST", "/documents/{id}/not-concerned", because, 0},
		{aLowering, "POST", "/lowerings/{id}/withdrawal", because, 0},
		{aLowering, "POST", "/lowerings/{id}/decisions", `{"act":"authorize","statement":"x"}`, 0},
		{aDocument, "POST", "/documents/{id}/releases",
			`{"organisation":"org_piu-exampleland","purpose":"art2.e","statement":"x"}`, 0},
		{aDocument, "POST", "/documents/{id}/releases/{release}/ending", because, bound},
		{aRelease, "POST", "/documents/" + c.e + "/releases/%s/ending", because, bound},
		{aDocument, "POST", "/documents/{id}/recall", because, 0},
		{aRequest, "POST", "/requests/{id}/decisions", `{"act":"authorize","statement":"x"}`, 0},
		{aRequest, "POST", "/requests/{id}/decisions/draft", `{"act":"consent","statement":"x"}`, 0},
		{aRequest, "POST", "/requests/{id}/carry-over", `{}`, 0},
		{aRequest, "POST", "/requests/{id}/admissions", `{"people":["per_x"]}`, 0},
		{aRequest, "POST", "/requests/{id}/messages", `{"text":"x"}`, 0},
		{aRequest, "POST", "/requests/{id}/authorizations", filing, 0},
		{anAgreement, "POST", "/agreements/{id}/signatures", signing, 0},
		{anAgreement, "POST", "/agreements/{id}/signatures/draft", signing, 0},
		{anAgreement, "POST", "/agreements/{id}/declining", because, 0},
		{aNotice, "POST", "/notices/{id}/acknowledgement", `{"disposition":"kept"}`, 0},
		{aDocument, "POST", "/suspensions", `{"document":"%s","statement":"x"}`, 0},
		{aPerson, "POST", "/suspensions", `{"person":"%s","statement":"x"}`, 0},
		{anOther, "POST", "/suspensions", `{"organisation":"%s","statement":"x"}`, 0},
		{aPerson, "DELETE", "/people/{id}/sessions", "", 0},
		{aSuspension, "POST", "/suspensions/{id}/ending", because, 0},
		{aDocument, "POST", "/holds", `{"document":"%s","statement":"x"}`, 0},
		{aHold, "POST", "/holds/{id}/ending", because, 0},
		{anEntry, "POST", "/erasures", `{"entry":"%s","field":"title","legal_basis":"x"}`, 0},
		{aNewcomer, "GET", "/confirmations/{id}", "", 0},
		{aNewcomer, "POST", "/confirmations/{id}", "", 0},
		{aDelegation, "POST", "/confirmations/{id}", "", 0},
		{aStanding, "POST", "/arrangement/delegations", `{"ends":"%s","instrument_sha256":"` + sha + `"}`, 0},
		{aDesignation, "POST", "/confirmations/{id}", "", 0},
		{aRequest, "POST", "/requests/{id}/withdrawal", `{"statement":"x"}`, 0},
		{aStaged, "DELETE", "/staged/{id}", "", 0},
		{anArrival, "DELETE", "/staged/{id}", "", inTus},
		{aRequest, "POST", "/instruments", strings.Replace(c.newVersion,
			`{"kind":"corrects","statement":"x","derived_from":"none"}`, `{"request":"%s"}`, 1), inParts},
		{anInstrument, "GET", "/instruments/{id}", "", 0},
		{anInstrument, "GET", "/instruments/{id}/content", "", 0},
		{aWebhook, "GET", "/webhooks/{id}/deliveries", "", 0},
		{aWebhook, "POST", "/webhooks/{id}/redelivery", `{}`, 0},
		{aWebhook, "DELETE", "/webhooks/{id}", "", 0},
		{aSession, "DELETE", "/me/sessions/{id}", "", 0},
		{aDocument, "POST", "/documents/{id}/leak-reports", `{"statement":"x"}`, 0}, // last: it stops the document
	}
}

// caller is somebody of one kind, with what is theirs to know of and what is not.
type caller struct {
	name, person string
	options      devstack.TokenOptions
	own, foreign of
}

type of = map[kind][]string

// callers are the kinds of caller. What somebody cannot do with what they see is no part of this.
func (c *circle) callers() []caller {
	return append(c.officials(), c.outsiders()...)
}

// officials are people of the Parties. One of the two is the Discloser of each document and the other its Recipient, so
// that no document, request or agreement is foreign to them.
func (c *circle) officials() []caller {
	wco := of{
		aVersion:    {c.versionB},
		aFiling:     {c.filing},
		aDisclosure: {c.readU, c.readP},
		aNotice:     {c.toldU, c.toldP},
		aPerson:     {c.personU},
		aSuspension: {c.stopU},
		aHold:       {c.holdU},
		anEntry:     {c.entryU},
		anAct:       {c.entryU},
		anOffice:    {c.deskU},
		aSession:    {c.inU},
	}
	unoct := of{
		aVersion:     {c.versionB},
		aRequest:     {c.askedC},
		aFiling:      {c.delegation},
		aDisclosure:  {c.readW, c.readP},
		aNotice:      {c.toldP},
		aSuspension:  {c.stopW},
		aHold:        {c.holdW},
		aDelegation:  {c.delegation, c.focal},
		aDesignation: {c.delegation, c.focal},
		anEntry:      {c.entryW},
		anAct:        {c.entryW},
		aPerson:      {c.personW},
		anOffice:     {c.deskW},
		aSession:     {c.inW},
		anInstrument: {c.instrument},
		aWebhook:     {c.hookW},
	}
	with := func(base of, k kind, ids ...string) of {
		out := of{k: ids}
		for kind, ids := range base {
			out[kind] = ids
		}
		return out
	}
	mine := with(with(with(wco, aStaged, c.stagedU), anArrival, c.comingU), anInstrument, c.instrument)
	wco = with(with(wco, aStaged, c.stagedW, c.stagedU), anArrival, c.comingW, c.comingU)
	return []caller{
		{"Discloser's staff", "staff.wco", devstack.TokenOptions{}, of{
			aDocument:   {c.a, c.b},
			aVersion:    {c.versionA},
			aRequest:    {c.askedU, c.askedB},
			aDisclosure: {c.readW},
			aReceipt:    {c.readW},
			anAgreement: {c.agreeP},
			anOther:     {"org_piu-exampleland"},
			aSuspension: {c.stopW},
			aPerson:     {c.personW},
			aStaged:     {c.stagedW},
			anArrival:   {c.comingW},
			aSession:    {c.inW},
			aSeries:     {c.seriesW},
		}, with(with(mine, aReceipt, c.readU, c.readP), aLowering, c.lowering)},
		{"Recipient's staff", "staff.unoct", devstack.TokenOptions{}, of{
			aDocument:   {c.a, c.c},
			aVersion:    {c.versionA},
			aRequest:    {c.askedU},
			aDisclosure: {c.readU},
			aReceipt:    {c.readU},
			aNotice:     {c.toldU},
			anAgreement: {c.agreeP},
			anOther:     {"org_piu-exampleland"},
			aSuspension: {c.stopU},
			aLowering:   {c.lowering},
			aStaged:     {c.stagedU},
			anArrival:   {c.comingU},
			aSession:    {c.inU},
			aSeries:     {c.seriesW},
		}, with(with(with(unoct, aReceipt, c.readW, c.readP), aStaged, c.stagedW), anArrival, c.comingW)},
		{"Discloser's signatory", "focal.wco", devstack.TokenOptions{}, of{
			aReceipt: {c.readU, c.readP}, aDelegation: {c.delegation}, aDesignation: {c.focal}, aHold: {c.holdW},
			anInstrument: {c.instrument}, aWebhook: {c.hookW},
		}, with(wco, aLowering, c.lowering)},
		{"Recipient's signatory", "focal.unoct", devstack.TokenOptions{}, of{
			aReceipt: {c.readU, c.readP}, aFiling: {c.filing}, aNewcomer: {c.proposal},
		}, with(with(unoct, aStaged, c.stagedW, c.stagedU), anArrival, c.comingW, c.comingU)},
		{"auditor", "auditor.wco", devstack.TokenOptions{},
			of{anEntry: {c.entryW}, aReceipt: {c.readP}, aHold: {c.holdW}}, with(wco, aNotice, c.toldU, c.toldP)},
		{"service", "machine.wco", devstack.TokenOptions{}, of{aDocument: {c.b, c.c}, aRequest: {c.askedB}},
			// beyond its markings
			with(with(with(wco, aReceipt, c.readU, c.readP), aDocument, c.a, c.d), aRequest, c.askedU, c.askedD)},
	}
}

func (c *circle) outsiders() []caller {
	all := of{
		aDocument:    {c.a, c.b, c.c},
		aVersion:     {c.versionA, c.versionB},
		aRequest:     {c.askedU, c.askedP, c.askedC, c.askedB},
		aFiling:      {c.filing, c.delegation},
		aDisclosure:  {c.readW, c.readU, c.readP},
		aReceipt:     {c.readW, c.readU, c.readP},
		anAgreement:  {c.agreeP, c.agreeC},
		aNotice:      {c.toldU, c.toldP},
		aSuspension:  {c.stopW, c.stopU},
		aHold:        {c.holdW, c.holdU},
		aLowering:    {c.lowering},
		anOther:      {"org_piu-exampleland", c.newcomer},
		aNewcomer:    {c.proposal},
		aDelegation:  {c.delegation, c.focal},
		aDesignation: {c.focal, c.delegation},
		anEntry:      {c.entryW, c.entryU},
		anAct:        {c.entryW, c.entryU},
		aPerson:      {c.personW, c.personU},
		aStanding:    {c.standing},
		anOffice:     {c.deskW, c.deskU},
		anInstrument: {c.instrument},
		aWebhook:     {c.hookW},
		aRelease:     {c.relP, c.relC},
		aStaged:      {c.stagedW, c.stagedU},
		anArrival:    {c.comingW, c.comingU},
		aSession:     {c.inW, c.inU},
		aSeries:      {c.seriesW},
	}
	but := func(some of) of {
		out := of{}
		for kind, ids := range all {
			out[kind] = ids
		}
		for kind, ids := range some {
			out[kind] = ids
		}
		return out
	}
	entity := but(of{aDocument: {c.a, c.c}, aRequest: {c.askedU, c.askedP, c.askedC}, anAgreement: {c.agreeP},
		aLowering: {}, aRelease: {c.relP}})
	return []caller{
		{"third party with standing", "staff.piu", devstack.TokenOptions{}, of{
			aDocument:   {c.a},
			aRequest:    {c.askedP},
			aDisclosure: {c.readP},
			aReceipt:    {c.readP},
			aNotice:     {c.toldP},
			anAgreement: {c.agreeP},
			anOther:     {"org_piu-exampleland"},
		}, but(of{
			aDocument:   {c.b, c.c},
			aVersion:    {c.versionB},
			aRequest:    {c.askedU, c.askedC, c.askedB},
			aDisclosure: {c.readW, c.readU},
			aReceipt:    {c.readW, c.readU},
			anAgreement: {c.agreeC},
			aNotice:     {c.toldU},
			anOther:     {"org_customs-exampleland", c.newcomer},
			aRelease:    {c.relC},
		})},
		{"entity concerned, elsewhere without standing", "focal.customs", devstack.TokenOptions{}, of{
			aDocument: {c.b}, aRequest: {c.askedB}, anAgreement: {c.agreeC}, anOther: {"org_customs-exampleland"},
		}, entity},
		{"third party's staff without standing", "staff.customs", devstack.TokenOptions{}, nil, entity},
		{"third party's auditor", "auditor.customs", devstack.TokenOptions{}, nil, entity},
		{"operator", "operator.operator", devstack.TokenOptions{}, nil, all},
		{"no role", "staff.customs", devstack.TokenOptions{Groups: []string{}}, nil, all},
		{"Party's person without a role", "other.wco", devstack.TokenOptions{Groups: []string{}}, nil, all},
		{"operator's person without a role", "staff.operator", devstack.TokenOptions{Groups: []string{}}, nil, all},
	}
}

// absent is an identifier of the same form that names nothing.
func absent(id string) string {
	prefix, rest, _ := strings.Cut(id, "_")
	return prefix + "_" + strings.Repeat("0", len(rest))
}

// sent asks a row's question about one identifier.
func (c *circle) sent(by caller, r row, id string) answer {
	path, body := c.filled(r, id)
	header := []string{"If-Match", `"x"`, "Authorization", "Bearer " + c.token(by.person, by.options)}
	if r.more == inParts {
		header = append(header, "Content-Type", c.formKind)
	}
	if r.more == inTus {
		header = append(header, "Tus-Resumable", "1.0.0", "Upload-Offset", "0", "Content-Type",
			"application/offset+octet-stream")
	}
	return c.as(by.person, r.method, path, body, header...)
}

// TestForeignAndAbsentAreAnsweredAlike is the matrix of every route with an identifier, every kind of caller, and what
// is theirs, what is not, and what does not exist.
func TestForeignAndAbsentAreAnsweredAlike(t *testing.T) {
	c := newCircle(t)
	rows, callers := c.rows(), c.callers()
	known := map[string]bool{}
	for _, r := range rows {
		known[r.key()] = true
	}
	readContract(t).operations(t, func(key, path, _ string, _ operation) {
		if strings.Contains(path, "{id}") && !known[key] {
			t.Errorf("%s has no row here", key)
		}
	})
	cells := 0
	for _, r := range rows {
		for _, by := range callers {
			for _, id := range by.foreign[r.kind] {
				cells++
				one, two := c.sent(by, r, id), c.sent(by, r, absent(id))
				if without(one) != without(two) || one.StatusCode < 400 {
					t.Errorf("%s, %s (%s %s):\nforeign %s\nabsent  %s", by.name, r.key(), r.kind, id, without(one),
						without(two))
				}
			}
		}
	}
	for _, r := range rows {
		for _, by := range callers {
			for _, id := range by.own[r.kind] {
				if r.more == bound || r.method != "GET" && r.method != "DELETE" &&
					!strings.HasSuffix(by.person, "wco") && !strings.HasSuffix(by.person, "unoct") {
					continue // Article 4 decisions outsiders nothing to do with most of what they see
				}
				cells++
				if own := c.sent(by, r, id); own.StatusCode == 404 {
					t.Errorf("%s, %s (%s %s): what is theirs is answered %s", by.name, r.key(), r.kind, id, own.body)
				}
			}
		}
	}
	t.Logf("%d cells", cells)
}

// without takes out what differs between any two answers.
func without(a answer) string {
	text := string(a.body)
	for _, name := range []string{"request_id", "log_entry"} {
		if _, after, found := strings.Cut(text, `"`+name+`":"`); found {
			value, _, _ := strings.Cut(after, `"`)
			text = strings.ReplaceAll(text, value, "")
		}
	}
	return fmt.Sprint(a.StatusCode, text)
}
