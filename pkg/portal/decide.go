package portal

import (
	"errors"
	"net/url"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// canonLine is one line of a canonical text: as it is signed, and what it means.
type canonLine struct {
	Name, Value, Gloss string
	Key                bool
}

// deciding is the page on which somebody decides.
type deciding struct {
	requestWhole
	Act     string // what can be given: authorize or consent
	Lines   []canonLine
	Head    string // of the text
	Digest  article4.Digest
	Why     string
	Under   string
	Chosen  string
	Day     string // in the place of a ready end
	Choices []term
	Narrow  string // the form that was chosen; empty: as asked
	Forms   []term // as asked, and the narrower ones; none where there is nothing to choose
	Earlier bool   // a text signed earlier could serve, if the consent says so
	Serves  bool
	Effect  string
	Changed bool
	Asks    bool   // for the legal basis of the transfer (Article 4(3))
	Basis   string // as it was written
	Denied  *denied
	Reasons []term // ready ones, of a refusal
	Because string
	Refusal string // in the reader's own words
}

// denied is why the text cannot be given as it is.
type denied struct {
	Reasons []missing
	Effect  string
}

// decision answers GET /inbox/{id}.
func (p *Portal) decision(c *call) error {
	c.Request.PostForm = url.Values{}
	return p.showDecision(c, of[article4.RequestID](c, "id"), false, nil)
}

// verdict reads the form. What is not said is as asked.
func (c *call) verdict(q exchange.AccessRequest, act article4.Act) exchange.Verdict {
	v := exchange.Verdict{Act: act, Statement: c.said("statement"), Conditions: c.said("conditions"),
		IfMatch: q.ETag}
	if act == article4.ActRefuse {
		v.Statement, v.Conditions = c.refusal(), ""
		return v
	}
	v.Until, v.Form = c.givenEnd(), article4.Form(c.said("form"))
	if act == article4.ActConsent {
		v.TransferBasis, v.EarlierServes = c.said("transfer_basis"), c.said("earlier") != ""
	}
	return v
}

// gives is what the reader could give on a request, at once or after a fresh sign-in; empty: nothing.
func (c *call) gives(q exchange.AccessRequest) article4.Act {
	for _, act := range []article4.Act{article4.ActConsent, article4.ActAuthorize} {
		if may(q, act) {
			return act
		}
	}
	return ""
}

func (p *Portal) showDecision(c *call, id article4.RequestID, changed bool, faults []fault) error {
	whole, err := p.requestWhole(c, id)
	if err != nil {
		return err
	}
	q := whole.AccessRequest
	body := deciding{
		requestWhole: whole,
		Changed:      changed,
		Why:          c.said("statement"),

		Under:  c.said("conditions"),
		Chosen: c.said("until"),
		Day:    c.said("day"),
		Narrow: c.said("form"),

		Serves:  c.said("earlier") != "",
		Because: c.said("because"),
		Refusal: c.said("refusal"),
	}
	body.Faults = faults
	for _, key := range readyRefusals {
		body.Reasons = append(body.Reasons, term{key, c.t("refuse-because." + key)})
	}
	if whole.Gives != "" {
		if err := p.draft(c, q, &body); err != nil {
			return err
		}
	}
	v := view{Title: c.decisionTitle(body), Nav: "inbox", Body: body, Markings: []article4.Marking{q.Marking}}
	if len(faults) > 0 {
		v.Title, v.Status = c.t("error.prefix")+v.Title, web.PageInvalid
	}
	return c.show("decide", v)
}

func (c *call) decisionTitle(d deciding) string {
	if d.Act == "" {
		return c.t("request.title", d.For)
	}
	if d.Act == string(article4.ActConsent) {
		return c.t("decide.consent.title", d.For)
	}
	return c.t("decide.authorize.title", d.For)
}

// draft adds the canonical text of the terms that are shown.
func (p *Portal) draft(c *call, q exchange.AccessRequest, body *deciding) error {
	act := body.Gives
	body.Act = string(act)
	if body.Why == "" { // as the asker says it; who decides may say it otherwise
		body.Why = q.Statement
		c.Request.PostForm.Set("statement", q.Statement)
	}
	if err := c.narrower(q, body); err != nil {
		return err
	}
	body.Basis = c.said("transfer_basis")
	body.Asks = act == article4.ActConsent && q.PersonalData != nil && *q.PersonalData
	if body.Asks && body.Basis == "" || body.Wrong("day") != "" {
		return nil // the text names it: it is shown once there is one
	}
	text, err := p.cfg.Gateway.Draft(c.ctx, c.actor(), q.ID, c.verdict(q, act))
	var refused *exchange.Refusal
	switch {
	case errors.As(err, &refused):
		body.Denied = &denied{}
		for _, reason := range refused.Reasons {
			body.Denied.Reasons = append(body.Denied.Reasons, missing{reasonIn(c.in, reason), c.helpers(act, reason)})
		}
		return nil
	case err != nil:
		return err
	}
	body.Digest = text.SHA256
	body.Head, body.Lines = c.canon(text.Text, q)
	until, form := q.Until, q.Form
	if end := c.givenEnd(); !end.IsZero() {
		until = end
	}
	if body.Narrow != "" {
		form = article4.Form(body.Narrow)
	}
	readers := strings.Join(body.People, ", ")
	if readers == "" {
		readers = c.t("decide.people-of", c.known.orgName(q.For))
	}
	body.Effect = c.t("decide.effect."+string(form), readers, day(c.in, until))
	return nil
}

// canon takes a canonical text apart and explains its lines; it changes no character of it.
func (c *call) canon(text string, q exchange.AccessRequest) (head string, lines []canonLine) {
	head, lines = canonical(text)
	for i := range lines {
		one := &lines[i]
		if strings.HasPrefix(one.Name, "serves this version as well as ") {
			one.Key, one.Gloss = true, c.t("canon.carries")
		}
		switch value := one.Value; one.Name {
		case "document":
			one.Gloss = c.t("canon.document")
		case "recipient":
			one.Key = true
		case "decision", "marking":
			one.Key = true
		case "until":
			one.Key, one.Gloss = true, c.t("canon.until", when(c.in, q.Until))
			if end := c.givenEnd(); !end.IsZero() {
				one.Gloss = c.t("canon.asked", when(c.in, end), when(c.in, q.Until))
			}
		case "people":
			var names []string
			for _, id := range q.People {
				names = append(names, c.who(id, q.For))
			}
			one.Gloss = strings.Join(names, "; ")
		case "purpose":
			purpose := c.known.purpose(q.Purpose)
			one.Gloss = purpose.Label + " (" + article(c.in, purpose.Paragraph) + ")"
		case "form":
			one.Gloss = c.t("form." + value)
			if value != string(q.Form) {
				one.Key, one.Gloss = true, c.t("canon.asked", one.Gloss, c.t("form."+string(q.Form)))
			}
		case "earlier agreement serves":
			if value == "yes" {
				one.Key, one.Gloss = true, c.t("decide.earlier")
			}
		case "signatory":
			one.Gloss = c.t("canon.signatory", c.session.Name)
		}
	}
	return head, lines
}

// canonical takes a canonical text apart; it changes no character of it.
func canonical(text string) (head string, lines []canonLine) {
	all := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, line := range all {
		name, value, found := strings.Cut(line, ": ")
		if i == 0 && !found {
			head = line
			continue
		}
		lines = append(lines, canonLine{Name: name, Value: value})
	}
	return head, lines
}

// decide answers POST /inbox/{id}: show the text again, or give or refuse, each by a fresh sign-in.
func (p *Portal) decide(c *call) error {
	if err := c.form(); err != nil {
		return err
	}
	id := of[article4.RequestID](c, "id")
	if c.said("do") == "refuse" {
		if c.refusal() == "" {
			return p.showDecision(c, id, false, []fault{{"refusal", c.t("fault.refusal")}})
		}
		return p.stepUp(c, "", "/inbox/"+string(id))
	}
	if _, err := c.directory(); err != nil {
		return err
	}
	q, err := p.cfg.Gateway.DescribeRequest(c.ctx, c.actor(), id)
	if err != nil {
		return err
	}
	faults := c.faultsOfEnd(q)
	if c.said("do") == "show" {
		return p.showDecision(c, id, false, faults)
	}
	if c.said("statement") == "" {
		faults = append(faults, fault{"statement", c.t("fault.statement")})
	}
	if len(faults) > 0 {
		return p.showDecision(c, id, false, faults)
	}
	asks := c.gives(q) == article4.ActConsent && q.PersonalData != nil && *q.PersonalData
	if asks && c.said("transfer_basis") == "" {
		return p.showDecision(c, id, false, []fault{{"transfer_basis", c.t("fault.transfer_basis")}})
	}
	text, err := p.cfg.Gateway.Draft(c.ctx, c.actor(), id, c.verdict(q, c.gives(q)))
	if err != nil {
		return err
	}
	if text.SHA256 != article4.Digest(c.said("text")) {
		return p.showDecision(c, id, true, nil) // the terms were changed: what is given is what was read
	}
	return p.stepUp(c, text.Nonce, "/inbox/"+string(id))
}

// decided gives or refuses, once its own person has signed in for it. The sign-in is the evidence of a consent and of
// an
// authorization: its nonce is the digest of the text that was read.
func (p *Portal) decided(c *call, id string, idToken string) error {
	if _, err := c.directory(); err != nil {
		return err
	}
	q, err := p.cfg.Gateway.DescribeRequest(c.ctx, c.actor(), article4.RequestID(id))
	if err != nil {
		return err
	}
	act := c.gives(q)
	if c.said("do") == "refuse" {
		act = article4.ActRefuse
	}
	v := c.verdict(q, act)
	if act != article4.ActRefuse {
		text, err := p.cfg.Gateway.Draft(c.ctx, c.actor(), q.ID, v)
		if err != nil {
			return err
		}
		if text.SHA256 != article4.Digest(c.said("text")) {
			return p.showDecision(c, q.ID, true, nil)
		}
	}
	if act != article4.ActRefuse { // of a refusal none is asked
		v.Evidence = exchange.EvidenceGiven{Kind: article4.EvidenceOIDC, IDToken: idToken}
	}
	if _, err := p.cfg.Gateway.Decide(c.ctx, c.actor(), q.ID, v); err != nil {
		return err
	}
	return c.see("/requests/%s?done=%s", url.PathEscape(id), act)
}
