package exchange

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/invalid"
	"chancery.example/gateway/pkg/ledger"
)

// AccountingQuery says which disclosures an accounting is of. At least one field beside Paging is set.
type AccountingQuery struct {
	Paging
	Document article4.DocumentID
	To       article4.OrganisationID // that got it
	Person   article4.PersonID       // who got it
	// Consent is the SHA-256 of the body of a consent that the disclosure rested on, to the document or to a source.
	Consent      article4.Digest
	Since, Until time.Time // of the disclosure: Since <= at < Until
}

// LogAccounting is an accounting of disclosures, for an auditor: of a document, a third party, a person, a consent or a
// period, made of the entries that the auditor's Party may open and of no record beside them, in the order of the log.
// ledger.AccountOf makes the same lines, byte for byte, out of that Party's bundle.
func (g *Gateway) LogAccounting(ctx context.Context, a Actor, q AccountingQuery) (Page[AccountedDisclosure], error) {
	limit, after, err := q.behind()
	if err != nil {
		return Page[AccountedDisclosure]{}, err
	}
	return readLog(ctx, g, a, q.subject(),
		func(ctx context.Context, v *visit, _ written) (Page[AccountedDisclosure], error) {
			found, err := g.sequencer.Accounted(ctx, v.tx, v.party(), q.filter(), after, limit+1)
			if err != nil {
				return Page[AccountedDisclosure]{}, err
			}
			account := ledger.NewAccount(q.filter())
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

func (q AccountingQuery) filter() ledger.AccountFilter {
	return ledger.AccountFilter{
		Document: string(q.Document),
		To:       string(q.To),
		Person:   string(q.Person),
		Consent:  string(q.Consent),
		Since:    q.Since.UTC(),
		Until:    q.Until.UTC(),
	}
}

// subject is what the entry of the reading says was asked for: identifiers and instants, and nobody's words.
func (q AccountingQuery) subject() string {
	said := []string{"accounting", string(q.Document), string(q.To), string(q.Person), string(q.Consent)}
	for _, at := range []time.Time{q.Since, q.Until} {
		if !at.IsZero() {
			said = append(said, at.UTC().Format(time.RFC3339))
		}
	}
	return strings.Join(strings.Fields(strings.Join(said, " ")), " ")
}

// behind reads where a page of the accounting begins: -1 is before the first index.
func (q AccountingQuery) behind() (limit int, after int64, err error) {
	if limit, err = q.limit(); err != nil {
		return 0, 0, err
	}
	var c checks
	c.identifier("document", string(q.Document), "doc_")
	c.identifier("organisation", string(q.To), "org_")
	c.identifier("person", string(q.Person), "per_")
	c.digest("consent", q.Consent)
	if !q.Since.IsZero() && !q.Until.IsZero() && !q.Since.Before(q.Until) {
		c.Add(invalid.NotAfterSince, "until", "")
	}
	if q.filter() == (ledger.AccountFilter{}) {
		c.Add(invalid.MissingAccounted, "document", "")
	}
	if err := c.Err(); err != nil || q.After == "" {
		return limit, -1, err
	}
	after, err = strconv.ParseInt(q.After, 36, 64)
	if err != nil || after < 0 {
		return 0, 0, invalid.One(invalid.BadCursor, "after", "")
	}
	return limit, after, nil
}
