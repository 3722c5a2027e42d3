package portal

import (
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// readyRefusals are the reasons that whoever refuses may choose; words.txt has each.
var readyRefusals = []string{"purpose", "people", "safeguards", "elsewhere", "other"}

// refusal is why the reader refuses: a ready reason, in the words that stand beside it, and what they say themselves.
func (c *call) refusal() string {
	var said []string
	if because := c.said("because"); slices.Contains(readyRefusals, because) {
		said = append(said, c.t("refuse-because."+because))
	}
	if own := c.said("refusal"); own != "" {
		said = append(said, own)
	}
	return strings.Join(said, " ")
}

// writesDay reports whether the end is a day of the reader's own: chosen, or written where the end was left as asked.
func (c *call) writesDay() bool {
	chosen := c.said("until")
	return chosen == "day" || chosen == "" && c.said("day") != ""
}

// givenEnd is the end that whoever decides chose; zero: as asked.
func (c *call) givenEnd() time.Time {
	if c.writesDay() {
		return dayIn(c.said("day"))
	}
	return dayIn(c.said("until"))
}

// faultsOfEnd is what is wrong with a day of the reader's own: a decision ends later than now, and no later than asked.
func (c *call) faultsOfEnd(q exchange.AccessRequest) []fault {
	end := c.givenEnd()
	if !c.writesDay() || end.After(time.Now()) && !end.After(q.Until) {
		return nil
	}
	return []fault{{"day", c.t("fault.end-day", day(c.in, q.Until))}}
}

// narrower offers what may be given in the place of what is asked: sooner over, in a narrower form, and on a text that
// was signed earlier. Nothing of it is wider than the request.
func (c *call) narrower(q exchange.AccessRequest, body *deciding) error {
	body.Choices = []term{{"", c.t("decide.as-asked", day(c.in, q.Until))}}
	for _, ready := range c.terms(q.MadeAt) {
		if end := dayIn(ready.Value); end.Before(q.Until) {
			body.Choices = append(body.Choices, ready)
		}
	}
	if body.Chosen == "" && body.Day != "" {
		body.Chosen = "day"
	}
	if err := c.narrowerForms(q, body); err != nil {
		return err
	}
	var err error
	if body.Gives == article4.ActConsent {
		body.Earlier, err = c.earlierSigned(q)
	}
	return err
}

func (c *call) narrowerForms(q exchange.AccessRequest, body *deciding) error {
	for _, form := range []article4.Form{article4.Stamped, article4.View} {
		given := form != q.Form && form.Within(q.Form)
		if given && form == article4.View {
			var err error
			if given, err = c.canBeShown(q, body.Gives); err != nil {
				return err
			}
		}
		if given {
			body.Forms = append(body.Forms, term{string(form), c.t("form." + string(form))})
		}
	}
	if len(body.Forms) > 0 {
		body.Forms = slices.Insert(body.Forms, 0, term{"", c.t("decide.form.as-asked", c.t("form."+string(q.Form)))})
	}
	return nil
}

// canBeShown asks the rules whether the version can be read page by page. Nothing is refused by asking.
func (c *call) canBeShown(q exchange.AccessRequest, act article4.Act) (bool, error) {
	as := exchange.Verdict{Act: act, Statement: "as supposed", Form: article4.View, IfMatch: q.ETag}
	if act == article4.ActConsent {
		as.TransferBasis = "as supposed"
	}
	found, told, err := exchange.Would(c.actor(), func(a exchange.Actor) error {
		_, err := c.p.cfg.Gateway.Draft(c.ctx, a, q.ID, as)
		return err
	})
	return told && !slices.ContainsFunc(found.Reasons,
		func(r article4.Reason) bool { return r.Code == "gateway/form-unavailable" }), err
}

// earlierSigned reports whether the third party has signed a text that the reader's Party put to it, and not the newest
// one: then the consent may say that the earlier signature serves (decision 0105).
func (c *call) earlierSigned(q exchange.AccessRequest) (bool, error) {
	if !slices.ContainsFunc(q.Missing, func(m article4.Missing) bool {
		return strings.HasPrefix(string(m.What), "art4.8/agreement-")
	}) {
		return false, nil
	}
	found, err := c.p.cfg.Gateway.Agreements(c.ctx, c.actor(), exchange.Paging{Limit: most})
	if err != nil {
		return false, err
	}
	newest := true
	for _, a := range found.Items { // the newest first
		if a.Organisation != q.For || a.ProposedBy != c.organisation().ID {
			continue
		}
		signed := a.Signature != nil && a.Declined == nil
		if signed {
			return !newest, nil
		}
		newest = false
	}
	return false, nil
}
