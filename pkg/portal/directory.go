package portal

import (
	"errors"
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// directory is what a page knows of organisations and people: as far as the Gateway tells the reader, and without an
// entry.
type directory struct {
	organisations map[article4.OrganisationID]exchange.Organisation
	order         []exchange.Organisation
	names         map[article4.PersonID]exchange.Person
	officials     []exchange.DelegationRecord
	focal         []exchange.FocalPoint
	purposes      []exchange.Purpose
	arrangement   exchange.Arrangement
	cut           bool // there are more organisations, or Delegations, than were read
}

// directory reads it once for a request.
func (c *call) directory() (*directory, error) {
	if c.known != nil {
		return c.known, nil
	}
	d := &directory{organisations: map[article4.OrganisationID]exchange.Organisation{},
		names: map[article4.PersonID]exchange.Person{}}
	all, cut, err := whole(c, func(p exchange.Paging) (exchange.Page[exchange.Organisation], error) {
		return c.p.cfg.Gateway.Organisations(c.ctx, c.actor(), p)
	})
	if err != nil {
		return nil, err
	}
	d.cut = cut
	for _, o := range all {
		d.organisations[o.ID], d.order = o, append(d.order, o)
	}
	own, err := c.p.cfg.Gateway.People(c.ctx, c.actor(), "", exchange.Paging{Limit: most})
	if err != nil && !absent(err) {
		return nil, err
	}
	for _, one := range own.Items {
		d.names[one.ID] = one
	}
	if d.arrangement, err = c.p.cfg.Gateway.Arrangement(c.ctx, c.actor()); err != nil {
		return nil, err
	}
	d.focal = d.arrangement.FocalPoints
	if d.purposes, err = c.p.cfg.Gateway.Purposes(c.ctx, c.actor()); err != nil {
		return nil, err
	}
	for i, purpose := range d.purposes {
		if c.in == web.French && purpose.LabelFR != "" {
			d.purposes[i].Label = purpose.LabelFR
		}
	}
	if err := c.delegations(d); err != nil {
		return nil, err
	}
	for _, f := range d.focal {
		if f.Person != "" {
			d.names[f.Person] = exchange.Person{ID: f.Person, Name: f.Name, Organisation: f.Organisation}
		}
	}
	c.known = d
	return d, nil
}

// delegations adds who decides for the Parties, as far as the reader is told.
func (c *call) delegations(d *directory) error {
	if c.organisation().Kind != article4.Party {
		return nil
	}
	held, cut, err := whole(c, func(p exchange.Paging) (exchange.Page[exchange.DelegationRecord], error) {
		return c.p.cfg.Gateway.Delegations(c.ctx, c.actor(), p)
	})
	d.officials, d.cut = held, d.cut || cut
	for _, one := range held {
		if one.Holder != "" {
			d.names[one.Holder] = exchange.Person{ID: one.Holder, Name: one.Name, Organisation: one.Organisation}
		}
	}
	return err
}

// meets adds the people of an organisation whom the reader may address by name.
func (c *call) meets(of article4.OrganisationID) []exchange.Person {
	found, err := c.p.cfg.Gateway.People(c.ctx, c.actor(), of, exchange.Paging{Limit: most})
	if err != nil {
		return nil
	}
	for _, one := range found.Items {
		c.known.names[one.ID] = one
	}
	return found.Items
}

// learn adds names that came with what is shown.
func (c *call) learn(names []exchange.Person) {
	for _, one := range names {
		c.known.names[one.ID] = one
	}
}

func absent(err error) bool {
	var missing *exchange.NotFound
	return errors.As(err, &missing)
}

// shortName is what people call an organisation.
func shortName(o exchange.Organisation) string {
	if o.Kind == article4.Party || len(o.Short) <= 5 {
		return strings.ToUpper(o.Short)
	}
	return o.Name
}

func (d *directory) org(id article4.OrganisationID) string {
	if o, found := d.organisations[id]; found {
		return shortName(o)
	}
	return string(id)
}

func (d *directory) orgName(id article4.OrganisationID) string {
	if o, found := d.organisations[id]; found {
		return o.Name
	}
	return string(id)
}

// who is a person by name where the reader is told it, and else as one of an organisation.
func (c *call) who(id article4.PersonID, of article4.OrganisationID) string {
	if one, found := c.known.names[id]; found && one.Name != "" {
		return one.Name + ", " + c.known.org(one.Organisation)
	}
	if of == "" {
		return c.t("somebody")
	}
	return c.t("one-person", c.known.org(of))
}

func (d *directory) purpose(code article4.PurposeCode) exchange.Purpose {
	for _, p := range d.purposes {
		if p.Code == code {
			return p
		}
	}
	return exchange.Purpose{Code: code, Label: string(code)}
}

// codes are those of all purposes that there are.
func (d *directory) codes() []article4.PurposeCode {
	out := make([]article4.PurposeCode, len(d.purposes))
	for i, p := range d.purposes {
		out[i] = p.Code
	}
	return out
}

// deciders are those of an organisation who hold a Delegation for the act now, each once.
func (d *directory) deciders(of article4.OrganisationID, act article4.Act) []string {
	var out []string
	now := time.Now()
	for _, one := range d.officials {
		inForce := one.ID != "" && one.EndedAt == nil && !now.Before(one.From) && now.Before(one.Until)
		if one.Organisation == of && inForce && slices.Contains(one.Acts, act) && !slices.Contains(out, one.Name) {
			out = append(out, one.Name)
		}
	}
	return out
}

func (d *directory) focalPoint(of article4.OrganisationID) string {
	for _, f := range d.focal {
		if f.Organisation == of && f.Name != "" {
			return f.Name
		}
	}
	return ""
}

// decides reports whether what waits for the organisation may wait for the reader.
func (c *call) decides() bool {
	return c.has(article4.RoleSignatory) || c.has(article4.RoleFocalPoint)
}

// waiting counts what waits for the reader to decide; it writes nothing, and the Gateway keeps it for some seconds.
func (c *call) waiting() int {
	found, err := c.p.cfg.Gateway.Waiting(c.ctx, c.actor())
	if err != nil {
		return 0 // the page itself says what is away
	}
	return found.ToDecide
}
