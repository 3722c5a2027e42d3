package exchange

import (
	"context"
	"errors"
	"slices"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/postgres"
	"chancery.example/gateway/pkg/register"
)

// look is the door for what shows only what the caller could find one by one: no entry, since nothing is disclosed.
func (g *Gateway) look(ctx context.Context, a Actor, see func(ctx context.Context, v *visit) error) error {
	if a.person == "" {
		return ErrUnrecognised
	}
	err := g.DB.InTx(ctx, func(tx *postgres.Tx) error {
		v := &visit{Gateway: g, tx: tx, actor: a, act: article4.ActDescribe}
		if err := v.load(ctx, errand{act: article4.ActDescribe}); err != nil {
			return err
		}
		return see(ctx, v)
	})
	return g.fault(article4.ActDescribe, err)
}

func (v *visit) viewer() register.Viewer {
	roles := v.actor.claims.Roles
	return register.Viewer{Person: v.actor.person, Organisation: v.actor.organisation.ID, Kind: v.actor.organisation.Kind, Now: v.at,
		SeesOwn: slices.Contains(roles, article4.RoleFocalPoint) || slices.Contains(roles, article4.RoleSignatory),
		Reads:   article4.Reads(roles), Service: v.actor.claims.Service}
}

// hasRole reports whether the caller is anybody here: an unknown group gives nothing, and the operator has nothing to know.
func (v *visit) hasRole() bool {
	return len(v.actor.claims.Roles) > 0 && v.actor.organisation.Kind != article4.Operator
}

// sees reports whether lists show anything at all to the caller: the operator, people without a role, and people who are
// suspended see nothing.
func (v *visit) sees() bool {
	return v.hasRole() && !v.facts.Actor.Suspended
}

// List shows the documents that the caller has standing for, newest first unless asked otherwise.
// Search, sort and filters see only what the caller may see.
func (g *Gateway) List(ctx context.Context, a Actor, q DocumentQuery) (Page[Document], error) {
	f, limit, err := q.filter()
	if err != nil {
		return Page[Document]{}, err
	}
	var out Page[Document]
	err = g.look(ctx, a, func(ctx context.Context, v *visit) error {
		if !v.sees() {
			return nil
		}
		docs, err := g.Register.Documents(ctx, v.tx, v.viewer(), f)
		if err != nil {
			return err
		}
		found := page(docs, limit, func(d register.Document) cursor { return cursor{d.DepositedAt, string(d.ID)} })
		out = Page[Document]{Next: found.Next}
		rests, err := v.restsOn(ctx, found.Items)
		if err != nil {
			return err
		}
		for _, d := range found.Items {
			shown, standing, err := v.shown(ctx, d, rests[d.ID])
			if err != nil {
				return err
			}
			if standing {
				out.Items = append(out.Items, shown)
			}
		}
		return nil
	})
	return out, err
}

// rest is what one document of a list may be read by.
type rest struct {
	requests []register.Request
	releases []register.Release
}

// restsOn reads what a page of documents rests on at once.
func (v *visit) restsOn(ctx context.Context, docs []register.Document) (map[article4.DocumentID]rest, error) {
	ids := make([]article4.DocumentID, len(docs))
	for i, d := range docs {
		ids[i] = d.ID
	}
	requests, err := v.Register.RequestsOn(ctx, v.tx, ids, v.actor.organisation.ID)
	if err != nil {
		return nil, err
	}
	releases, err := v.Register.ReleasesOf(ctx, v.tx, ids, v.actor.organisation.ID)
	out := map[article4.DocumentID]rest{}
	for _, q := range requests {
		one := out[q.Document]
		one.requests = append(one.requests, q)
		out[q.Document] = one
	}
	for _, r := range releases {
		one := out[r.Document]
		one.releases = append(one.releases, r)
		out[r.Document] = one
	}
	return out, err
}

// shown is one row of a list: the same view as Describe gives, without permissions; false where Describe would give none.
func (v *visit) shown(ctx context.Context, d register.Document, by rest) (Document, bool, error) {
	one := *v
	one.document = &d
	facts := documentFacts(&d)
	one.facts.Document = &facts
	if err := one.accessBy(ctx, Reading{}, by.requests, by.releases); err != nil {
		return Document{}, false, err
	}
	if !article4.StandingOf(one.facts) {
		return Document{}, false, nil
	}
	out, err := one.documentView(ctx, d)
	return out, true, err
}

