package rest

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
	"github.com/gin-gonic/gin"
)

// maxPartName bounds the file name and the media type that a part states, in bytes.
const maxPartName = 255

// depositForm reads the two parts of a deposit as they come: metadata whole, content as a stream.
type depositForm struct {
	parts  *multipart.Reader
	body   *depositBody // what parts are read from
	broken error        // what was wrong with the content part
	alone  bool         // there is no metadata: the content is the one part
}

// formOf makes the parts ready to be read.
func formOf(c *gin.Context) (*depositForm, error) {
	kind, params, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return nil, web.FailBecause(web.KindMediaType, "multipart/form-data is wanted.")
	}
	boundary := params["boundary"]
	if boundary == "" || len(boundary) > maxBoundary {
		return nil, fault("missing-boundary", "Content-Type", "names no boundary of at most 70 characters between the parts")
	}
	body := newDepositBody(c.Request.Body, boundary)
	return &depositForm{parts: multipart.NewReader(body, boundary), body: body}, nil
}

func isMultipart(c *gin.Context) bool {
	kind, _, _ := mime.ParseMediaType(c.GetHeader("Content-Type"))
	return kind == "multipart/form-data"
}

// wanted says in words which parts there are.
func (f *depositForm) wanted() string {
	if f.alone {
		return "the one part is content"
	}
	return "the parts are metadata, then content, and no other"
}

// metadata reads the first part of a deposit.
func (f *depositForm) metadata() (exchange.Metadata, api.DepositMetadata, error) {
	var in api.DepositMetadata
	if err := f.declared(&in); err != nil {
		return exchange.Metadata{}, in, err
	}
	metadata, err := metadataOf(in)
	return metadata, in, err
}

// declared reads the first part, JSON.
func (f *depositForm) declared(into any) error {
	part, err := f.next("metadata")
	if err != nil {
		return err
	}
	if kind, _, err := mime.ParseMediaType(part.Header.Get("Content-Type")); part.Header.Get("Content-Type") != "" && (err != nil || kind != "application/json") {
		return fault("media-type", "metadata", "must be application/json")
	}
	data, err := io.ReadAll(io.LimitReader(part, web.MaxMetadata+1))
	if err != nil {
		return broken(err)
	}
	if len(data) > web.MaxMetadata {
		return fault("too-large", "metadata", "must be at most 256 KiB")
	}
	return decode(data, into)
}

// content opens the second part. The Gateway calls it only once the metadata was permitted.
func (f *depositForm) content() (io.Reader, exchange.ContentPart, error) {
	f.body.left = web.MultipartSlack
	part, err := f.next("content")
	if err != nil {
		f.broken = err
		return nil, exchange.ContentPart{}, err
	}
	said, err := contentPart(part)
	if err != nil {
		f.broken = err
		return nil, exchange.ContentPart{}, err
	}
	return &lastPart{form: f, content: f.body.content()}, said, nil // the bound of package web holds
}

// next wants the part of this name, and one whose bytes stand as they are.
func (f *depositForm) next(name string) (*multipart.Part, error) {
	part, err := f.parts.NextRawPart()
	if errors.Is(err, io.EOF) {
		return nil, fault("missing-part", name, "the part is missing")
	}
	if err != nil {
		return nil, broken(err)
	}
	switch given := part.FormName(); {
	case given == "content" && name == "metadata":
		return nil, fault("wrong-order", "content", "came before metadata: the parts are metadata, then content")
	case given != name:
		return nil, fault("wrong-part", name, f.wanted())
	}
	switch strings.ToLower(part.Header.Get("Content-Transfer-Encoding")) {
	case "", "binary", "8bit", "7bit":
		return part, nil
	}
	return nil, fault("transfer-encoding", name, "must be sent as it is, without a transfer encoding (RFC 7578 4.7)")
}

// contentPart is what the content part says of itself.
func contentPart(part *multipart.Part) (exchange.ContentPart, error) {
	said := exchange.ContentPart{FileName: part.FileName(), MediaType: part.Header.Get("Content-Type")}
	if !isPlain(said.FileName) || len(said.FileName) > maxPartName {
		return said, fault("bad-file-name", "content", "the file name must be UTF-8 without control characters, at most 255 bytes")
	}
	if _, _, err := mime.ParseMediaType(said.MediaType); said.MediaType != "" && (err != nil || len(said.MediaType) > maxPartName) {
		return said, fault("media-type", "content", "states a media type that cannot be read")
	}
	return said, nil
}

