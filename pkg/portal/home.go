package portal

import (
	"strconv"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/session"
	"chancery.example/gateway/pkg/web"
)

// waits is one thing that waits for the reader, with the verb and when it is due.
type waits struct {
	Count int
	Says  string
	Href  string
	Soon  string // what of it is due in three days
	First []link // the first of them, so that one click leads there
}

// front is the first page.
type front struct {
	Organisations []session.Organisation
	Tour          []tourStep // of the demo; nil anywhere else
	Waits         []waits
	Documents     []documentLine
	MayDeposit    bool
	Auditor       bool
}

// tourStep is one of the steps on which the demo's people lead a document from its deposit to the auditor. Href is
// empty where the reader would be refused.
type tourStep struct {
	Who, Says, Href string
}

// tour is who does what, and where. The words are tour.1 and so on, in the order of the steps.
var tour = []struct{ who, href string }{
	{"Sofia Brandt, WCO", "/documents/new"},
	{"Sofia Brandt, WCO", "/documents/new"},
	{"Samuel Okoro, UNOCT", "/documents"},
	{"Fiona Carter, WCO", "/inbox"},
	{"Samuel Okoro, UNOCT", "/documents"},
	{"Fiona Carter, WCO", "/inbox"},
	{"Pavel Horvat, PIU Exampleland", "/agreements"},
	{"Petra Varga, PIU Exampleland", "/documents"},
	{"Fiona Carter, WCO", "/documents"},
	{"Aiko Tanaka, WCO", "/log"},
}

func (c *call) tour() []tourStep {
	if c.p.cfg.People == nil {
		return nil
	}
	var out []tourStep
	for i, step := range tour {
		if step.href == "/log" && c.session != nil && !c.has(article4.RoleAuditor) {
			step.href = ""
		}
		out = append(out, tourStep{Who: step.who, Says: c.t("tour." + strconv.Itoa(i+1)), Href: step.href})
	}
	return out
}

// showTour answers GET /tour: the steps of the demo, for whoever is on the way; there are none anywhere else.
func (p *Portal) showTour(c *call) error {
	if p.cfg.People == nil {
		return web.Fail(web.KindNotFound, nil)
	}
	return c.show("tour", view{Title: c.t("tour.title"), Body: c.tour()})
}

// home is the first page: what waits, and the last documents; to those who are not signed in, what this is.
func (p *Portal) home(c *call) error {
	if c.session == nil {
		return c.show("front", view{Title: c.t("front.title"), Body: front{
			Organisations: p.cfg.Sessions.Organisations(), Tour: c.tour()}})
	}
	if _, err := c.directory(); err != nil {
		return err
	}
	var body front
	var err error
	if body.Waits, err = p.waiting(c); err != nil {
		return err
	}
	found, err := p.cfg.Gateway.List(c.ctx, c.actor(), exchange.DocumentQuery{Paging: exchange.Paging{Limit: 5}})
	if err != nil {
		return err
	}
	c.without(found.LeftOut)
	body.Documents = c.documentLines(found.Items)
	body.Auditor = c.has(article4.RoleAuditor)
	if body.MayDeposit, err = p.mayDeposit(c); err != nil {
		return err
	}
	return c.show("home", view{Title: c.t("home.title"), Nav: "home", Body: body, Markings: markingsOf(found.Items)})
}

// waiting is what waits for the reader, each with its page.
func (p *Portal) waiting(c *call) ([]waits, error) {
	found, err := p.cfg.Gateway.Waiting(c.ctx, c.actor())
	if err != nil {
		return nil, err
	}
	if c.has(article4.RoleAuditor) && len(c.actor().Roles()) == 1 {
		found.Confirmations = 0 // whoever audits alone sees them, and confirms none
	}
	var out []waits
	for _, one := range []struct {
		n         int
		key, href string
	}{
		{found.ToDecide, "home.decide", "/inbox"},
		{found.Questions, "home.questions", "/requests?box=mine&only=questions"},
		{found.Confirmations, "home.confirm", "/confirmations"},
		{found.Notices, "home.notices", "/notices?only=unanswered"},
		{found.AgreementsToSign, "home.agreements", "/agreements"},
		{found.EndingSoon, "home.ending", "/requests?box=decided-by-us&only=ending"},
		{found.Overdue, "home.overdue", "/arrangement"},
	} {
		if one.n > 0 {
			out = append(out, waits{Count: one.n, Says: c.t(one.key, one.n), Href: one.href})
		}
	}
	if found.ToDecideSoon > 0 {
		out[0].Soon = c.t("home.soon", found.ToDecideSoon)
	}
	if found.ToDecide > 0 {
		out[0].First, err = c.firstToDecide()
	}
	return out, err
}

// firstToDecide are the requests that lapse first.
func (c *call) firstToDecide() ([]link, error) {
	found, err := c.p.cfg.Gateway.Requests(c.ctx, c.actor(), exchange.RequestQuery{Box: "inbox",
		State: article4.StateOpen, Sort: "lapses_at", Paging: exchange.Paging{Limit: 3}})
	if err != nil {
		return nil, err
	}
	c.without(found.LeftOut)
	var out []link
	for _, q := range found.Items {
		out = append(out, link{Says: c.known.org(q.For) + colon(c.in) + q.Statement, Href: "/inbox/" + string(q.ID)})
	}
	return out, nil
}

// mayDeposit asks the Gateway whether the reader may deposit: a page offers nothing that would be refused.
func (p *Portal) mayDeposit(c *call) (bool, error) {
	self, err := p.cfg.Gateway.Self(c.ctx, c.actor())
	return self.Permissions[article4.ActDeposit].Allowed, err
}

func markingsOf(all []exchange.Document) []article4.Marking {
	var out []article4.Marking
	for _, d := range all {
		out = append(out, d.Marking)
	}
	return out
}