func (q DocumentQuery) filter() (register.DocumentFilter, int, error) {
	limit, after, err := q.bounds()
	if err != nil {
		return register.DocumentFilter{}, 0, err
	}
	var c checks
	c.line("q", "", q.Words, 200)
	if q.Marking != "" && !q.Marking.Valid() {
		c.Add(invalid.NotAMarking, "marking", "4(9)")
	}
	if q.Sort != "" && q.Sort != "deposited" && q.Sort != "-deposited" {
		c.Add(invalid.NotAnOrder, "sort", "")
	}
	words := register.Words(q.Words)
	if q.Words != "" && len(words) == 0 {
		c.Add(invalid.NoWord, "q", "")
	}
	if len(words) > 8 {
		c.Add(invalid.TooManyWords, "q", "", len(words))
	}
	return register.DocumentFilter{Words: words, Marking: q.Marking, Purpose: q.Purpose, Discloser: q.Discloser,
		Oldest: q.Sort == "deposited", AfterAt: after.at, AfterID: article4.DocumentID(after.id), Limit: limit + 1}, limit, c.Err()
}

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

// requestsIn fills a page. Where few are in the state asked for, it goes on reading, up to a bound; then the page may be short,
// and what follows it is told.
func (v *visit) requestsIn(ctx context.Context, f register.RequestFilter, state article4.RequestState) (Page[AccessRequest], error) {
	limit := f.Limit - 1
	var out Page[AccessRequest]
	for read := 0; ; {
		found, err := v.Register.Requests(ctx, v.tx, v.viewer(), f)
		if err != nil {
			return out, err
		}
		cut := page(found, limit, func(r register.Request) cursor { return cursor{r.MadeAt, string(r.ID)} })
		for i, q := range cut.Items {
			shown, err := v.requestViews(ctx, []register.Request{q}, state)
			if err != nil {
				return out, err
			}
			if out.Items = append(out.Items, shown...); len(out.Items) == limit && (i < len(cut.Items)-1 || cut.Next != "") {
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
func (v *visit) requestViews(ctx context.Context, found []register.Request, state article4.RequestState) ([]AccessRequest, error) {
	var out []AccessRequest
	for _, q := range found {
		d, err := v.Register.Document(ctx, v.tx, q.Document)
		if err != nil {
			return nil, err
		}
		standing, err := v.standsBy(ctx, &d, q)
		if err != nil {
			return nil, err
		}
		if !standing {
			continue
		}
		shown, err := v.requestView(ctx, &d, q)
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
func (v *visit) standsBy(ctx context.Context, d *register.Document, q register.Request) (bool, error) {
	if v.ofParty() {
		return true, nil
	}
	grants, err := v.grantFacts(ctx, []register.Request{q})
	if err != nil {
		return false, err
	}
	facts, document := v.facts, documentFacts(d)
	facts.Document, facts.Request, facts.Access = &document, &article4.RequestFacts{Grant: grants[0]}, nil
	return article4.StandingOf(facts), nil
}

// DescribeRequest shows one request with what it still needs and from whom.
func (g *Gateway) DescribeRequest(ctx context.Context, a Actor, id article4.RequestID) (AccessRequest, error) {
	var out AccessRequest
	err := g.enter(ctx, a, errand{act: article4.ActDescribe, request: id, what: "request",
		then: func(ctx context.Context, v *visit) error {
			var err error
			out, err = v.requestView(ctx, v.document, *v.request)
			return err
		}})
	return out, err
}

// reread shows a request after an act on it.
func (v *visit) reread(ctx context.Context) (AccessRequest, error) {
	q, err := v.Register.Request(ctx, v.tx, v.request.ID)
	if err != nil {
		return AccessRequest{}, err
	}
	return v.requestView(ctx, v.document, q)
}

// missingRecord reports whether an error says that a record is not there.
func missingRecord(err error) bool { return errors.Is(err, register.ErrNotFound) }
