package portal

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// several is the page on which somebody decides on several requests with one sign-in (decision 0251).
type several struct {
	Given   []oneOfSeveral // whose texts can be given
	Left    []oneOfSeveral // that cannot be given here, and why
	Outcome []oneOfSeveral // once they were decided on
	Why     string         // in the words of whoever decides, of all of them
	Digest  article4.Digest
	Changed bool
	nonce   string
	all     []exchange.Deciding
}

// oneOfSeveral is one of the requests, with its text.
type oneOfSeveral struct {
	requestLine
	Act    article4.Act
	Title  string
	Head   string
	Lines  []canonLine
	Digest article4.Digest
	Effect string
	Why    []string
}

// maxSeveral is how many requests one page takes, as DecideSeveral does.
const maxSeveral = 50

// severalForm answers GET /decisions?request=…: the texts of the requests that were chosen.
func (p *Portal) severalForm(c *call) error {
	c.Request.PostForm = url.Values{"request": c.QueryArray("request")}
	return p.showSeveral(c, false)
}

func (p *Portal) showSeveral(c *call, changed bool) error {
	body, err := p.drafted(c)
	if err != nil {
		return err
	}
	if len(body.Given)+len(body.Left) == 0 {
		return c.see("/inbox")
	}
	body.Changed = changed
	title := c.t("several.title", len(body.Given))
	if len(body.Given) == 0 {
		title = c.t("several.none")
	}
	return c.showSeveral(title, body)
}

func (c *call) showSeveral(title string, body several) error {
	var markings []article4.Marking
	for _, one := range slices.Concat(body.Given, body.Left, body.Outcome) {
		markings = append(markings, one.Marking)
	}
	return c.show("several", view{Title: title, Nav: "inbox", Body: body, Markings: markings})
}

// drafted are the texts of the requests that the form names, each in the terms that were asked for.
func (p *Portal) drafted(c *call) (several, error) {
	body := several{Why: c.said("statement")}
	if _, err := c.directory(); err != nil {
		return body, err
	}
	ids := slices.Compact(slices.Sorted(slices.Values(c.Request.PostForm["request"])))
	asked := map[article4.RequestID]oneOfSeveral{}
	for _, id := range ids[:min(len(ids), maxSeveral)] {
		q, err := p.cfg.Gateway.DescribeRequest(c.ctx, c.actor(), article4.RequestID(id))
		if err != nil {
			return body, err
		}
		c.learn(q.Names)
		one := oneOfSeveral{requestLine: c.requestLine(q), Act: c.gives(q)}
		if one.Why = c.notTogether(q, one.Act); len(one.Why) > 0 {
			body.Left = append(body.Left, one)
			continue
		}
		v := exchange.Verdict{Act: one.Act, Statement: body.Why, IfMatch: q.ETag}
		if v.Statement == "" {
			v.Statement = q.Statement
		}
		asked[q.ID] = one
		body.all = append(body.all, exchange.Deciding{Request: q.ID, Verdict: v})
	}
	if len(body.all) == 0 {
		return body, nil
	}
	drafts, err := p.cfg.Gateway.DraftSeveral(c.ctx, c.actor(), body.all)
	if err != nil {
		return body, err
	}
	body.Digest, body.nonce = drafts.SHA256, drafts.Nonce
	for _, draft := range drafts.Decisions {
		one := asked[draft.ID]
		if one.Why, err = p.whyNot(c, draft.Err); err != nil {
			return body, err
		}
		if len(one.Why) > 0 {
			body.all = slices.DeleteFunc(body.all, func(d exchange.Deciding) bool { return d.Request == draft.ID })
			body.Left = append(body.Left, one)
			continue
		}
		c.worded(&one, draft.Text)
		body.Given = append(body.Given, one)
	}
	return body, nil
}

