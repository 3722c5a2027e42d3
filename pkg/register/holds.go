package register

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Hold keeps what there is about a document until two people of the Party that placed it end it.
type Hold struct {
	ID        string
	Document  article4.DocumentID
	Reason    string
	By        article4.PersonID
	ByOrg     article4.OrganisationID // whose keyset seals the reason
	At        time.Time
	EndedAt   time.Time
	Entry     string
	EntryHash string
}

type holdRow struct {
	ID           string
	Document     string
	ReasonSealed []byte
	ByPerson     string
	ByOrg        string
	At           time.Time
	EndedAt      *time.Time
	EndedEntry   string
	Entry        string
	EntryHash    string

	InTheLog      *string // the Hold of its entry
	EndedInTheLog *time.Time
}

// A Hold stands as the log has it, in log_hold: rows can be altered, and the log is append-only.
var holdTable = newTable[holdRow](`hold h LEFT JOIN log_hold k ON k.entry = h.entry AND k.document = h.document`,
	map[string]string{"InTheLog": `k.hold`, "EndedInTheLog": `k.ended_at`})

func (r *Register) toHold(row holdRow) (Hold, error) {
	h := Hold{
		ID:        row.ID,
		Document:  article4.DocumentID(row.Document),
		By:        article4.PersonID(row.ByPerson),
		ByOrg:     article4.OrganisationID(row.ByOrg),
		At:        row.At.UTC(),
		EndedAt:   orZero(row.EndedInTheLog),
		Entry:     row.Entry,
		EntryHash: row.EntryHash,
	}
	if orEmpty(row.InTheLog) != row.ID {
		return Hold{}, fmt.Errorf("entry of hold %s: %w", h.ID, ErrAltered)
	}
	var err error
	h.Reason, err = r.open(cell{h.ByOrg, "hold.reason", row.ID}, row.ReasonSealed)
	return h, err
}

// AddHold records a Hold. A second one of the same Party violates one_hold_of_a_party_on_a_document; a row that
// does not stand in the log is in nobody's way.
func (r *Register) AddHold(ctx context.Context, tx *postgres.Tx, h Hold) error {
	reason, err := r.sealed(cell{h.ByOrg, "hold.reason", h.ID}, h.Reason)
	if err != nil {
		return err
	}
	err = sql(ctx, tx).Exec(`UPDATE hold h SET ended_at = ?, ended_entry = ? WHERE h.document = ? AND h.by_org = ?
		AND h.ended_at IS NULL AND NOT EXISTS (SELECT FROM log_hold k WHERE k.entry = h.entry AND k.hold = h.id
			AND k.ended_at IS NULL)`, h.At, h.Entry, h.Document, h.ByOrg).Error
	if err != nil {
		return failed("holds on", string(h.Document), err)
	}
	return holdTable.add(ctx, tx, "hold", h.ID, holdRow{
		ID:           h.ID,
		Document:     string(h.Document),
		ReasonSealed: reason,
		ByPerson:     string(h.By),
		ByOrg:        string(h.ByOrg),
		At:           h.At,
		Entry:        h.Entry,
		EntryHash:    h.EntryHash,
	})
}

// Hold reads one, held until the transaction ends.
func (r *Register) Hold(ctx context.Context, tx *postgres.Tx, id string) (Hold, error) {
	row, err := holdTable.one(ctx, tx, "hold", id, `WHERE h.id = $1 FOR UPDATE OF h`, id)
	if err != nil {
		return Hold{}, err
	}
	return r.toHold(row)
}

// HoldsNamed finds several, whatever became of them; of what is none there is none. Nothing is held.
func (r *Register) HoldsNamed(ctx context.Context, tx *postgres.Tx, ids []string) (map[string]Hold, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := holdTable.all(ctx, tx, "holds", "", `WHERE h.id = ANY($1)`, ids)
	if err != nil {
		return nil, err
	}
	found, err := opened(rows, r.toHold)
	out := make(map[string]Hold, len(found))
	for _, h := range found {
		out[h.ID] = h
	}
	return out, err
}

// Holds lists those of both Parties, newest first, ended ones included.
func (r *Register) Holds(ctx context.Context, tx *postgres.Tx, afterAt time.Time, after string,
	limit int) ([]Listed[Hold], error) {
	rows, err := holdTable.all(ctx, tx, "holds", "",
		`WHERE $2 = '' OR (h.at, h.id) < ($1, $2) ORDER BY h.at DESC, h.id DESC LIMIT $3`, orNil(afterAt), after, limit)
	if err != nil {
		return nil, err
	}
	return listed(rows, r.toHold, func(row holdRow) Place {
		return Place{row.At, row.ID, article4.DocumentID(row.Document)}
	}), nil
}

// EndHold ends one.
func (r *Register) EndHold(ctx context.Context, tx *postgres.Tx, id string, at time.Time, entry string) error {
	return failed("hold", id, sql(ctx,
		tx).Exec(`UPDATE hold SET ended_at = ?, ended_entry = ? WHERE id = ? AND ended_at IS NULL`, at, entry,
		id).Error)
}

