package portal

import (
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/session"
)

// waits is one thing that waits for the reader, with the verb and when it is due.
type waits struct {
	Count int
	Says  string
	Href  string
	Due   time.Time
}

// front is the first page.
type front struct {
	Organisations []session.Organisation
	Waits         []waits
	Documents     []documentLine
	MayDeposit    bool
	Auditor       bool
}

// home is the first page: what waits, and the last documents; to those who are not signed in, what this is.
func (p *Portal) home(c *call) error {
	if c.session == nil {
		return c.show("front", view{Title: c.t("front.title"), Body: front{
			Organisations: p.cfg.Sessions.Organisations()}})
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
	body.Documents = c.documentLines(found.Items)
	body.MayDeposit, body.Auditor = c.mayDeposit(), c.has(article4.RoleAuditor)
	return c.show("home", view{Title: c.t("home.title"), Nav: "home", Body: body, Markings: markingsOf(found.Items)})
}

// waiting is what waits for the reader, each with its page.
func (p *Portal) waiting(c *call) ([]waits, error) {
	var out []waits
	add := func(n int, key, href string, due time.Time) {
		if n > 0 {
			out = append(out, waits{n, c.t(key, n), href, due})
		}
	}
	if c.decides() {
		inbox, err := p.cfg.Gateway.Requests(c.ctx, c.actor(), exchange.RequestQuery{Box: "inbox",
			Paging: exchange.Paging{Limit: 100}, State: article4.StateOpen})
		if err != nil {
			return nil, err
		}
		var due time.Time
		for _, q := range inbox.Items {
			if due.IsZero() || q.LapsesAt.Before(due) {
				due = q.LapsesAt
			}
		}
		add(len(inbox.Items), "home.decide", "/inbox", due)
	}
	pending, err := p.cfg.Gateway.Unconfirmeds(c.ctx, c.actor(), exchange.Paging{Limit: 100})
	if err != nil {
		return nil, err
	}
	add(len(pending.Items), "home.confirm", "/confirmations", time.Time{})
	notices, err := p.cfg.Gateway.Notices(c.ctx, c.actor(), exchange.Paging{Limit: 100})
	if err != nil {
		return nil, err
	}
	unanswered := 0
	for _, n := range notices.Items {
		if n.Acknowledged == nil {
			unanswered++
		}
	}
	add(unanswered, "home.notices", "/notices", time.Time{})
	if c.organisation().Kind == article4.ThirdParty {
		agreements, err := p.cfg.Gateway.Agreements(c.ctx, c.actor(), exchange.Paging{Limit: 100})
		if err != nil {
			return nil, err
		}
		unsigned := 0
		for _, a := range agreements.Items {
			if a.State == "unsigned" {
				unsigned++
			}
		}
		add(unsigned, "home.agreements", "/agreements", time.Time{})
	}
	mine, err := p.cfg.Gateway.Requests(c.ctx, c.actor(), exchange.RequestQuery{Box: "mine",
		Paging: exchange.Paging{Limit: 100}, State: article4.StateOpen})
	if err != nil {
		return nil, err
	}
	add(len(mine.Items), "home.mine", "/requests", time.Time{})
	return out, nil
}

// mayDeposit is who of a Party's people may: a page offers nothing else to the others.
func (c *call) mayDeposit() bool {
	return c.organisation().Kind == article4.Party &&
		(c.has(article4.RoleStaff) || c.has(article4.RoleFocalPoint) || c.has(article4.RoleSignatory))
}

func markingsOf(all []exchange.Document) []article4.Marking {
	var out []article4.Marking
	for _, d := range all {
		out = append(out, d.Marking)
	}
	return out
}
