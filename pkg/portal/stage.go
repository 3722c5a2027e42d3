package portal

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"strings"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/tus"
	"chancery.example/gateway/pkg/web"
)

// staging is the first page of a deposit: how it is marked, and the files, of which nothing is kept unmarked.
type staging struct {
	Values   url.Values
	Markings []article4.Marking
	Waiting  []exchange.Staged // that this person sent before
	Faults   []fault
	Denied   []missing // why nothing is deposited; nil: the reader may
}

// Has reports whether a choice was made.
func (s staging) Has(name, value string) bool { return s.Values.Get(name) == value }

// Fault is what is wrong with a field.
func (s staging) Fault(field string) string { return ofField(s.Faults, field) }

var allMarkings = []article4.Marking{article4.Confidential, article4.Restricted, article4.NonConfidential}

// stageForm answers GET /documents/new.
func (p *Portal) stageForm(c *call) error { return p.showStaging(c, url.Values{}, nil) }

func (p *Portal) showStaging(c *call, values url.Values, faults []fault) error {
	found, err := p.cfg.Gateway.StagedFiles(c.ctx, c.actor(), exchange.Paging{Limit: most})
	if err != nil {
		return err
	}
	c.without(found.LeftOut)
	self, err := p.cfg.Gateway.Self(c.ctx, c.actor())
	if err != nil {
		return err
	}
	if _, err := c.directory(); err != nil {
		return err
	}
	v := view{Title: c.t("deposit.title"), Nav: "documents", Body: staging{
		Values:   values,
		Markings: allMarkings,
		Waiting:  found.Items,
		Faults:   faults,
		Denied:   c.denied(article4.ActDeposit, self.Permissions[article4.ActDeposit]),
	}}
	for _, s := range found.Items {
		v.Markings = append(v.Markings, s.Marking)
	}
	if len(faults) > 0 {
		v.Title, v.Status = c.t("error.prefix")+v.Title, web.PageInvalid
	}
	return c.show("stage", v)
}

// maxFields bounds what comes before the file, in bytes.
const maxFields = 256 << 10

// stage answers POST /documents/new. The file stands last in the form, and browsers send the fields in their order: of
// a file without a marking no byte reaches the Gateway. A script that sends several files is told in JSON what is wrong
// with one, and sees by the address that it is sent on to where the file stands.
func (p *Portal) stage(c *call) error {
	if tus.Spoken(c.Request) {
		return p.beginArrival(c)
	}
	kind, params, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return web.Fail(web.KindBrokenBody, err)
	}
	values, file, err := fields(multipart.NewReader(c.Request.Body, params["boundary"]))
	if err != nil {
		return err
	}
	made, faults, err := p.staged(c, values, file)
	if len(faults) > 0 || err != nil { // the browser waits with its answer until it has sent everything
		_, _ = io.Copy(io.Discard, c.Request.Body)
	}
	var malformed *exchange.Invalid
	if errors.As(err, &malformed) && web.WantsPage(c.Request) {
		faults, err = c.faultsOf(malformed), nil
	}
	switch {
	case err != nil && !web.WantsPage(c.Request):
		p.problems.Write(c.Context, err)
		return nil
	case err != nil:
		return err
	case len(faults) > 0:
		return p.showStaging(c, values, faults)
	}
	return c.see("/documents/new/%s", url.PathEscape(made.ID))
}

func (p *Portal) staged(c *call, values url.Values, file *multipart.Part) (exchange.Staged, []fault, error) {
	var faults []fault
	marking := article4.Marking(values.Get("marking"))
	if !marking.Valid() {
		faults = append(faults, fault{"marking", c.t("fault.marking")})
	}
	if file == nil || file.FileName() == "" {
		faults = append(faults, fault{"content", c.t("fault.file")})
	}
	if len(faults) > 0 && (web.WantsPage(c.Request) || file == nil) {
		return exchange.Staged{}, faults, nil
	}
	kind := file.Header.Get("Content-Type")
	made, err := p.cfg.Gateway.Stage(c.ctx, c.actor(), exchange.StagedFile{Marking: marking, MediaType: kind, Size: -1},
		func() (io.Reader, exchange.ContentPart, error) {
			return file, exchange.ContentPart{FileName: file.FileName(), MediaType: kind}, nil
		})
	return made, nil, err
}

// dropStaged answers POST /documents/new/{staged}/drop: it is not to be deposited.
func (p *Portal) dropStaged(c *call) error {
	if _, err := p.cfg.Gateway.Unstage(c.ctx, c.actor(), c.Param("staged")); err != nil {
		return err
	}
	return c.see("/documents/new?done=dropped")
}

// stagedPreview answers GET /documents/new/{staged}/preview: the first page as it would be marked.
func (p *Portal) stagedPreview(c *call) error {
	png, err := p.cfg.Gateway.StagedPreview(c.ctx, c.actor(), c.Param("staged"))
	if err != nil {
		return err
	}
	c.Data(web.PageShown, "image/png", png)
	return nil
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
