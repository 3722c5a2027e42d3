package portal

import (
	"net/url"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// logLine is one entry of the log, in words.
type logLine struct {
	exchange.LogEntry
	Who, What, Because string
	Refused            bool
}

// logPage is a page of the log, with its filters in the address.
type logPage struct {
	Lines      []logLine
	Query      exchange.LogQuery
	From, To   string
	Kinds      []term
	Paragraphs []string
	Markings   []article4.Marking
	For        []exchange.Organisation
	Chips      []chip
	Older      string
	Take       string // where the bundle with a view of this filter is taken; empty: nothing is filtered
	Hidden     bool   // readings are
}

// chip is a filter that stands, and the address without it.
type chip struct{ Says, Without string }

// logKinds are the kinds of entries, in the order in which they are offered.
var logKinds = []string{"deposit", "request", "authorization", "standing-authorization",
	"series-withdrawal", "consent", "refusal", "withdrawal", "disclosure", "copy",
	"completion", "agreement", "signature", "agreement-declined", "message", "marking", "amendment",
	"entities", "correction", "release", "release-ended", "recall",
	"destruction", "leak", "leak-told", "suspension", "hold", "accounting",
	"reading", "configuration", "mandate", "mandate-ended", "webhook", "webhook-ended",
	"sessions-ended", "operator-ended-sessions"}

// log answers GET /log. To read is an entry, too; readings are left out until they are asked for.
func (p *Portal) log(c *call) error {
	if _, err := c.directory(); err != nil {
		return err
	}
	query := c.Request.URL.Query()
	q := logQueryIn(query)
	q.Paging = exchange.Paging{Limit: 100, After: query.Get("after")}
	found, err := p.cfg.Gateway.LogEntries(c.ctx, c.actor(), q)
	if err != nil {
		return err
	}
	body := logPage{
		Query:    q,
		From:     query.Get("from"),
		To:       query.Get("to"),
		Chips:    c.chips(query),
		Hidden:   q.Without != "",
		Markings: []article4.Marking{article4.Confidential, article4.Restricted, article4.NonConfidential},
	}
	for _, o := range c.known.order {
		if o.Kind != article4.Operator {
			body.For = append(body.For, o)
		}
	}
	for _, kind := range logKinds {
		body.Kinds = append(body.Kinds, term{kind, c.t("kind." + kind)})
	}
	for _, quote := range article4.Paragraphs() {
		body.Paragraphs = append(body.Paragraphs, quote.Number)
	}
	c.meetActors(found.Items)
	for _, e := range found.Items {
		body.Lines = append(body.Lines, c.logLine(e))
	}
	body.Older = c.onward("after", found.Next)
	if len(body.Chips) > 0 {
		query.Del("after")
		query.Del("lang")
		body.Take = "/audit?" + query.Encode()
	}
	v := view{Title: c.t("log.title"), Nav: "log", Body: body}
	for _, line := range body.Lines { // what a line says is held as its document is
		v.Markings = append(v.Markings, line.Marking)
	}
	return c.show("log", v)
}

// logQueryIn is what an address asks of the log.
func logQueryIn(query url.Values) exchange.LogQuery {
	q := exchange.LogQuery{
		Since:       dayIn(query.Get("from")),
		Until:       dayIn(query.Get("to")),
		Document:    article4.DocumentID(query.Get("document")),
		Kind:        query.Get("kind"),
		Outcome:     query.Get("outcome"),
		Paragraph:   query.Get("paragraph"),
		Person:      article4.PersonID(query.Get("person")),
		Request:     article4.RequestID(query.Get("request")),
		Reason:      article4.Code(query.Get("reason")),
		Marking:     article4.Marking(query.Get("marking")),
		Beneficiary: article4.OrganisationID(query.Get("beneficiary")),
	}
	if q.Kind == "" && query.Get("readings") == "" {
		q.Without = "reading"
	}
	if !q.Until.IsZero() {
		q.Until = q.Until.AddDate(0, 0, 1) // the day itself is meant, too
	}
	return q
}

// meetActors learns the names of those who acted, as far as the reader is told them.
func (c *call) meetActors(all []exchange.LogEntry) {
	var ids []article4.PersonID
	for _, e := range all {
		if !slices.Contains(ids, e.Actor) {
			ids = append(ids, e.Actor)
		}
	}
	if names, err := c.p.cfg.Gateway.Names(c.ctx, c.actor(), ids[:min(len(ids), 100)]); err == nil {
		c.learn(names)
	}
}

func (c *call) logLine(e exchange.LogEntry) logLine {
	line := logLine{LogEntry: e, What: c.kind(e.Kind, e.Outcome, e.Step), Refused: e.Outcome == "refuse"}
	if e.Organisation == "" {
		line.Who = c.t("the-gateway")
	} else {
		line.Who = c.who(e.Actor, e.Organisation)
	}
	var paragraphs []string
	for _, code := range e.Reasons {
		cited := article(c.in, reasonIn(c.in, article4.Reason{Code: code}).Paragraph)
		if len(paragraphs) == 0 || paragraphs[len(paragraphs)-1] != cited {
			paragraphs = append(paragraphs, cited)
		}
	}
	line.Because = strings.Join(paragraphs, ", ")
	return line
}

// kind says what an entry tells, as somebody did it. What only begins, until a second person completes it, does not
// read as if it were done.
func (c *call) kind(kind, outcome string, step exchange.Step) string {
	if outcome == "refuse" {
		if said, found := lookUp(c.in, "kind."+kind+".refused"); found {
			return said
		}
		return c.t("kind.refused", c.kind(kind, "", ""))
	}
	if step == exchange.StepFirst {
		return c.t("kind." + kind + ".first")
	}
	said, found := lookUp(c.in, "kind."+kind)
	if !found {
		said = kind
	}
	if step == exchange.StepSecond {
		return c.t("kind.second", said)
	}
	return said
}

func (c *call) chips(query url.Values) []chip {
	var out []chip
	for _, name := range []string{"from", "to", "document", "request", "person", "kind", "outcome", "paragraph",
		"reason", "marking", "beneficiary", "readings"} {
		value := query.Get(name)
		if value == "" {
			continue
		}
		without := url.Values{}
		for other, values := range query {
			if other != name && other != "after" && other != "lang" {
				without[other] = values
			}
		}
		shown := value
		switch name {
		case "kind":
			shown = c.kind(value, "", "")
		case "outcome":
			shown = c.t("outcome." + value)
		case "marking":
			if m := article4.Marking(value); m.Valid() {
				shown = c.t("marking." + value)
			}
		case "beneficiary":
			shown = c.known.org(article4.OrganisationID(value))
		case "person":
			shown = c.who(article4.PersonID(value), "")
		case "document", "request":
			shown = short(value)
		case "readings":
			shown = c.t("log.with-readings")
		}
		out = append(out, chip{c.t("log.chip."+name, shown), "/log?" + without.Encode()})
	}
	return out
}