// notTogether is why a request is decided on by itself, or not at all by the reader.
func (c *call) notTogether(q exchange.AccessRequest, act article4.Act) []string {
	switch {
	case q.State != article4.StateOpen || act == "":
		return []string{c.t("decide.not-yours")}
	case act == article4.ActConsent && q.PersonalData != nil && *q.PersonalData:
		return []string{c.t("several.personal")}
	}
	return nil
}

// worded adds the text of a decision, and what it does.
func (c *call) worded(one *oneOfSeveral, text exchange.CanonicalText) {
	q := one.AccessRequest
	one.Title = c.decisionTitle(deciding{requestWhole: requestWhole{requestLine: one.requestLine},
		Act: string(one.Act)})
	one.Digest = text.SHA256
	one.Head, one.Lines = c.canon(text.Text, q)
	var readers []string
	for _, id := range slices.Concat(q.People, q.Admitted) {
		readers = append(readers, c.who(id, q.For))
	}
	if len(readers) == 0 {
		readers = []string{c.t("decide.people-of", c.known.orgName(q.For))}
	}
	one.Effect = c.t("decide.effect."+string(q.Form), strings.Join(readers, ", "), day(c.in, q.Until))
}

// whyNot words what stands in the way of one of several decisions; what is no answer of the rules stands in the way of
// all.
func (p *Portal) whyNot(c *call, err error) ([]string, error) {
	var refused *exchange.Refusal
	var missing *exchange.NotFound
	switch {
	case err == nil:
		return nil, nil
	case errors.As(err, &refused):
		lines, _ := c.why(refused.Act, refused.Reasons)
		return append(lines, c.stepsLeft(refused)...), nil
	case errors.As(err, &missing), errors.Is(err, exchange.ErrChanged), errors.Is(err, exchange.ErrConflict):
		said := p.problems.Of(err, c.actor(), c.in)
		return []string{said.Detail}, nil
	}
	return nil, err
}

// stepsLeft words the reasons that a sign-in would take away, which why leaves out.
func (c *call) stepsLeft(refused *exchange.Refusal) []string {
	var out []string
	for _, reason := range refused.Reasons {
		if entry, _ := article4.Lookup(reason.Code); entry.Remedy == article4.RemedyStepUp {
			out = append(out, reasonIn(c.in, reason).Title)
		}
	}
	return out
}

// several answers POST /decisions: show the texts again, or give them by one fresh sign-in.
func (p *Portal) several(c *call) error {
	if err := c.form(); err != nil {
		return err
	}
	body, err := p.drafted(c)
	if err != nil {
		return err
	}
	switch {
	case c.said("do") == "show" || len(body.Given) == 0:
		return p.showSeveral(c, false)
	case body.Digest != article4.Digest(c.said("text")):
		return p.showSeveral(c, true) // what is given is what was read
	}
	return p.stepUp(c, body.nonce, "/inbox")
}

// severalDecided gives the texts that were read, once their own person has signed in for them: its nonce is over all of
// them.
func (p *Portal) severalDecided(c *call, idToken string) error {
	body, err := p.drafted(c)
	if err != nil {
		return err
	}
	if len(body.Given) == 0 || body.Digest != article4.Digest(c.said("text")) {
		return p.showSeveral(c, true)
	}
	found, err := p.cfg.Gateway.DecideSeveral(c.ctx, c.actor(), body.all,
		exchange.EvidenceGiven{Kind: article4.EvidenceOIDC, IDToken: idToken})
	if err != nil {
		return err
	}
	out, whole := several{}, true
	for i, one := range found {
		line := body.Given[i]
		if line.Why, err = p.whyNot(c, one.Err); err != nil {
			line.Why = []string{p.problems.Of(err, c.actor(), c.in).Detail} // the others stand
		}
		whole = whole && len(line.Why) == 0
		out.Outcome = append(out.Outcome, line)
	}
	if whole {
		return c.see("/requests?box=decided-by-us&done=several")
	}
	return c.showSeveral(c.t("several.outcome"), out)
}
