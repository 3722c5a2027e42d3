package rest

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/api"
	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/web"
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
		return nil, web.FailBecause(web.KindMediaType, web.MultipartExpected(c.GetHeader("Content-Type")))
	}
	if coded(c) {
		return nil, web.FailBecause(web.KindMediaType, web.UncodedExpected())
	}
	for _, name := range digestFields {
		if c.GetHeader(name) != "" {
			return nil, fault(invalid.DigestOfParts, name)
		}
	}
	boundary := params["boundary"]
	if boundary == "" || len(boundary) > maxBoundary {
		return nil, fault(invalid.NoShortBoundary, "Content-Type")
	}
	body := newDepositBody(c.Request.Body, boundary)
	return &depositForm{parts: multipart.NewReader(body, boundary), body: body}, nil
}

func isMultipart(c *gin.Context) bool {
	kind, _, _ := mime.ParseMediaType(c.GetHeader("Content-Type"))
	return kind == "multipart/form-data"
}

// wrongPart says which parts there are, where another came.
func (f *depositForm) wrongPart(name string) error {
	if f.alone {
		return fault(invalid.OnlyContent, name)
	}
	return fault(invalid.MetadataThenContent, name)
}

// extraPart says which parts there are, where one more came.
func (f *depositForm) extraPart() error {
	if f.alone {
		return fault(invalid.ExtraToContent, "")
	}
	return fault(invalid.ExtraPart, "")
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
	if kind, _, err := mime.ParseMediaType(part.Header.Get("Content-Type")); part.Header.Get("Content-Type") != "" &&
		(err != nil || kind != "application/json") {
		return fault(invalid.MetadataNotJSON, "metadata")
	}
	data, err := io.ReadAll(io.LimitReader(part, web.MaxMetadata+1))
	if err != nil {
		return broken(err)
	}
	if len(data) > web.MaxMetadata {
		return fault(invalid.MetadataTooLarge, "metadata")
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
		return nil, fault(invalid.PartMissing, name)
	}
	if err != nil {
		return nil, broken(err)
	}
	switch given := part.FormName(); {
	case given == "content" && name == "metadata":
		return nil, fault(invalid.WrongOrder, "content")
	case given != name:
		return nil, f.wrongPart(name)
	}
	switch strings.ToLower(part.Header.Get("Content-Transfer-Encoding")) {
	case "", "binary", "8bit", "7bit":
		return part, nil
	}
	return nil, fault(invalid.TransferEncoding, name)
}

// contentPart is what the content part says of itself.
func contentPart(part *multipart.Part) (exchange.ContentPart, error) {
	said := exchange.ContentPart{FileName: part.FileName(), MediaType: part.Header.Get("Content-Type")}
	if !isPlain(said.FileName) || len(said.FileName) > maxPartName {
		return said, fault(invalid.BadFileName, "content")
	}
	if _, _, err := mime.ParseMediaType(said.MediaType); said.MediaType != "" &&
		(err != nil || len(said.MediaType) > maxPartName) {
		return said, fault(invalid.UnreadableMediaType, "content")
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
	return f.extraPart()
}

// broken maps a body that cannot be read on.
func broken(err error) error {
	var malformed *invalid.Error
	if errors.As(err, &malformed) {
		return err
	}
	switch mapped := unreadable(err).(type) {
	case *invalid.Error:
		return fault(invalid.BrokenBody, "")
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
	sources, sourcesDeclared, err := sourcesOf(in.DerivedFrom)
	if err != nil {
		return exchange.Metadata{}, err
	}
	out := exchange.Metadata{
		SourcesDeclared:     sourcesDeclared,
		DerivedFrom:         sources,
		NotDerived:          or(in.NotDerived),
		Title:               or(in.Title),
		Marking:             article4.Marking(or(in.Marking)),
		PurposeStatement:    or(in.PurposeStatement),
		Purposes:            each[article4.PurposeCode](or(in.Purposes)),
		Recipient:           article4.OrganisationID(or(in.Recipient)),
		PersonalData:        declaration(or(in.PersonalData)),
		EntitiesDeclared:    declared,
		Entities:            entities,
		Proprietary:         or(in.Proprietary),
		Handling:            or(in.Handling),
		Alias:               or(in.Alias),
		AsOf:                dayOf(in.AsOf),
		ReviewBy:            dayOf(in.ReviewBy),
		ShowTitle:           or(in.ShowTitle),
		Countries:           or(in.Countries),
		MarkingConfirmation: or(in.MarkingConfirmation),
		SHA256:              article4.Digest(or(in.Sha256)),
		Addressed:           addressedIn(in.AddressedTo),
		Series:              named[article4.SeriesID](in.Series),
	}
	out.Size, err = declaredSize(in.Size)
	return out, err
}

// addressedIn is whom a deposit gives the document to; nil: nobody is.
func addressedIn(in *api.AddressedDeposit) *exchange.Addressed {
	if in == nil {
		return nil
	}
	return &exchange.Addressed{
		People:    each[article4.PersonID](or(in.People)),
		Offices:   each[string](or(in.Offices)),
		Purpose:   article4.PurposeCode(in.Purpose),
		Statement: or(in.Statement),
		Until:     in.Until.UTC(),
		Form:      named[article4.Form](in.Form),
	}
}

// declaredSize is -1 when none was declared.
func declaredSize(size *int64) (int64, error) {
	switch {
	case size == nil:
		return -1, nil
	case *size < 0:
		return 0, fault(invalid.NotASize, "size")
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
			return nil, false, fault(invalid.EntitiesUnknown, "entities_concerned")
		}
		return nil, true, nil
	}
	list, err := in.AsEntitiesConcerned1()
	if err != nil {
		return nil, false, fault(invalid.EntitiesNotAList, "entities_concerned")
	}
	return each[article4.OrganisationID](list), len(list) > 0, nil
}

// sourcesOf reads a list, or the word "none" (Article 4(8)), as entitiesOf does.
func sourcesOf(in *api.DerivedFrom) (sources []article4.DocumentID, declared bool, err error) {
	if in == nil {
		return nil, false, nil
	}
	if word, err := in.AsDerivedFrom0(); err == nil {
		if word != api.DerivedFrom0None {
			return nil, false, fault(invalid.SourcesUnknown, "derived_from")
		}
		return nil, true, nil
	}
	list, err := in.AsDerivedFrom1()
	if err != nil {
		return nil, false, fault(invalid.SourcesNotAList, "derived_from")
	}
	return each[article4.DocumentID](list), len(list) > 0, nil
}

// noBody refuses a body where none is taken, for whoever sends one means something by it; {} says nothing, and many
// clients always send it.
func noBody(c *gin.Context) error {
	if c.Request.Method != "POST" {
		return nil
	}
	said := make([]byte, 64)
	n, err := io.ReadFull(c.Request.Body, said)
	switch text := strings.Join(strings.Fields(string(said[:n])), ""); {
	case err == nil || text != "" && text != "{}":
		return fault(invalid.UnexpectedBody, "")
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return nil
	}
	return unreadable(err)
}
