package portal

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// sheet is a page made of parts: what stands, in facts and tables, and what the reader may do about it, in forms.
type sheet struct {
	Crumbs []link
	Tag    article4.Marking // of what the page is about; empty: nothing that has one
	State  string           // in words
	Lede   string
	Notes  []string
	Main   []link
	Facts  []fact
	Tables []listing
	Forms  []form
	Text   string // shown as it is kept, letter by letter
	Named  string // what Text is
	Faults []fault
}

// link is a way to another page.
type link struct {
	Says, Href string
	Mono       bool
}

// fact is one line of what stands.
type fact struct {
	Name, Says, Href string
	Mono             bool
}

// listing is a table, or the sentence that stands in its place.
type listing struct {
	Title, Lede, None string
	Older, Next       string // the address of what follows: of a list in the order of time, of another
	Figures           bool   // its first column says what the others count
	Columns           []string
	Rows              [][]cell
}

// cell is one field of a table.
type cell struct {
	Says, Under, Href string
	Lines             []string // in the place of Says, each on a line
	Mono              bool
	Sign              string // "yes", "wait", "no", "stop": drawn before the words
	Tag               article4.Marking
	Button            string // a form of one button, which is sent to Href
	Name, Value       string // what that button says
}

// form is one act with what it asks. Where the reader cannot do it, Denied says why, and there is no button.
type form struct {
	Title, Says string
	Action      string // empty: the address of the page
	Do          string // which of the forms of a page this is
	Questions   []question
	Hidden      []fact
	Effect      string
	Button      string
	Warn        bool
	Upload      bool // it sends a file
	Fresh       bool // the act takes a sign-in made just now
	Denied      []missing
	Back        string
}

// question is one field of a form.
type question struct {
	Name, Label, Hint string
	Kind              string // "line", "text", "day", "one", "several", "file", "tick"
	Options           []option
	Needed            bool
	Value             string
	Values            []string
	Fault             string
	Of                int    // lines of a text; zero: three
	None              string // of what is chosen: what stands where there is nothing; empty: that nobody is there
	More              link   // of what is chosen: where there may be more
}

// option is one answer to a question of which some are ready.
type option struct {
	Value, Says, Hint string
	Tag               article4.Marking
}

// Has reports whether an option is chosen.
func (q question) Has(value string) bool { return slices.Contains(q.Values, value) }

// deed is an act that has a page of its own: GET shows the page, POST does what one of its forms asks for.
type deed struct {
	path string
	page func(*call) (sheet, view, error)
	does func(c *call, do string) (to string, err error)
}

// sheetOf shows the sheet of a deed.
func (p *Portal) sheetOf(d deed) func(*call) error {
	return func(c *call) error { return p.showSheet(c, d, nil) }
}

func (p *Portal) showSheet(c *call, d deed, faults []fault) error {
	body, v, err := d.page(c)
	if err != nil {
		return err
	}
	return c.sheet(body, v, faults)
}

// sheet fills in what was sent, and shows the page.
func (c *call) sheet(body sheet, v view, faults []fault) error {
	for _, one := range faults {
		if do := c.said("do"); do != "" {
			one.Field = do + "-" + one.Field // the same question may stand in two forms
		}
		body.Faults = append(body.Faults, one)
	}
	for i := range body.Forms {
		f := &body.Forms[i]
		if len(faults) > 0 && f.Do != c.said("do") {
			continue
		}
		for j := range f.Questions {
			q := &f.Questions[j]
			q.Fault = ofField(faults, q.Name)
			if len(faults) > 0 {
				q.Value, q.Values = c.said(q.Name), c.Request.PostForm[q.Name]
			} else if q.Value != "" && len(q.Values) == 0 {
				q.Values = []string{q.Value}
			}
		}
	}
	v.Body = body
	if len(faults) > 0 {
		v.Title, v.Status = c.t("error.prefix")+v.Title, web.PageInvalid
	}
	return c.show("sheet", v)
}

