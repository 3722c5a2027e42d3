package portal

import (
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// entryPage is one entry: what happened, what stands behind it, and its bytes.
type entryPage struct {
	logLine
	Parties string
	Reasons []missing
	Rests   []reliedOn
	Facts   []fact
	Asked   *askedOf // nil: the rules decided nothing, or what they were asked is not shown
	Text    string
	Leaf    string
	OnIt    bool // disclosures may rest on it: it is a consent
}

// reliedOn is an entry that another one names, in words: what it is to that entry, who wrote it and when.
type reliedOn struct {
	exchange.LogReference
	Says, Who string
}

// logEntry answers GET /log/{id}.
func (p *Portal) logEntry(c *call) error {
	if _, err := c.directory(); err != nil {
		return err
	}
	e, err := p.cfg.Gateway.LogEntry(c.ctx, c.actor(), c.Param("id"))
	if err != nil {
		return err
	}
	met := []exchange.LogEntry{e}
	for _, r := range e.RestsOn {
		met = append(met, exchange.LogEntry{Actor: r.Actor})
	}
	for _, id := range e.Said.People {
		met = append(met, exchange.LogEntry{Actor: id})
	}
	c.meetActors(met)
	body := entryPage{logLine: c.logLine(e), Text: string(e.Body), Leaf: string(e.Leaf),
		OnIt: e.Kind == "consent" && e.Outcome == "permit", Facts: c.behind(e)}
	for _, d := range e.Details {
		if d.Field == factsDetail && d.Value != "" {
			body.Asked = c.asked(d.Value)
		}
	}
	for _, r := range e.RestsOn {
		one := reliedOn{LogReference: r, Says: c.t("rests." + r.As)}
		if r.ID != "" && r.Organisation != "" {
			one.Who = c.who(r.Actor, r.Organisation)
		}
		body.Rests = append(body.Rests, one)
	}
	var parties []string
	for _, id := range e.Parties {
		parties = append(parties, c.known.org(id))
	}
	body.Parties = joinNames(parties)
	for _, code := range e.Reasons {
		body.Reasons = append(body.Reasons, missing{Reason: reasonIn(c.in, article4.Reason{Code: code})})
	}
	v := view{Title: c.t("entry.title", e.Number, body.Who, body.What), Nav: "log", Body: body}
	if e.Document != "" { // what stands behind the entry is held as the document is
		if d, err := p.cfg.Gateway.Describe(c.ctx, c.actor(), e.Document); err == nil {
			v.Markings = []article4.Marking{d.Marking}
		}
	}
	return c.show("entry", v)
}

// logProof answers POST /log/{id}: the proof that the entry stands in the log, to be taken along. To take it is an
// entry, so it is not done by looking at the page.
func (p *Portal) logProof(c *call) error {
	proof, err := p.cfg.Gateway.LogProof(c.ctx, c.actor(), c.Param("id"))
	return c.kept(err, c.t("entry.proof"), c.t("entry.proof.kept"), string(proof))
}
