package sequencer

import (
	"fmt"
	"slices"
	"strings"

	"chancery.example/gateway/pkg/ledger"
	"chancery.example/gateway/pkg/postgres"
)

// conditions are those that somebody asked for, and no others: one that leaves nothing out would hide from the planner
// which index serves.
type conditions struct {
	said []string
	args []any
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

// conditionsOf are those of a filter, over log_entry e.
func conditionsOf(party string, f ledger.Filter) *conditions {
	c := &conditions{}
	c.and("e.parties @> ARRAY[$%d::text]", party)
	if !f.Since.IsZero() {
		c.and("e.at >= $%d", f.Since)
	}
	if !f.Until.IsZero() {
		c.and("e.at < $%d", f.Until)
	}
	c.where("e.organisation = $%d", f.Organisation)
	c.where("e.document = $%d", f.Document)
	c.where("e.kind = ANY(string_to_array($%d, ','))", f.Kind)
	c.where("NOT e.kind = ANY(string_to_array($%d, ','))", f.Without)
	c.where("e.outcome = $%d", f.Outcome)
	c.where("e.paragraphs @> ARRAY[$%d::text]", f.Paragraph)
	c.where("log_said(e.body) ->> 'actor' = $%d", f.Actor)
	c.where("log_said(e.body) ->> 'request' = $%d", f.Request)
	c.found("reason", f.Reason)
	c.found("marking", f.Marking)
	c.found("for", f.Beneficiary)
	return c
}

// disclosedTo is what log_found calls "for", in the words of the index log_disclosures_to.
const disclosedTo = `coalesce(log_said(e.body) #>> '{disclosure,to}', log_said(e.body) #>> '{terms,recipient}')`

// conditionsOn are those of disclosures that were permitted.
func conditionsOn(party string, f ledger.AccountFilter) *conditions {
	c := conditionsOf(party, ledger.Filter{
		Kind:     string(ledger.KindDisclosure),
		Outcome:  string(ledger.Permitted),
		Document: f.Document,
		Actor:    f.Person,
		Since:    f.Since,
		Until:    f.Until,
	})
	c.where(disclosedTo+" = $%d", f.To)
	c.found("consent", f.Consent)
	return c
}