// doing does what a form of a sheet asks for.
func (p *Portal) doing(d deed) func(*call) error {
	return func(c *call) error {
		sent, err := c.upload()
		if err != nil {
			return err
		}
		body, v, err := d.page(c)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(body.Forms, func(f form) bool { return f.Do == c.said("do") })
		if i < 0 {
			return web.Fail(web.KindNotFound, nil)
		}
		f := body.Forms[i]
		if faults := c.lacking(f); len(faults) > 0 {
			sent.drain()
			return c.sheet(body, v, faults)
		}
		if f.Fresh && !c.session.Fresh {
			return p.stepUp(c, "", c.Request.URL.RequestURI())
		}
		return p.done(c, d)
	}
}

// uploaded is what a form sends: a file last, or none.
type uploaded struct {
	part *multipart.Part
	rest io.Reader
}

// upload reads a form, up to its file if it has one.
func (c *call) upload() (uploaded, error) {
	kind, params, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return c.sent, c.form()
	}
	values, part, err := fields(multipart.NewReader(c.Request.Body, params["boundary"]))
	if err != nil {
		return c.sent, err
	}
	c.Request.PostForm, c.Request.Form = values, values
	c.sent = uploaded{part, c.Request.Body}
	return c.sent, nil
}

// drain reads what nobody wants: the browser waits with its answer until it has sent everything.
func (u uploaded) drain() {
	if u.rest != nil {
		_, _ = io.Copy(io.Discard, u.rest)
	}
}

// content is the file as the Gateway takes it.
func (u uploaded) content() (io.Reader, exchange.ContentPart, error) {
	return u.part, exchange.ContentPart{FileName: u.part.FileName(), MediaType: u.part.Header.Get("Content-Type")}, nil
}

// lacking is what a form needs and does not say.
func (c *call) lacking(f form) []fault {
	var out []fault
	for _, q := range f.Questions {
		if q.Needed && q.Kind == "file" && (c.sent.part == nil || c.sent.part.FileName() == "") ||
			q.Needed && q.Kind != "file" && c.said(q.Name) == "" {
			out = append(out, fault{q.Name, c.t("fault.needed", q.Label)})
		}
	}
	return out
}

// done does it, and sends the browser on; what the Gateway cannot read is shown at its field.
func (p *Portal) done(c *call, d deed) error {
	to, err := d.does(c, c.said("do"))
	if err != nil {
		c.sent.drain()
	}
	var malformed *exchange.Invalid
	if errors.As(err, &malformed) {
		return p.showSheet(c, d, c.faultsOf(malformed))
	}
	if err != nil || c.Writer.Written() {
		return err
	}
	return c.see("%s", to)
}

// faultsOf words what the Gateway could not read.
func (c *call) faultsOf(malformed *exchange.Invalid) []fault {
	var out []fault
	for _, f := range malformed.Faults {
		says := f.English()
		if c.in == web.French {
			says = f.French()
		}
		out = append(out, fault{strings.ReplaceAll(f.Field, ".", "_"), says})
	}
	return out
}

// deedAt finds the act whose page stands at a path, with what the path names.
func (p *Portal) deedAt(path string) (deed, gin.Params, bool) {
	path, _, _ = strings.Cut(path, "?")
	parts := strings.Split(path, "/")
	for _, d := range p.deeds() {
		pattern := strings.Split(d.path, "/")
		if len(pattern) != len(parts) {
			continue
		}
		var params gin.Params
		fits := true
		for i, one := range pattern {
			name, named := strings.CutPrefix(one, ":")
			value, err := url.PathUnescape(parts[i])
			switch {
			case named && value != "" && err == nil:
				params = append(params, gin.Param{Key: name, Value: value})
			case one != parts[i]:
				fits = false
			}
		}
		if fits {
			return d, params, true
		}
	}
	return deed{}, nil, false
}

