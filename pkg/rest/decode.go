package rest

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"reflect"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/web"
)

// readJSON reads the one JSON value of a body.
func readJSON(c *gin.Context, into any) error {
	if coded(c) {
		return web.FailBecause(web.KindMediaType, web.UncodedExpected())
	}
	kind, params, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil || kind != "application/json" || !strings.EqualFold(orElse(params["charset"], "utf-8"), "utf-8") {
		return web.FailBecause(web.KindMediaType, web.JSONExpected(c.GetHeader("Content-Type")))
	}
	data, err := io.ReadAll(c.Request.Body)
	if err != nil {
		return unreadable(err)
	}
	if err := digestsHold(c.Request.Header, data); err != nil {
		return err
	}
	return decode(data, into)
}

// coded reports whether the body is compressed, or coded in another way.
func coded(c *gin.Context) bool {
	coding := c.GetHeader("Content-Encoding")
	return coding != "" && !strings.EqualFold(coding, "identity")
}

func orElse(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// decode reads JSON strictly (RFC 8259, RFC 7493), in one pass: one value, names once and known, exactly as written,
// UTF-8, types as wanted, values of an enumeration among those listed, and every required member, which no blank is. A
// member is required where its field in package api is neither a pointer nor left out when empty; null is absent. Each
// fault names its member, and all are answered; only JSON that is not well-formed is answered alone.
func decode(data []byte, into any) error {
	d := decoder{Decoder: jsontext.NewDecoder(bytes.NewReader(data)), nul: bytes.Contains(data, []byte(`\u0000`))}
	if err := d.whole(reflect.ValueOf(into).Elem()); err != nil && !errors.Is(err, errBeyond) {
		return notJSON(err)
	}
	return d.Err()
}

// notJSON says where the text stops being JSON.
func notJSON(err error) error {
	var broken *jsontext.SyntacticError
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName) && errors.As(err, &broken):
		return fault(invalid.DuplicateField, member(broken.JSONPointer))
	case errors.As(err, &broken):
		return fault(invalid.BadJSON, member(broken.JSONPointer))
	}
	return fault(invalid.UnreadableJSON, "")
}

// errBeyond says that the text cannot be read behind a fault that was noted.
var errBeyond = errors.New("nothing can be read behind this")

// decoder walks the text along the type that it is read into. Its faults are those that do not stop it.
type decoder struct {
	*jsontext.Decoder
	faults
	nul bool // somewhere the text says U+0000, which JSON can and the database cannot keep
}

// whole reads one value and the end behind it.
func (d *decoder) whole(into reflect.Value) error {
	if err := d.value(into); err != nil {
		return err
	}
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		if err == nil {
			d.Add(invalid.BadJSON, "", "")
		}
		return err
	}
	return nil
}

func (d *decoder) value(into reflect.Value) error {
	if into.Kind() == reflect.Pointer {
		if d.PeekKind() == 'n' {
			return d.SkipValue()
		}
		into.Set(reflect.New(into.Type().Elem()))
		into = into.Elem()
	}
	_, own := into.Addr().Interface().(interface{ UnmarshalJSON([]byte) error })
	kind := d.PeekKind()
	switch {
	case own || into.Kind() != reflect.Struct && into.Kind() != reflect.Slice:
		return d.leaf(into)
	case into.Kind() == reflect.Struct && kind == '{':
		return d.object(into)
	case into.Kind() == reflect.Slice && kind == '[':
		return d.list(into)
	}
	return d.wrong(into.Type())
}

// wrong notes that a value is of another type, and goes past it.
func (d *decoder) wrong(t reflect.Type) error {
	at, kind := d.StackPointer(), d.PeekKind()
	err := d.SkipValue()
	if err != nil && (kind == '[' || kind == '{') { // it may be nested deeper than anybody reads
		d.Add(wanted(t), member(at), "")
		return errBeyond
	}
	if err != nil {
		return err
	}
	d.Add(wanted(t), member(d.StackPointer()), "")
	return nil
}

