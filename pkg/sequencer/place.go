package sequencer

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/postgres"
)

// The words of log_place, each before a colon and its value.
const (
	wordReason = "reason"
	wordTo     = "to"
)

// longestWord is how many bytes a word has at most that is kept (migration 0101).
const longestWord = 200

// wordsOf are the words under which the database keeps the place of an entry, as its function log_words reads them off
// the bytes; in no order, each once.
func wordsOf(b ledger.Body) []string {
	words := map[string]bool{}
	if b.Kind == ledger.KindDisclosure && b.Outcome == ledger.Permitted {
		switch {
		case b.Disclosure != nil:
			words[wordTo+":"+b.Disclosure.To] = true
		case b.Terms != nil && b.Terms.Recipient != "":
			words[wordTo+":"+b.Terms.Recipient] = true
		}
	}
	for _, reason := range b.Reasons {
		words[wordReason+":"+reason] = true
	}
	maps.DeleteFunc(words, func(word string, _ bool) bool { return len(word) > longestWord })
	return slices.Collect(maps.Keys(words))
}

// place is one row of log_place.
type place struct {
	word  string
	index int64
}

// expected notes where the entry's words have to stand.
func (c *storedCheck) expected(r storedRow, body ledger.Body) {
	for _, word := range wordsOf(body) {
		c.due[place{word, r.index}] = r.at.V
	}
}

// places holds what stands in log_place of some entries against what their bytes say, and counts it.
func (c *storedCheck) places(ctx context.Context, tx *postgres.Tx, from, to int64) error {
	defer clear(c.due)
	if len(c.due) == 0 {
		return nil
	}
	var words []string
	for p := range c.due {
		words = append(words, p.word)
	}
	slices.Sort(words)
	rows, err := pool(tx).QueryContext(ctx,
		`SELECT word, index, at FROM log_place WHERE word = ANY ($1::text[]) AND index >= $2 AND index < $3`,
		slices.Compact(words), from, to)
	if err != nil {
		return fmt.Errorf("sequencer: check: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var p place
		var at time.Time
		if err := rows.Scan(&p.word, &p.index, &at); err != nil {
			return fmt.Errorf("sequencer: check: %w", err)
		}
		due, is := c.due[p]
		if !is {
			continue // counted at the end
		}
		c.placed++
		delete(c.due, p)
		if !at.Equal(due) {
			c.problem(p.index, "", "its place under %q has another time", p.word)
		}
	}
	for p := range c.due {
		c.problem(p.index, "", "it is not found under %q", p.word)
	}
	return rows.Err()
}

// strays are rows of log_place for entries that do not say the word, or of no entry.
func (c *storedCheck) strays(ctx context.Context, tx *postgres.Tx) error {
	var below, beyond int64
	err := pool(tx).QueryRowContext(ctx, `SELECT count(*) FILTER (WHERE index < $1),
		count(*) FILTER (WHERE index >= (SELECT size FROM log_head)) FROM log_place`, c.head.size).Scan(&below, &beyond)
	if err != nil {
		return fmt.Errorf("sequencer: check: %w", err)
	}
	if below > c.placed || beyond > 0 {
		c.problem(-1, "", "named under a word that it does not say: %s", ledger.Several(below-c.placed+beyond, "entry"))
	}
	return nil
}
