package portal

import (
	"net/url"
	"slices"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// newer is what may be done where the document of a grant has a version that the grant is not for (Article 4(9)):
// nothing carries over by itself, and whoever decided is asked once whether that serves it as well (decision 0251).
type newer struct {
	Made           article4.RequestID // by which it is asked already
	Denied         []missing
	Effect, Button string
}

// newer is nil where a request is not in force, is for the present version, or where the reader could not find out that
// there is another: to a third party and an entity concerned no other version is told.
func (c *call) newer(q exchange.AccessRequest) (*newer, error) {
	if q.State != article4.StateInForce || c.organisation().Kind != article4.Party {
		return nil, nil
	}
	denied, told, err := c.would(article4.ActRequest, func(a exchange.Actor) error {
		_, err := c.p.cfg.Gateway.CarryOver(c.ctx, a, q.ID, "", time.Time{})
		return err
	})
	if err != nil || !told {
		return nil, err
	}
	d, err := c.p.cfg.Gateway.Describe(c.ctx, c.actor(), q.Document)
	if err != nil {
		return nil, err
	}
	own := d.Discloser == c.organisation().ID
	if len(denied) > 0 && !own {
		return nil, nil
	}
	out := &newer{Denied: denied, Effect: c.t("carry.effect.asks"), Button: c.t("carry.button.asks")}
	if own && q.For == d.Recipient {
		out.Effect, out.Button = c.t("carry.effect.gives"), c.t("carry.button.gives")
	}
	out.Made, err = c.carriedBy(q)
	return out, err
}

// carriedBy is the newest request that stands and asks already whether another serves the version after it.
func (c *call) carriedBy(q exchange.AccessRequest) (article4.RequestID, error) {
	for _, box := range []string{"ours", "asked-of-us", "for-us"} {
		found, err := c.p.cfg.Gateway.Requests(c.ctx, c.actor(), exchange.RequestQuery{Box: box, Document: q.Document,
			Paging: exchange.Paging{Limit: 50}})
		if err != nil {
			return "", err
		}
		at := slices.IndexFunc(found.Items, func(one exchange.AccessRequest) bool {
			return one.Carries == q.ID && (one.State == article4.StateOpen || one.State == article4.StateInForce)
		})
		if at >= 0 {
			return found.Items[at].ID, nil
		}
	}
	return "", nil
}

// carryOver answers POST /requests/{id}/carry-over.
func (p *Portal) carryOver(c *call) error {
	if err := c.form(); err != nil {
		return err
	}
	made, err := p.cfg.Gateway.CarryOver(c.ctx, c.actor(), of[article4.RequestID](c, "id"), "", time.Time{})
	if err != nil {
		return err
	}
	done := "carried"
	switch {
	case made.State == article4.StateInForce:
		done = "given"
	case made.Delivery:
		done = "gives"
	}
	return c.see("/requests/%s?done=%s", url.PathEscape(string(made.ID)), done)
}
