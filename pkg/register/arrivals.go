package register

import (
	"context"
	"fmt"
	"time"

	"chancery.example/gateway/pkg/article4"
	"chancery.example/gateway/pkg/postgres"
)

// Arrival is a file that is being staged over a line that breaks.
type Arrival struct {
	ID           string                  // "stg_…", as the staged file will have it
	Organisation article4.OrganisationID // whose keyset seals it
	Person       article4.PersonID       // whose alone it is
	Said         string                  // what was declared of it, for whoever wrote that to read
	Size         int64                   // of the whole, in bytes
	Arrived      int64                   // bytes that are kept, always fewer than Size
	Upload       UploadID                // that has the turn, or had it last; empty before the first
	BegunAt      time.Time
	ExpiresAt    time.Time
}

type arrivalRow struct {
	ID           string
	Organisation string
	Person       string
	SaidSealed   []byte
	Size         int64
	Arrived      int64
	Upload       *string
	BegunAt      time.Time
	ExpiresAt    time.Time
}

var arrivalTable = newTable[arrivalRow](`arrival a`, nil)

// Piece is a part of an arrival that is kept, or waits to be counted behind Arrived.
type Piece struct {
	At         int64 // bytes of the file before it
	Size       int64
	Upload     UploadID
	Object     string
	WrappedKey []byte
}

type pieceRow struct {
	Arrival    string
	At         int64
	Size       int64
	Upload     string
	Object     string
	WrappedKey []byte
}

var pieceTable = newTable[pieceRow](`arrival_piece p JOIN upload u ON u.id = p.upload`,
	map[string]string{"Object": `u.object`})

func (r *Register) toArrival(row arrivalRow) (Arrival, error) {
	a := Arrival{
		ID:           row.ID,
		Organisation: article4.OrganisationID(row.Organisation),
		Person:       article4.PersonID(row.Person),
		Size:         row.Size,
		Arrived:      row.Arrived,
		Upload:       UploadID(orEmpty(row.Upload)),
		BegunAt:      row.BegunAt.UTC(),
		ExpiresAt:    row.ExpiresAt.UTC(),
	}
	return a, r.openTexts(a.Organisation, row.ID, arrivalTexts(&row, &a))
}

func arrivalTexts(row *arrivalRow, a *Arrival) []text {
	return []text{{"arrival.said", &row.SaidSealed, &a.Said}}
}

// AddArrival begins one, of which nothing has come.
func (r *Register) AddArrival(ctx context.Context, tx *postgres.Tx, a Arrival) error {
	row := arrivalRow{
		ID:           a.ID,
		Organisation: string(a.Organisation),
		Person:       string(a.Person),
		Size:         a.Size,
		BegunAt:      a.BegunAt,
		ExpiresAt:    a.ExpiresAt,
	}
	if err := r.sealTexts(a.Organisation, row.ID, arrivalTexts(&row, &a)); err != nil {
		return err
	}
	return arrivalTable.add(ctx, tx, "arrival", row.ID, row)
}

// Arrival reads one of a person's; ErrNotFound when it is another's, or has expired. Held, nobody else changes it until
// the transaction ends.
func (r *Register) Arrival(ctx context.Context, tx *postgres.Tx, p article4.PersonID, id string, now time.Time,
	held bool) (Arrival, error) {
	rest := `WHERE a.id = $1 AND a.person = $2 AND a.expires_at > $3`
	if held {
		rest += ` FOR UPDATE`
	}
	row, err := arrivalTable.one(ctx, tx, "arrival", id, rest, id, p, now)
	if err != nil {
		return Arrival{}, err
	}
	return r.toArrival(row)
}

// ArrivalsOf counts what is on its way for a person and has not expired.
func (r *Register) ArrivalsOf(ctx context.Context, tx *postgres.Tx, p article4.PersonID, now time.Time) (int, error) {
	var n int
	err := sql(ctx, tx).Raw(`SELECT count(*) FROM arrival WHERE person = ? AND expires_at > ?`, p, now).Scan(&n).Error
	return n, failed("arrivals of", string(p), err)
}

// Writing reports whether an upload is open and gave a sign of life since then.
func (r *Register) Writing(ctx context.Context, tx *postgres.Tx, id UploadID, since time.Time) (bool, error) {
	var n int
	err := sql(ctx, tx).Raw(`SELECT count(*) FROM upload WHERE id = ? AND state = 'open' AND heartbeat_at >= ?`, id,
		since).Scan(&n).Error
	return n > 0, failed("upload", string(id), err)
}

// TakeTurn gives an arrival that is held to the upload that writes it from now on. The one before is given up, and so
// is what was not counted of it.
func (r *Register) TakeTurn(ctx context.Context, tx *postgres.Tx, a Arrival, next UploadID, at time.Time) error {
	if err := r.AbandonUpload(ctx, tx, a.Upload, at); err != nil {
		return err
	}
	if err := r.DropUncounted(ctx, tx, a, at); err != nil {
		return err
	}
	err := sql(ctx, tx).Exec(`UPDATE arrival SET upload = ? WHERE id = ?`, next, a.ID).Error
	if err == nil {
		err = r.forgetUploads(ctx, tx, []UploadID{a.Upload})
	}
	return failed("arrival", a.ID, err)
}

