package portal

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/tus"
	"chancery.example/gateway/pkg/web"
)

// depositing is the second page: what was found in the files, and the rest of the deposit, with what was filled in.
type depositing struct {
	Values    url.Values
	Files     []stagedFile
	Markings  []article4.Marking
	Purposes  []exchange.Purpose
	Recipient exchange.Organisation
	Entities  []exchange.Organisation
	Offices   []option
	People    []option
	Ends      []option
	Signs     bool // the reader decides in the same act
	Faults    []fault
	Series    []option // of the own Party
	// Called are the references of the documents that the files resemble.
	Called map[article4.DocumentID]string
}

// stagedFile is a file that waits, with the title that its document will bear.
type stagedFile struct {
	exchange.Staged
	Title string
}

// stagedIn are the files that an address names, the first in its path.
func (c *call) stagedIn(ids []string) ([]stagedFile, error) {
	var out []stagedFile
	for _, id := range ids {
		found, err := c.p.cfg.Gateway.Staged(c.ctx, c.actor(), id)
		if err == nil && found.Document != "" { // it waits on the page of that document
			err = web.Fail(web.KindNotFound, nil)
		}
		if err != nil {
			return nil, err
		}
		name := found.FileName
		if at := strings.LastIndex(name, "."); at > 0 {
			name = name[:at]
		}
		out = append(out, stagedFile{Staged: found, Title: name})
	}
	return out, nil
}

// maxTogether is how many files are deposited in one act.
const maxTogether = 20

// depositForm answers GET /documents/new/{staged}: check your answers.
func (p *Portal) depositForm(c *call) error {
	if tus.Spoken(c.Request) {
		return p.inTus(c, tus.Tell)
	}
	ids := append([]string{c.Param("staged")}, c.QueryArray("with")...)
	return p.showDeposit(c, ids[:min(len(ids), maxTogether)], url.Values{}, nil)
}

func (p *Portal) showDeposit(c *call, ids []string, values url.Values, faults []fault) error {
	files, err := c.stagedIn(ids)
	if err != nil {
		return err
	}
	if _, err := c.directory(); err != nil {
		return err
	}
	for i := range files {
		if titles := values["title"]; i < len(titles) {
			files[i].Title = titles[i]
		}
	}
	var resembled []article4.DocumentID
	for _, f := range files {
		resembled = append(resembled, f.Resembles...)
	}
	called, err := c.called(resembled)
	if err != nil {
		return err
	}
	if values.Get("marking") == "" {
		values.Set("marking", string(files[0].Marking))
		proposed(values, files, called)
	}
	body := depositing{
		Values:   values,
		Files:    files,
		Faults:   faults,
		Markings: allMarkings,
		Signs:    c.has(article4.RoleSignatory),
		Called:   called,
	}
	for _, purpose := range c.known.purposes {
		if purpose.Open {
			body.Purposes = append(body.Purposes, purpose)
		}
	}
	for _, o := range c.known.order {
		switch {
		case o.Kind == article4.Party && o.ID != c.organisation().ID:
			body.Recipient = o
		case o.Kind == article4.ThirdParty:
			body.Entities = append(body.Entities, o)
		}
	}
	if body.Offices, body.People, err = c.addressees(body.Recipient.ID); err != nil {
		return err
	}
	if body.Series, err = c.ownSeries(); err != nil {
		return err
	}
	if body.Ends = c.ends(); values.Get("until") == "" {
		values.Set("until", body.Ends[1].Value)
	}
	v := view{Title: c.t("deposit.check"), Nav: "documents", Body: body}
	for _, one := range files {
		v.Markings = append(v.Markings, one.Marking)
	}
	if len(faults) > 0 {
		v.Title, v.Status = c.t("error.prefix")+v.Title, web.PageInvalid
	}
	return c.show("deposit", v)
}

// proposed fills in beforehand what was found in the files and would be refused otherwise.
func proposed(values url.Values, files []stagedFile, called map[article4.DocumentID]string) {
	var sources []string
	for _, f := range files {
		if f.PassengerData {
			values.Set("personal_data", "yes")
		}
		for _, id := range f.Resembles {
			name := called[id]
			if name == "" {
				name = string(id)
			}
			sources = append(sources, name)
		}
	}
	if len(sources) > 0 {
		values.Set("derived", "yes")
		values.Set("sources", strings.Join(sources, "\n"))
	}
}

