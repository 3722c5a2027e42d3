package rest

import (
	"io"
	"mime/multipart"

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

// TakesQuery are the query parameters that an operation knows, TakesBody whether it reads JSON, Requires which members.
func TakesQuery(operation string) []string { return shapeOf(operation).query }
func TakesBody(operation string) bool      { return shapeOf(operation).body != nil }
func Requires(operation string) []string   { return shapeOf(operation).required }

// ReadDeposit reads a deposit as the handler does, with the Gateway's part played by content.
func ReadDeposit(body io.Reader, boundary string, content func(exchange.Metadata, io.Reader, exchange.ContentPart)) error {
	lines := newDepositBody(io.NopCloser(body), boundary)
	form := depositForm{parts: multipart.NewReader(lines, boundary), body: lines}
	metadata, err := form.metadata()
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
