package portal

import (
	"errors"
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// reasonsOf words a refusal by the table of reasons.
func reasonsOf(r *exchange.Refusal, _ exchange.Actor, in web.Language) []web.Reason {
	effect, french := article4.EffectOf(r.Reasons).Words()
	if in == web.French {
		effect = french
	}
	out := make([]web.Reason, len(r.Reasons))
	for i, reason := range r.Reasons {
		out[i] = reasonIn(in, reason)
		out[i].Effect = effect
	}
	return out
}

func reasonIn(in web.Language, reason article4.Reason) web.Reason {
	entry, known := article4.Lookup(reason.Code)
	if !known {
		return web.Reason{Code: string(reason.Code), Title: string(reason.Code), From: string(reason.From)}
	}
	words := entry.English
	if in == web.French {
		words = entry.French
	}
	return web.Reason{
		Code:      string(reason.Code),
		Paragraph: entry.Paragraph,
		Basis:     entry.Basis,
		Title:     words.Title,
		Detail:    words.Detail,
		From:      string(reason.From),
		Status:    entry.Status,
		Later:     entry.Remedy == article4.RemedyRetryLater,
	}
}

// missing is one thing that stands in the way, and who can take it away.
type missing struct {
	web.Reason
	Who []string
}

// refusal is the page of a "no". It is what was posted that is answered: the address stays, and going back is safe.
type refusal struct {
	Effect  string
	Reasons []missing
	Faults  []web.Fault
	Detail  string
	Quotes  []article4.Paragraph
	Entry   string
	Request string // for the help desk
	At      time.Time
	Back    string
	// Document is what the refusal is about, as far as the reader sees it.
	Document *exchange.Document
	Step     *step
}

// step is the one act that clears most of what is missing.
type step struct {
	Title, Says, Href string
	Clears            []int
}

// answer shows an error as a page.
func (p *Portal) answer(c *call, err error) {
	if c.Writer.Written() {
		p.problems.Write(c.Context, err)
		return
	}
	problem := p.problems.Of(err, web.ActorOf(c.Context), c.in)
	if problem.Status >= 500 {
		p.cfg.Logger.Error("request failed", "request_id", web.RequestID(c.Context), "code", problem.Code,
			"cause", err.Error())
	}
	body := refusal{
		Effect: problem.Effect,
		Detail: problem.Detail,
		Faults: problem.Errors,
		Entry:  problem.LogEntry,

		Request: web.RequestID(c.Context),
		At:      time.Now(),
		Back:    p.back(c),
	}
	title := problem.Title
	var refused *exchange.Refusal
	if errors.As(err, &refused) {
		p.explain(c, refused, problem.Reasons, &body)
		title = c.t("refusal." + string(refused.Act))
	}
	v := view{Title: title, Status: problem.Status}
	if refused != nil && refused.Document != "" {
		v.Nav = "documents"
		if d, err := p.cfg.Gateway.Describe(c.ctx, c.actor(), refused.Document); err == nil {
			body.Document, v.Markings = &d, []article4.Marking{d.Marking}
		}
	}
	v.Body = body
	if shown := c.show("refusal", v); shown != nil {
		p.problems.Write(c.Context, err)
	}
}

// explain adds who can help, the words of the paragraphs, and the step that clears most.
func (p *Portal) explain(c *call, r *exchange.Refusal, reasons []web.Reason, body *refusal) {
	if c.session != nil {
		_, _ = c.directory() // without it nobody is named
	}
	for i, reason := range reasons {
		one := missing{Reason: reason}
		one.Detail = strings.TrimSpace(strings.TrimSuffix(reason.Detail, reason.Effect))
		if c.known != nil {
			one.Who = c.helpers(r.Act, r.Reasons[i])
		}
		body.Reasons = append(body.Reasons, one)
		if quote, found := article4.Quote(reason.Paragraph); found && !slices.Contains(body.Quotes, quote) {
			body.Quotes = append(body.Quotes, quote)
		}
	}
	body.Step = c.nextStep(r)
}

// helpers are those who can take a reason away, by name where the reader is told it.
func (c *call) helpers(act article4.Act, reason article4.Reason) []string {
	entry, known := article4.Lookup(reason.Code)
	if !known {
		return nil
	}
	own := c.organisation().ID
	var names []string
	switch entry.Remedy {
	case article4.RemedyAskColleague:
		names = slices.DeleteFunc(c.known.deciders(own, act),
			func(name string) bool { return name == c.session.Name }) // whoever is refused helps nobody out
	case article4.RemedyAskAuthorization, article4.RemedyRequestAccess, article4.RemedyAskLonger:
		names = c.known.deciders(reason.From, article4.ActAuthorize)
	case article4.RemedyAskConsent:
		names = c.known.deciders(reason.From, article4.ActConsent)
	case article4.RemedyStepUp, article4.RemedyStatePurpose, article4.RemedyCorrectMetadata,
		article4.RemedyOtherPurpose,
		article4.RemedyChooseForm, article4.RemedyShortenUntil, article4.RemedyAcceptConditions:
		return []string{c.t("who.you")}
	case article4.RemedyRetryLater, article4.RemedySeeArrangement:
		return nil
	}
	of := reason.From
	if of == "" && len(names) == 0 && entry.Remedy == article4.RemedyContactFocalPoint {
		of = own
	}
	if len(names) == 0 {
		if name := c.known.focalPoint(of); name != "" {
			names = []string{c.t("who.focal", name)}
		}
	}
	if of != "" && len(names) == 0 {
		return []string{c.known.orgName(of)}
	}
	for i := range names {
		if of != "" {
			names[i] += ", " + c.known.org(of)
		}
	}
	return names
}

// nextStep is the request for access, where that takes away what is missing.
func (c *call) nextStep(r *exchange.Refusal) *step {
	if r.Act != article4.ActDisclose || r.Document == "" || c.session == nil {
		return nil
	}
	var clears []int
	for i, reason := range r.Reasons {
		entry, _ := article4.Lookup(reason.Code)
		switch entry.Remedy {
		case article4.RemedyRequestAccess, article4.RemedyAskAuthorization, article4.RemedyAskConsent,
			article4.RemedyAskLonger:
			clears = append(clears, i+1)
		}
	}
	switch {
	case len(clears) == 0:
		return nil
	case r.Request != "":
		return &step{Title: c.t("step.see-request"), Says: c.t("step.see-request.says"),
			Href: "/requests/" + string(r.Request), Clears: clears}
	case c.organisation().Kind != article4.Party:
		return nil
	}
	return &step{Title: c.t("step.request"), Says: c.t("step.request.says"),
		Href: "/documents/" + string(r.Document) + "/request", Clears: clears}
}