// DropUncounted gives up the pieces of an arrival that is held which were not counted.
func (r *Register) DropUncounted(ctx context.Context, tx *postgres.Tx, a Arrival, at time.Time) error {
	return r.dropPieces(ctx, tx, `arrival = @of AND at >= @from`, a.ID, a.Arrived, at)
}

// AddPiece keeps a piece whose upload is open and has the turn, and gives the turn to the upload of the next. Behind
// Arrived it waits to be counted. ErrNotFound when somebody else has the turn, or the arrival is gone.
func (r *Register) AddPiece(ctx context.Context, tx *postgres.Tx, arrival string, p Piece, next Upload) error {
	if err := r.OpenUpload(ctx, tx, next); err != nil {
		return err
	}
	if err := r.moveArrival(ctx, tx, arrival, p.Upload, `upload = ?`, next.ID); err != nil {
		return err
	}
	err := r.moveUpload(ctx, tx, p.Upload,
		`UPDATE upload SET state = 'staged', heartbeat_at = ? WHERE id = ? AND state = 'open'`, next.OpenedAt)
	if err != nil {
		return err
	}
	row := pieceRow{
		Arrival:    arrival,
		At:         p.At,
		Size:       p.Size,
		Upload:     string(p.Upload),
		WrappedKey: p.WrappedKey,
	}
	return pieceTable.add(ctx, tx, "piece of", arrival, row)
}

// CountPieces counts what has come up to there, for the upload that has the turn; ErrNotFound when another has it.
func (r *Register) CountPieces(ctx context.Context, tx *postgres.Tx, arrival string, turn UploadID,
	arrived int64) error {
	return r.moveArrival(ctx, tx, arrival, turn, `arrived = ?`, arrived)
}

func (r *Register) moveArrival(ctx context.Context, tx *postgres.Tx, id string, turn UploadID, set string,
	value any) error {
	q := sql(ctx, tx).Exec(`UPDATE arrival SET `+set+` WHERE id = ? AND upload = ?`, value, id, turn)
	if q.Error == nil && q.RowsAffected == 0 {
		return fmt.Errorf("arrival %s: %w", id, ErrNotFound)
	}
	return failed("arrival", id, q.Error)
}

// Pieces lists what is kept of an arrival, in its order.
func (r *Register) Pieces(ctx context.Context, tx *postgres.Tx, arrival string) ([]Piece, error) {
	rows, err := pieceTable.all(ctx, tx, "pieces of", arrival, `WHERE p.arrival = $1 ORDER BY p.at`, arrival)
	if err != nil {
		return nil, err
	}
	return opened(rows, func(row pieceRow) (Piece, error) {
		return Piece{
			At:         row.At,
			Size:       row.Size,
			Upload:     UploadID(row.Upload),
			Object:     row.Object,
			WrappedKey: row.WrappedKey,
		}, nil
	})
}

// DropArrival gives one up: its keys are gone with its rows, and its objects are the sweeper's to remove. The upload
// that has the turn is its own caller's to end.
func (r *Register) DropArrival(ctx context.Context, tx *postgres.Tx, id string, at time.Time) error {
	if err := r.holdArrivals(ctx, tx, `id = ?`, id); err != nil {
		return err
	}
	if err := r.dropPieces(ctx, tx, `arrival = @of AND at >= @from`, id, 0, at); err != nil {
		return err
	}
	return r.deleteArrivals(ctx, tx, `id = ?`, id)
}

// ExpireArrivals gives up all whose time is over.
func (r *Register) ExpireArrivals(ctx context.Context, tx *postgres.Tx, at time.Time) error {
	if err := r.holdArrivals(ctx, tx, `expires_at <= ?`, at); err != nil {
		return err
	}
	err := r.dropPieces(ctx, tx, `at >= @from AND arrival IN (SELECT id FROM arrival WHERE expires_at <= @of)`, at, 0,
		at)
	if err != nil {
		return err
	}
	return r.deleteArrivals(ctx, tx, `expires_at <= ?`, at)
}

// deleteArrivals deletes the rows, and those of uploads that had the turn last and left no object.
func (r *Register) deleteArrivals(ctx context.Context, tx *postgres.Tx, which string, of any) error {
	var turns []UploadID
	err := sql(ctx, tx).Raw(`DELETE FROM arrival WHERE `+which+` RETURNING COALESCE(upload, '')`, of).Scan(&turns).Error
	if err == nil && len(turns) > 0 {
		err = r.forgetUploads(ctx, tx, turns)
	}
	return failed("arrivals", "", err)
}

// holdArrivals takes the rows first that every change of an arrival takes first.
func (r *Register) holdArrivals(ctx context.Context, tx *postgres.Tx, which string, of any) error {
	return failed("arrivals", "",
		sql(ctx, tx).Exec(`SELECT FROM arrival WHERE `+which+` ORDER BY id FOR UPDATE`, of).Error)
}

func (r *Register) dropPieces(ctx context.Context, tx *postgres.Tx, which string, of any, from int64,
	at time.Time) error {
	return failed("pieces", "", sql(ctx, tx).Exec(`WITH gone AS (DELETE FROM arrival_piece WHERE `+which+
		` RETURNING upload)
		UPDATE upload SET state = 'abandoned', heartbeat_at = @at
		WHERE state = 'staged' AND id IN (SELECT upload FROM gone)`,
		map[string]any{"of": of, "from": from, "at": at}).Error)
}
