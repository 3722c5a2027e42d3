package portal

import (
	"slices"
	"strings"
	"unicode"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/exchange"
)

// called are the references of documents, of those for which the reader has standing.
func (c *call) called(ids []article4.DocumentID) (map[article4.DocumentID]string, error) {
	out := map[article4.DocumentID]string{}
	for batch := range slices.Chunk(ids, most) {
		found, err := c.p.cfg.Gateway.List(c.ctx, c.actor(), exchange.DocumentQuery{Documents: batch,
			Paging: exchange.Paging{Limit: most}})
		if err != nil {
			return nil, err
		}
		for _, d := range found.Items {
			out[d.ID] = d.Reference
		}
	}
	return out, nil
}

// sources are the documents that another derives from, with a way to those for which the reader has standing.
func (c *call) sources(ids []article4.DocumentID) ([]link, error) {
	called, err := c.called(ids)
	var out []link
	for _, id := range ids {
		one := link{Says: string(id)}
		if reference, found := called[id]; found {
			one = link{Says: reference, Href: "/documents/" + string(id), Mono: true}
		}
		out = append(out, one)
	}
	return out, err
}

// meant are the documents that somebody names, by their references or by identifiers; unknown is what is neither, and
// each reference of a document for which they have no standing: to them there is none.
func (c *call) meant(typed string) (ids []article4.DocumentID, unknown []string, err error) {
	references, _, rest := exchange.ReadReferences(typed)
	known := map[string]article4.DocumentID{}
	if len(references) > 0 {
		found, err := c.p.cfg.Gateway.List(c.ctx, c.actor(), exchange.DocumentQuery{References: references,
			Paging: exchange.Paging{Limit: most}})
		if err != nil {
			return nil, nil, err
		}
		for _, d := range found.Items {
			known[d.Reference] = d.ID
		}
	}
	for _, reference := range references {
		if id, found := known[reference]; found {
			ids = append(ids, id)
		} else {
			unknown = append(unknown, reference)
		}
	}
	between := func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == ';' }
	for _, word := range strings.FieldsFunc(rest, between) {
		if strings.HasPrefix(word, "doc_") { // whether there is one is the rules' to say
			ids = append(ids, article4.DocumentID(word))
		} else {
			unknown = append(unknown, word)
		}
	}
	return ids, unknown, nil
}
