package portal

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// notices answers GET /notices.
func (p *Portal) notices(c *call) error {
	at := noticesAt(c.Query("only"), c.Query("after"))
	found, err := p.cfg.Gateway.Notices(c.ctx, c.actor(), exchange.NoticeQuery{Unanswered: at.Only != "",
		Paging: exchange.Paging{Limit: 50, After: at.After}})
	if err != nil {
		return err
	}
	c.without(found.LeftOut)
	body := noticeList{place: at}
	if found.Next != "" {
		body.Older = noticesAt(at.Only, found.Next).address("")
	}
	var markings []article4.Marking
	for _, n := range found.Items {
		line := noticeLine{Notice: n, Answers: n.Permissions[article4.ActAcknowledge].Allowed}
		line.Href = whereOf(n)
		english, french := n.Words()
		if line.Says = dated(c.in, english); c.in == web.French {
			line.Says = dated(c.in, french)
		}
		body.Items, markings = append(body.Items, line), append(markings, n.Marking)
	}
	return c.show("notices", view{Title: c.t("notices.title"), Nav: "notices", Body: body, Markings: markings})
}

// whereOf is the page of what a notice tells of; empty where there is none that its reader would surely see.
func whereOf(n exchange.Notice) string {
	switch {
	case n.Kind == "lowering":
		return "/lowerings"
	case n.Kind == "confirmation":
		return "/confirmations"
	case n.Kind == "webhook":
		return "/webhooks/" + n.Subject
	case strings.HasPrefix(n.Subject, "ser_"):
		return "/series/" + n.Subject
	case n.Kind == "sign-in", n.Kind == "sessions-ended":
		return "/me"
	case n.Kind == "bounced":
		return "/me/mail"
	case n.Request != "":
		return "/requests/" + string(n.Request)
	case n.Document != "" && n.Kind != "not-concerned":
		return "/documents/" + string(n.Document)
	case n.Kind == "agreement":
		return "/agreements"
	}
	return ""
}

// Said is what was answered for a copy; empty: nothing yet.
func (n noticeLine) Said(number string) string {
	for _, a := range n.Notice.Answers {
		if a.Number == number {
			return a.Disposition
		}
	}
	return ""
}

// place is where in the notices somebody is: whoever answers one comes back there.
type place struct {
	Only  string // "unanswered": those that the reader is to answer; empty: all
	After string
}

func noticesAt(only, after string) place {
	if only != "unanswered" {
		only = ""
	}
	return place{only, after}
}

// address is that of the page, with what was done there.
func (p place) address(done string) string {
	query := url.Values{}
	for name, value := range map[string]string{"only": p.Only, "after": p.After, "done": done} {
		if value != "" {
			query.Set(name, value)
		}
	}
	return "/notices?" + query.Encode()
}

type noticeList struct {
	place
	Items []noticeLine
	Older string
}

// noticeLine is one notice in words; Answers: the reader may answer it.
type noticeLine struct {
	exchange.Notice
	Says    string
	Answers bool
	Href    string // where what it tells of is seen
}

// acknowledge answers POST /notices/{id}.
func (p *Portal) acknowledge(c *call) error {
	if err := c.form(); err != nil {
		return err
	}
	said := exchange.Acknowledgement{Disposition: c.said("disposition"), Statement: c.said("statement")}
	for _, field := range slices.Sorted(maps.Keys(c.Request.PostForm)) {
		if number, of := strings.CutPrefix(field, "copy-"); of && c.said(field) != "" {
			said.Copies = append(said.Copies, exchange.CopyAnswer{Number: number, Disposition: c.said(field)})
		}
	}
	if _, err := p.cfg.Gateway.Acknowledge(c.ctx, c.actor(), c.Param("id"), said); err != nil {
		return err
	}
	return c.see("%s", noticesAt(c.said("only"), c.said("after")).address("answered"))
}
