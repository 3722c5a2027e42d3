package exchange

import (
	"context"
	"fmt"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/register"
)

// List shows the documents that the caller has standing for, newest first unless asked otherwise.
// Search, sort and filters see only what the caller may see: of what is named, the rest is absent.
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
		cut := page(docs, limit, behindLine)
		found, left, err := readEach(v, cut.Items, itself)
		if err != nil {
			return err
		}
		out = Page[Document]{Next: cut.Next}
		out.LeftOut, err = apart(v, found, idOf, func(some []register.Document) error {
			rests, err := v.restsOn(ctx, some, nil)
			if err != nil {
				return err
			}
			rows, err := v.shown(ctx, some, rests)
			if err == nil {
				out.Items = append(out.Items, rows...)
			}
			return err
		})
		out.LeftOut += left
		return err
	})
	return out, err
}

// rest is what one document of a list may be read by.
type rest struct {
	requests []register.Request
	releases []register.Release
}

// restsOn reads what a page of documents rests on at once, but what is known. Somebody of a Party reads by what is for
// their organisation, and has standing without.
func (v *visit) restsOn(ctx context.Context, docs []register.Document,
	known register.Known) (map[article4.DocumentID]rest, error) {
	ids := make([]article4.DocumentID, len(docs))
	for i, d := range docs {
		ids[i] = d.ID
	}
	read := v.register.RequestsOn
	if v.ofParty() {
		read = v.register.RequestsReadBy
	}
	requests, err := read(ctx, v.tx, ids, v.actor.organisation.ID, known)
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

// shown are the rows of a list: each the same view as Describe gives, without permissions, and none where Describe
// would give none. What they show of versions is read at once.
func (v *visit) shown(ctx context.Context, docs []register.Document, rests map[article4.DocumentID]rest) ([]Document,
	error) {
	var standing []*visit
	var seen []article4.VersionID
	for _, d := range docs {
		one, by := v.of(d), rests[d.ID]
		if err := one.access(by.requests, by.releases); err != nil {
			return nil, err
		}
		if !article4.StandingOf(one.facts) {
			continue
		}
		standing = append(standing, one)
		if id, whole := article4.WholeVersion(one.facts); whole {
			seen = append(seen, id)
		}
	}
	versions, err := v.register.VersionsNamed(ctx, v.tx, seen)
	if err != nil {
		return nil, err
	}
	var out []Document
	for _, one := range standing {
		shown, err := one.documentView(func(id article4.VersionID) (register.Version, error) {
			version, found := versions[id]
			if !found {
				return version, fmt.Errorf("version %s: %w", id, register.ErrNotFound)
			}
			return version, nil
		})
		if err != nil {
			return nil, err
		}
		out = append(out, shown)
	}
	return out, nil
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
	c.atMost("document", "", len(q.Documents), maxNamed)
	c.atMost("reference", "", len(q.References), maxNamed)
	words := register.Words(q.Words)
	if q.Words != "" && len(words) == 0 {
		c.Add(invalid.NoWord, "q", "")
	}
	if len(words) > 8 {
		c.Add(invalid.TooManyWords, "q", "", len(words))
	}
	return register.DocumentFilter{
		IDs:        q.Documents,
		References: q.References,
		Words:      words,
		Marking:    q.Marking,
		Purpose:    q.Purpose,
		Discloser:  q.Discloser,
		Oldest:     q.Sort == "deposited",
		AfterAt:    after.at,
		AfterID:    article4.DocumentID(after.id),
		Limit:      limit + 1,
	}, limit, c.Err()
}

// maxNamed is how many documents one query names.
const maxNamed = 200

// ReadReferences reads references of documents off what somebody typed: whatever stands between their parts, and what
// is taken for one another on paper. Of one whose check character does not fit, meant holds what it may be; rest is
// what else was typed, and what does not fit.
func ReadReferences(typed string) (references, meant []string, rest string) {
	return register.ReadReferences(typed)
}
