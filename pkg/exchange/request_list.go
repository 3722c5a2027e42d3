package exchange

import (
	"context"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/register"
)

// Requests lists the requests of one box, newest first.
func (g *Gateway) Requests(ctx context.Context, a Actor, q RequestQuery) (Page[AccessRequest], error) {
	limit, after, err := q.bounds()
	if err != nil {
		return Page[AccessRequest]{}, err
	}
	box := register.Box(q.Box)
	if !box.Valid() {
		return Page[AccessRequest]{}, invalid.One(invalid.NotABox, "box", "")
	}
	var out Page[AccessRequest]
	err = g.look(ctx, a, func(ctx context.Context, v *visit) error {
		if !v.sees() || box == register.BoxOurs && !v.viewer().SeesOwn {
			return nil
		}
		out, err = v.requestsIn(ctx, register.RequestFilter{Box: box, Document: q.Document,
			AfterAt: after.at, AfterID: article4.RequestID(after.id), Limit: limit + 1}, q.State)
		return err
	})
	return out, err
}

// requestsRead bounds how many requests are read for one page of those in one state, which is computed and not stored.
const requestsRead = 400

// requestsIn fills a page. Where few are in the state asked for, it goes on reading, up to a bound; then the page may
// be short, and what follows it is told.
func (v *visit) requestsIn(ctx context.Context, f register.RequestFilter,
	state article4.RequestState) (Page[AccessRequest], error) {
	limit := f.Limit - 1
	var out Page[AccessRequest]
	for read := 0; ; {
		found, err := v.register.Requests(ctx, v.tx, v.viewer(), f)
		if err != nil {
			return out, err
		}
		cut := page(found, limit, func(r register.Request) cursor { return cursor{r.MadeAt, string(r.ID)} })
		for i, q := range cut.Items {
			shown, err := v.requestViews(ctx, []register.Request{q}, state)
			if err != nil {
				return out, err
			}
			if out.Items = append(out.Items, shown...); len(out.Items) == limit &&
				(i < len(cut.Items)-1 || cut.Next != "") {
				out.Next = cursor{q.MadeAt, string(q.ID)}.String()
				return out, nil
			}
		}
		if read += len(cut.Items); cut.Next == "" || read >= requestsRead {
			out.Next = cut.Next
			return out, nil
		}
		last := cut.Items[len(cut.Items)-1]
		f.AfterAt, f.AfterID = last.MadeAt, last.ID
	}
}

// requestViews leaves out what the caller has no standing for, and what is in another state than asked for.
func (v *visit) requestViews(ctx context.Context, found []register.Request,
	state article4.RequestState) ([]AccessRequest, error) {
	var out []AccessRequest
	for _, q := range found {
		d, err := v.register.Document(ctx, v.tx, q.Document)
		if err != nil {
			return nil, err
		}
		standing, err := v.standsBy(&d, q)
		if err != nil {
			return nil, err
		}
		if !standing {
			continue
		}
		shown, err := v.requestView(&d, q)
		if err != nil {
			return nil, err
		}
		if state == "" || shown.State == state {
			out = append(out, shown)
		}
	}
	return out, nil
}

// standsBy reports whether DescribeRequest would show the caller a request; of a Party's people the query knows.
func (v *visit) standsBy(d *register.Document, q register.Request) (bool, error) {
	if v.ofParty() {
		return true, nil
	}
	grants, err := v.basis().grants([]register.Request{q})
	if err != nil {
		return false, err
	}
	facts, document := v.facts, documentFacts(d)
	facts.Document, facts.Request, facts.Access = &document, &article4.RequestFacts{Grant: grants[0]}, nil
	return article4.StandingOf(facts), nil
}

// DescribeRequest shows one request with what it still needs and from whom.
func (g *Gateway) DescribeRequest(ctx context.Context, a Actor, id article4.RequestID) (AccessRequest, error) {
	return perform(ctx, g, a, act[AccessRequest]{
		operation: operation{act: article4.ActDescribe, request: id, what: "request"},
		do: func(ctx context.Context, v *visit) (AccessRequest, error) {
			return v.requestView(v.document, *v.request)
		},
	})
}

// requestDescribed answers the repetition of an act on a request.
func (g *Gateway) requestDescribed(a Actor, id article4.RequestID) func(context.Context, string) (AccessRequest,
	error) {
	return func(ctx context.Context, _ string) (AccessRequest, error) { return g.DescribeRequest(ctx, a, id) }
}

// reread shows a request after an act on it.
func (v *visit) reread(ctx context.Context) (AccessRequest, error) {
	q, err := v.register.Request(ctx, v.tx, v.request.ID)
	if err != nil {
		return AccessRequest{}, err
	}
	return v.requestView(v.document, q)
}