func (d *decoder) object(into reflect.Value) error {
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	at, given := d.StackPointer(), map[string]bool{}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		key := name.String()
		field, known := fieldOf(into, key)
		if !known {
			d.Add(invalid.UnknownField, member(d.StackPointer()), "")
			if err := d.SkipValue(); err != nil {
				return err
			}
			continue
		}
		if d.PeekKind() == 'n' { // null is absent
			if err := d.SkipValue(); err != nil {
				return err
			}
			continue
		}
		before := len(d.Faults)
		if err := d.value(field); err != nil {
			return err
		}
		given[key] = field.Kind() != reflect.String || strings.TrimSpace(field.String()) != "" || len(d.Faults) > before
	}
	_, err := d.ReadToken()
	for _, name := range requiredOf(into.Type()) {
		if !given[name] {
			d.Add(invalid.Required, member(at.AppendToken(name)), "")
		}
	}
	return err
}

func (d *decoder) list(into reflect.Value) error {
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != ']' {
		if d.PeekKind() == jsontext.KindInvalid {
			_, err := d.ReadToken()
			return err
		}
		into.Grow(1)
		into.SetLen(into.Len() + 1)
		if err := d.value(into.Index(into.Len() - 1)); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

// leaf reads what has no members of ours.
func (d *decoder) leaf(into reflect.Value) error {
	raw, err := d.ReadValue()
	if err != nil {
		return err
	}
	at := member(d.StackPointer())
	if json.Unmarshal(raw, into.Addr().Interface()) != nil {
		d.Add(wanted(into.Type()), at, "")
		return nil
	}
	if d.nul && bytes.Contains(raw, []byte(`\u0000`)) && holdsNUL(raw) {
		d.Add(invalid.HoldsNUL, at, "")
		return nil
	}
	if value, ok := into.Interface().(interface{ Valid() bool }); ok {
		d.known(at, value)
	}
	return nil
}

// holdsNUL tells U+0000 from a text about it.
func holdsNUL(raw jsontext.Value) bool {
	d := jsontext.NewDecoder(bytes.NewReader(raw))
	for {
		token, err := d.ReadToken()
		if err != nil {
			return false
		}
		if token.Kind() == '"' && strings.ContainsRune(token.String(), 0) {
			return true
		}
	}
}

// fieldOf is the field that a member is read into.
func fieldOf(object reflect.Value, name string) (reflect.Value, bool) {
	t := object.Type()
	for i := range t.NumField() {
		if known, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); known == name {
			return object.Field(i), true
		}
	}
	return reflect.Value{}, false
}

// requiredOf are the members that an object must have.
func requiredOf(t reflect.Type) []string {
	var out []string
	for i := range t.NumField() {
		name, more, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if t.Field(i).Type.Kind() != reflect.Pointer && !strings.Contains(more, "omitempty") {
			out = append(out, name)
		}
	}
	return out
}

// maxPointer bounds what of a pointer is told, in bytes.
const maxPointer = 200

// member writes a JSON pointer as our fields are named: "for.people[0]".
func member(p jsontext.Pointer) string {
	var b strings.Builder
	if len(p) > maxPointer {
		p = p[:maxPointer]
	}
	for token := range p.Tokens() {
		switch {
		case token != "" && strings.Trim(token, "0123456789") == "":
			b.WriteString("[" + token + "]")
			continue
		case b.Len() > 0:
			b.WriteByte('.')
		}
		b.WriteString(short(token))
	}
	return b.String()
}

// wanted is the fault of a value that a type does not take.
func wanted(t reflect.Type) invalid.Key {
	if t == nil {
		return invalid.WrongType
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t {
	case reflect.TypeFor[time.Time]():
		return invalid.NotAnInstant
	case reflect.TypeFor[openapi_types.Date]():
		return invalid.NotAYearMonthDay
	}
	switch t.Kind() {
	case reflect.String:
		return invalid.NotAString
	case reflect.Bool:
		return invalid.NotABoolean
	case reflect.Int, reflect.Int64:
		return invalid.NotANumber
	case reflect.Slice:
		return invalid.NotAList
	}
	return invalid.NotAnObject
}
