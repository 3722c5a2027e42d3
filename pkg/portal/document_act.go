package portal

import (
	"net/url"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// statement is the page of an act that takes a reason and little else.
type statement struct {
	exchange.Document
	Act      string
	Says     string
	Effects  string
	Reached  []string // whom it reaches, in numbers
	Markings []article4.Marking
	Reason   string
	Chosen   string
	Faults   []fault
	Denied   []missing // why it is not done; nil: the reader may
}

var statements = map[string]article4.Act{
	"mark": article4.ActMark, "recall": article4.ActRecall, "report-leak": article4.ActReportLeak,
	"suspend": article4.ActSuspend, "hold": article4.ActHold,
}

// actForm answers GET /documents/{id}/acts/{act}.
func (p *Portal) actForm(c *call) error { return p.showAct(c, nil) }

func (p *Portal) showAct(c *call, faults []fault) error {
	name := c.Param("act")
	act, known := statements[name]
	if !known {
		return web.Fail(web.KindNotFound, nil)
	}
	d, err := p.cfg.Gateway.Describe(c.ctx, c.actor(), of[article4.DocumentID](c, "id"))
	if err != nil {
		return err
	}
	if _, err := c.directory(); err != nil {
		return err
	}
	reached, err := c.reached(d, statements[name])
	if err != nil {
		return err
	}
	body := statement{
		Document: d,
		Act:      name,
		Says:     c.t("act." + name + ".says"),
		Effects:  c.t("act." + name + ".effect"),
		Reached:  reached,

		Faults: faults,
		Denied: c.denied(act, d.Permissions[act]),
		Reason: c.said("reason"),
		Chosen: c.said("marking"),
	}
	if name == "mark" {
		body.Markings = []article4.Marking{article4.Confidential, article4.Restricted, article4.NonConfidential}
	}
	v := view{Title: c.t("act." + name), Nav: "documents", Body: body, Markings: []article4.Marking{d.Marking}}
	if len(faults) > 0 {
		v.Title, v.Status = c.t("error.prefix")+v.Title, web.PageInvalid
	}
	return c.show("act", v)
}

// act answers POST /documents/{id}/acts/{act}.
func (p *Portal) act(c *call) error {
	if err := c.form(); err != nil {
		return err
	}
	name, id := c.Param("act"), of[article4.DocumentID](c, "id")
	var faults []fault
	if c.said("reason") == "" {
		faults = append(faults, fault{"reason", c.t("fault.reason")})
	}
	if name == "mark" && !article4.Marking(c.said("marking")).Valid() {
		faults = append(faults, fault{"marking", c.t("fault.marking")})
	}
	if len(faults) > 0 {
		return p.showAct(c, faults)
	}
	d, err := p.cfg.Gateway.Describe(c.ctx, c.actor(), id)
	if err != nil {
		return err
	}
	if may := d.Permissions[statements[name]]; !may.Allowed && onlyStepUp(may.Reasons) {
		return p.stepUp(c, "", c.Request.URL.Path)
	}
	return p.acted(c, name, id)
}

// acted does an act that takes a reason and little else, and shows the document.
func (p *Portal) acted(c *call, name string, id article4.DocumentID) error {
	var pending *exchange.Pending
	var err error
	reason := c.said("reason")
	switch statements[name] {
	case article4.ActMark:
		_, pending, err = p.cfg.Gateway.Mark(c.ctx, c.actor(), id,
			exchange.MarkingChange{Marking: article4.Marking(c.said("marking")), Reason: reason,
				IfMatch: c.said("etag")})
	case article4.ActRecall:
		_, err = p.cfg.Gateway.Recall(c.ctx, c.actor(), id, reason)
	case article4.ActReportLeak:
		_, err = p.cfg.Gateway.ReportLeak(c.ctx, c.actor(), id, reason)
	case article4.ActSuspend:
		_, err = p.cfg.Gateway.Suspend(c.ctx, c.actor(), exchange.Suspension{Document: id, Reason: reason})
	case article4.ActHold:
		_, err = p.cfg.Gateway.PlaceHold(c.ctx, c.actor(), id, reason)
	default:
		return web.Fail(web.KindNotFound, nil)
	}
	switch {
	case err != nil:
		return err
	case pending != nil:
		return c.see("/confirmations/%s", url.PathEscape(pending.ID))
	}
	return c.see("/documents/%s?done=%s", url.PathEscape(string(id)), name)
}
