package sequencer

import (
	"bytes"
	"database/sql"
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/ledger"
)

// storedRow is an entry with its place, column by column; those of the entry are null when it is gone.
type storedRow struct {
	index                              int64
	leaf, body, hash, nonce            []byte
	id, kind, parties                  sql.NullString
	organisation, document, outcome, p sql.NullString
	details                            sql.NullString // the fields of which a value is kept
	at                                 sql.Null[time.Time]
}

func (r *storedRow) scan(rows *sql.Rows) error {
	return rows.Scan(&r.index, &r.leaf, &r.id, &r.at, &r.kind, &r.parties, &r.body, &r.hash, &r.nonce, &r.organisation,
		&r.document, &r.outcome, &r.p, &r.details)
}

// problems are where the columns of the row contradict its bytes; and the body, as far as the bytes can be read.
func (r storedRow) problems() (out []string, body ledger.Body) {
	if !r.id.Valid {
		return []string{"the entry is gone"}, body
	}
	add := func(bad bool, what string) {
		if bad {
			out = append(out, what)
		}
	}
	hash := ledger.BodyHash(r.body)
	add(!bytes.Equal(r.hash, hash[:]), "body_hash is not that of the body")
	leaf, err := ledger.DecodeLeaf(r.leaf)
	if err != nil {
		return append(out, err.Error()), body
	}
	closed, err := ledger.Close(r.nonce, r.body)
	add(err != nil || closed != leaf.Closed, "the leaf does not close over this body: body or nonce was altered")
	var parties []string
	for _, p := range leaf.Parties {
		parties = append(parties, p.Party)
	}
	stored := strings.Fields(r.parties.String)
	slices.Sort(stored)
	add(!slices.Equal(parties, slices.Compact(stored)), "the Parties of the row are not those of the leaf")
	if body, err = ledger.Decode(r.body); err != nil {
		return append(out, err.Error()), body
	}
	add(body.ID != r.id.String || string(body.Kind) != r.kind.String || !body.At.Equal(r.at.V),
		"id, kind or time of the row are not those of the body")
	add(body.Organisation != r.organisation.String || body.Document != r.document.String ||
		string(body.Outcome) != r.outcome.String ||
		strings.Join(ledger.Paragraphs(body.Reasons), " ") != r.p.String,
		"the filters of the row are not those of the body")
	for _, field := range strings.Fields(r.details.String) {
		add(body.Private[field] == "", "a value is kept for "+field+", and the body commits to none")
	}
	return out, body
}

// values notes commitments without a value, and erasures, which explain them.
func (c *storedCheck) values(r storedRow, body ledger.Body) {
	kept := strings.Fields(r.details.String)
	for field := range body.Private {
		if !slices.Contains(kept, field) {
			c.gone = append(c.gone, goneValue{r.index, r.id.String, field})
		}
	}
	if t := body.Terms; body.Kind == ledger.KindErasure && body.Outcome == ledger.Permitted && t != nil &&
		t.Step == ledger.StepSecond {
		c.erased[[2]string{t.Subject, t.Field}] = true
	}
}
