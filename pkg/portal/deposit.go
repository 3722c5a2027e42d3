package portal

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// depositing is the form of a deposit, with what was filled in.
type depositing struct {
	Values    url.Values
	Markings  []article4.Marking
	Purposes  []exchange.Purpose
	Recipient exchange.Organisation
	Entities  []exchange.Organisation
	Faults    []fault
}

// depositForm answers GET /documents/new.
func (p *Portal) depositForm(c *call) error { return p.showDeposit(c, url.Values{}, nil) }

func (p *Portal) showDeposit(c *call, values url.Values, faults []fault) error {
	if _, err := c.directory(); err != nil {
		return err
	}
	body := depositing{Values: values, Faults: faults,
		Markings: []article4.Marking{article4.Confidential, article4.Restricted, article4.NonConfidential}}
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
	v := view{Title: c.t("deposit.title"), Nav: "documents", Body: body}
	if len(faults) > 0 {
		v.Title, v.Status = c.t("error.prefix")+v.Title, web.PageInvalid
	}
	return c.show("deposit", v)
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

// Fault is what is wrong with a field.
func (d depositing) Fault(field string) string { return ofField(d.Faults, field) }

// maxFields bounds what comes before the file, in bytes.
const maxFields = 256 << 10

// deposit answers POST /documents/new. The file stands last in the form, and browsers send the fields in their order:
// of
// a document without a marking no byte reaches the Gateway.
func (p *Portal) deposit(c *call) error {
	kind, params, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return web.Fail(web.KindBrokenBody, err)
	}
	parts := multipart.NewReader(c.Request.Body, params["boundary"])
	values, file, err := fields(parts)
	if err != nil {
		return err
	}
	faults := c.depositFaults(values)
	if file == nil || file.FileName() == "" {
		faults = append(faults, fault{"content", c.t("fault.file")})
	}
	if len(faults) > 0 {
		// The browser waits with its answer until it has sent everything.
		_, _ = io.Copy(io.Discard, c.Request.Body)
		return p.showDeposit(c, values, faults)
	}
	made, err := p.cfg.Gateway.Deposit(c.ctx, c.actor(), metadataOf(values), func() (io.Reader, exchange.ContentPart,
		error) {
		return file, exchange.ContentPart{FileName: file.FileName(), MediaType: file.Header.Get("Content-Type")}, nil
	})
	var malformed *exchange.Invalid
	if err != nil {
		_, _ = io.Copy(io.Discard, c.Request.Body)
	}
	if errors.As(err, &malformed) {
		for _, f := range malformed.Faults {
			says := f.English()
			if c.in == web.French {
				says = f.French()
			}
			faults = append(faults, fault{strings.ReplaceAll(f.Field, ".", "_"), says})
		}
		return p.showDeposit(c, values, faults)
	}
	if err != nil {
		return err
	}
	return c.see("/documents/%s?done=deposited", url.PathEscape(string(made.ID)))
}

// fields reads what stands before the file, and leaves the file to be read.
func fields(parts *multipart.Reader) (url.Values, *multipart.Part, error) {
	values := url.Values{}
	for left := maxFields; ; {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return values, nil, nil
		}
		if err != nil {
			return nil, nil, web.Fail(web.KindBrokenBody, err)
		}
		if part.FormName() == "content" {
			return values, part, nil
		}
		text, err := io.ReadAll(io.LimitReader(part, int64(left)+1))
		if left -= len(text); err != nil || left < 0 {
			return nil, nil, web.Fail(web.KindTooLarge, err)
		}
		values.Add(part.FormName(), strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n")))
	}
}

// depositFaults is what a form lacks; whether it may be deposited so is the rules' to say.
func (c *call) depositFaults(v url.Values) []fault {
	var out []fault
	need := func(field string, missing bool) {
		if missing {
			out = append(out, fault{field, c.t("fault." + field)})
		}
	}
	need("marking", !article4.Marking(v.Get("marking")).Valid())
	need("title", v.Get("title") == "")
	need("purpose_statement", v.Get("purpose_statement") == "")
	need("purposes", len(v["purposes"]) == 0)
	need("personal_data", v.Get("personal_data") == "")
	need("entities", v.Get("entities") == "" || v.Get("entities") == "some" && len(v["entity"]) == 0)
	need("derived", v.Get("derived") == "" || v.Get("derived") == "yes" && len(sourcesIn(v)) == 0)
	if v.Get("personal_data") == "yes" {
		need("regime", v.Get("regime") == "")
		need("legal_basis", v.Get("legal_basis") == "")
		need("retain_until", dayIn(v.Get("retain_until")).IsZero())
	}
	return out
}

func metadataOf(v url.Values) exchange.Metadata {
	m := exchange.Metadata{
		Title:               v.Get("title"),
		Marking:             article4.Marking(v.Get("marking")),
		PurposeStatement:    v.Get("purpose_statement"),
		Recipient:           article4.OrganisationID(v.Get("recipient")),
		EntitiesDeclared:    true,
		Handling:            v.Get("handling"),
		MarkingConfirmation: v.Get("marking_confirmation"),
		Proprietary:         v.Get("proprietary") == "yes",
		ShowTitle:           v.Get("show_title") == "yes",
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
	if v.Get("derived") == "yes" {
		m.DerivedFrom = sourcesIn(v)
	}
	if v.Get("entities") == "some" {
		for _, id := range v["entity"] {
			m.Entities = append(m.Entities, article4.OrganisationID(id))
		}
	}
	return m
}

// sourcesIn are the documents that a deposit is said to derive from.
func sourcesIn(v url.Values) []article4.DocumentID {
	var out []article4.DocumentID
	for _, id := range strings.Fields(v.Get("sources")) {
		out = append(out, article4.DocumentID(id))
	}
	return out
}

// dayIn reads a day as browsers send it; zero when it is none.
func dayIn(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return time.Time{}
	}
	return t
}
