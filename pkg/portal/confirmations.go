package portal

import (
	"slices"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// waitingLine is one thing that waits for a second person.
type waitingLine struct {
	exchange.Confirmation
	Says, By string
	Under    string // whom a suspension stops, or what there is to do where nothing is confirmed
	About    []exchange.DocumentNamed
}

// confirmations answers GET /confirmations: what was begun and needs a second person.
func (p *Portal) confirmations(c *call) error {
	if _, err := c.directory(); err != nil {
		return err
	}
	found, err := p.cfg.Gateway.Confirmations(c.ctx, c.actor(), exchange.Paging{Limit: most})
	if err != nil {
		return err
	}
	c.without(found.LeftOut)
	v := view{Title: c.t("confirmations.title"), Nav: "confirmations"}
	var lines []waitingLine
	for _, one := range found.Items {
		line := c.waitingLine(one)
		lines = append(lines, line)
		for _, d := range line.About {
			v.Markings = append(v.Markings, d.Marking)
		}
	}
	v.Body = lines
	return c.show("confirmations", v)
}

func (c *call) waitingLine(one exchange.Confirmation) waitingLine {
	out := waitingLine{Confirmation: one, Says: c.confirms(one), By: c.who(one.By, c.organisation().ID)}
	said, resembles := one.Says.(exchange.NotDerived)
	switch {
	case resembles:
		out.Under, out.About = c.t("confirmation.same-file.short"), said.Resembles
	case one.Document != "":
		out.About = []exchange.DocumentNamed{{ID: one.Document, Reference: one.Reference, Marking: one.Marking}}
	case one.Stop != nil:
		about, _ := c.about(*one.Stop)
		out.Under = about.Says
	}
	return out
}

// keepsMarking reports whether a change of marking leaves it as it is: the document is no longer to be proprietary.
func keepsMarking(one exchange.Confirmation) bool {
	said, marks := one.Says.(exchange.MarkingChange)
	return marks && said.Marking == one.Marking
}

// confirms names the act that waits.
func (c *call) confirms(one exchange.Confirmation) string {
	if keepsMarking(one) {
		return c.t("proprietary.drop")
	}
	return c.t("confirms." + string(one.Act))
}

// whoConfirms says, to whoever cannot, who can confirm what waits, by name where the page knows that. Nobody confirms a
// file unseen: a second person of the own Party deposits it as well.
func (c *call) whoConfirms(one exchange.Confirmation) string {
	mine := one.By == c.actor().Person()
	if _, file := one.Says.(exchange.NotDerived); file {
		if mine {
			return c.t("confirmation.same-file.mine")
		}
		return c.t("confirmation.same-file")
	}
	key := "third.mine"
	switch {
	case mine:
		key = "confirmation.mine"
	case c.known.organisations[one.Organisation].Kind == article4.ThirdParty:
		return c.t("confirmation.third-proposed")
	}
	if names := c.others(one); len(names) > 0 {
		return c.t(key+".named", strings.Join(names, c.t("or")))
	}
	return c.t(key)
}

// others are those, beside the reader, who can confirm what waits, as far as the page knows them: whoever holds a
// Delegation for the act; where it takes none, the focal point. What one Party proposes the other confirms, and nobody
// a Delegation of their own.
func (c *call) others(one exchange.Confirmation) []string {
	of := c.organisation().ID
	if one.Act == article4.ActRecognise || one.Act == article4.ActMandate {
		for _, party := range c.known.arrangement.Parties {
			if party.ID != c.organisation().ID {
				of = party.ID
			}
		}
	}
	var names []string
	switch act, rests := exchange.DelegatedFor(one.Act); {
	case rests:
		names = c.known.deciders(of, act)
	case one.Act != article4.ActEndHold: // which a focal point as such does not
		names = []string{c.known.focalPoint(of)}
	}
	said, delegates := one.Says.(exchange.DelegationFiled)
	names = slices.DeleteFunc(names, func(name string) bool {
		return name == "" || name == c.session.Name || delegates && name == said.Name
	})
	for i := range names {
		if of != c.organisation().ID {
			names[i] += ", " + c.known.org(of)
		}
	}
	return names
}
