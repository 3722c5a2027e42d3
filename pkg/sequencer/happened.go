package sequencer

import (
	"context"
	"fmt"
	"time"

	"chancery.example/gateway/pkg/postgres"
)

// Happening asks for what happened to a document, as one organisation may know it. What was refused is left out.
type Happening struct {
	Document string
	Kinds    []string
	Party    string   // only entries that this Party may open; empty: of any
	By       []string // only of these organisations, and of the gateway; nil: of any
	Except   string   // whose own disclosures are left out
	Requests []string // only what is about one of these, of which "" is none; nil: about any
	Before   time.Time
	BeforeID string // behind which entry; empty: from the newest on
	Limit    int
}

// Happened are the bodies of the entries, the newest first; those without a place in the tree too.
func (s *Sequencer) Happened(ctx context.Context, tx *postgres.Tx, h Happening) ([][]byte, error) {
	c := &conditions{}
	c.and("e.document = $%d", h.Document)
	c.and("e.kind = ANY($%d::text[])", h.Kinds)
	c.where("e.parties @> ARRAY[$%d::text]", h.Party)
	c.where("NOT (e.kind = 'disclosure' AND e.organisation = $%d)", h.Except)
	if h.By != nil {
		c.and("(e.organisation = '' OR e.kind = 'disclosure' OR e.organisation = ANY($%d::text[]))", h.By)
	}
	if h.Requests != nil {
		c.and("coalesce(log_said(e.body) ->> 'request', '') = ANY($%d::text[])", h.Requests)
	}
	if h.BeforeID != "" {
		c.and("(e.at, e.id) < ($%d::timestamptz, ", h.Before)
		c.said[len(c.said)-1] += fmt.Sprintf("$%d)", len(c.args)+1)
		c.args = append(c.args, h.BeforeID)
	}
	out, err := notes(ctx, pool(tx), fmt.Sprintf(
		"SELECT e.body FROM log_entry e WHERE e.outcome = 'permit' AND %s ORDER BY e.at DESC, e.id DESC LIMIT $%d", c,
		len(c.args)+1),
		append(c.args, h.Limit)...)
	if err != nil {
		return nil, fmt.Errorf("sequencer: what happened to %s: %w", h.Document, err)
	}
	return out, nil
}
