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
	Personal, Caveat   bool   // of the document, as far as the reader is told: personal data, proprietary
	Asked              bool   // a question on it waits for the reader's answer
}

func (c *call) requestLine(q exchange.AccessRequest) requestLine {
	out := requestLine{
		AccessRequest: q,
		From:          c.known.org(q.AskedByOrg),
		For:           c.known.org(q.For),
		Purpose:       c.known.purpose(q.Purpose).Label,
		Personal:      q.PersonalData != nil && *q.PersonalData,
		Caveat:        q.Proprietary != nil && *q.Proprietary,
	}
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
	Box     string
	Boxes   []string
	Only    string // which of the box alone: "questions", "ending"; empty: all
	Lines   []requestLine
	Next    string // the address of what follows; empty: nothing does
	Sooner  bool   // the first to lapse or to end stands first, and not the newest
	Several bool   // the reader may decide on several at once
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
	q, only := counted(box, c.Query("only"))
	q.Document = article4.DocumentID(c.Query("document"))
	q.Paging = exchange.Paging{Limit: 50, After: c.Query("after")}
	found, err := p.cfg.Gateway.Requests(c.ctx, c.actor(), q)
	if err != nil {
		return err
	}
	c.without(found.LeftOut)
	asked, err := c.questioned(box)
	if err != nil {
		return err
	}
	body := requestList{Box: box, Boxes: boxes, Only: only, Sooner: q.Sort != ""}
	var markings []article4.Marking
	for _, one := range found.Items {
		if only == "ending" && one.State != article4.StateOpen && one.State != article4.StateInForce {
			continue // that it ends is no news
		}
		line := c.requestLine(one)
		line.Asked = asked[one.ID]
		body.Lines = append(body.Lines, line)
		markings = append(markings, one.Marking)
	}
	nav, address := "requests", url.Values{"box": {box}}
	if box == "inbox" {
		nav, address = "inbox", url.Values{}
		body.Several = c.decides() && len(body.Lines) > 1
	}
	if only != "" {
		address.Set("only", only)
	}
	if q.Document != "" {
		address.Set("document", string(q.Document))
	}
	if found.Next != "" {
		address.Set("after", found.Next)
		body.Next = c.Request.URL.Path + "?" + address.Encode()
	}
	return c.show("requests", view{Title: c.t(title), Nav: nav, Body: body, Markings: markings})
}

// endingSoon is how far ahead the first page counts what ends.
const endingSoon = 14 * 24 * time.Hour

// counted is a box, or what the first page counts of it: that list shows the same, the first to lapse or to end first.
func counted(box, only string) (exchange.RequestQuery, string) {
	q := exchange.RequestQuery{Box: box}
	switch {
	case box == "inbox":
		q.State, q.Sort = article4.StateOpen, "lapses_at"
	case box == "mine" && only == "questions":
		q.Unanswered, q.Sort = true, "lapses_at"
		return q, only
	case box == "decided-by-us" && only == "ending":
		now := time.Now()
		q.EndsAfter, q.EndsBefore, q.Sort = now, now.Add(endingSoon), "until"
		return q, only
	}
	return q, ""
}

// questioned are the reader's own requests on which a question waits; of other boxes none is looked for.
func (c *call) questioned(box string) (map[article4.RequestID]bool, error) {
	if box != "mine" {
		return nil, nil
	}
	q, _ := counted(box, "questions")
	q.Paging = exchange.Paging{Limit: most}
	found, err := c.p.cfg.Gateway.Requests(c.ctx, c.actor(), q)
	out := map[article4.RequestID]bool{}
	for _, one := range found.Items {
		out[one.ID] = true
	}
	return out, err
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
	Thread    []saidLine // the oldest first
	Cut       string     // where more was said than is shown
	Sentence  string
	Done      string
	Withdraws bool
	Admits    []exchange.Person // of the own organisation, whom the reader could admit
	Talks     bool
	Decides   bool
	Agreement string
	Faults    []fault
	Files     bool // an authorization that an entity gave on paper

	Newer  *newer             // there is a version that this request is not for; nil: none that the reader is told of
	Before article4.RequestID // of which this one was made, where the reader may look at that too
}

// Wrong is what is wrong with a field.
func (r requestWhole) Wrong(field string) string { return ofField(r.Faults, field) }

// requestPage answers GET /requests/{id}.
func (p *Portal) requestPage(c *call) error {
	return p.showRequest(c, of[article4.RequestID](c, "id"), nil)
}

func (p *Portal) showRequest(c *call, id article4.RequestID, faults []fault) error {
	body, err := p.requestWhole(c, id)
	if err != nil {
		return err
	}
	body.Faults = faults
	if body.Newer, err = c.newer(body.AccessRequest); err != nil {
		return err
	}
	if body.Newer != nil {
		body.Sentence = c.t("carry.sentence", day(c.in, body.Until))
	}
	switch done := c.justDone(); done {
	case "asked", "carried", "said", "withdrawn", "admitted", "authorize", "consent", "refuse":
		body.Done = c.t("done." + done)
	case "gives", "given":
		body.Done = c.t("did." + done)
	}
	v := view{Title: c.t("request.title", body.For), Nav: "requests", Body: body,
		Markings: []article4.Marking{body.Marking}}
	if len(faults) > 0 {
		v.Title, v.Status = c.t("error.prefix")+v.Title, web.PageInvalid
	}
	return c.show("request", v)
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
	if c.organisation().Kind == article4.Party {
		body.Before = q.Carries
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
	thread, cut, err := whole(c, func(page exchange.Paging) (exchange.Page[exchange.Message], error) {
		return p.cfg.Gateway.Messages(c.ctx, c.actor(), id, page)
	})
	if err != nil {
		return body, err
	}
	if cut {
		body.Cut = c.t("cut", mostRead)
	}
	for _, m := range thread {
		body.Thread = append(body.Thread, saidLine{m, c.who(m.By, m.Organisation)})
	}
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
		return p.showRequest(c, id, []fault{{"text", c.t("fault.text")}})
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
		return p.showRequest(c, id, []fault{{"person", c.t("fault.person")}})
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