// Value is one field as it was filled in.
func (d depositing) Value(name string) string { return d.Values.Get(name) }

// Has reports whether a choice was made.
func (d depositing) Has(name, value string) bool {
	for _, one := range d.Values[name] {
		if one == value {
			return true
		}
	}
	return false
}

// Resemble reports whether a file resembles what was received from the other Party.
func (d depositing) Resemble() bool {
	return slices.ContainsFunc(d.Files, func(f stagedFile) bool { return len(f.Resembles) > 0 })
}

// Contradict reports whether a file shows a marking itself, which may be another.
func (d depositing) Contradict() bool {
	return slices.ContainsFunc(d.Files, func(f stagedFile) bool { return len(f.Headers) > 0 })
}

// Fault is what is wrong with a field.
func (d depositing) Fault(field string) string { return ofField(d.Faults, field) }

// deposit answers POST /documents/new/{staged}.
func (p *Portal) deposit(c *call) error {
	if err := c.form(); err != nil {
		return err
	}
	values := c.Request.PostForm
	authorizes := addressed(values) && c.has(article4.RoleSignatory) && values.Get("entities") == "none"
	_, faults, err := c.depositFaults(values)
	if err != nil {
		return err
	}
	if authorizes && !c.session.Fresh && len(faults) == 0 {
		return p.stepUp(c, "", c.Request.URL.RequestURI()) // to give is to authorize, in the same act
	}
	return p.deposited(c)
}

// deposited deposits each file as a document of its own. What is refused of one holds up no other, and stays staged.
func (p *Portal) deposited(c *call) error {
	values := c.Request.PostForm
	ids := values["staged"]
	sources, faults, err := c.depositFaults(values)
	if err != nil {
		return err
	}
	if len(ids) == 0 || len(ids) > maxTogether {
		return web.Fail(web.KindNotFound, nil)
	}
	if len(faults) > 0 {
		return p.showDeposit(c, ids, values, faults)
	}
	outcomes := make([]depositedFile, len(ids))
	for i, id := range ids {
		m := metadataOf(values)
		m.DerivedFrom = sources
		m.Staged, m.Title = id, strings.TrimSpace(values["title"][i])
		made, err := p.cfg.Gateway.Deposit(c.ctx, c.actor(), m, nil)
		var malformed *exchange.Invalid
		if errors.As(err, &malformed) && i == 0 {
			return p.showDeposit(c, ids, values, c.faultsOf(malformed))
		}
		if err != nil && len(ids) == 1 {
			return err
		}
		outcomes[i] = depositedFile{id, m.Title, made, err}
	}
	if len(ids) > 1 {
		return p.depositedSeveral(c, outcomes)
	}
	done := "deposited"
	if outcomes[0].Delivery != "" {
		done = "deposited-given"
	}
	return c.see("/documents/%s?done=%s", url.PathEscape(string(outcomes[0].ID)), done)
}

// depositedFile is what came of one of several files.
type depositedFile struct {
	staged, title string
	exchange.Document
	err error
}

// depositedSeveral says of each file what came of it: its document, or why it still waits.
func (p *Portal) depositedSeveral(c *call, all []depositedFile) error {
	table := listing{Columns: []string{c.t("deposit.name"), c.t("col.what"), c.t("col.why")}}
	v := view{Title: c.t("deposit.several.title"), Nav: "documents"}
	for _, one := range all {
		if one.err == nil {
			v.Markings = append(v.Markings, one.Marking)
			table.Rows = append(table.Rows, []cell{{Says: one.title, Tag: one.Marking},
				{Says: one.Reference, Href: "/documents/" + string(one.ID), Mono: true, Sign: "yes"},
				{Says: c.t("done.deposited")}})
			continue
		}
		why := p.problems.Of(one.err, c.actor(), c.in)
		table.Rows = append(table.Rows, []cell{{Says: one.title},
			{Says: c.t("deposit.several.waits"), Href: "/documents/new/" + url.PathEscape(one.staged), Sign: "no"},
			{Says: why.Title, Under: why.Detail}})
	}
	return c.sheet(sheet{Crumbs: []link{{Says: c.t("nav.documents"), Href: "/documents"}}, Tables: []listing{table}}, v,
		nil)
}

