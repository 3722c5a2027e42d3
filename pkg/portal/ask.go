package portal

import (
	"net/url"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// asking is the form of a request for access.
type asking struct {
	exchange.Document
	Own       exchange.Organisation
	Others    []exchange.Organisation
	People    map[string][]exchange.Person
	Purposes  []exchange.Purpose
	Choices   []term
	For       string
	Chosen    []string
	Purpose   string
	Statement string
	Until     string
	Day       string
	Form      string
	Faults    []fault
	Denied    []missing // why nothing is asked for; nil: the reader may
}

// term is a ready end of a grant.
type term struct {
	Value, Says string
}

// requestForm answers GET /documents/{id}/request.
func (p *Portal) requestForm(c *call) error { return p.showAsking(c, nil) }

func (p *Portal) showAsking(c *call, faults []fault) error {
	d, err := p.cfg.Gateway.Describe(c.ctx, c.actor(), of[article4.DocumentID](c, "id"))
	if err != nil {
		return err
	}
	if _, err := c.directory(); err != nil {
		return err
	}
	body := asking{
		Document: d,
		Own:      c.organisation(),
		People:   map[string][]exchange.Person{},
		Faults:   faults,
		Denied:   c.denied(article4.ActRequest, d.Permissions[article4.ActRequest]),

		For:       c.said("for"),
		Purpose:   c.said("purpose"),
		Statement: c.said("statement"),
		Until:     c.said("until"),

		Day:    c.said("day"),
		Form:   c.said("form"),
		Chosen: c.Request.PostForm["person"],
	}
	if d.Discloser == body.Own.ID { // its own people have it already
		body.Own = c.known.organisations[d.Recipient]
	}
	for _, o := range c.known.order {
		if o.Kind == article4.ThirdParty && o.State == "in-force" {
			body.Others = append(body.Others, o)
			body.People[string(o.ID)] = c.meets(o.ID)
		}
	}
	for _, code := range d.Purposes {
		body.Purposes = append(body.Purposes, c.known.purpose(code))
	}
	if len(body.Purposes) == 1 && body.Purpose == "" {
		body.Purpose = string(body.Purposes[0].Code)
	}
	body.Choices = c.terms(time.Now())
	v := view{Title: c.t("ask.title"), Nav: "documents", Body: body, Markings: []article4.Marking{d.Marking}}
	if len(faults) > 0 {
		v.Title, v.Status = c.t("error.prefix")+v.Title, web.PageInvalid
	}
	return c.show("ask", v)
}

// terms are the ends that are ready to be chosen, each with its day.
func (c *call) terms(from time.Time) []term {
	var out []term
	for _, days := range []int{30, 90, 180} {
		end := from.UTC().Truncate(24*time.Hour).AddDate(0, 0, days)
		out = append(out, term{end.Format(time.DateOnly), c.t("term.days", days, day(c.in, end))})
	}
	return out
}

// Fault is what is wrong with a field.
func (a asking) Fault(field string) string { return ofField(a.Faults, field) }

// until reads the end that was chosen, or the day that was written.
func (c *call) until() time.Time {
	if chosen := dayIn(c.said("until")); !chosen.IsZero() {
		return chosen
	}
	return dayIn(c.said("day"))
}

// request answers POST /documents/{id}/request.
func (p *Portal) request(c *call) error {
	if err := c.form(); err != nil {
		return err
	}
	var faults []fault
	need := func(field string, missing bool) {
		if missing {
			faults = append(faults, fault{field, c.t("fault." + field)})
		}
	}
	ask := exchange.Ask{For: article4.OrganisationID(c.said("for")), Purpose: article4.PurposeCode(c.said("purpose")),
		Statement: c.said("statement"), Until: c.until(), Form: article4.Form(c.said("form"))}
	need("for", ask.For == "")
	need("purpose", ask.Purpose == "")
	need("statement", ask.Statement == "")
	need("until", ask.Until.IsZero())
	if len(faults) > 0 {
		return p.showAsking(c, faults)
	}
	for _, id := range c.Request.PostForm["person"] {
		of, person, found := cut(id)
		if found && of == string(ask.For) {
			ask.People = append(ask.People, article4.PersonID(person))
		}
	}
	made, err := p.cfg.Gateway.Request(c.ctx, c.actor(), of[article4.DocumentID](c, "id"), ask)
	if err != nil {
		return err
	}
	return c.see("/requests/%s?done=asked", url.PathEscape(string(made.ID)))
}

// cut takes "org_x/per_y" apart: a person is chosen below an organisation, and counts for no other.
func cut(id string) (of, person string, found bool) {
	for i := range id {
		if id[i] == '/' {
			return id[:i], id[i+1:], true
		}
	}
	return "", "", false
}
