package rest

import (
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/pkg/invalid"
)

// parameters are those of one operation, as the fields of its type in package api have them: a tag `form` is of the
// query, any other of a header.
type parameters struct {
	query    []string
	required []string
	fields   []reflect.StructField
}

func parametersOf(t reflect.Type) parameters {
	var p parameters
	for i := range t.NumField() {
		field := t.Field(i)
		p.fields = append(p.fields, field)
		name, _, inQuery := queryName(field)
		if !inQuery {
			continue
		}
		p.query = append(p.query, name)
		if field.Type.Kind() != reflect.Pointer {
			p.required = append(p.required, name)
		}
	}
	return p
}

func queryName(field reflect.StructField) (name string, more string, inQuery bool) {
	tag, inQuery := field.Tag.Lookup("form")
	if !inQuery {
		tag = field.Tag.Get("json")
	}
	name, more, _ = strings.Cut(tag, ",")
	return name, more, inQuery
}

// read wants known parameters, each once, each of its type, and the required ones.
func (p parameters) read(c *gin.Context, into reflect.Value) faults {
	var f faults
	values, err := url.ParseQuery(c.Request.URL.RawQuery)
	if err != nil {
		f.Add(invalid.UnreadableQuery, "", "")
		return f
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		switch {
		case !slices.Contains(p.query, name):
			f.Add(invalid.UnknownParameter, short(name), "")
		case len(values[name]) > 1:
			f.Add(invalid.RepeatedParameter, name, "")
		case !isPlain(values.Get(name)):
			f.Add(invalid.ControlInParameter, name, "")
		}
	}
	for _, name := range p.required {
		if values.Get(name) == "" {
			f.Add(invalid.RequiredParameter, name, "")
		}
	}
	if len(f.Faults) > 0 {
		return f
	}
	for i, field := range p.fields {
		name, _, inQuery := queryName(field)
		given := c.Request.Header.Values(name)
		if inQuery {
			given = values[name]
		}
		switch len(given) {
		case 0:
		case 1:
			set(into.Field(i), name, given[0], &f)
		default:
			f.Add(invalid.GivenOnce, name, "")
		}
	}
	return f
}

// set reads one parameter as its field's type.
func set(into reflect.Value, name, text string, f *faults) {
	if into.Kind() == reflect.Pointer {
		into.Set(reflect.New(into.Type().Elem()))
		into = into.Elem()
	}
	var err error
	switch into.Interface().(type) {
	case time.Time:
		var at time.Time
		at, err = time.Parse(time.RFC3339, text)
		into.Set(reflect.ValueOf(at))
	default:
		switch into.Kind() {
		case reflect.Int, reflect.Int64:
			var n int64
			n, err = strconv.ParseInt(text, 10, 64)
			into.SetInt(n)
		case reflect.String:
			into.SetString(text)
		default:
			panic(fmt.Sprintf("rest: the parameter %s is of type %s, which nobody reads", name, into.Type()))
		}
	}
	if err != nil {
		f.Add(parameterWanted(into.Type()), name, "")
		return
	}
	if value, ok := into.Interface().(interface{ Valid() bool }); ok {
		f.known(name, value)
	}
}

// parameterWanted is the fault of a parameter that is not of its field's type.
func parameterWanted(t reflect.Type) invalid.Key {
	if t == reflect.TypeFor[time.Time]() {
		return invalid.ParameterNotAnInstant
	}
	return invalid.ParameterNotANumber
}

// isPlain wants UTF-8 without control characters: the database takes nothing else.
func isPlain(s string) bool {
	return utf8.ValidString(s) && strings.IndexFunc(s, unicode.IsControl) < 0
}

// all puts the faults of the query before those of the body. What is no fault of form is answered alone.
func all(query faults, body error) error {
	if wrong, ok := body.(*invalid.Error); ok {
		return append(query.Faults, wrong.Faults...).Err()
	}
	if body != nil {
		return body
	}
	return query.Err()
}
