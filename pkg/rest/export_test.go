package rest

import (
	"io"
	"mime/multipart"
	"reflect"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// What tests in rest_test hold against openapi.yaml and the reasons table.
var Decode = decode

// Worded words a refusal for a focal point of the organisation named.
func Worded(r *exchange.Refusal, in web.Language) []web.Reason {
	return wordedFor(r, caller{organisation: "org_1", party: true, official: true}, in)
}

// WordedForOthers words it for staff of that organisation, a Party or not.
func WordedForOthers(r *exchange.Refusal, party bool) []web.Reason {
	return wordedFor(r, caller{organisation: "org_1", party: party}, web.English)
}

// WordedForRole words it for a person of that organisation, a Party, in one role.
func WordedForRole(r *exchange.Refusal, role article4.Role) []web.Reason {
	return wordedFor(r, callerIn("org_1", article4.Party, []article4.Role{role}), web.English)
}

// Operation is what the table says of one.
type Operation struct {
	Query, Required []string
	Body, Answers   string // names of types of package api
	Form            bool
}

// Table is the whole API by method and route.
func Table() map[string]Operation {
	out := map[string]Operation{}
	for _, r := range (&API{}).table() {
		o := Operation{Query: r.query.query, Form: r.form}
		if r.body != nil {
			o.Body, o.Required = r.body.Name(), requiredIn(r.body, "")
		}
		if r.out != nil {
			o.Answers = r.out.Name()
		}
		out[r.method+" "+r.path] = o
	}
	return out
}

func requiredIn(t reflect.Type, prefix string) []string {
	var out []string
	for _, name := range requiredOf(t) {
		out = append(out, prefix+name)
	}
	for i := range t.NumField() {
		inner := t.Field(i).Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		_, own := reflect.New(inner).Interface().(interface{ UnmarshalJSON([]byte) error }) // as decode passes it by
		if inner.Kind() == reflect.Struct && inner.PkgPath() == t.PkgPath() && name != "" && !own {
			out = append(out, requiredIn(inner, prefix+name+".")...)
		}
	}
	return out
}

// Handle makes an endpoint of a handler without an actor, for the test that counts how often a body is read.
func Handle[B any](c *gin.Context, f func(B)) error {
	return handle(func(_ call, _ none, in B) (*reply[raw], error) {
		f(in)
		return answer(raw{"text/plain", []byte("done")}), nil
	}).run(c)
}

// ReadDeposit reads a deposit as the handler does, with the Gateway's part played by content.
func ReadDeposit(body io.Reader, boundary string,
	content func(exchange.Metadata, io.Reader, exchange.ContentPart)) error {
	lines := newDepositBody(io.NopCloser(body), boundary)
	form := depositForm{parts: multipart.NewReader(lines, boundary), body: lines}
	metadata, _, err := form.metadata()
	if err != nil {
		return err
	}
	r, said, err := form.content()
	if err != nil {
		return err
	}
	content(metadata, r, said)
	return form.broken
}

// Codes are all that stand in the table of codes.
func Codes() []string {
	var out []string
	for _, m := range meanings() {
		out = append(out, m.code)
	}
	return out
}

// IndexASCII is how a deposit's delimiter is looked for.
var IndexASCII = indexASCII

// FaultCodes are those of the faults of an input.
func FaultCodes() (out []string) {
	for _, one := range slices.Concat(faultsOfForm(), faultsOfValues(), faultsOfParts()) {
		out = append(out, "request/"+one[0])
	}
	return out
}
