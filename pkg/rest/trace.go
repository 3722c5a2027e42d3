package rest

import (
	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// traceCopy answers POST /trace.
func (a *API) traceCopy(c call, _ none, in either[api.Clue]) (*reply[api.TracedCopies], error) {
	clue, form := exchange.Clue{}, in.Form
	if form == nil {
		clue, form = exchange.Clue{Text: or(in.JSON.Text), SHA256: article4.Digest(or(in.JSON.Sha256))}, &depositForm{}
	} else {
		form.alone, clue.Content = true, form.content
	}
	found, err := a.gateway.Trace(c.ctx, c.actor, clue)
	if form.broken != nil { // what was wrong with the body explains whatever the Gateway made of it
		return nil, form.broken
	}
	if err != nil {
		return nil, err
	}
	out := api.TracedCopies{Items: listed(found.Found, traced), Sha256: text(found.SHA256), Unread: text(found.Unread),
		LogEntry: found.Entry}
	if found.Numbers != nil {
		out.Numbers = &found.Numbers
	}
	return answer(out), nil
}

func traced(t exchange.Traced) api.TracedCopy {
	return api.TracedCopy{
		CopyNumber:   t.CopyNumber,
		FoundBy:      api.TracedCopyFoundBy(t.By),
		Document:     string(t.Document),
		Reference:    t.Reference,
		Version:      string(t.Version),
		Organisation: string(t.Organisation),
		Person:       string(t.Person),
		Purpose:      text(string(t.Purpose)),
		Form:         api.Form(t.Form),
		At:           t.At.UTC(),
		Disclosure:   string(t.Disclosure),
		LogEntry:     t.Entry,
	}
}

// reportLeak answers POST /documents/{id}/leak-reports.
func (a *API) reportLeak(c call, _ none, in api.LeakReport) (*reply[api.Suspension], error) {
	reported, err := a.gateway.ReportLeak(c.ctx, c.actor, article4.DocumentID(c.param("id")), in.Statement)
	if err != nil {
		return nil, err
	}
	if reported.Stop == nil {
		return &reply[api.Suspension]{outcome: web.Waits, body: api.LeakTold{LogEntry: reported.Entry}}, nil
	}
	return answerMade(c.suspension(*reported.Stop), Base+"/suspensions"), nil
}