// lastPart gives the content, and its end only where the body ends with it: a body with more parts is no deposit.
type lastPart struct {
	form    *depositForm
	content *partContent
}

func (l *lastPart) Read(p []byte) (int, error) {
	n, err := l.content.Read(p)
	switch {
	case err == nil:
		return n, nil
	case errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF):
		err = l.form.last()
	default:
		err = broken(err)
	}
	if err != nil {
		l.form.broken = err
		return n, err
	}
	return n, io.EOF
}

// last wants no further part.
func (f *depositForm) last() error {
	f.body.left = web.MultipartSlack
	_, err := f.parts.NextRawPart()
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return broken(err)
	}
	return fault("extra-part", "", f.wanted())
}

// broken maps a body that cannot be read on.
func broken(err error) error {
	var invalid *exchange.Invalid
	if errors.As(err, &invalid) {
		return err
	}
	switch mapped := unreadable(err).(type) {
	case *exchange.Invalid:
		return fault("broken-body", "", "the parts cannot be read, or the body ends before their last boundary")
	default:
		return mapped
	}
}

// metadataOf turns what a depositor declares into the Gateway's terms. It asks for nothing: what is missing is the
// rules' to say, all of it at once.
func metadataOf(in api.DepositMetadata) (exchange.Metadata, error) {
	entities, declared, err := entitiesOf(in.EntitiesConcerned)
	if err != nil {
		return exchange.Metadata{}, err
	}
	out := exchange.Metadata{
		Title: or(in.Title), Marking: article4.Marking(or(in.Marking)), PurposeStatement: or(in.PurposeStatement),
		Purposes: each[article4.PurposeCode](or(in.Purposes)), Recipient: article4.OrganisationID(or(in.Recipient)),
		PersonalData: declaration(or(in.PersonalData)), EntitiesDeclared: declared, Entities: entities,
		Proprietary: or(in.Proprietary), Handling: or(in.Handling), Alias: or(in.Alias), AsOf: dayOf(in.AsOf),
		ReviewBy: dayOf(in.ReviewBy), ShowTitle: or(in.ShowTitle), Countries: or(in.Countries), MarkingConfirmation: or(in.MarkingConfirmation),
		SHA256: article4.Digest(or(in.Sha256)),
	}
	out.Size, err = declaredSize(in.Size)
	return out, err
}

// declaredSize is -1 when none was declared.
func declaredSize(size *int64) (int64, error) {
	switch {
	case size == nil:
		return -1, nil
	case *size < 0:
		return 0, fault("out-of-range", "size", "must be a number of bytes, 0 or more")
	}
	return *size, nil
}

func declaration(in api.PersonalDataDeclaration) exchange.PersonalData {
	return exchange.PersonalData{
		Declared: in.Present != nil, Present: or(in.Present), Regime: or(in.Regime), LegalBasis: or(in.LegalBasis),
		RetainUntil: dayOf(in.RetainUntil),
	}
}

// entitiesOf reads a list, or the word "none" (Article 4(4)). An empty list declares nothing: "none" is said in words.
func entitiesOf(in *api.EntitiesConcerned) (entities []article4.OrganisationID, declared bool, err error) {
	if in == nil {
		return nil, false, nil
	}
	if word, err := in.AsEntitiesConcerned0(); err == nil {
		if word != api.EntitiesConcerned0None {
			return nil, false, fault("unknown-value", "entities_concerned", `must be a list of organisations, or the word "none"`)
		}
		return nil, true, nil
	}
	list, err := in.AsEntitiesConcerned1()
	if err != nil {
		return nil, false, fault("wrong-type", "entities_concerned", `must be a list of organisations, or the word "none"`)
	}
	return each[article4.OrganisationID](list), len(list) > 0, nil
}

// noBody refuses a body where none is taken, for whoever sends one means something by it; {} says nothing, and many clients
// always send it.
func noBody(c *gin.Context) error {
	if c.Request.Method != "POST" {
		return nil
	}
	said := make([]byte, 64)
	n, err := io.ReadFull(c.Request.Body, said)
	switch text := strings.Join(strings.Fields(string(said[:n])), ""); {
	case err == nil || text != "" && text != "{}":
		return fault("unexpected-body", "", "this operation takes no body")
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return nil
	}
	return unreadable(err)
}
