package rest

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"chancery.example/gateway/pkg/invalid"
)

// decode reads JSON strictly (RFC 8259, RFC 7493): one value, names once and known, exactly as written, UTF-8, types as
// wanted. The fault names the member.
func decode(data []byte, into any) error {
	err := json.Unmarshal(data, into, json.RejectUnknownMembers(true))
	if err == nil {
		return withoutNUL(data)
	}
	var semantic *json.SemanticError
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.Is(err, json.ErrUnknownName):
		errors.As(err, &semantic)
		return fault(invalid.UnknownField, member(semantic.JSONPointer))
	case errors.Is(err, jsontext.ErrDuplicateName) && errors.As(err, &syntactic):
		return fault(invalid.DuplicateField, member(syntactic.JSONPointer))
	case errors.As(err, &syntactic):
		return fault(invalid.BadJSON, member(syntactic.JSONPointer))
	case errors.As(err, &semantic):
		return fault(wanted(semantic.GoType), member(semantic.JSONPointer))
	}
	return fault(invalid.UnreadableJSON, "")
}

// withoutNUL refuses U+0000, which JSON can say and the database cannot keep.
func withoutNUL(data []byte) error {
	if !bytes.Contains(data, []byte(`\u0000`)) {
		return nil
	}
	d := jsontext.NewDecoder(bytes.NewReader(data))
	for {
		token, err := d.ReadToken()
		if err != nil {
			return nil // its end; it was read whole before
		}
		if token.Kind() == '"' && strings.ContainsRune(token.String(), 0) {
			return fault(invalid.HoldsNUL, member(d.StackPointer()))
		}
	}
}

// member writes a JSON pointer as our fields are named: "for.people[0]".
func member(p jsontext.Pointer) string {
	var b strings.Builder
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

// present wants each member, dotted ones only where their object is there; null is absent.
func present(data []byte, required []string) error {
	var f faults
	for _, path := range required {
		if absent(jsontext.Value(data), strings.Split(path, ".")) {
			f.Add(invalid.Required, path, "")
		}
	}
	return f.Err()
}

func absent(value jsontext.Value, path []string) bool {
	var object map[string]jsontext.Value
	if json.Unmarshal(value, &object) != nil {
		return false // decode has refused it
	}
	inner, found := object[path[0]]
	isNull := found && inner.Kind() == 'n'
	if len(path) == 1 {
		return !found || isNull
	}
	if !found || isNull {
		return false // the object itself is asked for, or optional
	}
	return absent(inner, path[1:])
}