// addressed reports whether a deposit is given to somebody in the same act.
func addressed(v url.Values) bool { return len(v["people"])+len(v["offices"]) > 0 }

// depositFaults is what a form lacks, and the documents that it names as its sources; whether it may be deposited so is
// the rules' to say.
func (c *call) depositFaults(v url.Values) (sources []article4.DocumentID, out []fault, err error) {
	need := func(field string, missing bool) {
		if missing {
			out = append(out, fault{field, c.t("fault." + field)})
		}
	}
	need("marking", !article4.Marking(v.Get("marking")).Valid())
	need("title", len(v["title"]) != len(v["staged"]) || slices.ContainsFunc(v["title"], blank))
	need("purpose_statement", v.Get("purpose_statement") == "")
	need("purposes", len(v["purposes"]) == 0)
	need("personal_data", v.Get("personal_data") == "")
	need("entities", v.Get("entities") == "" || v.Get("entities") == "some" && len(v["entity"]) == 0)
	need("derived", v.Get("derived") == "" || v.Get("derived") == "yes" && blank(v.Get("sources")))
	if v.Get("derived") == "yes" {
		var unknown []string
		if sources, unknown, err = c.meant(v.Get("sources")); len(unknown) > 0 {
			out = append(out, fault{"derived", c.t("fault.sources", joinNames(unknown))})
		}
	}
	if v.Get("personal_data") == "yes" {
		need("regime", v.Get("regime") == "")
		need("legal_basis", v.Get("legal_basis") == "")
		need("retain_until", dayIn(v.Get("retain_until")).IsZero())
	}
	for _, name := range []string{"as_of", "review_by"} {
		if v.Get(name) != "" && dayIn(v.Get(name)).IsZero() {
			out = append(out, fault{name, c.t("fault.day")})
		}
	}
	return sources, out, err
}

func blank(s string) bool { return strings.TrimSpace(s) == "" }

// metadataOf is what a form says of each of its files; what they are called is said of each, and its sources are looked
// for.
func metadataOf(v url.Values) exchange.Metadata {
	m := exchange.Metadata{
		Marking:             article4.Marking(v.Get("marking")),
		PurposeStatement:    v.Get("purpose_statement"),
		Recipient:           article4.OrganisationID(v.Get("recipient")),
		EntitiesDeclared:    true,
		Handling:            v.Get("handling"),
		Alias:               v.Get("alias"),
		AsOf:                dayIn(v.Get("as_of")),
		ReviewBy:            dayIn(v.Get("review_by")),
		Series:              article4.SeriesID(v.Get("series")),
		MarkingConfirmation: v.Get("marking_confirmation"),
		Proprietary:         v.Get("proprietary") == "yes",
		ShowTitle:           v.Get("show_title") == "yes",
		NotDerived:          v.Get("not_derived"),
		Size:                -1,
	}
	for _, code := range v["purposes"] {
		m.Purposes = append(m.Purposes, article4.PurposeCode(code))
	}
	m.PersonalData.Declared, m.PersonalData.Present = true, v.Get("personal_data") == "yes"
	if m.PersonalData.Present {
		m.PersonalData.Regime, m.PersonalData.LegalBasis = v.Get("regime"), v.Get("legal_basis")
		m.PersonalData.RetainUntil = dayIn(v.Get("retain_until"))
	}
	m.SourcesDeclared = true
	if v.Get("entities") == "some" {
		for _, id := range v["entity"] {
			m.Entities = append(m.Entities, article4.OrganisationID(id))
		}
	}
	if addressed(v) {
		m.Addressed = &exchange.Addressed{Offices: v["offices"], Purpose: m.Purposes[0], Statement: m.PurposeStatement,
			Until: dayIn(v.Get("until"))}
		for _, id := range v["people"] {
			m.Addressed.People = append(m.Addressed.People, article4.PersonID(id))
		}
	}
	return m
}

// dayIn reads a day as browsers send it; zero when it is none.
func dayIn(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return time.Time{}
	}
	return t
}
