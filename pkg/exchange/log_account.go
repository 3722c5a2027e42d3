package exchange

import (
	"context"
	"fmt"
	"strconv"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/ledger"
)

// LogAccounting is the accounting of disclosures of one document, for an auditor: made of the entries that the
// auditor's Party may open and of no record beside them, in the order of the log. ledger.AccountOf makes the same
// lines, byte for byte, out of that Party's bundle.
func (g *Gateway) LogAccounting(ctx context.Context, a Actor, document article4.DocumentID,
	p Paging) (Page[AccountedDisclosure], error) {
	limit, after, err := p.behind(document)
	if err != nil {
		return Page[AccountedDisclosure]{}, err
	}
	return readLog(ctx, g, a, "accounting "+string(document),
		func(ctx context.Context, v *visit, _ written) (Page[AccountedDisclosure], error) {
			found, err := g.sequencer.Accounted(ctx, v.tx, v.party(), string(document), after, limit+1)
			if err != nil {
				return Page[AccountedDisclosure]{}, err
			}
			account := ledger.NewAccount(string(document))
			for _, s := range found {
				body, err := ledger.Decode(s.Body)
				if err != nil {
					return Page[AccountedDisclosure]{}, fmt.Errorf("accounting: index %d: %w", s.Index, err)
				}
				account.Add(s.Index, body, ledger.BodyHash(s.Body))
			}
			out := Page[AccountedDisclosure]{Items: account.Lines()}
			if len(out.Items) > limit {
				out.Items = out.Items[:limit]
				out.Next = strconv.FormatInt(out.Items[limit-1].Index, 36)
			}
			return out, nil
		}, nil)
}

// behind reads where a page of the accounting begins: -1 is before the first index.
func (p Paging) behind(document article4.DocumentID) (limit int, after int64, err error) {
	if limit, err = p.limit(); err != nil {
		return 0, 0, err
	}
	var c checks
	c.line("document", "", string(document), maxName)
	if document == "" {
		c.Add(invalid.MissingDocument, "document", "")
	}
	if err := c.Err(); err != nil || p.After == "" {
		return limit, -1, err
	}
	after, err = strconv.ParseInt(p.After, 36, 64)
	if err != nil || after < 0 {
		return 0, 0, invalid.One(invalid.BadCursor, "after", "")
	}
	return limit, after, nil
}
