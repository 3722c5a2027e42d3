package register

import (
	"context"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Message is a question or an answer on a request.
type Message struct {
	ID           string
	Request      article4.RequestID
	Answer       bool
	By           article4.PersonID
	Organisation article4.OrganisationID
	At           time.Time
	Text         string
	Entry        string
}

func messageKind(answer bool) string {
	if answer {
		return "answer"
	}
	return "question"
}

// AddMessage records a question or an answer, sealed under the Discloser's keyset.
func (r *Register) AddMessage(ctx context.Context, tx *postgres.Tx, discloser article4.OrganisationID,
	m Message) error {
	text, err := r.sealed(cell{discloser, "message.text", m.ID}, m.Text)
	if err != nil {
		return err
	}
	return failed("message", m.ID,
		sql(ctx, tx).Exec(`INSERT INTO message (id, request, kind, by_person, by_org, at, text_sealed, entry)
		VALUES (?,?,?,?,?,?,?,?)`, m.ID, m.Request, messageKind(m.Answer), m.By, m.Organisation, m.At, text,
			m.Entry).Error)
}

type messageRow struct {
	ID, Kind, ByPerson, ByOrg, Entry string
	At                               time.Time
	TextSealed                       []byte
}

const messageSelect = `SELECT id, kind, by_person, by_org, at, text_sealed, entry FROM message WHERE request = ? `

// Message finds one of a request.
func (r *Register) Message(ctx context.Context, tx *postgres.Tx, discloser article4.OrganisationID,
	of article4.RequestID, id string) (Message, error) {
	var row messageRow
	if err := one(sql(ctx, tx).Raw(messageSelect+`AND id = ?`, of, id), &row, "message", id); err != nil {
		return Message{}, err
	}
	return r.toMessage(discloser, of, row)
}

// Messages lists those of a request, the oldest first.
func (r *Register) Messages(ctx context.Context, tx *postgres.Tx, discloser article4.OrganisationID,
	id article4.RequestID, afterAt time.Time, after string, limit int) ([]Message, error) {
	var rows []messageRow
	err := sql(ctx, tx).Raw(messageSelect+`AND (at, id) > (?, ?) ORDER BY at, id LIMIT ?`, id, afterAt, after,
		limit).Scan(&rows).Error
	if err != nil {
		return nil, failed("messages of", string(id), err)
	}
	out := make([]Message, len(rows))
	for i, row := range rows {
		if out[i], err = r.toMessage(discloser, id, row); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (r *Register) toMessage(discloser article4.OrganisationID, of article4.RequestID, row messageRow) (Message,
	error) {
	m := Message{
		ID:           row.ID,
		Request:      of,
		Answer:       row.Kind == "answer",
		By:           article4.PersonID(row.ByPerson),
		Organisation: article4.OrganisationID(row.ByOrg),
		At:           row.At.UTC(),
		Entry:        row.Entry,
	}
	var err error
	m.Text, err = r.open(cell{discloser, "message.text", row.ID}, row.TextSealed)
	return m, err
}

// Answered lets silence count anew (reading 0007).
func (r *Register) Answered(ctx context.Context, tx *postgres.Tx, id article4.RequestID, lapses time.Time) error {
	return failed("request", string(id),
		sql(ctx, tx).Exec(`UPDATE access_request SET lapses_at = ?, revision = revision + 1 WHERE id = ?`, lapses,
			id).Error)
}
