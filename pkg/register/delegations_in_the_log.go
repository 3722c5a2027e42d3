package register

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Who may decide stands in rows that whoever has the database can alter or add to, and in the log, which is
// append-only: a Delegation that the log does not bear out is not in force.

// delegatedInTheLog is what the log says of one Delegation.
type delegatedInTheLog struct {
	Organisation article4.OrganisationID
	Acts         []article4.Act
	From         time.Time
	Until        time.Time
	Holder       string
	endedAt      time.Time
}

// loggedDelegation is as much of an entry as says who may decide.
type loggedDelegation struct {
	Kind         string
	Organisation article4.OrganisationID
	At           time.Time
	Terms        struct {
		Delegation article4.Digest
		Recipient  article4.OrganisationID
		Acts       []article4.Act
		From       time.Time
		Until      time.Time
		Holder     string
	}
	Configured struct {
		Delegations []struct {
			Digest article4.Digest
			delegatedInTheLog
		}
	}
}

// delegationsInTheLog reads what the log says of all of them.
func (r *Register) delegationsInTheLog(ctx context.Context, tx *postgres.Tx) (map[article4.Digest]*delegatedInTheLog,
	error) {
	out := map[article4.Digest]*delegatedInTheLog{}
	ended := map[article4.Digest]time.Time{}
	file := func(digest article4.Digest, d delegatedInTheLog) {
		if out[digest] == nil {
			out[digest] = &d
		}
	}
	err := tx.Ask(ctx, postgres.Question{What: "delegations in the log", SQL: `SELECT convert_from(e.body, 'UTF8')
		FROM log_entry e WHERE e.kind IN ('configuration', 'delegation', 'mandate', 'mandate-ended')
		AND e.outcome = 'permit' AND log_said(e.body) #>> '{terms,step}' IS DISTINCT FROM 'first'
		ORDER BY e.at, e.id`, Row: func(row postgres.Row) error {
		var body string
		var said loggedDelegation
		if err := row.Scan(&body); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(body), &said); err != nil {
			return err
		}
		t := said.Terms
		switch {
		case said.Kind == "configuration":
			for _, d := range said.Configured.Delegations {
				file(d.Digest, d.delegatedInTheLog)
			}
		case said.Kind == "mandate":
			file(t.Delegation, delegatedInTheLog{Organisation: t.Recipient, Acts: MandatedActs(), From: t.From,
				Until: t.Until, Holder: t.Holder})
		case said.Kind == "delegation" && len(t.Acts) > 0:
			file(t.Delegation, delegatedInTheLog{Organisation: said.Organisation, Acts: t.Acts, From: t.From,
				Until: t.Until, Holder: t.Holder})
		case ended[t.Delegation].IsZero():
			ended[t.Delegation] = said.At
		}
		return nil
	}})
	for digest, at := range ended {
		if out[digest] != nil {
			out[digest].endedAt = at
		}
	}
	return out, err
}

// MandatedActs are what every Mandate lets its holder do: decide where the organisation is an entity concerned, and
// sign for it. To take a decision back needs none.
func MandatedActs() []article4.Act {
	return []article4.Act{article4.ActAuthorize, article4.ActRefuse, article4.ActSign}
}

// bears reports whether the log says the same of a Delegation as its row.
func (l *delegatedInTheLog) bears(d Delegation) bool {
	return l != nil && sameTerms(d, Delegation{Organisation: l.Organisation, Acts: l.Acts, From: l.From, Until: l.Until,
		EndedAt: l.endedAt})
}

// sameTerms reports whether two Delegations let somebody of the same organisation do the same, for as long.
func sameTerms(a, b Delegation) bool {
	return a.Organisation == b.Organisation && slices.Equal(sorted(a.Acts), sorted(b.Acts)) &&
		a.From.Equal(b.From) && a.Until.Equal(b.Until) && a.EndedAt.Equal(b.EndedAt)
}

// borneOut keeps the Delegations of rows that open and that the log bears out, and says what is wrong with the others.
func (r *Register) borneOut(ctx context.Context, tx *postgres.Tx, kept *keptRecords) (altered, err error) {
	rows, err := delegationTable.all(ctx, tx, "delegations", "", "")
	if err != nil {
		return nil, err
	}
	said, err := r.delegationsInTheLog(ctx, tx)
	if err != nil {
		return nil, err
	}
	kept.Holders = map[article4.Digest]string{}
	for _, row := range rows {
		d, err := r.toDelegation(row)
		if err == nil && !said[d.Digest].bears(d) {
			err = fmt.Errorf("delegation %s, as the log says: %w", d.ID, ErrAltered)
		}
		if err != nil {
			altered = errors.Join(altered, err)
			continue
		}
		d.Holder = "" // who that is today is asked of the people
		kept.Delegations, kept.Holders[d.Digest] = append(kept.Delegations, d), said[d.Digest].Holder
	}
	return altered, nil
}

// Bears reports whether a Delegation, as its row was read, is the one that the log bears out; and by whose subject it
// is held, as ledger.HolderOf has it, empty where the log does not say.
func (r *Records) Bears(d Delegation) (holder string, bears bool) {
	known, ok := r.delegations[d.Digest]
	return r.holders[d.Digest], ok && known.ID == d.ID && sameTerms(known, d)
}
