package exchange

import (
	"context"
	"maps"
	"slices"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/register"
)

// Requests lists the requests of one box, the newest first unless asked otherwise.
func (g *Gateway) Requests(ctx context.Context, a Actor, q RequestQuery) (Page[AccessRequest], error) {
	limit, after, err := q.bounds()
	if err != nil {
		return Page[AccessRequest]{}, err
	}
	f, err := q.filter(after)
	if err != nil {
		return Page[AccessRequest]{}, err
	}
	f.Limit = limit + 1
	var out Page[AccessRequest]
	err = g.look(ctx, a, func(ctx context.Context, v *visit) error {
		if !v.sees() || f.Box == register.BoxOurs && !v.viewer().SeesOwn {
			return nil
		}
		if out, err = v.reader().requestsIn(ctx, f, q.State); err != nil {
			return err
		}
		return v.nameAll(ctx, out.Items)
	})
	return out, err
}

func (q RequestQuery) filter(after cursor) (register.RequestFilter, error) {
	f := register.RequestFilter{
		Box:        register.Box(q.Box),
		Document:   q.Document,
		For:        q.For,
		EndsBefore: q.EndsBefore,
		EndsAfter:  q.EndsAfter,
		Asked:      q.Unanswered,
		Order:      register.RequestOrder(q.Sort),
		AfterAt:    after.at,
		AfterID:    article4.RequestID(after.id),
	}
	var c checks
	if !f.Box.Valid() {
		c.Add(invalid.NotABox, "box", "")
	}
	if f.Order != "" && !f.Order.Valid() {
		c.Add(invalid.NotAnOrder, "sort", "")
	}
	return f, c.Err()
}

// requestsRead bounds how many requests are read for one page of those in one state, which is computed and not stored.
const requestsRead = 400

// reader reads requests for lists, each once in one transaction, and what is told of their documents.
type reader struct {
	*visit
	alone     bool // nothing is told of the documents
	known     register.Known
	documents map[article4.DocumentID]register.Listed[register.Document]
	told      map[article4.DocumentID]toldDocument
}

func (v *visit) reader() *reader {
	return &reader{visit: v, known: register.Known{},
		documents: map[article4.DocumentID]register.Listed[register.Document]{},
		told:      map[article4.DocumentID]toldDocument{}}
}

// requestsIn fills a page. Where few are in the state asked for, it goes on reading, up to a bound; then the page may
// be short, and what follows it is told.
func (r *reader) requestsIn(ctx context.Context, f register.RequestFilter,
	state article4.RequestState) (Page[AccessRequest], error) {
	limit := f.Limit - 1
	var out Page[AccessRequest]
	for read := 0; ; {
		found, err := r.register.Requests(ctx, r.tx, r.viewer(), f, r.known)
		if err != nil {
			return out, err
		}
		cut := page(found, limit, behindLine)
		shown, left, err := r.requestViews(ctx, cut.Items, state)
		if err != nil {
			return out, err
		}
		for i, line := range cut.Items {
			if one, is := shown[line.Record.ID]; is {
				out.Items = append(out.Items, one)
			}
			if left[line.ID] {
				out.LeftOut++
			}
			if len(out.Items) == limit && (i < len(cut.Items)-1 || cut.Next != "") {
				out.Next = behindLine(line).String()
				return out, nil
			}
		}
		if read += len(cut.Items); cut.Next == "" || read >= requestsRead {
			out.Next = cut.Next
			return out, nil
		}
		last := cut.Items[len(cut.Items)-1]
		f.AfterAt, f.AfterID = last.At, article4.RequestID(last.ID)
	}
}

