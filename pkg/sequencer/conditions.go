package sequencer

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/postgres"
)

// conditions are those that somebody asked for, and no others: one that leaves nothing out would hide from the planner
// which index serves.
type conditions struct {
	said []string
	args []any
	word string // of log_place; empty: its places are not gone through
}

// and adds a condition in which %d stands for the number of its argument.
func (c *conditions) and(condition string, arg any) {
	c.args = append(c.args, arg)
	c.said = append(c.said, fmt.Sprintf(condition, len(c.args)))
}

// where adds one only where its argument says something.
func (c *conditions) where(condition, arg string) {
	if arg != "" {
		c.and(condition, arg)
	}
}

// found adds what an entry is found by (log_found).
func (c *conditions) found(name, value string) {
	if value != "" {
		c.and("log_found(e.body) @> ARRAY[$%d::text]", name+":"+value)
	}
}

// with are the arguments of a query of these conditions, with more behind them.
func (c *conditions) with(more ...any) []any {
	return slices.Concat([]any{postgres.PlannedAnew()}, c.args, more)
}

func (c *conditions) String() string { return strings.Join(c.said, " AND ") }

// entries are what a query over entries goes through: log_seq s and log_entry e.
const entries = "log_seq s JOIN log_entry e ON e.id = s.entry"

// placed has the query go through the places of a word, log_place w, in their order: however many entries there are, it
// looks at those that say the word and stops when the page is full. What their bytes say is asked beside.
func (c *conditions) placed(word, value string) {
	c.word = word + ":" + value
	c.and("w.word = $%d", c.word)
}

// from is what the query goes through.
func (c *conditions) from() string {
	if c.word == "" {
		return entries
	}
	return "log_place w JOIN log_seq s ON s.index = w.index JOIN log_entry e ON e.id = s.entry"
}

// index is the place of an entry, where the query finds it first.
func (c *conditions) index() string {
	if c.word == "" {
		return "s.index"
	}
	return "w.index"
}

// between are the conditions of a period: since <= at < until; a zero one is none.
func (c *conditions) between(since, until time.Time) {
	of := []string{"e.at"}
	if c.word != "" {
		of = append(of, "w.at")
	}
	for _, at := range of {
		if !since.IsZero() {
			c.and(at+" >= $%d", since)
		}
		if !until.IsZero() {
			c.and(at+" < $%d", until)
		}
	}
}

// conditionsOf are those of a filter.
func conditionsOf(party string, f ledger.Filter) *conditions {
	c := &conditions{}
	c.and("e.parties @> ARRAY[$%d::text]", party)
	if f.Reason != "" {
		c.placed(wordReason, f.Reason)
		c.and("log_said(e.body) -> 'reasons' @> to_jsonb($%d::text)", f.Reason)
	}
	c.between(f.Since, f.Until)
	c.where("e.organisation = $%d", f.Organisation)
	c.where("e.document = $%d", f.Document)
	c.where("e.kind = ANY(string_to_array($%d, ','))", f.Kind)
	c.where("NOT e.kind = ANY(string_to_array($%d, ','))", f.Without)
	c.where("e.outcome = $%d", f.Outcome)
	c.where("e.paragraphs @> ARRAY[$%d::text]", f.Paragraph)
	c.where("log_said(e.body) ->> 'actor' = $%d", f.Actor)
	c.where("log_said(e.body) ->> 'request' = $%d", f.Request)
	c.found("marking", f.Marking)
	c.found("for", f.Beneficiary)
	return c
}

// disclosedTo is whom a disclosure was for.
const disclosedTo = `coalesce(log_said(e.body) #>> '{disclosure,to}', log_said(e.body) #>> '{terms,recipient}')`

// conditionsOn are those of disclosures that were permitted.
func conditionsOn(party string, f ledger.AccountFilter) *conditions {
	c := conditionsOf(party, ledger.Filter{
		Kind:     string(ledger.KindDisclosure),
		Outcome:  string(ledger.Permitted),
		Document: f.Document,
		Actor:    f.Person,
	})
	if f.To != "" {
		c.placed(wordTo, f.To)
		c.and(disclosedTo+" = $%d", f.To)
	}
	c.between(f.Since, f.Until)
	c.found("consent", f.Consent)
	return c
}