// deeds are the acts that have a sheet. Of two that fit a path the first counts.
func (p *Portal) deeds() []deed {
	return slices.Concat(p.giving(), p.confirming(), p.changing(), p.stopping(), p.sending(), p.tracing(),
		p.thirdParties(), p.mandates(), p.papers(), p.seriesPages(), p.officials(), p.auditing(), p.reviewing(),
		p.receipts(), p.declining(), p.answering(), p.signingOut(), p.settings())
}

// denied says why the reader cannot do what a form is for. Only what a fresh sign-in takes away is no reason.
func (c *call) denied(act article4.Act, may exchange.Permission) []missing {
	if may.Allowed {
		return nil
	}
	var out []missing
	for _, reason := range may.Reasons {
		if entry, _ := article4.Lookup(reason.Code); entry.Remedy == article4.RemedyStepUp {
			continue
		}
		out = append(out, missing{reasonIn(c.in, reason), c.helpers(act, reason)})
	}
	return out
}

// would asks the rules whether the reader could do a verb; told is false where there is nothing that it could be done
// on, and where what is missing cannot be said in words: then the page shows no form.
func (c *call) would(act article4.Act, verb func(exchange.Actor) error) (reasons []missing, told bool, err error) {
	may, told, err := exchange.Would(c.actor(), verb)
	var malformed *exchange.Invalid
	if errors.As(err, &malformed) {
		return nil, false, nil
	}
	if err != nil || !told {
		return nil, false, err
	}
	return c.denied(act, may), true, nil
}

// seen is the frame of every page about a document: the way back, its marking, and its name.
func (c *call) seen(title string) (exchange.Document, sheet, view, error) {
	d, err := c.p.cfg.Gateway.Describe(c.ctx, c.actor(), of[article4.DocumentID](c, "id"))
	if err != nil {
		return d, sheet{}, view{}, err
	}
	if _, err := c.directory(); err != nil {
		return d, sheet{}, view{}, err
	}
	name := d.Title
	if name == "" {
		name = c.t("document.untitled", d.Reference)
	}
	body := sheet{Tag: d.Marking, Lede: name, Crumbs: []link{{Says: c.t("nav.documents"), Href: "/documents"},
		{Says: d.Reference, Href: "/documents/" + string(d.ID), Mono: true}}}
	return d, body, view{Title: title, Nav: "documents", Markings: []article4.Marking{d.Marking}}, nil
}

// plain reads the directory and begins a page that is about no document.
func (c *call) plain(title, nav string, crumbs ...link) (sheet, view, error) {
	_, err := c.directory()
	return sheet{Crumbs: crumbs}, view{Title: title, Nav: nav}, err
}

// Ready questions.
func (c *call) askWhy() question {
	return question{Name: "reason", Label: c.t("act.reason"), Kind: "text", Needed: true}
}

func (c *call) askPurpose(codes []article4.PurposeCode) question {
	q := question{Name: "purpose", Label: c.t("open.purpose"), Kind: "one", Needed: true}
	for _, code := range codes {
		one := c.known.purpose(code)
		q.Options = append(q.Options, option{Value: string(code), Says: one.Label,
			Hint: article(c.in, one.Paragraph)})
	}
	if len(codes) == 1 {
		q.Value = string(codes[0])
	}
	return q
}

// askOrganisation lets the reader choose among organisations of a kind.
func (c *call) askOrganisation(name, label string, fits func(exchange.Organisation) bool) question {
	q := question{Name: name, Label: label, Kind: "one", Needed: true}
	for _, o := range c.known.order {
		if fits(o) {
			q.Options = append(q.Options, option{Value: string(o.ID), Says: o.Name})
		}
	}
	return q
}

func isThirdParty(o exchange.Organisation) bool {
	return o.Kind == article4.ThirdParty && o.State == "in-force"
}

// to sends the browser to the page of what waits for a second person, or to another where nothing does.
func to(pending *exchange.Pending, address string) string {
	if pending != nil {
		return "/confirmations/" + url.PathEscape(pending.ID)
	}
	return address
}