// requestViews leaves out what the caller has no standing for, and what is in another state than asked for; left are
// the identifiers of those that were altered, they or their documents. What a page of requests rests on is read at
// once.
func (r *reader) requestViews(ctx context.Context, lines []register.Listed[register.Request],
	state article4.RequestState) (out map[article4.RequestID]AccessRequest, left map[string]bool, err error) {
	found := make([]register.Request, 0, len(lines))
	left = map[string]bool{}
	for _, line := range lines {
		if left[line.ID] = r.leavesOut(line.Document, line.Unread); left[line.ID] {
			continue
		}
		if line.Unread != nil {
			return nil, nil, line.Unread
		}
		found = append(found, line.Record)
		r.known[line.Record.ID] = line.Record
	}
	if err := r.readDocuments(ctx, found); err != nil {
		return nil, nil, err
	}
	out = make(map[article4.RequestID]AccessRequest, len(found))
	for _, q := range found {
		shown, standing, err := r.viewIn(r.documents[q.Document], q)
		if left[string(q.ID)] = r.leavesOut(q.Document, err); left[string(q.ID)] {
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		if standing && (state == "" || shown.State == state) {
			out[q.ID] = shown
		}
	}
	if r.alone {
		return out, left, nil
	}
	return out, left, r.tellDocuments(ctx, out)
}

// viewIn shows a request beside others, to whoever has standing for it.
func (v *visit) viewIn(of register.Listed[register.Document], q register.Request) (shown AccessRequest, standing bool,
	err error) {
	if of.Unread != nil {
		return AccessRequest{}, false, of.Unread
	}
	d := of.Record
	if standing, err = v.standsBy(&d, q); err != nil || !standing {
		return AccessRequest{}, false, err
	}
	shown, err = v.requestView(&d, q)
	return shown, true, err
}

// readDocuments reads those of some requests that were not read yet.
func (r *reader) readDocuments(ctx context.Context, of []register.Request) error {
	var ids []article4.DocumentID
	for _, q := range of {
		if _, read := r.documents[q.Document]; !read && !slices.Contains(ids, q.Document) {
			ids = append(ids, q.Document)
		}
	}
	docs, err := r.register.DocumentsNamed(ctx, r.tx, ids)
	maps.Copy(r.documents, docs)
	return err
}

// tellDocuments adds to requests what the caller is told of their documents.
func (r *reader) tellDocuments(ctx context.Context, requests map[article4.RequestID]AccessRequest) error {
	var untold []register.Document
	for _, shown := range requests {
		if _, is := r.told[shown.Document]; !is {
			r.told[shown.Document] = toldDocument{}
			untold = append(untold, r.documents[shown.Document].Record)
		}
	}
	// Of what other requests rest on that were altered, a request says no more than that it is on the document.
	_, err := apart(r.visit, untold, idOf, func(some []register.Document) error {
		rests, err := r.restsOn(ctx, some, r.known)
		if err != nil {
			return err
		}
		for _, d := range some {
			if r.told[d.ID], err = r.tellDocument(d, rests[d.ID]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for id, shown := range requests {
		r.told[shown.Document].to(&shown)
		requests[id] = shown
	}
	return nil
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

// DescribeRequest shows one request with all that a decision on it needs: what is met, what is missing, from whom, and
// who of them can decide.
func (g *Gateway) DescribeRequest(ctx context.Context, a Actor, id article4.RequestID) (AccessRequest, error) {
	return perform(ctx, g, a, act[AccessRequest]{
		operation: operation{act: article4.ActDescribe, request: id, what: "request"},
		do:        func(ctx context.Context, v *visit) (AccessRequest, error) { return v.requestPage(ctx) },
	})
}

// requestDescribed answers the repetition of an act on a request, as the act was answered.
func (g *Gateway) requestDescribed(a Actor, id article4.RequestID) func(context.Context, string) (AccessRequest,
	error) {
	return func(ctx context.Context, _ string) (AccessRequest, error) { return g.requestAsAnswered(ctx, a, id) }
}

// requestAsAnswered shows a request without what is told only where it is looked at.
func (g *Gateway) requestAsAnswered(ctx context.Context, a Actor, id article4.RequestID) (AccessRequest, error) {
	return perform(ctx, g, a, act[AccessRequest]{
		operation: operation{act: article4.ActDescribe, request: id, what: "request"},
		do: func(ctx context.Context, v *visit) (AccessRequest, error) {
			return v.requestView(v.document, *v.request)
		},
	})
}

// reread shows a request after an act on it.
func (v *visit) reread(ctx context.Context) (AccessRequest, error) {
	q, err := v.register.Request(ctx, v.tx, v.request.ID)
	if err != nil {
		return AccessRequest{}, err
	}
	return v.requestView(v.document, q)
}
