package rest

import (
	"time"

	openapi_types "github.com/oapi-codegen/runtime/types"

	"chancery.example/gateway/pkg/article4"
)

// optional is nil for the zero value: an absent member, not an empty one.
func optional[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// or is the zero value for an absent member.
func or[T any](p *T) T {
	if p == nil {
		var zero T
		return zero
	}
	return *p
}

// text turns an identifier or a code into the plain string that openapi.yaml has for it; nil when empty.
func text[S ~string](s S) *string { return optional(string(s)) }

// named turns an absent or present enum or string of the API into one of ours.
func named[To, From ~string](p *From) To { return To(or(p)) }

// each turns a list of one string type into another; never nil, so that it renders as a list.
func each[To, From ~string](in []From) []To {
	out := make([]To, len(in))
	for i, v := range in {
		out[i] = To(v)
	}
	return out
}

// listed renders each item.
func listed[To, From any](in []From, render func(From) To) []To {
	out := make([]To, len(in))
	for i, v := range in {
		out[i] = render(v)
	}
	return out
}

// some renders each item; nil, an absent member, for none.
func some[To, From any](in []From, render func(From) To) *[]To {
	if len(in) == 0 {
		return nil
	}
	out := listed(in, render)
	return &out
}

// instant renders a moment in UTC; nil when there is none.
func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// day renders a day; nil when there is none.
func day(t time.Time) *openapi_types.Date {
	if t.IsZero() {
		return nil
	}
	return &openapi_types.Date{Time: t.UTC()}
}

// dayOf reads a day as its 00:00 UTC.
func dayOf(d *openapi_types.Date) time.Time {
	if d == nil {
		return time.Time{}
	}
	return d.Time
}

func documentPath(id article4.DocumentID) string   { return Base + "/documents/" + string(id) }
func requestPath(id article4.RequestID) string     { return Base + "/requests/" + string(id) }
func agreementPath(id article4.AgreementID) string { return Base + "/agreements/" + string(id) }
func organisationPath(id article4.OrganisationID) string {
	return Base + "/organisations/" + string(id)
}
func contentPath(id article4.DisclosureID) string {
	return Base + "/disclosures/" + string(id) + "/content"
}
