package portal

import (
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// officials are the pages of the Arrangement's own records: who decides, who is to be asked, and how it ends.
func (p *Portal) officials() []deed {
	return []deed{
		{"/arrangement/delegations/new", p.delegatePage, p.delegate},
		{"/arrangement/delegations/:id", p.delegationPage, p.endDelegation},
		{"/arrangement/focal-point", p.designatePage, p.designate},
		{"/arrangement/notice", p.noticePage, p.giveNotice},
		{"/arrangement/wind-down", p.windDownPage, nil},
	}
}

func (c *call) ofArrangement(title string) (sheet, view, error) {
	body, v, err := c.plain(title, "arrangement", link{Says: c.t("nav.arrangement"), Href: "/arrangement"})
	if err == nil {
		err = c.ofParty()
	}
	return body, v, err
}

func (p *Portal) delegatePage(c *call) (sheet, view, error) {
	body, v, err := c.ofArrangement(c.t("delegate.title"))
	if err != nil {
		return body, v, err
	}
	acts := question{Name: "acts", Label: c.t("delegate.acts"), Kind: "several", Needed: true}
	for _, act := range exchange.Delegable() {
		acts.Options = append(acts.Options, option{Value: string(act), Says: c.t("act-short." + string(act))})
	}
	body.Lede = c.t("delegate.lede")
	instrument, err := c.askInstrument("")
	if err != nil {
		return body, v, err
	}
	body.Forms = []form{{

		Do:     "delegate",
		Fresh:  true,
		Effect: c.t("delegate.effect"),
		Button: c.t("delegate.button"),

		Back: "/arrangement",

		Denied: c.denied(article4.ActDelegate, c.known.arrangement.Permissions[article4.ActDelegate]),

		Questions: []question{{Name: "subject", Label: c.t("official.subject"), Hint: c.t("official.subject.hint"),
			Needed: true}, {Name: "name", Label: c.t("official.name"), Needed: true}, acts,
			{Name: "since", Label: c.t("delegate.from"), Kind: "day", Needed: true},
			{Name: "until", Label: c.t("delegate.until"), Hint: c.t("delegate.until.hint"), Kind: "day", Needed: true},
			instrument},
	}}
	return body, v, nil
}

func (p *Portal) delegate(c *call, _ string) (string, error) {
	in := exchange.DelegationFiled{Subject: c.said("subject"), Name: c.said("name"), From: dayIn(c.said("since")),
		InstrumentSHA256: article4.Digest(c.said("instrument_sha256"))}
	if last := dayIn(c.said("until")); !last.IsZero() {
		in.Until = last.AddDate(0, 0, 1) // the day itself is meant, too
	}
	for _, act := range c.Request.PostForm["acts"] {
		in.Acts = append(in.Acts, article4.Act(act))
	}
	_, pending, err := p.cfg.Gateway.FileDelegation(c.ctx, c.actor(), in)
	return to(pending, "/arrangement?done=delegated"), err
}

func (p *Portal) delegationPage(c *call) (sheet, view, error) {
	body, v, err := c.ofArrangement("")
	if err != nil {
		return body, v, err
	}
	i := slices.IndexFunc(c.known.officials, func(d exchange.DelegationRecord) bool {
		return string(d.ID) == c.Param("id") && d.Ends == ""
	})
	if i < 0 {
		return body, v, web.Fail(web.KindNotFound, nil)
	}
	d := c.known.officials[i]
	v.Title = c.t("delegation.title", d.Name)
	var acts []string
	for _, one := range d.Acts {
		acts = append(acts, c.t("act-short."+string(one)))
	}
	body.Facts = []fact{{Name: c.t("official.name"), Says: d.Name + ", " + c.known.org(d.Organisation)},
		{Name: c.t("col.may"), Says: strings.Join(acts, ", ")},
		{Name: c.t("col.term"), Says: day(c.in, d.From) + " – " + day(c.in, d.Until.Add(-time.Second))},
		{Name: c.t("confirmation.instrument"), Says: string(d.Instrument), Mono: true,
			Href: "/instruments?sha256=" + string(d.Instrument)},
		{Name: c.t("refusal.entry"), Says: orDash(d.Entry), Mono: true}}
	switch {
	case d.EndedAt != nil:
		body.Notes = []string{c.t("delegation.ended", when(c.in, *d.EndedAt))}
	case d.Organisation != c.organisation().ID:
		body.Notes = []string{c.t("delegation.theirs")}
	default:
		instrument, err := c.askInstrument("")
		if err != nil {
			return body, v, err
		}
		body.Forms = []form{{
			Title: c.t("delegation.end"),
			Do:    "end",
			Fresh: true,
			Warn:  true,
			Back:  "/arrangement",

			Effect: c.t("delegation.end.effect"),
			Button: c.t("delegation.end"),

			Questions: []question{instrument},

			Denied: c.denied(article4.ActDelegate, c.known.arrangement.Permissions[article4.ActDelegate]),
		}}
	}
	return body, v, nil
}

func (p *Portal) endDelegation(c *call, _ string) (string, error) {
	_, pending, err := p.cfg.Gateway.FileDelegation(c.ctx, c.actor(), exchange.DelegationFiled{
		Ends:             article4.DelegationID(c.Param("id")),
		InstrumentSHA256: article4.Digest(c.said("instrument_sha256")),
	})
	return to(pending, "/arrangement?done=delegation-ended"), err
}

func (p *Portal) designatePage(c *call) (sheet, view, error) {
	body, v, err := c.ofArrangement(c.t("designate.title"))
	if err != nil {
		return body, v, err
	}
	body.Lede = c.t("designate.lede")
	for _, f := range c.known.focal {
		if f.Organisation != c.organisation().ID {
			continue
		}
		body.Facts = []fact{{Name: c.t("designate.now"), Says: orDash(f.Name)}}
		if f.Pending != nil {
			body.Notes = append(body.Notes, c.t("designate.waits", f.Pending.Name))
			body.Main = []link{{Says: c.t("stops.see"), Href: "/confirmations/" + f.Pending.ID}}
		}
	}
	instrument, err := c.askInstrument("")
	if err != nil {
		return body, v, err
	}
	body.Forms = []form{{
		Do:     "designate",
		Fresh:  true,
		Effect: c.t("designate.effect"),
		Button: c.t("designate.button"),

		Back: "/arrangement",
		Questions: []question{{Name: "subject", Label: c.t("official.subject"),
			Hint: c.t("official.subject.hint"), Needed: true},
			{Name: "name", Label: c.t("official.name"), Needed: true}, instrument},

		Denied: c.denied(article4.ActDesignate, c.known.arrangement.Permissions[article4.ActDesignate]),
	}}
	return body, v, nil
}

func (p *Portal) designate(c *call, _ string) (string, error) {
	_, pending, err := p.cfg.Gateway.Designate(c.ctx, c.actor(), exchange.Designation{Subject: c.said("subject"),
		Name: c.said("name"), InstrumentSHA256: article4.Digest(c.said("instrument_sha256"))})
	return to(pending, "/arrangement?done=designated"), err
}

// typedWords reports whether somebody wrote the words that they were shown, by whichever apostrophe and case.
func typedWords(typed, shown string) bool {
	plain := func(s string) string {
		return strings.ToLower(strings.Join(strings.Fields(strings.ReplaceAll(s, "'", "’")), " "))
	}
	return plain(typed) == plain(shown)
}

func (p *Portal) noticePage(c *call) (sheet, view, error) {
	body, v, err := c.ofArrangement(c.t("notice.title"))
	if err != nil {
		return body, v, err
	}
	a := c.known.arrangement
	body.Lede = c.t("notice.lede")
	switch {
	case a.NoticeGiven != nil:
		body.Notes = []string{c.t("notice.given", day(c.in, *a.NoticeGiven), day(c.in, a.EndsAt.Add(-time.Second)))}
		body.Main = []link{{Says: c.t("wind-down.title"), Href: "/arrangement/wind-down"}}
		return body, v, nil
	case a.PendingNotice != nil && a.PendingNotice.Pending != nil:
		body.Notes = []string{c.t("notice.waits", day(c.in, a.PendingNotice.GivenOn))}
		body.Main = []link{{Says: c.t("stops.see"), Href: "/confirmations/" + a.PendingNotice.Pending.ID}}
		return body, v, nil
	}
	body.Forms = []form{{

		Do:     "notice",
		Fresh:  true,
		Warn:   true,
		Effect: c.t("notice.effect"),
		Button: c.t("notice.button"),

		Back: "/arrangement",

		Denied: c.denied(article4.ActGiveNotice, a.Permissions[article4.ActGiveNotice]),

		Questions: []question{
			{Name: "given_on", Label: c.t("notice.day"), Hint: c.t("notice.day.hint"), Kind: "day", Needed: true},
			{Name: "statement", Label: c.t("notice.statement"), Kind: "text", Needed: true},
			{Name: "words", Label: c.t("notice.words"), Hint: c.t("notice.words.say"), Needed: true}},
	}}
	return body, v, nil
}

func (p *Portal) giveNotice(c *call, _ string) (string, error) {
	d, _, _ := p.deedAt("/arrangement/notice")
	if !typedWords(c.said("words"), c.t("notice.words.say")) {
		return "", p.showSheet(c, d, []fault{{"words", c.t("notice.words.wrong")}})
	}
	out, err := p.cfg.Gateway.GiveNotice(c.ctx, c.actor(), exchange.NoticeOfTermination{
		GivenOn: dayIn(c.said("given_on")), Statement: c.said("statement")})
	return to(out.Pending, "/arrangement/wind-down"), err
}

func (p *Portal) windDownPage(c *call) (sheet, view, error) {
	body, v, err := c.ofArrangement(c.t("wind-down.title"))
	if err != nil {
		return body, v, err
	}
	a := c.known.arrangement
	if a.EndsAt == nil {
		body.Notes = []string{c.t("wind-down.none")}
		return body, v, nil
	}
	last := a.EndsAt.Add(-time.Second)
	body.Lede = c.t("wind-down.over", day(c.in, last))
	if left := daysUntil(*a.EndsAt); left > 0 {
		body.Lede = c.t("wind-down.left", left, day(c.in, last))
	}
	found, err := p.cfg.Gateway.WindDown(c.ctx, c.actor(), exchange.Paging{Limit: 50, After: c.Query("after")})
	if err != nil {
		return body, v, err
	}
	c.without(found.LeftOut)
	table := listing{Title: c.t("wind-down.board"), None: c.t("wind-down.done"),
		Older: c.older("/arrangement/wind-down", found.Next),
		Columns: []string{c.t("col.marking"), c.t("col.request"), c.t("col.third"), c.t("col.state"),
			c.t("wind-down.what")}}
	for _, one := range found.Items {
		v.Markings = append(v.Markings, one.Marking)
		what := cell{Says: c.t("wind-down.decide"), Sign: "wait"}
		switch {
		case one.Survives:
			what = cell{Says: c.t("wind-down.survives"), Sign: "yes"}
		case one.BeyondEnd:
			what = cell{Says: c.t("wind-down.beyond"), Sign: "stop"}
		}
		table.Rows = append(table.Rows, []cell{{Tag: one.Marking},
			{Says: one.Statement, Under: one.Reference, Href: "/requests/" + string(one.ID)},
			{Says: c.known.org(one.For)}, c.stateCell(one.State), what})
	}
	body.Tables = []listing{table}
	return body, v, nil
}