// Held reports whether a Hold of either Party stands on a document, by the log.
func (r *Register) Held(ctx context.Context, tx *postgres.Tx, id article4.DocumentID) (bool, error) {
	var held bool
	err := sql(ctx, tx).Raw(`SELECT EXISTS (SELECT 1 FROM log_hold WHERE document = ? AND ended_at IS NULL)`,
		id).Scan(&held).Error
	return held, failed("holds on", string(id), err)
}

// OnlyOthersHold reports whether every Hold that stands on a document is another organisation's, and no organisation
// that placed one was ever given this version, by the log.
func (r *Register) OnlyOthersHold(ctx context.Context, tx *postgres.Tx, id article4.DocumentID,
	version article4.VersionID, own article4.OrganisationID) (bool, error) {
	var binds bool
	err := sql(ctx, tx).Raw(`SELECT EXISTS (SELECT 1 FROM log_hold h WHERE h.document = ? AND h.ended_at IS NULL AND
		(h.by_org = ? OR EXISTS (SELECT 1 FROM disclosure x WHERE x.version = ? AND x.organisation = h.by_org)
		OR EXISTS (SELECT 1 FROM log_entry e WHERE e.document = h.document AND e.kind = 'disclosure'
			AND e.outcome = 'permit' AND e.organisation = h.by_org
			AND position(? IN convert_from(e.body, 'UTF8')) > 0)))`,
		id, own, version, version).Scan(&binds).Error
	return !binds, failed("holds on", string(id), err)
}

// PersonHeld reports whether a Hold stands on a document that a person deposited, asked for or read.
func (r *Register) PersonHeld(ctx context.Context, tx *postgres.Tx, id article4.PersonID) (bool, error) {
	var held bool
	err := sql(ctx, tx).Raw(`SELECT EXISTS (SELECT 1 FROM log_hold h WHERE h.ended_at IS NULL AND (
		EXISTS (SELECT 1 FROM document d WHERE d.id = h.document AND d.depositor = @id)
		OR EXISTS (SELECT 1 FROM access_request q WHERE q.document = h.document AND q.asked_by = @id)
		OR EXISTS (SELECT 1 FROM disclosure x WHERE x.document = h.document AND x.person = @id)))`,
		map[string]any{"id": id}).Scan(&held).Error
	return held, failed("holds about", string(id), err)
}

// Decided reports whether a person decided for an organisation, by a decision, by signing or declining an agreement or
// by an act of two people, or may: who decided is never forgotten.
func (r *Register) Decided(ctx context.Context, tx *postgres.Tx, id article4.PersonID) (bool, error) {
	var decided bool
	err := sql(ctx, tx).Raw(`SELECT EXISTS (SELECT 1 FROM decision WHERE by_person = @id OR confirmed_by = @id)
		OR EXISTS (SELECT 1 FROM withdrawal WHERE by_person = @id) OR EXISTS (SELECT 1 FROM signature WHERE by_person =
			@id)
		OR EXISTS (SELECT 1 FROM agreement WHERE proposed_by = @id) OR EXISTS (SELECT 1 FROM release WHERE by_person =
			@id)
		OR EXISTS (SELECT 1 FROM agreement_decline WHERE by_person = @id)
		OR EXISTS (SELECT 1 FROM pending WHERE by_person = @id) OR EXISTS (SELECT 1 FROM hold WHERE by_person = @id)
		OR EXISTS (SELECT 1 FROM suspension WHERE by_person = @id)
		OR EXISTS (SELECT 1 FROM person p JOIN delegation d ON d.organisation = p.organisation AND d.subject_token =
			p.subject_token WHERE p.id = @id)
		OR EXISTS (SELECT 1 FROM person p JOIN focal_point f ON f.organisation = p.organisation AND f.subject_token =
		p.subject_token WHERE p.id = @id)`,
		map[string]any{"id": id}).Scan(&decided).Error
	return decided, failed("decisions of", string(id), err)
}

// Forgotten stands where the name of a person stood.
const Forgotten = "(erased)"

// Forget takes subject, name and address away from a person: whoever signs in with that subject again is somebody new.
func (r *Register) Forget(ctx context.Context, tx *postgres.Tx, p Person) error {
	subject, err := r.sealed(cell{p.keyset(), "person.subject", string(p.ID)}, "")
	if err != nil {
		return err
	}
	name, err := r.sealed(cell{p.keyset(), "person.name", string(p.ID)}, Forgotten)
	if err != nil {
		return err
	}
	token := make([]byte, 32) // the token of no subject
	rand.Read(token)
	if err := failed("person", string(p.ID),
		sql(ctx, tx).Exec(`UPDATE person SET subject_token = ?, subject_sealed = ?, name_sealed = ? WHERE id = ?`,
			token, subject, name, p.ID).Error); err != nil {
		return err
	}
	return r.ForgetAddress(ctx, tx, p.ID)
}
