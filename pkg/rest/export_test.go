package rest

import (
	"io"
	"mime/multipart"

	"chancery.example/gateway/pkg/exchange"
)

// What tests in rest_test hold against openapi.yaml and the reasons table.
var (
	Worded = reasonsOf
	Decode = decode
)

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
