package register

import (
	"context"
	"fmt"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Pending is an act that takes two people, between the first and the second.
type Pending struct {
	ID           string
	Act          article4.Act
	Target       string // what it is about: a document, a request, an organisation …
	Organisation article4.OrganisationID
	By           article4.PersonID
	At           time.Time
	ExpiresAt    time.Time
	Payload      string // what the second person repeats or confirms, as canonical JSON
	PayloadSHA   article4.Digest
	Entry        string
	EntryHash    string
}

type pendingRow struct {
	ID            string
	Act           string
	Target        string
	Organisation  string
	ByPerson      string
	At            time.Time
	ExpiresAt     time.Time
	PayloadSealed []byte
	PayloadSHA256 string
	EndedAt       *time.Time
	Entry         string
	EntryHash     string
	TermsSealed   []byte
	Used          bool // as the log says
}

var pendingTable = newTable[pendingRow](`pending p`, map[string]string{"Used": usedInTheLog})

// usedInTheLog asks whether an entry says that a first half p served: for its second half, for a file that derives from
// nothing, or for a Mandate that a Party took up. It serves once, whatever the row says.
const usedInTheLog = `EXISTS (SELECT FROM log_entry e WHERE e.outcome = 'permit'
	AND (e.kind IN ('deposit', 'correction', 'mandate') OR log_said(e.body) #>> '{terms,step}' = 'second')
	AND log_said(e.body) #> '{terms,relies}' @> to_jsonb(p.entry_hash))`

// AddPending records the first person's act. One that waits for the same target already is a conflict, unless it
// expired.
func (r *Register) AddPending(ctx context.Context, tx *postgres.Tx, p Pending) error {
	payload, err := r.sealed(cell{p.Organisation, "pending.payload", p.ID}, p.Payload)
	if err != nil {
		return err
	}
	sealedTerms, err := r.sealed(pendingCell(p), pendingTerms(p))
	if err != nil {
		return err
	}
	err = sql(ctx, tx).Exec(`UPDATE pending SET ended_at = ? WHERE act = ? AND target = ? AND ended_at IS NULL
		AND expires_at <= ?`, p.At, p.Act, p.Target, p.At).Error
	if err != nil {
		return failed("pending", p.ID, err)
	}
	return pendingTable.add(ctx, tx, "pending", p.ID, pendingRow{
		ID:            p.ID,
		Act:           string(p.Act),
		Target:        p.Target,
		Organisation:  string(p.Organisation),
		ByPerson:      string(p.By),
		At:            p.At,
		ExpiresAt:     p.ExpiresAt,
		PayloadSealed: payload,
		PayloadSHA256: string(p.PayloadSHA),
		Entry:         p.Entry,
		EntryHash:     p.EntryHash,
		TermsSealed:   sealedTerms,
	})
}

// PendingOn finds what waits for a second person, held until the transaction ends; ErrNotFound when nothing does.
func (r *Register) PendingOn(ctx context.Context, tx *postgres.Tx, act article4.Act, target string,
	now time.Time) (Pending, error) {
	return r.pending(ctx, tx, `WHERE p.act = $1 AND p.target = $2 AND p.ended_at IS NULL AND p.expires_at > $3
		FOR UPDATE`, target,
		act, target, now)
}

// Pending finds one by its identifier, held until the transaction ends.
func (r *Register) Pending(ctx context.Context, tx *postgres.Tx, id string, now time.Time) (Pending, error) {
	return r.pending(ctx, tx, `WHERE p.id = $1 AND p.ended_at IS NULL AND p.expires_at > $2 FOR UPDATE`, id, id, now)
}

// PendingEver finds one by its identifier, whatever became of it.
func (r *Register) PendingEver(ctx context.Context, tx *postgres.Tx, id string) (Pending, error) {
	return r.pending(ctx, tx, `WHERE p.id = $1`, id, id)
}

func (r *Register) pending(ctx context.Context, tx *postgres.Tx, where, named string, args ...any) (Pending, error) {
	row, err := pendingTable.one(ctx, tx, "pending", named, where, args...)
	if err != nil {
		return Pending{}, err
	}
	return r.toPending(row)
}

func (r *Register) toPending(row pendingRow) (Pending, error) {
	p := Pending{
		ID:           row.ID,
		Act:          article4.Act(row.Act),
		Target:       row.Target,
		Organisation: article4.OrganisationID(row.Organisation),
		By:           article4.PersonID(row.ByPerson),
		At:           row.At.UTC(),
		ExpiresAt:    row.ExpiresAt.UTC(),
		PayloadSHA:   article4.Digest(row.PayloadSHA256),
		Entry:        row.Entry,
		EntryHash:    row.EntryHash,
	}
	if err := r.stillFirst(p, row); err != nil {
		return Pending{}, err
	}
	var err error
	p.Payload, err = r.open(cell{p.Organisation, "pending.payload", p.ID}, row.PayloadSealed)
	return p, err
}

// stillFirst holds a first half against its seal, and one that waits against the log. One that was ended before rows
// were sealed has none, and nothing rests on it.
func (r *Register) stillFirst(p Pending, row pendingRow) error {
	switch {
	case row.EndedAt != nil && row.TermsSealed == nil:
		return nil
	case row.EndedAt == nil && (row.TermsSealed == nil || row.Used):
		return fmt.Errorf("pending %s: %w", p.ID, ErrAltered)
	}
	return r.verify(pendingCell(p), row.TermsSealed, pendingTerms(p))
}

// EndPending records that the second person acted.
func (r *Register) EndPending(ctx context.Context, tx *postgres.Tx, id string, at time.Time) error {
	return failed("pending", id, sql(ctx, tx).Exec(`UPDATE pending SET ended_at = ? WHERE id = ? AND ended_at IS NULL`,
		at, id).Error)
}

// Pendings lists what waits for a second person, the earliest first, at most limit: of one organisation, or with an
// empty one of all.
func (r *Register) Pendings(ctx context.Context, tx *postgres.Tx, act article4.Act, o article4.OrganisationID,
	now time.Time, limit int) ([]Pending, error) {
	return r.pendings(ctx, tx, string(act),
		`WHERE p.act = $1 AND ($2 = '' OR p.organisation = $2) AND p.ended_at IS NULL AND p.expires_at > $3
		ORDER BY p.at, p.id LIMIT $4`, act, o, now, limit)
}

func (r *Register) pendings(ctx context.Context, tx *postgres.Tx, named, where string, args ...any) ([]Pending, error) {
	rows, err := pendingTable.all(ctx, tx, "pending", named, where, args...)
	if err != nil {
		return nil, err
	}
	return opened(rows, r.toPending)
}

// PendingFilter says what of that which waits for a second person.
type PendingFilter struct {
	Of      article4.OrganisationID // begun by somebody of it
	Besides []article4.Act          // and of these acts, begun by anybody
	By      article4.PersonID       // in place of both: begun by one person
	Now     time.Time
	AfterAt time.Time
	AfterID string
	Limit   int
}

// PendingPage lists what waits for a second person, the earliest first.
func (r *Register) PendingPage(ctx context.Context, tx *postgres.Tx, f PendingFilter) ([]Listed[Pending],
	error) {
	rows, err := pendingTable.all(ctx, tx, "pending", string(f.Of)+string(f.By),
		`WHERE (p.organisation = $1 OR p.act = ANY($2) OR p.by_person = $3) AND p.ended_at IS NULL AND p.expires_at > $4
		AND ($6 = '' OR (p.at, p.id) > ($5, $6)) ORDER BY p.at, p.id LIMIT $7`, f.Of, f.Besides, f.By, f.Now,
		orNil(f.AfterAt), f.AfterID, f.Limit)
	if err != nil {
		return nil, err
	}
	return listed(rows, r.toPending, func(row pendingRow) Place { return Place{At: row.At, ID: row.ID} }), nil
}

// PendingOnEach tells of each target whether an act on it waits for a second person. Nothing is held.
func (r *Register) PendingOnEach(ctx context.Context, tx *postgres.Tx, act article4.Act, targets []string,
	now time.Time) (map[string]Pending, error) {
	found, err := r.pendings(ctx, tx, string(act),
		`WHERE p.act = $1 AND p.target = ANY($2) AND p.ended_at IS NULL AND p.expires_at > $3`, act, targets, now)
	out := make(map[string]Pending, len(found))
	for _, p := range found {
		out[p.Target] = p
	}
	return out, err
}
