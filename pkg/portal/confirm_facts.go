package portal

import (
	"net/url"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// begun puts on a page what the first person said, field by field, beside what stands now, and what it is about. It
// answers the state of that, which the second person confirms it of.
func (c *call) begun(body *sheet, v *view, one exchange.Confirmation) (etag string, err error) {
	c.learnWho(one)
	body.Facts = []fact{{Name: c.t("confirmation.begun"), Says: c.since(one.By, one.Organisation, one.At)}}
	var d exchange.Document
	if one.Document != "" {
		if d, err = c.p.cfg.Gateway.Describe(c.ctx, c.actor(), one.Document); err != nil {
			return "", err
		}
		etag, body.Tag, v.Markings = d.ETag, d.Marking, []article4.Marking{d.Marking}
		body.Facts = append(body.Facts, fact{Name: c.t("request.document"), Href: "/documents/" + string(d.ID),
			Says: orTitle(c, d.Title) + " (" + d.Reference + ")"})
	}
	if one.Request != "" {
		body.Facts = append(body.Facts, fact{Name: c.t("col.request"), Says: c.t("confirmation.see-request"),
			Href: "/requests/" + string(one.Request)})
	}
	for _, said := range c.facts(one, d) {
		f := fact{Name: said.Value, Says: said.Says, Mono: isDigest(said.Says)}
		if f.Mono { // of the paper: whoever confirms opens it first
			f.Href = "/instruments?sha256=" + said.Says
		}
		body.Facts = append(body.Facts, f)
	}
	body.Facts = append(body.Facts, c.stopped(one)...)
	if said, file := one.Says.(exchange.NotDerived); file {
		body.Facts = append(body.Facts, c.resembled(v, said)...)
	}
	if err := c.fromElsewhere(body, one); err != nil {
		return "", err
	}
	body.Facts = append(body.Facts, fact{Name: c.t("confirmation.until"), Says: when(c.in, one.ExpiresAt)})
	if o, proposed := one.Says.(exchange.OrganisationProposed); proposed {
		if etag, err = c.proposalOf(body, one, o); err != nil {
			return "", err
		}
	}
	return etag, c.saidOfLowering(body, one)
}

// learnWho asks the names of those whom the page speaks of: a Party may have more people than the directory lists.
func (c *call) learnWho(one exchange.Confirmation) {
	people := []article4.PersonID{one.By}
	if one.Stop != nil {
		people = append(people, one.Stop.By, one.Stop.Person)
	}
	if one.Hold != nil {
		people = append(people, one.Hold.By)
	}
	if names, err := c.p.cfg.Gateway.Names(c.ctx, c.actor(), people); err == nil {
		c.learn(names)
	}
}

// fromElsewhere adds what the act is about and what waits does not say: which version, and on what basis is erased.
func (c *call) fromElsewhere(body *sheet, one exchange.Confirmation) error {
	if _, erases := one.Says.(exchange.Erasure); erases {
		basis, err := c.basisOf(one.ID)
		body.Facts = append(body.Facts, fact{Name: c.t("erasures.basis"), Says: basis})
		return err
	}
	if one.Act != article4.ActDestroy || one.Document == "" {
		return nil
	}
	which := c.t("version", one.Number)
	versions, err := c.p.cfg.Gateway.Versions(c.ctx, c.actor(), one.Document)
	if err != nil && !absent(err) {
		return err
	}
	for _, version := range versions {
		if version.ID == one.Version {
			which += ", " + version.FileName + ", " + day(c.in, version.CreatedAt)
		}
	}
	body.Facts = append(body.Facts, fact{Name: c.t("destroy.which"), Says: which})
	return nil
}

func isDigest(s string) bool { return len(s) == 64 && !strings.Contains(s, " ") }

// proposalOf shows a third party as the other Party proposed it.
func (c *call) proposalOf(body *sheet, one exchange.Confirmation, said exchange.OrganisationProposed) (string, error) {
	id := said.Changes
	if id == "" {
		id = article4.OrganisationID(one.Subject)
	}
	o, err := c.p.cfg.Gateway.Organisation(c.ctx, c.actor(), id)
	if err == nil && o.Proposal != nil {
		c.proposal(body, o, nil)
		body.Forms, body.Notes = nil, nil
	}
	return o.ETag, err
}

// saidOfLowering shows what the entities concerned said of a marking that would be lowered.
func (c *call) saidOfLowering(body *sheet, one exchange.Confirmation) error {
	if one.Act != article4.ActMark {
		return nil
	}
	l, err := c.p.cfg.Gateway.DescribeLowering(c.ctx, c.actor(), one.ID)
	if absent(err) {
		return nil // it was put to nobody
	}
	if err == nil {
		body.Facts = append(body.Facts, fact{Name: c.t("lowering.said"), Says: c.t("lowering.count", len(l.Decisions)),
			Href: "/lowerings/" + l.ID})
	}
	return err
}

// facts are what the first person said, in words; d is the document that it is about, as it is.
func (c *call) facts(one exchange.Confirmation, d exchange.Document) []term {
	switch said := one.Says.(type) {
	case exchange.MarkingChange:
		return c.marked(said, one, d)
	case exchange.EntitiesChange:
		return c.taken(said, d)
	case exchange.FiledAuthorization:
		return c.filed(said)
	case exchange.DelegationFiled:
		return c.delegated(said)
	case exchange.WebhookProposed:
		return []term{{c.t("webhooks.address"), said.Address}}
	case exchange.Designation:
		out := []term{{c.t("confirmation.name"), said.Name}, {c.t("official.subject"), said.Subject},
			{c.t("confirmation.instrument"), string(said.InstrumentSHA256)}}
		if now := c.known.focalPoint(one.Organisation); now != "" {
			out = append([]term{{c.t("confirmation.focal-now"), now}}, out...)
		}
		return out
	case exchange.MandateProposed:
		return []term{{c.t("col.third-party"), c.known.orgName(article4.OrganisationID(one.Subject))},
			{c.t("confirmation.name"), said.Name}, {c.t("official.subject"), said.Subject},
			{c.t("sign.function"), said.Function}, {c.t("mandates.authority"), said.Authority},
			{c.t("delegate.until"), day(c.in, said.Until.Add(-time.Second))},
			{c.t("confirmation.instrument"), string(said.InstrumentSHA256)}}
	case exchange.NoticeOfTermination:
		return []term{{c.t("notice.day"), day(c.in, said.GivenOn)}, {c.t("notice.statement"), said.Statement}}
	case exchange.Erasure:
		if said.Person != "" {
			return []term{{c.t("erasures.who"), c.who(said.Person, "")}}
		}
		return []term{{c.t("erasures.entry"), said.Entry}, {c.t("erasures.which"), said.Field}}
	}
	return nil
}

// marked is the marking that a document has and the one that it would have, and that it would no longer be proprietary.
func (c *call) marked(said exchange.MarkingChange, one exchange.Confirmation, d exchange.Document) []term {
	to := c.t("marking." + string(said.Marking))
	var out []term
	switch one.Marking {
	case said.Marking:
		out = []term{{c.t("col.marking"), c.t("confirmation.same-marking", to)}}
	case "":
		out = []term{{c.t("confirmation.new-marking"), to}}
	default:
		out = []term{{c.t("confirmation.old-marking"), c.t("marking." + string(one.Marking))},
			{c.t("confirmation.new-marking"), to}}
	}
	if said.Proprietary != nil && !*said.Proprietary && (d.Proprietary || keepsMarking(one)) {
		out = append(out, term{c.t("confirmation.proprietary"), c.t("confirmation.no-longer-proprietary")})
	}
	return out
}

// taken is the entity that would be taken off, and who is concerned now, as far as the reader sees that.
func (c *call) taken(said exchange.EntitiesChange, d exchange.Document) []term {
	var names []string
	for _, id := range d.Entities {
		names = append(names, c.known.orgName(id))
	}
	removes := term{c.t("confirmation.removes"), c.known.orgName(said.Remove)}
	if len(names) == 0 {
		return []term{removes}
	}
	return []term{{c.t("confirmation.concerned-now"), strings.Join(names, "\n")}, removes}
}

func (c *call) filed(said exchange.FiledAuthorization) []term {
	out := []term{{c.t("confirmation.entity"), c.known.orgName(said.Entity)},
		{c.t("confirmation.given-by"), said.GivenBy}, {c.t("confirmation.given-on"), day(c.in, said.GivenOn)},
		{c.t("file.statement"), said.Statement}}
	if !said.Until.IsZero() {
		out = append(out, term{c.t("col.until"), when(c.in, said.Until)})
	}
	return append(out, term{c.t("confirmation.instrument"), string(said.InstrumentSHA256)})
}

func (c *call) delegated(said exchange.DelegationFiled) []term {
	if said.Ends != "" {
		return []term{{c.t("confirmation.ends"), c.delegationName(said.Ends)},
			{c.t("confirmation.instrument"), string(said.InstrumentSHA256)}}
	}
	var acts []string
	for _, act := range said.Acts {
		acts = append(acts, c.t("act-short."+string(act)))
	}
	return []term{{c.t("confirmation.name"), said.Name}, {c.t("official.subject"), said.Subject},
		{c.t("col.may"), strings.Join(acts, ", ")},
		{c.t("confirmation.term"), day(c.in, said.From) + " – " + day(c.in, said.Until.Add(-time.Second))},
		{c.t("confirmation.instrument"), string(said.InstrumentSHA256)}}
}

// stopped is the suspension or the Hold that would end: whom it is about, why it stands, and the way to it.
func (c *call) stopped(one exchange.Confirmation) []fact {
	at := "/stops/" + url.PathEscape(one.Subject)
	switch {
	case one.Stop != nil:
		var out []fact
		if s := one.Stop; s.Document == "" {
			about, _ := c.about(*s)
			out = []fact{{Name: c.t("col.about"), Says: about.Says}}
		}
		return append(out, fact{Name: c.t("confirmation.why-suspended"), Says: one.Stop.Reason},
			fact{Name: c.t("stops.suspension"), Says: c.since(one.Stop.By, one.Stop.ByOrg, one.Stop.At), Href: at})
	case one.Hold != nil:
		return []fact{{Name: c.t("confirmation.why-held"), Says: one.Hold.Reason},
			{Name: c.t("stops.hold"), Says: c.since(one.Hold.By, one.Hold.ByOrg, one.Hold.At), Href: at}}
	}
	return nil
}

// since says who did something, and when.
func (c *call) since(by article4.PersonID, of article4.OrganisationID, at time.Time) string {
	return c.who(by, of) + ", " + when(c.in, at)
}

// resembled is the file that is to be deposited once more, and what it resembles. The page bears the markings of that.
func (c *call) resembled(v *view, said exchange.NotDerived) []fact {
	out := []fact{{Name: c.t("confirmation.file"), Says: string(said.SHA256), Mono: true}}
	for _, d := range said.Resembles {
		v.Markings = append(v.Markings, d.Marking)
		out = append(out, fact{Name: c.t("confirmation.resembles"), Says: d.Reference, Mono: true,
			Href: "/documents/" + string(d.ID)})
	}
	return out
}

// basisOf is the legal basis that the first of two signatories gave for an erasure: the second says the same.
func (c *call) basisOf(pending string) (string, error) {
	all, err := c.p.cfg.Gateway.Erasures(c.ctx, c.actor())
	for _, one := range all {
		if one.Pending != nil && one.Pending.ID == pending {
			return one.LegalBasis, nil
		}
	}
	return "", err
}

func (c *call) delegationName(id article4.DelegationID) string {
	for _, d := range c.known.officials {
		if d.ID == id && d.Ends == "" {
			return d.Name
		}
	}
	return short(id)
}
