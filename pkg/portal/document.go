package portal

import (
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// mayDo is one act on a document: allowed, with its page, or why not and who can help.
type mayDo struct {
	Name, Says, Href string
	Post             bool
	Allowed          bool
	Paragraph        string
	Why              []string
	StepUp           bool // allowed, once the reader has signed in for it
}

type group struct {
	Name string
	Acts []mayDo
}

// documentPage is one document.
type documentPage struct {
	exchange.Document
	From, To    string
	FromName    string
	Depositor   string
	PurposeList []exchange.Purpose
	EntityNames []string
	Main        []mayDo
	Groups      []group
	Circle      circle
	Versions    []exchange.VersionRecord
	Sources     []link   // the documents that it derives from
	Told        []string // of the file: what a copy does not keep, and what it can do
	Done        string
}

// document answers GET /documents/{id}.
func (p *Portal) document(c *call) error {
	d, err := p.cfg.Gateway.Describe(c.ctx, c.actor(), of[article4.DocumentID](c, "id"))
	if err != nil {
		return err
	}
	if _, err := c.directory(); err != nil {
		return err
	}
	d.State = eachState(d.State)
	body := documentPage{Document: d, From: c.known.org(d.Discloser), To: c.known.org(d.Recipient),
		FromName: c.known.orgName(d.Discloser)}
	if d.Whole {
		body.Depositor = c.who(d.Depositor, d.Discloser)
		if body.Versions, err = p.cfg.Gateway.Versions(c.ctx, c.actor(), d.ID); err != nil && !absent(err) {
			return err
		}
	}
	for _, code := range d.Purposes {
		body.PurposeList = append(body.PurposeList, c.known.purpose(code))
	}
	for _, id := range d.Entities {
		body.EntityNames = append(body.EntityNames, c.known.orgName(id))
	}
	if names, err := p.cfg.Gateway.Names(c.ctx, c.actor(), []article4.PersonID{d.Depositor}); err == nil && d.Whole {
		c.learn(names)
		body.Depositor = c.who(d.Depositor, d.Discloser)
	}
	if body.Sources, err = c.sources(d.DerivedFrom); err != nil {
		return err
	}
	body.Told = c.warnings(d.Warnings)
	if d.Unmarkable != "" {
		body.Told = append(body.Told, c.t("document.unmarkable"))
	}
	body.Groups, body.Main = c.acts(d)
	if err := c.alsoActs(d, &body); err != nil {
		return err
	}
	if body.Circle, err = c.circle(d); err != nil {
		return err
	}
	switch done := c.justDone(); done {
	case "deposited", "deposited-given", "mark", "recall", "report-leak", "suspend", "hold", "amend":
		body.Done = c.t("done." + done)
	case "version", "release", "destroy", "proprietary", "confirmed":
		body.Done = c.t("did." + done)
	}
	title := d.Title
	if title == "" {
		title = c.t("document.untitled", d.Reference)
	}
	return c.show("document", view{Title: title, Nav: "documents", Body: body,
		Markings: []article4.Marking{d.Marking}})
}

// eachState keeps the earliest of several states of a kind: two suspensions stop no more than one.
func eachState(all []exchange.DocumentState) []exchange.DocumentState {
	var out []exchange.DocumentState
	for _, one := range all {
		i := slices.IndexFunc(out, func(s exchange.DocumentState) bool { return s.What == one.What })
		switch {
		case i < 0:
			out = append(out, one)
		case one.Since.Before(out[i].Since):
			out[i] = one
		}
	}
	return out
}

// ofDocument are the acts that a page knows, in groups; those that the Gateway does not tell of are left out.
var ofDocument = []struct {
	name string
	acts []article4.Act
}{
	{"use", []article4.Act{article4.ActDisclose, article4.ActRequest, article4.ActReportLeak, article4.ActAccount}},
	{"right", []article4.Act{article4.ActMark, article4.ActAmend, article4.ActCorrect, article4.ActAddEntity,
		article4.ActRelease}},
	{"stop", []article4.Act{article4.ActRecall, article4.ActSuspend, article4.ActHold, article4.ActDestroy}},
}

// pagesOf are the acts that have a page below the document's own.
var pagesOf = map[article4.Act]string{
	article4.ActDisclose:   "/open",
	article4.ActRequest:    "/request",
	article4.ActAccount:    "/accounting",
	article4.ActMark:       "/acts/mark",
	article4.ActAmend:      "/details",
	article4.ActCorrect:    "/version",
	article4.ActAddEntity:  "/entities",
	article4.ActRelease:    "/release",
	article4.ActDestroy:    "/destroy",
	article4.ActRecall:     "/acts/recall",
	article4.ActReportLeak: "/acts/report-leak",
	article4.ActSuspend:    "/acts/suspend",
	article4.ActHold:       "/acts/hold",
}

// acts says what the reader may do with a document and what not, and the one or two that come first.
func (c *call) acts(d exchange.Document) (groups []group, main []mayDo) {
	for _, g := range ofDocument {
		out := group{Name: c.t("acts." + g.name)}
		for _, act := range g.acts {
			path, paged := pagesOf[act]
			may, told := d.Permissions[act]
			if !paged || !told || c.never(d, act) {
				continue
			}
			one := mayDo{Name: c.t("act." + string(act)), Says: c.t("act." + string(act) + ".says"),
				Allowed: may.Allowed,
				Href:    "/documents/" + string(d.ID) + path, Post: act == article4.ActAccount}
			if !may.Allowed && onlyStepUp(may.Reasons) {
				one.Allowed, one.StepUp = true, true
			}
			if !one.Allowed {
				one.Why, one.Paragraph = c.why(act, may.Reasons)
			}
			out.Acts = append(out.Acts, one)
			if act == article4.ActAccount && one.Allowed { // who may see the one may see the other
				one.Name, one.Says = c.t("timeline.title"), c.t("timeline.says")
				one.Href = "/documents/" + string(d.ID) + "/timeline"
				out.Acts = append(out.Acts, one)
			}
			if may.Allowed && (act == article4.ActDisclose || act == article4.ActRequest) {
				main = append(main, one)
			}
		}
		if len(out.Acts) > 0 {
			groups = append(groups, out)
		}
	}
	return groups, main
}

// warnings are what is told of a file, in the reader's language.
func (c *call) warnings(found []exchange.Warning) []string {
	var out []string
	for _, w := range found {
		english, french := w.Words()
		if c.in == web.French {
			english = french
		}
		out = append(out, english)
	}
	return out
}

// alsoActs adds what the Gateway tells of by asking for it alone: to give the document, and to say that one's own
// organisation is not concerned.
func (c *call) alsoActs(d exchange.Document, body *documentPage) error {
	if err := c.alsoProprietary(d, body); err != nil {
		return err
	}
	if c.organisation().ID != d.Discloser {
		reasons, told, err := c.would(article4.ActNotConcerned, func(a exchange.Actor) error {
			_, err := c.p.cfg.Gateway.SayNotConcerned(c.ctx, a, d.ID, "as supposed")
			return err
		})
		if told && len(reasons) == 0 {
			body.Groups = append(body.Groups, group{c.t("acts.concerned"), []mayDo{{Name: c.t("not-concerned.title"),
				Says: c.t("not-concerned.says"), Href: "/documents/" + string(d.ID) + "/not-concerned", Allowed: true,
				StepUp: true}}})
		}
		return err
	}
	if c.seesAnswers(d) {
		body.Groups = append(body.Groups, group{c.t("acts.holders"), []mayDo{{Name: c.t("answers.title"),
			Says: c.t("answers.says"), Href: "/documents/" + string(d.ID) + "/answers", Allowed: true}}})
	}
	offices, people, err := c.addressees(d.Recipient)
	if err != nil {
		return err
	}
	reasons, told, err := c.mayGive(d, offices, people)
	if err != nil || !told {
		return err
	}
	one := mayDo{Name: c.t("give.title"), Says: c.t("give.says"), Href: "/documents/" + string(d.ID) + "/give",
		Allowed: len(reasons) == 0}
	for _, reason := range reasons {
		one.Why, one.Paragraph = c.also(one.Why, reason.Title, reason.Who), reason.Paragraph
	}
	if one.Allowed {
		body.Main = append([]mayDo{one}, body.Main...)
	}
	if len(body.Groups) == 0 {
		body.Groups = []group{{Name: c.t("acts.use")}}
	}
	body.Groups[0].Acts = append([]mayDo{one}, body.Groups[0].Acts...)
	return nil
}

// alsoProprietary adds that a Party may state a document to be its own, and the Discloser may take that back.
func (c *call) alsoProprietary(d exchange.Document, body *documentPage) error {
	if c.organisation().Kind != article4.Party || d.Proprietary && c.organisation().ID != d.Discloser {
		return nil
	}
	reasons, told, err := c.mayState(d, !d.Proprietary)
	if err != nil || !told || len(reasons) > 0 {
		return err
	}
	one := mayDo{Name: c.t("proprietary.act"), Says: c.t("proprietary.says"), Allowed: true,
		Href: "/documents/" + string(d.ID) + "/proprietary"}
	if d.Proprietary {
		one.Name, one.Says, one.StepUp = c.t("proprietary.drop"), c.t("act.mark.says"), true
	}
	body.Groups = append(body.Groups, group{c.t("acts.proprietary"), []mayDo{one}})
	return nil
}

// never are acts that can not apply to the reader whatever anybody does: they are not shown.
func (c *call) never(d exchange.Document, act article4.Act) bool {
	own := c.organisation().ID == d.Discloser
	switch act {
	case article4.ActMark, article4.ActAmend, article4.ActRecall, article4.ActSuspend, article4.ActCorrect,
		article4.ActAddEntity, article4.ActDestroy:
		return !own
	case article4.ActRelease: // nothing that is protected is released: its way to a third party is a consent
		return c.organisation().Kind != article4.Party || d.Marking != article4.NonConfidential
	case article4.ActHold, article4.ActReportLeak, article4.ActRequest, article4.ActAccount:
		return c.organisation().Kind != article4.Party
	}
	return false
}

// onlyStepUp reports whether nothing is missing but a sign-in made just now.
func onlyStepUp(reasons []article4.Reason) bool {
	for _, reason := range reasons {
		if entry, _ := article4.Lookup(reason.Code); entry.Remedy != article4.RemedyStepUp {
			return false
		}
	}
	return len(reasons) > 0
}

// why says the reasons in a line each, and who can help.
func (c *call) why(act article4.Act, reasons []article4.Reason) (lines []string, paragraph string) {
	for _, reason := range reasons {
		if entry, _ := article4.Lookup(reason.Code); entry.Remedy == article4.RemedyStepUp {
			continue // that is a step on the way, and no reason why not
		}
		words := reasonIn(c.in, reason)
		lines = c.also(lines, words.Title, c.helpers(act, reason))
		if paragraph == "" {
			paragraph = words.Paragraph
		}
	}
	return lines, paragraph
}

// also adds a reason and who can help, where that is not said yet.
func (c *call) also(lines []string, title string, who []string) []string {
	line := title
	if len(who) > 0 {
		line += colon(c.in) + strings.Join(who, c.t("or"))
	}
	for i, one := range lines {
		switch {
		case one == line, strings.HasPrefix(one, title+colon(c.in)):
			return lines
		case one == title:
			lines[i] = line
			return lines
		}
	}
	return append(lines, line)
}
