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
	raw    []byte       // the first part as it came
	alone  bool         // there is no metadata: the content is the one part
}

// wrongPart says which part comes at this place.
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
func (f *depositForm) metadata() (exchange.Metadata, error) {
	var in api.DepositMetadata
	if err := f.declared(&in); err != nil {
		return exchange.Metadata{}, err
	}
	return metadataOf(in)
}

// declared reads the first part, JSON, and wants its required members.
func (f *depositForm) declared(into any, required ...string) error {
	part, err := f.next("metadata")
	if err != nil {
		return err
	}
	if kind, _, err := mime.ParseMediaType(part.Header.Get("Content-Type")); part.Header.Get("Content-Type") != "" && (err != nil || kind != "application/json") {
		return fault(invalid.MetadataNotJSON, "metadata")
	}
	data, err := io.ReadAll(io.LimitReader(part, web.MaxMetadata+1))
	if err != nil {
		return broken(err)
	}
	if len(data) > web.MaxMetadata {
		return fault(invalid.MetadataTooLarge, "metadata")
	}
	f.raw = data
	if err := decode(data, into); err != nil {
		return err
	}
	return present(data, required)
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
	if part.FormName() != name {
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
	if _, _, err := mime.ParseMediaType(said.MediaType); said.MediaType != "" && (err != nil || len(said.MediaType) > maxPartName) {
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
