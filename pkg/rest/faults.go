package rest

import (
	"errors"
	"fmt"
	"net/http"

	"chancery.example/gateway/pkg/exchange"
	"chancery.example/gateway/pkg/web"
)

// faults collects what is wrong with a request, so that all of it is answered at once.
type faults []exchange.Problem

func (f *faults) add(name, field, detail string) {
	*f = append(*f, exchange.Problem{Name: name, Field: field, Detail: detail})
}

// known wants one of the values that openapi.yaml lists; absent is well.
func (f *faults) known(field string, value interface{ Valid() bool }) {
	if !value.Valid() {
		f.add("unknown-value", field, fmt.Sprintf("%q is not one of the values of this field", short(fmt.Sprint(value))))
	}
}

func (f faults) err() error {
	if len(f) == 0 {
		return nil
	}
	return &exchange.Invalid{Problems: f}
}

// fault is one thing wrong.
func fault(name, field, detail string) error {
	return &exchange.Invalid{Problems: []exchange.Problem{{Name: name, Field: field, Detail: detail}}}
}

// short bounds what is repeated of an input.
func short(s string) string {
	const most = 40
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}

// unreadable maps what the generated server could not bind of a body.
func unreadable(err error) error {
	var tooLarge *http.MaxBytesError
	var failure *web.Failure
	switch {
	case errors.As(err, &tooLarge), errors.As(err, &failure):
		return err
	case errors.Is(err, http.ErrNotMultipart):
		return web.FailBecause(web.KindMediaType, "multipart/form-data is wanted.")
	case errors.Is(err, http.ErrMissingBoundary):
		return fault("missing-boundary", "Content-Type", "names no boundary between the parts")
	}
	return fault("bad-body", "", "cannot be read")
}

// badParameter maps what the generated server could not bind of path, query and headers; its words quote no value.
func badParameter(error) error {
	return fault("bad-parameter", "", "a parameter is not of the type wanted")
}
