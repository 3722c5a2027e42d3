package register

import (
	"context"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// MessageKind is what a message on a request is.
type MessageKind string

// The kinds.
const (
	Question MessageKind = "question" // of whoever is to decide
	Answer   MessageKind = "answer"   // of whoever asked for access, to a question
	Remark   MessageKind = "remark"   // of whoever asked for access, to none
)

// Message is a question, an answer or a remark on a request.
type Message struct {
	ID           string
	Request      article4.RequestID
	Kind         MessageKind
	By           article4.PersonID
	Organisation article4.OrganisationID
	At           time.Time
	Text         string
	Entry        string
}

// AddMessage records a message, sealed under the Discloser's keyset.
func (r *Register) AddMessage(ctx context.Context, tx *postgres.Tx, discloser article4.OrganisationID,
	m Message) error {
	text, err := r.sealed(cell{discloser, "message.text", m.ID}, m.Text)
	if err != nil {
		return err
	}
	return messageTable.add(ctx, tx, "message", m.ID, messageRow{
		ID:         m.ID,
		Request:    string(m.Request),
		Kind:       string(m.Kind),
		ByPerson:   string(m.By),
		ByOrg:      string(m.Organisation),
		At:         m.At,
		TextSealed: text,
		Entry:      m.Entry,
	})
}

type messageRow struct {
	ID         string
	Request    string
	Kind       string
	ByPerson   string
	ByOrg      string
	At         time.Time
	TextSealed []byte
	Entry      string
}

var messageTable = newTable[messageRow](`message m`, nil)

// Message finds one of a request.
func (r *Register) Message(ctx context.Context, tx *postgres.Tx, discloser article4.OrganisationID,
	of article4.RequestID, id string) (Message, error) {
	row, err := messageTable.one(ctx, tx, "message", id, `WHERE m.request = $1 AND m.id = $2`, of, id)
	if err != nil {
		return Message{}, err
	}
	return r.toMessage(discloser, of, row)
}

// Messages lists those of a request, the oldest first.
func (r *Register) Messages(ctx context.Context, tx *postgres.Tx, discloser article4.OrganisationID,
	id article4.RequestID, afterAt time.Time, after string, limit int) ([]Listed[Message],
	error) {
	rows, err := messageTable.all(ctx, tx, "messages of", string(id),
		`WHERE m.request = $1 AND (m.at, m.id) > ($2, $3) ORDER BY m.at, m.id LIMIT $4`, id, afterAt, after, limit)
	if err != nil {
		return nil, err
	}
	return listed(rows, func(row messageRow) (Message, error) { return r.toMessage(discloser, id, row) },
		func(row messageRow) Place { return Place{At: row.At, ID: row.ID} }), nil
}

func (r *Register) toMessage(discloser article4.OrganisationID, of article4.RequestID, row messageRow) (Message,
	error) {
	m := Message{
		ID:           row.ID,
		Request:      of,
		Kind:         MessageKind(row.Kind),
		By:           article4.PersonID(row.ByPerson),
		Organisation: article4.OrganisationID(row.ByOrg),
		At:           row.At.UTC(),
		Entry:        row.Entry,
	}
	var err error
	m.Text, err = r.open(cell{discloser, "message.text", row.ID}, row.TextSealed)
	return m, err
}

// IsAsked reports whether a question on a request waits for its answer.
func (r *Register) IsAsked(ctx context.Context, tx *postgres.Tx, id article4.RequestID) (bool, error) {
	var newest string
	err := sql(ctx, tx).Raw(`SELECT kind FROM message WHERE request = ? AND kind <> 'remark'
		ORDER BY at DESC, id DESC LIMIT 1`, id).Scan(&newest).Error
	return newest == string(Question), failed("messages of", string(id), err)
}
