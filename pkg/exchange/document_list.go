package exchange

import (
	"context"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/register"
)

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
		docs, err := g.register.Documents(ctx, v.tx, v.viewer(), f)
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
	requests, err := v.register.RequestsOn(ctx, v.tx, ids, v.actor.organisation.ID)
	if err != nil {
		return nil, err
	}
	releases, err := v.register.ReleasesOf(ctx, v.tx, ids, v.actor.organisation.ID)
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

// shown is one row of a list: the same view as Describe gives, without permissions; false where Describe would give
// none.
func (v *visit) shown(ctx context.Context, d register.Document, by rest) (Document, bool, error) {
	one := v.of(d)
	if err := one.access(by.requests, by.releases); err != nil {
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
	return register.DocumentFilter{
		Words:     words,
		Marking:   q.Marking,
		Purpose:   q.Purpose,
		Discloser: q.Discloser,
		Oldest:    q.Sort == "deposited",
		AfterAt:   after.at,
		AfterID:   article4.DocumentID(after.id),
		Limit:     limit + 1,
	}, limit, c.Err()
}
