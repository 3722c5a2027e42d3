package portal

import (
	"net/url"
	"slices"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// requestLine is one request of a list.
type requestLine struct {
	exchange.AccessRequest
	From, For, Purpose string
	Way                string // who asks for whom, or gives to whom, in words
}

func (c *call) requestLine(q exchange.AccessRequest) requestLine {
	out := requestLine{AccessRequest: q, From: c.known.org(q.AskedByOrg), For: c.known.org(q.For),
		Purpose: c.known.purpose(q.Purpose).Label}
	switch {
	case q.Delivery:
		out.Way = c.t("gives-to", out.From, out.For)
	case q.AskedByOrg == q.For:
		out.Way = c.t("asks-itself", out.From)
	default:
		out.Way = c.t("asks-for", out.From, out.For)
	}
	return out
}

// requestList is a box of them.
type requestList struct {
	Box, Older string
	Boxes      []string
	Lines      []requestLine
}

// requests answers GET /requests.
func (p *Portal) requests(c *call) error {
	boxes := []string{"mine", "ours", "for-us", "deliveries", "asked-of-us", "decided-by-us"}
	box := c.Query("box")
	if !slices.Contains(boxes, box) {
		box = "mine"
	}
	return p.listRequests(c, box, boxes, "requests.title")
}

// inbox answers GET /inbox: what waits for the reader's organisation, the first to lapse first.
func (p *Portal) inbox(c *call) error { return p.listRequests(c, "inbox", nil, "inbox.title") }

func (p *Portal) listRequests(c *call, box string, boxes []string, title string) error {
	if _, err := c.directory(); err != nil {
		return err
	}
	q := exchange.RequestQuery{Box: box, Paging: exchange.Paging{Limit: 50, After: c.Query("after")}}
	if box == "inbox" {
		q.State = article4.StateOpen
	}
	found, err := p.cfg.Gateway.Requests(c.ctx, c.actor(), q)
	if err != nil {
		return err
	}
	body := requestList{Box: box, Boxes: boxes}
	var markings []article4.Marking
	for _, one := range found.Items {
		body.Lines = append(body.Lines, c.requestLine(one))
		markings = append(markings, one.Marking)
	}
	nav := "requests"
	if box == "inbox" {
		nav = "inbox"
		slices.SortStableFunc(body.Lines, func(a, b requestLine) int { return a.LapsesAt.Compare(b.LapsesAt) })
	}
	if found.Next != "" {
		body.Older = c.Request.URL.Path + "?box=" + box + "&after=" + url.QueryEscape(found.Next)
	}
	return c.show("requests", view{Title: c.t(title), Nav: nav, Body: body, Markings: markings})
}

// saidLine is one message of a thread.
type saidLine struct {
	exchange.Message
	Who string
}

// decisionLine is one decision on a request.
type decisionLine struct {
	exchange.Decision
	Who string
}

// needLine is something that a request still needs.
type needLine struct {
	web.Reason
	From string
	Who  []string
}

// requestWhole is one request with all of it.
type requestWhole struct {
	requestLine
	Met       []metLine
	Gives     article4.Act // what of it the reader could give: authorize or consent; empty: nothing
	Asker     string
	People    []string
	Needs     []needLine
	Decisions []decisionLine
	Thread    []saidLine
	Sentence  string
	Done      string
	Withdraws bool
	Admits    []exchange.Person // of the own organisation, whom the reader could admit
	Talks     bool
	Decides   bool
	Agreement string
	Fault     string
	Files     bool // an authorization that an entity gave on paper
}

// requestPage answers GET /requests/{id}.
func (p *Portal) requestPage(c *call) error {
	body, err := p.requestWhole(c, of[article4.RequestID](c, "id"))
	if err != nil {
		return err
	}
	switch done := c.justDone(); done {
	case "asked", "said", "withdrawn", "admitted", "authorize", "consent", "refuse":
		body.Done = c.t("done." + done)
	case "gives", "given":
		body.Done = c.t("did." + done)
	}
	return c.show("request", view{Title: c.t("request.title", body.For), Nav: "requests", Body: body,
		Markings: []article4.Marking{body.Marking}})
}

func (p *Portal) requestWhole(c *call, id article4.RequestID) (requestWhole, error) {
	var body requestWhole
	q, err := p.cfg.Gateway.DescribeRequest(c.ctx, c.actor(), id)
	if err != nil {
		return body, err
	}
	if _, err := c.directory(); err != nil {
		return body, err
	}
	if o, known := c.known.organisations[q.For]; known && o.Kind == article4.ThirdParty {
		c.meets(q.For)
	}
	c.learn(q.Names)
	body.requestLine = c.requestLine(q)
	for _, met := range q.Met {
		line := metLine{Who: c.who(met.By, met.From), At: met.At}
		english, french := met.Words()
		if line.Says = english; c.in == web.French {
			line.Says = french
		}
		if entry, known := article4.Lookup(met.What); known {
			line.Paragraph = entry.Paragraph
		}
		body.Met = append(body.Met, line)
	}
	body.Asker = c.who(q.AskedBy, q.AskedByOrg)
	for _, one := range slices.Concat(q.People, q.Admitted) {
		body.People = append(body.People, c.who(one, q.For))
	}
	for _, m := range q.Missing {
		reason := article4.Reason{Code: m.What, From: m.From}
		who := c.helpers(article4.ActConsent, reason)
		if named := c.whoDecides(q, m.From); len(named) > 0 {
			who = named
		}
		body.Needs = append(body.Needs, needLine{reasonIn(c.in, reason), c.known.org(m.From), who})
	}
	for _, d := range q.Decisions {
		body.Decisions = append(body.Decisions, decisionLine{d, c.who(d.By, d.Organisation)})
	}
	thread, err := p.cfg.Gateway.Messages(c.ctx, c.actor(), id, exchange.Paging{Limit: most})
	if err != nil {
		return body, err
	}
	for _, m := range thread.Items {
		body.Thread = append(body.Thread, saidLine{m, c.who(m.By, m.Organisation)})
	}
	slices.SortStableFunc(body.Thread, func(a, b saidLine) int { return a.At.Compare(b.At) })
	body.Sentence = c.sentence(q)
	body.Agreement = string(q.Agreement)
	open := q.State == article4.StateOpen
	body.Withdraws = (open || q.State == article4.StateInForce) && may(q, article4.ActWithdraw)
	if !open && may(q, article4.ActAdmit) {
		for _, one := range c.meets(c.organisation().ID) {
			if !slices.Contains(q.People, one.ID) && !slices.Contains(q.Admitted, one.ID) {
				body.Admits = append(body.Admits, one)
			}
		}
	}
	body.Files = open && may(q, article4.ActFile) && slices.ContainsFunc(q.Missing, func(m article4.Missing) bool {
		return m.From != q.For && c.known.organisations[m.From].Kind == article4.ThirdParty
	})
	body.Talks = open && (may(q, article4.ActAsk) || may(q, article4.ActAnswer))
	body.Gives = c.gives(q)
	body.Decides = open && body.Gives != ""
	return body, nil
}

// may reports whether the reader could do an act on a request, at once or after a fresh sign-in.
func may(q exchange.AccessRequest, act article4.Act) bool {
	one, told := q.Permissions[act]
	return told && (one.Allowed || onlyStepUp(one.Reasons))
}

// whoDecides names those of an organisation who could give now what a request is missing.
func (c *call) whoDecides(q exchange.AccessRequest, of article4.OrganisationID) []string {
	var out []string
	for _, one := range q.CanDecide {
		if name := one.Name + ", " + c.known.org(one.Organisation); one.Organisation == of && !slices.Contains(out,
			name) {
			out = append(out, name)
		}
	}
	return out
}

// metLine is something that a request needs and has.
type metLine struct {
	Says, Who, Paragraph string
	At                   time.Time
}

// sentence says in one sentence how a request stands.
func (c *call) sentence(q exchange.AccessRequest) string {
	switch q.State {
	case article4.StateOpen:
		for _, m := range q.Missing {
			if m.From != "" {
				return c.t("sentence.waits", c.known.org(m.From), day(c.in, q.LapsesAt))
			}
		}
		return c.t("sentence.open", day(c.in, q.LapsesAt))
	case article4.StateInForce:
		if !c.known.purpose(q.Purpose).Open { // for the copy that the Recipient holds (reading 0009)
			return c.t("sentence.copy-held", c.known.org(q.For), day(c.in, q.Until))
		}
		return c.t("sentence.in-force", c.known.org(q.For), day(c.in, q.Until))
	}
	return c.t("sentence." + string(q.State))
}

// message answers POST /requests/{id}/messages.
func (p *Portal) message(c *call) error {
	if err := c.form(); err != nil {
		return err
	}
	id := of[article4.RequestID](c, "id")
	if c.said("text") == "" {
		return c.see("/requests/%s", url.PathEscape(string(id)))
	}
	if _, err := p.cfg.Gateway.Ask(c.ctx, c.actor(), id, c.said("text")); err != nil {
		return err
	}
	return c.see("/requests/%s?done=said", url.PathEscape(string(id)))
}

// admit answers POST /requests/{id}/admissions: the beneficiary's focal point names who of its people may read.
func (p *Portal) admit(c *call) error {
	if err := c.form(); err != nil {
		return err
	}
	id := of[article4.RequestID](c, "id")
	var in exchange.Admission
	for _, one := range c.Request.PostForm["person"] {
		in.People = append(in.People, article4.PersonID(one))
	}
	if len(in.People) == 0 {
		return c.see("/requests/%s", url.PathEscape(string(id)))
	}
	if _, err := p.cfg.Gateway.Admit(c.ctx, c.actor(), id, in); err != nil {
		return err
	}
	return c.see("/requests/%s?done=admitted", url.PathEscape(string(id)))
}

// withdraw answers POST /requests/{id}/withdrawal.
func (p *Portal) withdraw(c *call) error {
	if err := c.form(); err != nil {
		return err
	}
	id := of[article4.RequestID](c, "id")
	if _, err := p.cfg.Gateway.Withdraw(c.ctx, c.actor(), id,
		exchange.Withdrawal{Statement: c.said("statement")}); err != nil {
		return err
	}
	return c.see("/requests/%s?done=withdrawn", url.PathEscape(string(id)))
}
